#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/cmd.h"
#include "ops/deletion.h"
#include "ops/fold_now.h"
#include "ops/open_log.h"
#include "ops/opened.h"
#include "ops/retention.h"
#include "schemas/now.h"

#define WAIT_MS 30000

/* What is to be deleted, and how many of those that were named are not. */
struct doomed {
	struct run_id *ids;
	size_t count, refused;
};

/* The runs that the user named; what cannot be is told and the rest is done. */
static int take_named(const struct call *call, const struct opened *opened, struct doomed *doomed,
	struct err *err)
{
	doomed->ids = calloc((size_t)call->argc + 1, sizeof(*doomed->ids));
	if (!doomed->ids)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (int i = 0; i < call->argc; i++) {
		struct run_id *id = &doomed->ids[doomed->count];
		struct err why = {0};
		int rc = opened_resolve(opened, call->argv[i], id, &why);

		if (rc == ERR_NOT_FOUND) {
			fprintf(stderr, "smiley: delete: No run found with id '%s' delete failed\n",
				call->argv[i]);
		} else if (rc) {
			*err = why;
			return rc;
		} else if (deletion_may(&opened->paths, id, &why)) {
			fprintf(stderr, "smiley: delete: %s\n", why.message);
		} else {
			doomed->count++;
			continue;
		}
		doomed->refused++;
	}
	return 0;
}

static int take_policy(const struct call *call, struct retention_policy *policy, struct err *err)
{
	const char *age = settings_text(call->settings, OPTION_OLDER_THAN);
	const char *errors = settings_text(call->settings, OPTION_DELETE_ERRORS);
	int rc = retention_parse(age, policy, err);

	if (rc || !policy->by_age)
		return err_set(err, ERR_USAGE, "--older-than %s: not an age (12h, 7d, 4w)", age);
	if (strcmp(errors, "no") == 0)
		policy->errors = RETENTION_ERRORS_STAY;
	else if (strcmp(errors, "only") == 0)
		policy->errors = RETENTION_ERRORS_ONLY;
	return 0;
}

/* The runs that are old. */
static int take_old(const struct call *call, const struct opened *opened, struct doomed *doomed,
	struct err *err)
{
	struct retention_policy policy = {0};
	struct retention_list list = {0};
	int rc = take_policy(call, &policy, err);

	if (!rc && opened->query)
		rc = retention_list_load(opened->query, &opened->paths, &list, err);
	if (!rc)
		doomed->ids = calloc(
			retention_doom(&list, &policy, wall_ns(), 0) + 1, sizeof(*doomed->ids));
	if (!rc && !doomed->ids)
		rc = err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; !rc && i < list.count; i++)
		if (list.runs[i].doomed)
			doomed->ids[doomed->count++] = list.runs[i].id;
	retention_list_release(&list);
	return rc;
}

static void tell(const struct call *call, const char *words, const struct doomed *doomed)
{
	char text[RUN_ID_TEXT_BYTES];

	for (size_t i = 0; i < doomed->count && call->verbosity >= 0; i++)
		printf("%s run %s\n", words, run_id_format(&doomed->ids[i], text));
}

/* A run is deleted once the log has it for sure. */
static int delete_runs(const struct call *call, const struct opened *opened,
	const struct doomed *doomed, struct err *err)
{
	struct log *log = NULL;
	int rc = open_log(call->settings, &opened->paths, true, &log, err);

	for (size_t i = 0; !rc && i < doomed->count; i++)
		rc = deletion_append(log, &doomed->ids[i], err);
	if (!rc && (log_flush(log, log_flush_ms(call->settings), err) || log_sync(log, err)))
		rc = err_wrap(err, "the log does not have the deletion yet");
	if (!rc)
		tell(call, "Deleted", doomed);
	rc = rc ? rc : fold_now(call, &opened->paths, log, WAIT_MS, "reading the log", err);
	if (!rc && doomed->count)
		rc = deletion_give_back(&opened->paths, log, err);
	log_close(log);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	bool old = settings_text(call->settings, OPTION_OLDER_THAN);
	struct doomed doomed = {0};
	struct opened opened;
	int rc;

	if (old == (call->argc > 0))
		return err_set(err, ERR_USAGE, "either RUN..., or --older-than AGE");
	rc = opened_init(&opened, call, err);
	if (rc)
		return rc;
	rc = (old ? take_old : take_named)(call, &opened, &doomed, err);
	if (!rc && settings_flag(call->settings, OPTION_DRY_RUN))
		tell(call, "Would delete", &doomed);
	else
		rc = rc ? rc : delete_runs(call, &opened, &doomed, err);
	opened_release(&opened);
	free(doomed.ids);
	return rc ? rc : doomed.refused > 0;
}

const struct command cmd_delete = {
	.name = "delete",
	.arguments = "RUN... | --older-than AGE",
	.summary = "delete runs for good, and give back their disk space",
	.details =
		"The deletion is written to the log, so that no rebuild brings the run back. Of a "
		"log of files the run's records are erased; topics on Kafka keep them until "
		"their retention. Runs that go on or are pinned stay.",
	.max_arguments = -1,
	.run = run,
};
