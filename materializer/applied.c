#include "materializer/applied.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#define SLOT_BYTES 8192
#define SLOTS 2

struct slot_head {
	uint64_t checksum; /* of all behind it, up to the position's end */
	uint64_t counter;
	uint64_t boot; /* hash of the kernel's boot id */
	uint64_t len;
};

struct slot {
	struct slot_head head;
	uint8_t bytes[POSITION_MAX_BYTES];
};

static uint64_t checksum(const struct slot *slot)
{
	size_t skip = sizeof(slot->head.checksum);

	return XXH3_64bits(
		(const uint8_t *)slot + skip, sizeof(slot->head) - skip + (size_t)slot->head.len);
}

/* Zero when there is none to read. */
static uint64_t boot_hash(void)
{
	char text[64];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text));
	close(fd);
	return got > 0 ? XXH3_64bits(text, (size_t)got) : 0;
}

/* True when the slot is whole. */
static bool read_slot(int fd, int index, struct slot *slot)
{
	ssize_t got = pread(fd, slot, sizeof(*slot), (off_t)index * SLOT_BYTES);

	if (got < (ssize_t)sizeof(slot->head) || slot->head.len > POSITION_MAX_BYTES ||
		(size_t)got < sizeof(slot->head) + slot->head.len)
		return false;
	return slot->head.checksum == checksum(slot);
}

/* The newest whole slot; false when there is none. */
static bool read_newest(int fd, struct slot *newest)
{
	struct slot slot;
	bool found = false;

	for (int i = 0; i < SLOTS; i++) {
		if (!read_slot(fd, i, &slot))
			continue;
		if (!found || slot.head.counter > newest->head.counter)
			memcpy(newest, &slot, sizeof(slot.head) + slot.head.len);
		found = true;
	}
	return found;
}

int applied_open(struct applied *applied, const char *path, struct err *err)
{
	struct slot slot;

	applied->counter = 0;
	applied->boot = boot_hash();
	applied->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (applied->fd < 0)
		return err_set_errno(err, errno, "open %s", path);
	if (read_newest(applied->fd, &slot))
		applied->counter = slot.head.counter;
	return 0;
}

int applied_write(struct applied *applied, const struct position *position, struct err *err)
{
	struct slot slot = {.head = {.counter = ++applied->counter,
				    .boot = applied->boot,
				    .len = position->len}};
	size_t size = sizeof(slot.head) + position->len;
	off_t at = (off_t)(applied->counter % SLOTS) * SLOT_BYTES;

	memcpy(slot.bytes, position->bytes, position->len);
	slot.head.checksum = checksum(&slot);
	if (pwrite(applied->fd, &slot, size, at) != (ssize_t)size)
		return err_set_errno(err, errno, "write how far the log is folded");
	return 0;
}

void applied_close(struct applied *applied)
{
	if (applied->fd >= 0)
		close(applied->fd);
	applied->fd = -1;
}

int applied_read(const char *path, struct position *position, struct err *err)
{
	struct slot slot;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	position->len = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : err_set_errno(err, errno, "open %s", path);
	if (read_newest(fd, &slot) && slot.head.boot == boot_hash()) {
		position->len = (size_t)slot.head.len;
		memcpy(position->bytes, slot.bytes, position->len);
	}
	close(fd);
	return 0;
}

bool applied_look(const char *path, struct applied_mark *mark)
{
	size_t half = sizeof(struct slot_head);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool whole = true;

	_Static_assert(sizeof(mark->bytes) == SLOTS * sizeof(struct slot_head), "all heads");
	if (fd < 0)
		return false;
	/* The second slot is empty until the second write. */
	memset(mark, 0, sizeof(*mark));
	for (size_t i = 0; i < SLOTS; i++)
		whole = whole &&
			pread(fd, mark->bytes + i * half, half, (off_t)i * SLOT_BYTES) >= 0;
	close(fd);
	return whole;
}
