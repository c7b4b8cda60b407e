/*
 * board: memory that the workers of one server share: what they have answered, and who is
 * logged in. `smiley server` makes it (a memfd), so that a worker that takes the place of a
 * killed one goes on with it, and whichever worker is asked tells of all.
 *
 * All is changed by atomic operations, and nobody ever waits for anybody: a worker may be
 * killed at any point.
 */
#ifndef SMILEY_WEB_BOARD_H
#define SMILEY_WEB_BOARD_H

#include "schemas/err.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define BOARD_ROUTES 64
#define BOARD_WORKERS 16
#define BOARD_SESSIONS 64

/* The statuses that are counted, by themselves; any other is the last. */
extern const int board_statuses[];
#define BOARD_STATUSES 20

/* Upper bounds of the histogram's buckets, in nanoseconds; what is above is in one more. */
extern const int64_t board_buckets_ns[];
#define BOARD_BUCKETS 13

/* Of one route. */
struct board_route {
	_Atomic uint64_t statuses[BOARD_STATUSES];
	_Atomic uint64_t buckets[BOARD_BUCKETS + 1];
	_Atomic uint64_t time_ns, bytes;
};

/* A worker that is there, or was last. */
struct board_worker {
	_Atomic int32_t pid; /* 0: none ever */
	_Atomic uint32_t starts;
};

/* web/session.h */
struct board_session {
	_Atomic uint32_t state;
	_Atomic int64_t until_ns;
	char id[49], token[49];
};

struct board {
	int64_t started_ns;
	char name[9]; /* of this server, for its cookie: cookies do not know of ports */
	_Atomic uint64_t failed_logins;
	_Atomic uint64_t failures; /* the minute, and how many in it: web/session.h */
	struct board_route routes[BOARD_ROUTES];
	struct board_worker workers[BOARD_WORKERS];
	struct board_session sessions[BOARD_SESSIONS];
};

/* A new one as a descriptor, to be inherited. Negative: told in err. */
int board_make(struct err *err);

/* Of that descriptor, which may be closed then; -1: one that nobody shares. NULL: told. */
struct board *board_open(int fd, struct err *err);
void board_close(struct board *board);

/* An answer has been given. */
void board_count(struct board *board, size_t route, int status, int64_t time_ns, uint64_t bytes);

/* Fills text with digits of a secret that nobody can guess; size is their number and 1. */
int board_secret(char *text, size_t size, struct err *err);

#endif
