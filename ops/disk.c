#include "ops/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#define BLOCK_BYTES 512 /* what st_blocks counts */

/* linux/magic.h has not all of them. */
#define CIFS_MAGIC 0xff534d42
#define SMB2_MAGIC 0xfe534d42

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = suffix ? strlen(suffix) : 0;

	return len >= end && (!end || strcmp(name + len - end, suffix) == 0);
}

struct disk_use disk_used(const char *dir, const char *suffix)
{
	struct disk_use use = {0};
	DIR *stream = opendir(dir);
	struct dirent *entry;
	struct stat file;

	while (stream && (entry = readdir(stream))) {
		if (!ends_with(entry->d_name, suffix) ||
			fstatat(dirfd(stream), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISREG(file.st_mode))
			continue;
		use.bytes += (uint64_t)file.st_blocks * BLOCK_BYTES;
		use.files++;
	}
	if (stream)
		closedir(stream);
	return use;
}

static const char *remote_name(unsigned long type)
{
	switch (type) {
	case NFS_SUPER_MAGIC:
		return "NFS";
	case CIFS_MAGIC:
	case SMB2_MAGIC:
	case SMB_SUPER_MAGIC:
		return "CIFS";
	case CEPH_SUPER_MAGIC:
		return "Ceph";
	case V9FS_MAGIC:
		return "9P";
	case FUSE_SUPER_MAGIC:
		return "FUSE";
	default:
		return NULL;
	}
}

/* Cuts the last name off. False: nothing is left. */
static bool go_up(struct buf *path)
{
	while (path->len > 1 && path->data[path->len - 1] != '/')
		path->len--;
	if (path->len > 1)
		path->len--;
	return path->len > 0 && path->data[0] == '/';
}

bool disk_left(const char *path, struct disk_space *space)
{
	struct buf at = {0};
	struct statfs fs;
	bool there, more = true;

	buf_text(&at, path);
	while (!(there = statfs(buf_string(&at), &fs) == 0) && more && at.len > 1)
		more = go_up(&at);
	buf_release(&at);
	if (!there)
		return false;
	*space = (struct disk_space){
		.free_bytes = (uint64_t)fs.f_bavail * (uint64_t)fs.f_frsize,
		.total_bytes = (uint64_t)fs.f_blocks * (uint64_t)fs.f_frsize,
		.free_files = fs.f_ffree,
		.total_files = fs.f_files,
		.remote = remote_name((unsigned long)fs.f_type & 0xffffffff),
		.in_memory = fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC,
	};
	return true;
}

void size_text(uint64_t bytes, struct buf *out)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		buf_printf(out, "%llu B", (unsigned long long)bytes);
		return;
	}
	for (; value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		value /= 1024;
	buf_printf(out, "%.1f %s", value, units[unit]);
}
