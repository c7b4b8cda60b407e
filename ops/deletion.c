#include "ops/deletion.h"

#include "materializer/materialize.h"
#include "ops/fold_now.h"
#include "ops/open_log.h"
#include "ops/pins.h"
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

int deletion_may(const struct database_paths *paths, const struct run_id *id, struct err *err)
{
	char text[RUN_ID_TEXT_BYTES];
	struct pins pins;
	int rc = pins_load(paths, &pins, err);

	if (!rc && pins_have(&pins, id)) {
		run_id_format(id, text);
		rc = err_set(
			err, ERR_STATE, "run %s is pinned: smiley unpin %s lets it go", text, text);
	}
	pins_release(&pins);
	return rc;
}

int deletion_give_back(const struct database_paths *paths, struct log *log, struct err *err)
{
	struct materializer *materializer;
	int rc = materializer_open(paths, log, &materializer, err);

	if (rc == ERR_BUSY) {
		err_clear(err);
		return 0;
	}
	rc = rc ? rc : materializer_give_back(materializer, err);
	materializer_close(materializer);
	return rc;
}

int deletion_make(const struct call *call, const struct database_paths *paths,
	const struct run_id *id, struct err *err)
{
	struct log *log = NULL;
	struct err busy = {0};
	int rc = deletion_may(paths, id, err);

	rc = rc ? rc : open_log(call->settings, paths, true, &log, err);
	rc = rc ? rc : deletion_append(log, id, err);
	rc = rc ? rc : log_flush(log, FLUSH_MS, err);
	rc = rc ? rc : log_sync(log, err);
	if (!rc && fold_now(call, paths, log, FOLD_WAIT_MS, "deleting", &busy) == 0)
		deletion_give_back(paths, log, &busy);
	log_close(log);
	return rc;
}
