#include "ingest/spool_internal.h"

#include "schemas/chunk.h"
#include "schemas/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 8

/* What is read of a header; never mapped: the file may end any time. */
struct seen {
	struct run_id run, root, parent;
	int32_t tracer_pid;
	uint64_t tracer_start;
	bool wanted; /* by spool_pause() */
};

static bool read_at(int fd, void *to, size_t len, size_t at)
{
	return pread(fd, to, len, (off_t)at) == (ssize_t)len;
}

static void look_at_parent(int fd, struct seen *seen)
{
	struct run_started started;
	struct slice body, message;
	uint32_t len;
	uint8_t *bytes;

	if (!read_at(fd, &len, sizeof(len), offsetof(struct spool_header, started_bytes)) ||
		len > SPOOL_STARTED_BYTES || !(bytes = malloc(len ? len : 1)))
		return;
	message = (struct slice){bytes, len};
	if (read_at(fd, bytes, len, offsetof(struct spool_header, started)) &&
		message_parse(message, &body, NULL) >= 0 &&
		run_started_decode(body, &started, NULL) == 0 && started.has_parent)
		seen->parent = started.parent;
	free(bytes);
}

static bool look(int fd, struct seen *seen)
{
	char magic[sizeof(((struct spool_header *)0)->magic)];

	*seen = (struct seen){.wanted = false};
#define FIELD(field) \
	read_at(fd, &seen->field, sizeof(seen->field), offsetof(struct spool_header, field))
	if (!read_at(fd, magic, sizeof(magic), 0) || memcmp(magic, SPOOL_MAGIC, sizeof(magic)) != 0)
		return false;
	if (!FIELD(run) || !FIELD(root) || !FIELD(tracer_pid) || !FIELD(tracer_start))
		return false;
#undef FIELD
	look_at_parent(fd, seen);
	return true;
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
	int (*each)(void *context, const struct spool_run *run, struct err *err), void *context,
	struct err *err)
{
	struct walk walk;
	int rc = walk_begin(&walk, dir, err);

	while (rc >= 0 && walk_next(&walk)) {
		const struct seen *seen = &walk.seen;
		const struct spool_run run = {
			seen->run, seen->root, seen->parent, seen->tracer_start};

		if (process_alive(seen->tracer_pid, seen->tracer_start, UINT64_MAX))
			rc = each(context, &run, err);
	}
	walk_end(&walk);
	return rc;
}

struct family {
	struct buf seen; /* of struct seen */
	struct seen *list;
	size_t count;
};

static int load(const char *dir, struct family *family, struct err *err)
{
	struct walk walk;
	int rc = walk_begin(&walk, dir, err);

	while (rc == 0 && walk_next(&walk)) {
		buf_append(&family->seen, &walk.seen, sizeof(walk.seen));
		rc = family->seen.failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
	}
	walk_end(&walk);
	family->list = (struct seen *)family->seen.data;
	family->count = family->seen.len / sizeof(walk.seen);
	return rc;
}

static bool is_wanted(const struct family *family, const struct run_id *run)
{
	for (size_t i = 0; i < family->count; i++)
		if (family->list[i].wanted && run_id_equal(&family->list[i].run, run))
			return true;
	return false;
}

/* The run, those that name it as their root, and whose parent is one of these. */
static void choose(struct family *family, const struct run_id *run)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < family->count; i++) {
			struct seen *seen = &family->list[i];

			if (seen->wanted ||
				!(run_id_equal(&seen->run, run) || run_id_equal(&seen->root, run) ||
					run_id_equal(&seen->parent, run) ||
					is_wanted(family, &seen->parent)))
				continue;
			seen->wanted = more = true;
		}
	}
}

/* The tracer has the file mapped: it sees what is written. Counts the spools that said otherwise. */
static int put(
	const char *dir, const struct family *family, bool paused, size_t *changed, struct err *err)
{
	const size_t at = offsetof(struct spool_header, paused);
	struct walk walk;
	int rc = walk_begin(&walk, dir, err), failure = 0;

	while (rc == 0 && walk_next(&walk)) {
		const uint32_t wish = paused;
		uint32_t now;

		if (!is_wanted(family, &walk.seen.run) ||
			!read_at(walk.fd, &now, sizeof(now), at) || now == wish)
			continue;
		if (pwrite(walk.fd, &wish, sizeof(wish), (off_t)at) != sizeof(wish))
			failure = errno;
		else
			++*changed;
	}
	walk_end(&walk);
	return failure ? err_set_errno(err, failure, "write to a spool in %s", dir) : rc;
}

/* A run that begins meanwhile has its parent's wish, or is found the next time. */
int spool_pause(const char *dir, const struct run_id *run, bool paused, struct err *err)
{
	size_t changed = 1;
	int rc = 0;

	for (int round = 0; rc == 0 && changed && round < ROUNDS; round++) {
		struct family family = {0};

		changed = 0;
		rc = load(dir, &family, err);
		if (rc == 0) {
			choose(&family, run);
			rc = put(dir, &family, paused, &changed, err);
		}
		buf_release(&family.seen);
	}
	return rc;
}
