#include <poll.h>
#include <stdio.h>

#include "ops/cmd.h"
#include "ops/digest.h"
#include "ops/term.h"
#include "ops/yield.h"

#define WAIT_NS 30000000000ll
#define POLL_MS 5

/* A run that is under way lets go of the lock when it is asked to. */
static int rebuild(const struct database_paths *paths, struct progress *progress, struct err *err)
{
	int64_t deadline = clock_now_ns() + WAIT_NS;
	int want_fd;
	int rc = yield_ask(paths, &want_fd, err);

	while (!rc) {
		err_clear(err);
		rc = materialize_rebuild(paths, progress_update, progress, err);
		if (rc != ERR_BUSY || clock_now_ns() > deadline)
			break;
		poll(NULL, 0, POLL_MS);
		rc = 0;
	}
	yield_close(want_fd);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct database_paths paths;
	struct progress progress;
	int rc = database_paths_init(
		&paths, settings_text(call->settings, OPTION_DATABASE), false, err);

	if (rc)
		return rc;
	progress_begin(&progress, "rebuild", PROGRESS_BYTES, call->verbosity >= 0);
	rc = rebuild(&paths, &progress, err);
	progress_end(&progress);
	rc = rc ? rc : digest_print(&paths, err);
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
