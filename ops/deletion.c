#include "ops/deletion.h"

#include "ops/fold_now.h"
#include "ops/open_log.h"
#include "schemas/message.h"
#include "schemas/now.h"

#define FLUSH_MS 5000
#define FOLD_WAIT_MS 5000

int deletion_append(struct log *log, const struct run_id *id, struct err *err)
{
	struct run_deleted deleted = {.run = *id};
	char key[RUN_ID_TEXT_BYTES];
	struct buf message = {0};
	int rc;

	deleted.deleted_ns = wall_ns();
	run_deleted_encode(&deleted, &message);
	run_id_format(id, key);
	rc = message.failed ? err_set(err, ERR_MEMORY, "out of memory")
			    : log_append(log, LOG_RUNS, slice_text(key), buf_slice(&message), err);
	buf_release(&message);
	return rc;
}

int deletion_make(const struct call *call, const struct database_paths *paths,
	const struct run_id *id, struct err *err)
{
	struct log *log = NULL;
	struct err busy = {0};
	int rc = open_log(call->settings, paths, true, &log, err);

	rc = rc ? rc : deletion_append(log, id, err);
	rc = rc ? rc : log_flush(log, FLUSH_MS, err);
	rc = rc ? rc : log_sync(log, err);
	if (!rc)
		fold_now(call, paths, log, FOLD_WAIT_MS, "deleting", &busy);
	log_close(log);
	return rc;
}
