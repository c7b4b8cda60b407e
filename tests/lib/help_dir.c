#include "tests/lib/help_dir.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *dir_make(void)
{
	const char *base = getenv("TMPDIR");
	char *dir;

	if (asprintf(&dir, "%s/smiley-test-XXXXXX", base ? base : "/tmp") < 0 || !mkdtemp(dir))
		abort();
	return dir;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

void dir_remove(char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

void file_write(const char *path, struct slice content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, content.data, content.len) != (ssize_t)content.len)
		abort();
	close(fd);
}

void file_read(const char *path, struct buf *content)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		abort();
	buf_clear(content);
	do {
		if (buf_reserve(content, 65536) < 0)
			abort();
		got = read(fd, content->data + content->len, content->cap - content->len);
		if (got < 0)
			abort();
		content->len += (size_t)got;
	} while (got > 0);
	close(fd);
}
