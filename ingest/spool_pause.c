#include "ingest/spool.h"

#include "schemas/process.h"
#include "schemas/spool_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What these two read of a header; never mapped: the file may end any time. */
struct seen {
	char magic[sizeof(((struct spool_header *)0)->magic)];
	struct run_id run, root;
	int32_t tracer_pid;
	uint64_t tracer_start;
};

static bool read_at(int fd, void *to, size_t len, size_t at)
{
	return pread(fd, to, len, (off_t)at) == (ssize_t)len;
}

static bool look(int fd, struct seen *seen)
{
#define FIELD(field) \
	read_at(fd, &seen->field, sizeof(seen->field), offsetof(struct spool_header, field))
	return FIELD(magic) && memcmp(seen->magic, SPOOL_MAGIC, sizeof(seen->magic)) == 0 &&
	       FIELD(run) && FIELD(root) && FIELD(tracer_pid) && FIELD(tracer_start);
#undef FIELD
}

/* Calls each() with every spool in dir, open; what is none is passed over. */
static int all(const char *dir, int (*each)(void *context, int fd, const struct seen *seen),
	void *context, struct err *err)
{
	const char *suffix = SPOOL_FILE_SUFFIX;
	DIR *entries = opendir(dir);
	struct dirent *entry;
	int rc = 0;

	if (!entries && errno == ENOENT)
		return 0;
	if (!entries)
		return err_set_errno(err, errno, "list spools in %s", dir);
	while (rc >= 0 && (entry = readdir(entries))) {
		size_t len = strlen(entry->d_name);
		struct seen seen;
		int fd;

		if (len < strlen(suffix) ||
			strcmp(entry->d_name + len - strlen(suffix), suffix) != 0)
			continue;
		fd = openat(dirfd(entries), entry->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0 && look(fd, &seen))
			rc = each(context, fd, &seen);
		if (fd >= 0)
			close(fd);
	}
	closedir(entries);
	return rc;
}

struct living {
	int (*each)(void *context, const struct run_id *run, uint64_t started);
	void *context;
};

static int tell_living(void *context, int fd, const struct seen *seen)
{
	const struct living *living = context;

	(void)fd;
	if (!process_alive(seen->tracer_pid, seen->tracer_start, UINT64_MAX))
		return 0;
	return living->each(living->context, &seen->run, seen->tracer_start);
}

int spool_living(const char *dir,
	int (*each)(void *context, const struct run_id *run, uint64_t started), void *context,
	struct err *err)
{
	struct living living = {each, context};

	return all(dir, tell_living, &living, err);
}

struct wish {
	const struct run_id *run;
	uint32_t paused;
	int failure;
};

/* The tracer has the file mapped: it sees what is written. */
static int put(void *context, int fd, const struct seen *seen)
{
	struct wish *wish = context;

	if (!run_id_equal(&seen->run, wish->run) && !run_id_equal(&seen->root, wish->run))
		return 0;
	if (pwrite(fd, &wish->paused, sizeof(wish->paused),
		    offsetof(struct spool_header, paused)) != sizeof(wish->paused))
		wish->failure = errno;
	return 0;
}

int spool_pause(const char *dir, const struct run_id *run, bool paused, struct err *err)
{
	struct wish wish = {run, paused, 0};
	int rc = all(dir, put, &wish, err);

	if (!rc && wish.failure)
		rc = err_set_errno(err, wish.failure, "write to a spool in %s", dir);
	return rc;
}
