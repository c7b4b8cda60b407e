#include "web/view_memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME "smiley_view_"
#define VALUE_MAX 120

/* The number up to the next '.', or the end. */
static bool take_number(const char **at, int64_t least, int64_t *number)
{
	char *end;

	*number = strtoll(*at, &end, 10);
	if (end == *at || end - *at > 16 || (*end && *end != '.') || *number < least)
		return false;
	*at = *end ? end + 1 : end;
	return true;
}

static bool parse(struct slice value, struct view_memory *memory)
{
	struct slice run = {value.data, RUN_ID_TEXT_BYTES - 1};
	char text[VALUE_MAX + 1];
	const char *at = text;

	if (value.len <= RUN_ID_TEXT_BYTES || value.len > VALUE_MAX ||
		!run_id_parse(&memory->run, run) || value.data[run.len] != '.')
		return false;
	memcpy(text, value.data + run.len + 1, value.len - run.len - 1);
	text[value.len - run.len - 1] = '\0';
	return take_number(&at, 1, &memory->page) && take_number(&at, 1, &memory->per_page) &&
	       take_number(&at, -1, &memory->thread) && !*at;
}

bool view_memory_read(struct slice cookies, const char *server, struct view_memory *memory)
{
	struct buf name = {0};
	bool found = false;

	buf_printf(&name, NAME "%s=", server);
	while (cookies.len && !found && !name.failed) {
		const uint8_t *end = memchr(cookies.data, ';', cookies.len);
		size_t len = end ? (size_t)(end - cookies.data) : cookies.len;

		if (len > name.len && memcmp(cookies.data, name.data, name.len) == 0)
			found = parse(
				(struct slice){cookies.data + name.len, len - name.len}, memory);
		len += end != NULL;
		while (len < cookies.len && cookies.data[len] == ' ')
			len++;
		cookies = (struct slice){cookies.data + len, cookies.len - len};
	}
	buf_release(&name);
	return found;
}

void view_memory_write(const struct view_memory *memory, const char *server, struct buf *out)
{
	char id[RUN_ID_TEXT_BYTES];

	buf_printf(out,
		NAME "%s=%s.%" PRId64 ".%" PRId64 ".%" PRId64
		     "; Path=/runs; HttpOnly; SameSite=Strict",
		server, run_id_format(&memory->run, id), memory->page, memory->per_page,
		memory->thread);
}

bool view_memory_equal(const struct view_memory *a, const struct view_memory *b)
{
	return run_id_equal(&a->run, &b->run) && a->page == b->page && a->per_page == b->per_page &&
	       a->thread == b->thread;
}
