#include "ops/run_loop.h"

#include <stdlib.h>

#include "ops/term.h"

#define MS_NS 1000000ll
#define SLEEP_MIN_MS 5
#define SLEEP_MAX_MS 40
#define RETRY_SHIP_MS 500
#define WAIT_MS 50

int run_loop_open(struct run_loop *loop, const struct database_paths *paths, struct log *log,
	const char *spool_path, struct err *err)
{
	*loop = (struct run_loop){.paths = paths, .log = log};
	return shipper_open(spool_path, log, &loop->shipper, err);
}

static size_t ship(struct run_loop *loop)
{
	size_t moved = 0;

	if (clock_now_ns() < loop->next_ship_ns)
		return 0;
	if (shipper_step(loop->shipper, &moved, NULL) < 0) {
		shipper_let_drop(loop->shipper);
		loop->next_ship_ns = clock_now_ns() + RETRY_SHIP_MS * MS_NS;
	}
	return moved;
}

void run_loop_until_end(struct run_loop *loop, struct launch *launch)
{
	int sleep_ms = SLEEP_MIN_MS;

	shipper_expect(loop->shipper, launch->pid);
	/* Without the thread the run is in the log all the same. What is on Kafka, others fold. */
	if (loop->paths->log)
		fold_thread_start(loop->paths, &loop->fold, NULL);
	while (!launch_wait(launch, sleep_ms)) {
		if (ship(loop))
			sleep_ms = SLEEP_MIN_MS;
		else if (sleep_ms < SLEEP_MAX_MS)
			sleep_ms *= 2;
	}
}

static int stalled(struct run_loop *loop, struct err *err)
{
	struct err failure;

	fold_thread_failure(loop->fold, &failure);
	if (failure.code)
		return err_set(err, failure.code, "%s", failure.message);
	return err_set(
		err, ERR_BUSY, "another smiley has the database's lock and makes no progress");
}

static int wait_folded(struct run_loop *loop, const struct launch *launch,
	void (*say)(const char *), struct err *err)
{
	struct position target;
	int rc = log_end(loop->log, &target, err);

	if (rc)
		return rc;
	fold_thread_target(loop->fold, &target);
	for (;;) {
		bool foreign;
		enum fold_state state = fold_thread_wait(loop->fold, WAIT_MS, &foreign);

		if (state == FOLD_REACHED)
			return 0;
		if (state == FOLD_STALLED)
			return stalled(loop, err);
		if (launch_interrupted(launch))
			return err_set(err, ERR_BUSY, "interrupted while the log was folded");
		if (foreign && say) {
			say("waiting for another smiley that folds the log");
			say = NULL;
		}
	}
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
	if (rc == 0 && !loop->paths->log)
		return log_flush(loop->log, loop->flush_ms, err);
	if (rc < 0 || !loop->fold)
		return rc;
	return wait_folded(loop, launch, say, err);
}

void run_loop_close(struct run_loop *loop)
{
	fold_thread_stop(loop->fold);
	shipper_close(loop->shipper);
	loop->fold = NULL;
	loop->shipper = NULL;
}
