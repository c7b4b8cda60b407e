#include "web/board.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "schemas/now.h"

#define SECRET_MAX_BYTES 32

const int board_statuses[BOARD_STATUSES] = {200, 302, 303, 304, 400, 401, 403, 404, 405, 408, 411,
	413, 414, 421, 429, 500, 501, 503, 505, 0};

const int64_t board_buckets_ns[BOARD_BUCKETS] = {100000, 250000, 500000, 1000000, 2500000, 5000000,
	10000000, 25000000, 50000000, 100000000, 250000000, 1000000000, 5000000000};

int board_secret(char *text, size_t size, struct err *err)
{
	uint8_t bytes[SECRET_MAX_BYTES];
	size_t count = (size - 1) / 2;

	if (count > sizeof(bytes) || getrandom(bytes, count, 0) != (ssize_t)count)
		return err_set_errno(err, errno, "get random bytes");
	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static struct board *map(int fd, struct err *err)
{
	void *at = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE,
		fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd, 0);

	if (at == MAP_FAILED) {
		err_set_errno(err, errno, "map what the workers share");
		return NULL;
	}
	return at;
}

static int fill(struct board *board, struct err *err)
{
	board->started_ns = wall_ns();
	return board_secret(board->name, sizeof(board->name), err);
}

int board_make(struct err *err)
{
	int fd = memfd_create("smiley-board", 0);
	struct board *board;
	int rc;

	if (fd < 0 || ftruncate(fd, sizeof(struct board)) < 0) {
		err_set_errno(err, errno, "make what the workers share");
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	board = map(fd, err);
	rc = board ? fill(board, err) : ERR_IO;
	board_close(board);
	if (rc < 0)
		close(fd);
	return rc < 0 ? rc : fd;
}

struct board *board_open(int fd, struct err *err)
{
	struct board *board = map(fd, err);

	if (board && fd < 0 && fill(board, err) < 0) {
		board_close(board);
		board = NULL;
	}
	return board;
}

void board_close(struct board *board)
{
	if (board)
		munmap(board, sizeof(*board));
}

void board_count(struct board *board, size_t route, int status, int64_t time_ns, uint64_t bytes)
{
	struct board_route *counted =
		&board->routes[route < BOARD_ROUTES ? route : BOARD_ROUTES - 1];
	size_t which = 0, bucket = 0;

	while (which < BOARD_STATUSES - 1 && board_statuses[which] != status)
		which++;
	while (bucket < BOARD_BUCKETS && time_ns > board_buckets_ns[bucket])
		bucket++;
	atomic_fetch_add_explicit(&counted->statuses[which], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&counted->buckets[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&counted->time_ns, (uint64_t)time_ns, memory_order_relaxed);
	atomic_fetch_add_explicit(&counted->bytes, bytes, memory_order_relaxed);
}
