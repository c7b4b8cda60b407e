#include <poll.h>
#include <stdio.h>

#include "ops/cmd.h"
#include "ops/digest.h"
#include "ops/open_log.h"
#include "ops/term.h"
#include "ops/yield.h"
#include "schemas/now.h"

#define WAIT_NS 30000000000ll
#define POLL_MS 5

/* A run that is under way lets go of the lock when it is asked to. */
static int rebuild(const struct call *call, const struct database_paths *paths, struct log *log,
	struct err *err)
{
	struct progress progress;
	struct materialize_options options = {
		.log_ms = log_patience_ms(call->settings),
		.progress = progress_update,
		.context = &progress,
	};
	int64_t deadline = monotonic_ns() + WAIT_NS;
	int want_fd;
	int rc = yield_ask(paths, &want_fd, err);

	progress_begin(&progress, "rebuild",
		log_is_remote(call->settings) ? PROGRESS_RECORDS : PROGRESS_BYTES,
		call->verbosity >= 0);
	while (!rc) {
		err_clear(err);
		rc = materialize_rebuild(paths, log, &options, err);
		if (rc != ERR_BUSY || monotonic_ns() > deadline)
			break;
		poll(NULL, 0, POLL_MS);
		rc = 0;
	}
	progress_end(&progress);
	yield_close(want_fd);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct database_paths paths;
	struct log *log = NULL;
	int rc = open_place(call->settings, PLACE_ASK, &paths, err);

	if (rc)
		return rc;
	rc = open_log(call->settings, &paths, true, &log, err);
	rc = rc ? rc : rebuild(call, &paths, log, err);
	rc = rc ? rc : digest_print(&paths, err);
	log_close(log);
	database_paths_release(&paths);
	return rc;
}

const struct command cmd_rebuild = {
	.name = "rebuild",
	.arguments = "",
	.summary = "make the store anew from the log",
	.details = "The log is the truth; the store is made from it and may be deleted at any "
		   "time. Prints the digest of the new store, which equals that of the old one.",
	.run = run,
};
