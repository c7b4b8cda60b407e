#include "ingest/spool.h"

#include "ingest/spool_internal.h"
#include "schemas/process.h"
#include "schemas/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX SPOOL_FILE_SUFFIX
#define NEW_SUFFIX SPOOL_FILE_NEW_SUFFIX
#define NEW_STALE_S 60

int spool_create(const char *dir, const struct run_started *run,
	const struct spool_settings *settings, struct buf *path, struct err *err)
{
	const struct spool_file file = {
		.started = run,
		.options = settings->options,
		.limit_bytes = settings->limit_bytes,
		.drop = settings->drop,
		.paused = settings->paused,
		.shipper_pid = (int32_t)getpid(),
		.shipper_start = (uint32_t)process_start(getpid()),
	};

	return spool_file_make(dir, &file, path, err);
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

bool spool_is_name(const char *name)
{
	return ends_with(name, SUFFIX);
}

bool spool_set_aside(const char *path, struct buf *bad)
{
	buf_clear(bad);
	buf_printf(bad, "%s" SPOOL_FILE_BAD_SUFFIX, path);
	return !bad->failed && rename(path, buf_string(bad)) == 0;
}

int spool_dir_open(const char *dir, DIR **entries, struct err *err)
{
	*entries = opendir(dir);
	return *entries || errno == ENOENT ? 0
					   : err_set_errno(err, errno, "list spools in %s", dir);
}

/* True when no living process has the spool, nor is about to lock it. The lock is tried
 * last, so that an owner never finds it taken by one who only looks. */
static bool is_left(const char *path)
{
	struct {
		int32_t pid;
		uint32_t start;
	} owner;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool left;

	_Static_assert(offsetof(struct spool_header, shipper_start) ==
			       offsetof(struct spool_header, shipper_pid) + sizeof(int32_t),
		"the two are read at once");
	if (fd < 0)
		return false;
	left = pread(fd, &owner, sizeof(owner), offsetof(struct spool_header, shipper_pid)) !=
		       (ssize_t)sizeof(owner) ||
	       !process_alive(owner.pid, owner.start, UINT32_MAX);
	left = left && flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return left;
}

/* A spool that its maker was killed while making. */
static void remove_stale(int dir_fd, const char *name)
{
	struct stat status;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		time(NULL) - status.st_mtime > NEW_STALE_S)
		unlinkat(dir_fd, name, 0);
}

int spool_scan(const char *dir, int (*each)(void *context, const char *path, struct err *err),
	void *context, struct err *err)
{
	struct buf path = {0};
	struct dirent *entry;
	DIR *entries;
	int result = spool_dir_open(dir, &entries, err);

	if (!entries)
		return result;
	while (result >= 0 && (entry = readdir(entries))) {
		if (ends_with(entry->d_name, SUFFIX NEW_SUFFIX))
			remove_stale(dirfd(entries), entry->d_name);
		if (!spool_is_name(entry->d_name))
			continue;
		buf_clear(&path);
		buf_printf(&path, "%s/%s", dir, entry->d_name);
		if (is_left(buf_string(&path)))
			result = each(context, buf_string(&path), err);
	}
	closedir(entries);
	buf_release(&path);
	return result;
}

/* The run that the spool's name says; false: it is no spool's name. */
static bool run_of_name(const char *name, struct run_id *run)
{
	return spool_is_name(name) && run_id_parse(run, (struct slice){(const uint8_t *)name,
								strlen(name) - strlen(SUFFIX)});
}

/* Is that run one of root's descendants, by its header? */
static bool descends(const char *path, const struct run_id *root)
{
	struct run_id found;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool is_so;

	if (fd < 0)
		return false;
	is_so = pread(fd, &found, sizeof(found), offsetof(struct spool_header, root)) ==
			(ssize_t)sizeof(found) &&
		run_id_equal(&found, root);
	close(fd);
	return is_so;
}

int spool_descendants(const char *dir, const struct run_id *root,
	bool (*skip)(void *context, const struct run_id *run),
	int (*each)(void *context, const struct run_id *run, const char *path), void *context,
	struct err *err)
{
	struct buf path = {0};
	struct dirent *entry;
	DIR *entries;
	int result = spool_dir_open(dir, &entries, err);

	if (!entries)
		return result;
	while (result >= 0 && (entry = readdir(entries))) {
		struct run_id run;

		if (!run_of_name(entry->d_name, &run) || run_id_equal(&run, root) ||
			skip(context, &run))
			continue;
		buf_clear(&path);
		buf_printf(&path, "%s/%s", dir, entry->d_name);
		if (descends(buf_string(&path), root))
			result = each(context, &run, buf_string(&path));
	}
	closedir(entries);
	buf_release(&path);
	return result;
}
