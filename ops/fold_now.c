#include "ops/fold_now.h"

#include "ingest/shipper.h"
#include "materializer/materialize.h"
#include "materializer/origin.h"
#include "ops/open_log.h"
#include "ops/term.h"

int fold_now(const struct call *call, const struct database_paths *paths, struct log *log,
	int wait_ms, const char *words, struct err *err)
{
	struct progress progress;
	struct materialize_options options = {
		.wait_ms = wait_ms,
		.log_ms = log_patience_ms(call->settings),
		.progress = progress_update,
		.context = &progress,
	};
	struct err leftover = {0};
	struct origin origin;
	size_t runs;
	int rc = origin_read(paths, &origin, err);

	if (rc || *origin.group)
		return rc;
	if (!log_is_remote(call->settings))
		shipper_collect(paths->spool, log,
			(struct shipper_wait){.timeout_ms = SHIPPER_FINISH_MS}, &runs, &leftover);
	progress_begin(&progress, words,
		log_is_remote(call->settings) ? PROGRESS_RECORDS : PROGRESS_BYTES,
		call->verbosity >= 0);
	rc = materialize_now(paths, log, &options, err);
	progress_end(&progress);
	if (!rc && leftover.code) {
		*err = leftover;
		rc = leftover.code;
	}
	return rc;
}
