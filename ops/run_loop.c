#include "ops/run_loop.h"

#include <poll.h>
#include <stdlib.h>

#include "ops/term.h"

#define MS_NS 1000000ll
#define SLEEP_MIN_MS 5
#define SLEEP_MAX_MS 40
#define LOCK_EVERY_MS 250
#define RETRY_SHIP_MS 500
#define FOLD_STEP_BYTES (1024 * 1024)
#define FINISH_STALLED_MS 30000

int run_loop_open(struct run_loop *loop, const struct database_paths *paths, struct log *log,
	const char *spool_path, struct err *err)
{
	*loop = (struct run_loop){.paths = paths, .log = log};
	return shipper_open(spool_path, log, &loop->shipper, err);
}

static void note_failure(struct run_loop *loop, const struct err *err)
{
	if (!loop->failure.code)
		loop->failure = *err;
}

static size_t ship(struct run_loop *loop)
{
	struct err err = {0};
	size_t moved = 0;

	if (clock_now_ns() < loop->next_ship_ns)
		return 0;
	if (shipper_step(loop->shipper, &moved, &err) < 0) {
		note_failure(loop, &err);
		shipper_let_drop(loop->shipper);
		loop->next_ship_ns = clock_now_ns() + RETRY_SHIP_MS * MS_NS;
	}
	return moved;
}

/* Takes the materializer's lock if it is free. */
static void try_lock(struct run_loop *loop, int64_t now)
{
	struct err err = {0};

	if (loop->materializer || now < loop->next_open_ns)
		return;
	if (materializer_open(loop->paths, loop->log, &loop->materializer, &err) < 0 &&
		err.code != ERR_BUSY)
		note_failure(loop, &err);
	loop->next_open_ns = now + LOCK_EVERY_MS * MS_NS;
}

static size_t fold(struct run_loop *loop)
{
	struct err err = {0};
	size_t records = 0;

	if (!loop->materializer)
		return 0;
	if (materializer_step(loop->materializer, FOLD_STEP_BYTES, &records, &err) < 0) {
		/* The log has it all: the next command that opens the store folds on. */
		note_failure(loop, &err);
		materializer_close(loop->materializer);
		loop->materializer = NULL;
		loop->next_open_ns = clock_now_ns() + RETRY_SHIP_MS * MS_NS;
	}
	return records;
}

void run_loop_until_end(struct run_loop *loop, struct launch *launch)
{
	int sleep_ms = SLEEP_MIN_MS;

	while (!launch_wait(launch, sleep_ms)) {
		size_t done = ship(loop);

		try_lock(loop, clock_now_ns());
		done += fold(loop);
		if (done)
			sleep_ms = SLEEP_MIN_MS;
		else if (sleep_ms < SLEEP_MAX_MS)
			sleep_ms *= 2;
	}
}

/* True when all up to target is folded. *applied: how far, to see progress by. */
static bool folded(struct run_loop *loop, const struct position *target, struct position *applied)
{
	if (loop->materializer && fold(loop) == 0 && loop->materializer)
		return true;
	return materializer_applied(loop->paths, applied, NULL) == 0 && applied->len &&
	       position_compare(applied, target) >= 0;
}

static int wait_folded(struct run_loop *loop, const struct launch *launch,
	void (*say)(const char *), struct err *err)
{
	struct position *places = calloc(3, sizeof(*places));
	struct position *target = places, *applied = places + 1, *before = places + 2;
	int64_t stalled_ns = clock_now_ns();
	int rc = places ? 0 : err_set(err, ERR_MEMORY, "out of memory");

	rc = rc ? rc : log_end(loop->log, target, err);
	loop->next_open_ns = 0;
	for (int sleep_ms = 0; !rc; sleep_ms = SLEEP_MIN_MS) {
		int64_t now;

		poll(NULL, 0, loop->materializer ? 0 : sleep_ms);
		now = clock_now_ns();
		try_lock(loop, now);
		if (loop->materializer)
			loop->next_open_ns = 0;
		if (folded(loop, target, applied))
			break;
		if (!loop->materializer && say) {
			say("waiting for another smiley that folds the log");
			say = NULL;
		}
		if (position_compare(applied, before) != 0 || loop->materializer) {
			stalled_ns = now;
			*before = *applied;
		}
		if (now - stalled_ns > FINISH_STALLED_MS * MS_NS || launch_interrupted(launch))
			rc = err_set(err, ERR_BUSY, "%s",
				loop->failure.code ? loop->failure.message
						   : "another smiley has the database's lock "
						     "and makes no progress");
	}
	free(places);
	return rc;
}

int run_loop_finish(struct run_loop *loop, const struct launch *launch, void (*say)(const char *),
	struct err *err)
{
	struct shipper_end end = {
		.exit_status = launch->signal ? -1 : launch->exit_status,
		.signal = launch->signal,
	};
	int rc;

	rc = shipper_finish(loop->shipper, &end, err);
	loop->events = shipper_events(loop->shipper);
	if (rc < 0)
		return rc;
	return wait_folded(loop, launch, say, err);
}

void run_loop_close(struct run_loop *loop)
{
	materializer_close(loop->materializer);
	shipper_close(loop->shipper);
	loop->materializer = NULL;
	loop->shipper = NULL;
}
