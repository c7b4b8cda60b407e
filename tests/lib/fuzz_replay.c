/*
 * fuzz_replay: the main of a fuzz target that is not under a fuzzer. Feeds it every file of
 * its corpus once (tests/fuzz/corpus/NAME for a program fuzz_NAME) and speaks TAP; with
 * arguments, feeds just those files.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int number;

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t len = 0, got;

	if (!file) {
		printf("not ok %d - %s cannot be read\n", ++number, path);
		return 1;
	}
	do {
		data = realloc(data, len + 65536);
		if (!data)
			abort();
		got = fread(data + len, 1, 65536, file);
		len += got;
	} while (got);
	fclose(file);
	/* An exact copy, so that a read behind its end is seen. */
	uint8_t *exact = malloc(len ? len : 1);
	if (!exact)
		abort();
	memcpy(exact, data, len);
	free(data);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return 0;
}

static int replay_corpus(const char *dir)
{
	DIR *entries = opendir(dir);
	struct dirent *entry;
	char path[4096 + 256 + 1];
	int failed = 0, files = 0;

	while (entries && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		failed += replay(path);
		files++;
	}
	if (entries)
		closedir(entries);
	failed += replay("/dev/null");
	printf("ok %d - %d files of %s\n", ++number, files, dir);
	return failed;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	const char *root = getenv("SMILEY_ROOT");
	char dir[4096];
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed += replay(argv[i]);
	if (argc == 1) {
		name = name ? name + 1 : argv[0];
		if (strncmp(name, "fuzz_", 5) == 0)
			name += 5;
		snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", root ? root : ".", name);
		failed += replay_corpus(dir);
		printf("1..%d\n", number);
	}
	return failed ? 1 : 0;
}
