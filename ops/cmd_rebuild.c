#include <stdio.h>

#include "ops/cmd.h"
#include "ops/digest.h"
#include "ops/term.h"

static int run(const struct call *call, struct err *err)
{
	struct database_paths paths;
	struct progress progress;
	int rc = database_paths_init(
		&paths, settings_text(call->settings, OPTION_DATABASE), false, err);

	if (rc)
		return rc;
	progress_begin(&progress, "rebuild", call->verbosity >= 0);
	rc = materialize_rebuild(&paths, progress_update, &progress, err);
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
