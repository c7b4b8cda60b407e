#include "materializer/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_BYTES (256 * 1024)

static const char *directory(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

/* For file systems without O_TMPFILE. */
static int open_and_unlink(void)
{
	struct buf path = {0};
	int fd = -1;

	buf_printf(&path, "%s/smiley-XXXXXX", directory());
	buf_byte(&path, '\0');
	if (!path.failed)
		fd = mkostemp((char *)path.data, O_CLOEXEC);
	if (fd >= 0)
		unlink((char *)path.data);
	buf_release(&path);
	return fd;
}

int shelf_open(struct shelf *shelf, struct err *err)
{
	*shelf = (struct shelf){0};
	shelf->fd = open(directory(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (shelf->fd < 0)
		shelf->fd = open_and_unlink();
	if (shelf->fd < 0)
		return err_set_errno(err, errno, "make a temporary file in %s", directory());
	return 0;
}

void shelf_close(struct shelf *shelf)
{
	if (shelf->fd >= 0)
		close(shelf->fd);
	shelf->fd = -1;
	buf_release(&shelf->tail);
}

static int write_tail(struct shelf *shelf, struct err *err)
{
	size_t done = 0;

	while (done < shelf->tail.len) {
		ssize_t wrote = pwrite(shelf->fd, shelf->tail.data + done, shelf->tail.len - done,
			shelf->end + (int64_t)done);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return err_set_errno(err, wrote < 0 ? errno : ENOSPC,
				"write a temporary file in %s", directory());
		done += (size_t)wrote;
	}
	shelf->end += (int64_t)done;
	buf_clear(&shelf->tail);
	return 0;
}

int shelf_put(struct shelf *shelf, struct slice bytes, struct shelf_place *place, struct err *err)
{
	*place = (struct shelf_place){shelf->end + (int64_t)shelf->tail.len, bytes.len};
	buf_append(&shelf->tail, bytes.data, bytes.len);
	if (shelf->tail.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	return shelf->tail.len >= TAIL_BYTES ? write_tail(shelf, err) : 0;
}

int shelf_get(struct shelf *shelf, struct shelf_place place, struct buf *bytes, struct err *err)
{
	int rc = write_tail(shelf, err);

	buf_clear(bytes);
	if (rc == 0 && buf_reserve(bytes, place.len) < 0)
		rc = err_set(err, ERR_MEMORY, "out of memory");
	while (rc == 0 && bytes->len < place.len) {
		ssize_t got = pread(shelf->fd, bytes->data + bytes->len, place.len - bytes->len,
			place.offset + (int64_t)bytes->len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			rc = err_set_errno(err, got < 0 ? errno : EIO,
				"read a temporary file in %s", directory());
		else
			bytes->len += (size_t)got;
	}
	return rc;
}
