#include "ingest/spool_internal.h"

#include "schemas/chunk.h"
#include "schemas/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
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

/* Goes over the spools of a directory; what is none is passed over. */
struct walk {
	DIR *entries; /* NULL: there is no such directory */
	int fd;       /* of the one that it is at; -1: none */
	struct seen seen;
};

static int walk_begin(struct walk *walk, const char *dir, struct err *err)
{
	*walk = (struct walk){.fd = -1};
	return spool_dir_open(dir, &walk->entries, err);
}

static void walk_leave(struct walk *walk)
{
	if (walk->fd >= 0)
		close(walk->fd);
	walk->fd = -1;
}

static bool walk_next(struct walk *walk)
{
	struct dirent *entry;

	walk_leave(walk);
	while (walk->entries && (entry = readdir(walk->entries))) {
		if (!spool_is_name(entry->d_name))
			continue;
		walk->fd = openat(
			dirfd(walk->entries), entry->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (walk->fd >= 0 && look(walk->fd, &walk->seen))
			return true;
		walk_leave(walk);
	}
	return false;
}

static void walk_end(struct walk *walk)
{
	walk_leave(walk);
	if (walk->entries)
		closedir(walk->entries);
}

int spool_living(const char *dir,
	int (*each)(void *context, const struct run_id *run, uint64_t started), void *context,
	struct err *err)
{
	struct walk walk;
	int rc = walk_begin(&walk, dir, err);

	while (rc >= 0 && walk_next(&walk)) {
		const struct seen *seen = &walk.seen;

		if (process_alive(seen->tracer_pid, seen->tracer_start, UINT64_MAX))
			rc = each(context, &seen->run, seen->tracer_start);
	}
	walk_end(&walk);
	return rc;
}

/* The tracer has the file mapped: it sees what is written. */
int spool_pause(const char *dir, const struct run_id *run, bool paused, struct err *err)
{
	const uint32_t wish = paused;
	const size_t at = offsetof(struct spool_header, paused);
	struct walk walk;
	int rc = walk_begin(&walk, dir, err), failure = 0;

	while (rc == 0 && walk_next(&walk)) {
		if (!run_id_equal(&walk.seen.run, run) && !run_id_equal(&walk.seen.root, run))
			continue;
		if (pwrite(walk.fd, &wish, sizeof(wish), (off_t)at) != sizeof(wish))
			failure = errno;
	}
	walk_end(&walk);
	return failure ? err_set_errno(err, failure, "write to a spool in %s", dir) : rc;
}
