/* links: ops schemas */
/*
 * fuzz_setting: what users write. The first byte says what the rest is: a configuration file, a
 * point in time, or a command line, its words ended by newlines, the first the command's name.
 * A refusal has a message; whatever is taken has values of its option's type, and the words that
 * are left are of the line, in its order.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops/setting.h"
#include "ops/when.h"
#include "tests/lib/help_cut.h"

#define WORDS 64
#define NOW_NS 1795000000000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const struct settings *settings)
{
	for (int id = 0; id < OPTIONS; id++) {
		const struct option *option = option_get((enum option_id)id);
		const char *text = settings_text(settings, (enum option_id)id);
		size_t count = 0;

		if (option->type == OPTION_LIST || option->type == OPTION_TEXTS ||
			option->type == OPTION_PAIRS) {
			const char **list = settings_list(settings, (enum option_id)id, &count);

			for (size_t i = 0; i < count; i++)
				assert(list[i]);
		} else if (option->type == OPTION_NUMBER || option->type == OPTION_SIZE) {
			assert(settings_number(settings, (enum option_id)id, 0) >= 0);
		} else if (option->type == OPTION_FLAG) {
			assert(!text || strcmp(text, "0") == 0 || strcmp(text, "1") == 0);
		} else if (option->type == OPTION_COUNT) {
			assert(settings_count(settings, (enum option_id)id) >= 0);
		}
	}
}

static void read_file(struct settings *settings, struct slice text)
{
	int fd = memfd_create("smiley.conf", MFD_CLOEXEC);
	struct err err = {0};
	char path[32];
	int rc;

	assert(fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = settings_file(settings, path, &err);
	assert(rc == 0 || (rc == err.code && err.message[0]));
	close(fd);
}

static void read_line(struct settings *settings, struct slice line)
{
	char *words[WORDS + 1], *all[WORDS];
	struct err err = {0};
	int count = 0, left, at = 0;

	while (count < WORDS && line.len) {
		struct slice word = cut(&line, '\n');

		all[count] = words[count] = strndup((const char *)word.data, word.len);
		assert(all[count]);
		count++;
	}
	words[count] = NULL;
	left = count ? settings_arguments(settings, all[0], count - 1, words + 1, count % 2, &err)
		     : 0;
	assert(left >= 0 || (left == err.code && err.message[0]));
	for (int i = 0; i < left; i++) {
		while (at < count && all[at] != words[1 + i])
			at++;
		assert(at++ < count);
	}
	for (int i = 0; i < count; i++)
		free(all[i]);
}

static void read_time(struct slice word)
{
	char *text = strndup((const char *)word.data, word.len);
	struct err err = {0};
	int64_t time_ns;
	int rc;

	assert(text);
	rc = when_parse(text, NOW_NS, &time_ns, &err);
	assert(rc == 0 || (rc == ERR_USAGE && err.message[0]));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings *settings = settings_new();
	struct slice rest = {data + 1, size ? size - 1 : 0};

	assert(settings);
	if (size && data[0] % 3 == 0)
		read_file(settings, rest);
	else if (size && data[0] % 3 == 1)
		read_time(rest);
	else if (size)
		read_line(settings, rest);
	check_values(settings);
	settings_free(settings);
	return 0;
}
