#include <stdio.h>
#include <stdlib.h>

#include "ops/cmd.h"
#include "ops/deletion.h"
#include "ops/fold_now.h"
#include "ops/open_log.h"
#include "ops/opened.h"

#define WAIT_MS 30000

/* Appends a deletion for each run that there is; ids receives these, *deleted of them. */
static int append_deletions(const struct call *call, const struct opened *opened, struct log *log,
	struct run_id *ids, int *deleted, struct err *err)
{
	*deleted = 0;
	for (int i = 0; i < call->argc; i++) {
		struct err why = {0};
		int rc = opened_resolve(opened, call->argv[i], &ids[*deleted], &why);

		if (rc == ERR_NOT_FOUND) {
			fprintf(stderr, "smiley: delete: No run found with id '%s' delete failed\n",
				call->argv[i]);
			continue;
		}
		if (rc) {
			*err = why;
			return rc;
		}
		rc = deletion_append(log, &ids[*deleted], err);
		if (rc)
			return rc;
		++*deleted;
	}
	return 0;
}

/* A run is deleted once the log has it for sure. */
static int delete_runs(const struct call *call, const struct opened *opened, struct log *log,
	struct run_id *ids, int *deleted, struct err *err)
{
	long long seconds = settings_number(call->settings, OPTION_FLUSH_TIMEOUT, 0);
	int rc = append_deletions(call, opened, log, ids, deleted, err);
	struct err why = {0};
	int flushed = log_flush(log, seconds < 3600 ? (int)seconds * 1000 : 3600000, &why);

	flushed = flushed ? flushed : log_sync(log, &why);
	for (int i = 0; !flushed && i < *deleted && call->verbosity >= 0; i++) {
		char text[RUN_ID_TEXT_BYTES];

		printf("Deleted run %s\n", run_id_format(&ids[i], text));
	}
	if (!rc && flushed) {
		*err = why;
		rc = err_wrap(err, "the log does not have the deletion yet");
	}
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct run_id *ids = calloc((size_t)call->argc + 1, sizeof(*ids));
	struct opened opened;
	struct log *log = NULL;
	int deleted = 0;
	int rc = ids ? opened_init(&opened, call, err) : err_set(err, ERR_MEMORY, "out of memory");

	if (rc) {
		free(ids);
		return rc;
	}
	rc = open_log(call->settings, &opened.paths, true, &log, err);
	rc = rc ? rc : delete_runs(call, &opened, log, ids, &deleted, err);
	rc = rc ? rc : fold_now(call, &opened.paths, log, WAIT_MS, "reading the log", err);
	log_close(log);
	opened_release(&opened);
	free(ids);
	return rc ? rc : deleted < call->argc;
}

const struct command cmd_delete = {
	.name = "delete",
	.arguments = "RUN...",
	.summary = "delete runs for good",
	.details = "The deletion is written to the log, so that no rebuild brings the run back.",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = run,
};
