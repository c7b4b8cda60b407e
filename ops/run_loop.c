#include "ops/run_loop.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "ingest/spool.h"
#include "ops/disk.h"
#include "ops/term.h"
#include "schemas/now.h"
#include "schemas/spool_file.h"

#define MS_NS 1000000ll
#define SLEEP_MIN_MS 5
#define SLEEP_MAX_MS 40
#define RETRY_SHIP_MS 500
#define WAIT_MS 50
#define GRACE_MS 40

int run_loop_open(struct run_loop *loop, const char *spool_path, const struct run_id *run,
	bool children, struct err *err)
{
	loop->run = *run;
	if (children) {
		loop->brood = brood_new(loop->paths->spool, loop->log, run);
		if (!loop->brood)
			return err_set(err, ERR_MEMORY, "out of memory");
	}
	return shipper_open(spool_path, loop->log, &loop->shipper, err);
}

static size_t ship(struct run_loop *loop)
{
	size_t moved = 0;

	if (monotonic_ns() >= loop->next_ship_ns && shipper_step(loop->shipper, &moved, NULL) < 0) {
		shipper_let_drop(loop->shipper);
		loop->next_ship_ns = monotonic_ns() + RETRY_SHIP_MS * MS_NS;
	}
	if (loop->brood) {
		brood_hear(loop->brood, loop->shipper);
		moved += brood_step(loop->brood);
	}
	return moved;
}

/* One descriptor a descendant, and some more. The program has been started: its limit is its
 * own. */
static void allow_many_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void export_metrics(struct run_loop *loop)
{
	struct buf text = {0};
	uint64_t appended;

	if (!exporter_due(&loop->exporter))
		return;
	appended = log_appended(loop->log);
	exporter_metric(&text, "run_shipped_events_total", "counter",
		"Events of the program that are in the log, or on their way.",
		(double)shipper_events(loop->shipper));
	exporter_metric(&text, "run_appended_records_total", "counter",
		"Records that were given to the log, its descendants' too.", (double)appended);
	exporter_metric(&text, "run_unacknowledged_records", "gauge",
		"Of these, not known to be safe there yet.",
		(double)(appended - log_acknowledged(loop->log)));
	exporter_metric(&text, "run_spool_disk_bytes", "gauge",
		"What waits in the spool directory, other programs' too.",
		(double)disk_used(loop->paths->spool, SPOOL_FILE_SUFFIX).bytes);
	exporter_metric(&text, "run_trouble", "gauge", "1: the log does not get on just now.",
		log_trouble(loop->log) != NULL || monotonic_ns() < loop->next_ship_ns);
	if (!text.failed)
		exporter_put(&loop->exporter, buf_slice(&text));
	buf_release(&text);
}

/* Also of what has begun since; a run that begins just now inherits it. */
static void toggle(struct run_loop *loop)
{
	loop->paused = !loop->paused;
	spool_pause(loop->paths->spool, &loop->run, loop->paused, NULL);
}

void run_loop_until_end(struct run_loop *loop, struct launch *launch)
{
	int sleep_ms = SLEEP_MIN_MS;

	shipper_expect(loop->shipper, launch->pid);
	allow_many_descriptors();
	/* Without the thread the run is in the log all the same. What is on Kafka, others fold. */
	if (loop->paths->log)
		fold_thread_start(loop->paths, &loop->fold, NULL);
	while (!launch_wait(launch, sleep_ms)) {
		if (launch_toggled(launch))
			toggle(loop);
		if (ship(loop))
			sleep_ms = SLEEP_MIN_MS;
		else if (sleep_ms < SLEEP_MAX_MS)
			sleep_ms *= 2;
		export_metrics(loop);
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

/* All that there is now gets to where it can be listed. */
static int settle(struct run_loop *loop, const struct launch *launch, void (*say)(const char *),
	struct err *err)
{
	int rc;

	if (loop->brood)
		brood_hear(loop->brood, loop->shipper);
	rc = loop->brood ? brood_settle(loop->brood, loop->flush_ms, err) : 0;

	if (rc == 0 && !loop->paths->log)
		rc = log_flush(loop->log, loop->flush_ms, err);
	if (rc == 0 && loop->fold)
		rc = wait_folded(loop, launch, say, err);
	return rc;
}

/* Some end just behind the program: multiprocessing's helpers when it closes their pipe. */
static bool see_them_out(struct brood *brood)
{
	int64_t until = monotonic_ns() + GRACE_MS * MS_NS;
	size_t moved = brood_step(brood);

	while (!brood_is_empty(brood) && monotonic_ns() < until) {
		poll(NULL, 0, SLEEP_MIN_MS);
		moved += brood_step(brood);
	}
	return moved > 0;
}

int run_loop_finish(struct run_loop *loop, const struct launch *launch, void (*say)(const char *),
	struct err *err)
{
	struct shipper_end end = {
		.exit_status = launch->signal ? -1 : launch->exit_status,
		.signal = launch->signal,
	};
	int rc;

	if (launch->attached && !shipper_ended(loop->shipper, &end))
		end.lost = true;
	rc = shipper_finish_within(loop->shipper, &end, loop->flush_ms, err);
	loop->events = shipper_events(loop->shipper);
	rc = rc ? rc : settle(loop, launch, say, err);
	if (rc == 0 && loop->brood && see_them_out(loop->brood))
		rc = settle(loop, launch, say, err);
	return rc;
}

bool run_loop_goes_on(struct run_loop *loop)
{
	if (!loop->brood)
		return false;
	if (shipper_has_children(loop->shipper))
		brood_expect(loop->brood);
	return brood_lives(loop->brood);
}

void run_loop_close(struct run_loop *loop)
{
	exporter_stop(&loop->exporter);
	fold_thread_stop(loop->fold);
	brood_close(loop->brood);
	shipper_close(loop->shipper);
	loop->brood = NULL;
	loop->fold = NULL;
	loop->shipper = NULL;
}
