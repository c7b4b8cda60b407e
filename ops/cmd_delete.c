#include <stdio.h>
#include <time.h>

#include "ops/cmd.h"
#include "ops/opened.h"
#include "schemas/message.h"

#define WAIT_MS 30000

static int append_deletion(struct log *log, const struct run_id *id, struct err *err)
{
	struct run_deleted deleted = {.run = *id};
	char key[RUN_ID_TEXT_BYTES];
	struct buf message = {0};
	struct timespec now;
	int rc;

	clock_gettime(CLOCK_REALTIME, &now);
	deleted.deleted_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	run_deleted_encode(&deleted, &message);
	run_id_format(id, key);
	rc = message.failed ? err_set(err, ERR_MEMORY, "out of memory")
			    : log_append(log, LOG_RUNS, slice_text(key), buf_slice(&message), err);
	buf_release(&message);
	return rc;
}

/* Deletes those that there are; *missing counts the others. */
static int delete_runs(const struct call *call, const struct opened *opened, struct log *log,
	int *missing, struct err *err)
{
	for (int i = 0; i < call->argc; i++) {
		struct err why = {0};
		struct run_id id;
		int rc = opened_resolve(opened, call->argv[i], &id, &why);

		if (rc == ERR_NOT_FOUND) {
			fprintf(stderr, "smiley: delete: No run found with id '%s' delete failed\n",
				call->argv[i]);
			++*missing;
			continue;
		}
		if (rc) {
			*err = why;
			return rc;
		}
		rc = append_deletion(log, &id, err);
		if (rc)
			return rc;
		if (call->verbosity >= 0) {
			char text[RUN_ID_TEXT_BYTES];

			printf("Deleted run %s\n", run_id_format(&id, text));
		}
	}
	return log_sync(log, err);
}

static int run(const struct call *call, struct err *err)
{
	struct opened opened;
	struct log *log = NULL;
	int missing = 0;
	int rc = opened_init(&opened, call, err);

	if (rc)
		return rc;
	rc = file_log_open(opened.paths.log, true, &log, err);
	rc = rc ? rc : delete_runs(call, &opened, log, &missing, err);
	rc = rc ? rc : materialize_now(&opened.paths, WAIT_MS, NULL, NULL, err);
	log_close(log);
	opened_release(&opened);
	return rc ? rc : missing > 0;
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
