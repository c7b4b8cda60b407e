#include "ingest/shipper_internal.h"

#include <stdio.h>

#include "schemas/now.h"

struct collect {
	struct log *log;
	struct shipper_wait wait;
	size_t runs;
	struct err first; /* what is wrong with the first spool that is */
};

static void remember(struct collect *collect, const struct err *err)
{
	if (collect->first.code == ERR_NONE)
		collect->first = *err;
}

/* Its maker was killed; the tracer that it started may be just about to open it. */
static bool may_still_start(const struct shipper *shipper)
{
	struct run_started run;
	int64_t age_ms;

	if (atomic_load(&shipper->spool.header->state) != SPOOL_CREATED ||
		atomic_load(&shipper->spool.header->tracer_pid) != 0)
		return false;
	shipper_read_started(shipper, &run);
	age_ms = (wall_ns() - run.started_ns + run.clock_offset_ns) / 1000000;
	return age_ms > -1000 && age_ms < SHIPPER_START_MS;
}

/* Ships one; 0, or the log's failure. */
static int collect_one(struct collect *collect, struct shipper *shipper, struct err *err)
{
	struct shipper_end end = {.exit_status = -1, .lost = true};
	bool alive = !shipper_ended(shipper, &end);
	size_t before = shipper->appended;
	int result = 0;

	if (may_still_start(shipper))
		return 0;
	if (alive) {
		result = shipper_drain(shipper, collect->wait.timeout_ms, err);
		/* It may write faster than the log takes it. */
		if (result == 0 || (result == ERR_BUSY && shipper->appended > before)) {
			collect->runs += shipper->appended > before;
			return 0;
		}
	}
	if (result == 0 || shipper->damaged)
		result = shipper_finish_within(shipper, &end, collect->wait.timeout_ms, err);
	collect->runs += result == 0;
	return result;
}

static int set_aside_unreadable(struct collect *collect, const char *path, const struct err *err)
{
	struct err told = *err;
	struct buf bad = {0};

	if (spool_set_aside(path, &bad))
		err_set(&told, err->code, "%s; set aside as %s", err->message, buf_string(&bad));
	remember(collect, &told);
	buf_release(&bad);
	return 0;
}

static int each_spool(void *context, const char *path, struct err *err)
{
	struct collect *collect = context;
	struct err own = {0};
	struct shipper *shipper;
	bool damaged;
	int result = shipper_open(path, collect->log, &shipper, &own);

	if (result == ERR_BUSY || result == ERR_NOT_FOUND)
		return 0;
	if (result == ERR_FORMAT)
		return set_aside_unreadable(collect, path, &own);
	if (result < 0) {
		remember(collect, &own);
		return 0;
	}
	shipper->waits_on = collect->wait.renewed;
	result = collect_one(collect, shipper, &own);
	damaged = shipper->damaged;
	shipper_close(shipper);
	if (result == ERR_FORMAT && damaged) {
		remember(collect, &own);
		return 0;
	}
	if (result < 0 && err)
		*err = own;
	return result;
}

int shipper_collect(
	const char *dir, struct log *log, struct shipper_wait wait, size_t *runs, struct err *err)
{
	struct collect collect = {.log = log, .wait = wait};
	int result = spool_scan(dir, each_spool, &collect, err);

	*runs = collect.runs;
	if (result == 0 && collect.first.code != ERR_NONE) {
		if (err)
			*err = collect.first;
		return collect.first.code;
	}
	return result;
}
