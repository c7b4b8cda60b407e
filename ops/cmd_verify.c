#include <stdio.h>
#include <stdlib.h>

#include "ops/cmd.h"
#include "ops/digest.h"
#include "ops/log_check.h"
#include "ops/lost_end.h"
#include "ops/opened.h"
#include "ops/term.h"

struct verifying {
	struct query *query;
	const struct call *call;
	const struct opened *opened;
	struct progress progress;
	struct run_id *ids;
	size_t count, bad;
};

static int collect(void *context, const struct run_info *info, struct err *err)
{
	struct verifying *verifying = context;
	struct run_id *ids =
		realloc(verifying->ids, (verifying->count + 1) * sizeof(*verifying->ids));

	if (!ids)
		return err_set(err, ERR_MEMORY, "out of memory");
	verifying->ids = ids;
	ids[verifying->count++] = info->id;
	return 0;
}

/* As query_verify(), and that its end is there when it has ended. */
static int prove(
	struct verifying *verifying, const struct run_id *id, int64_t *events, struct err *err)
{
	int rc = lost_end(verifying->call, verifying->opened, id, err);

	return rc ? rc : query_verify(verifying->query, id, events, err);
}

/* A bad run is told, and the others are looked at all the same. */
static void verify_run(struct verifying *verifying, const struct run_id *id)
{
	char text[RUN_ID_TEXT_BYTES];
	struct err err = {0};
	int64_t events = 0;

	run_id_format(id, text);
	if (prove(verifying, id, &events, &err)) {
		progress_end(&verifying->progress);
		fprintf(stderr, "smiley: verify: run %s: %s\n", text, err.message);
		verifying->bad++;
	} else {
		printf("%s: %lld events, complete\n", text, (long long)events);
	}
}

/* Something is missing unless count is 0. */
static void tell(struct verifying *verifying, int64_t count, const char *where, const char *what)
{
	if (!count)
		return;
	progress_end(&verifying->progress);
	fprintf(stderr, "smiley: verify: %s: %lld %s\n", where, (long long)count, what);
	verifying->bad++;
}

static int verify(const struct call *call, const struct opened *opened, struct verifying *verifying,
	struct err *err)
{
	struct run_id id;
	int64_t count;
	int rc;

	if (call->argc) {
		rc = opened_resolve(opened, call->argv[0], &id, err);
		if (!rc)
			verify_run(verifying, &id);
		return rc;
	}
	rc = log_check_damage(call, &verifying->progress, &count, err);
	tell(verifying, count, "log", "bytes are damaged");
	if (rc || !opened->query)
		return rc;
	rc = query_check(opened->query, err);
	rc = rc ? rc : log_check_lost(opened->query, &count, err);
	tell(verifying, count, "log",
		"records were removed by retention, or damaged, before being read (smiley quarantine list)");
	if (rc)
		return rc;
	verifying->progress.unit = PROGRESS_RUNS;
	rc = query_runs(opened->query, collect, verifying, err);
	for (size_t i = 0; !rc && i < verifying->count; i++) {
		verify_run(verifying, &verifying->ids[i]);
		progress_update(&verifying->progress, i + 1, verifying->count);
	}
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct verifying verifying = {0};
	struct opened opened;
	int rc = opened_init(&opened, call, err);

	if (rc)
		return rc;
	verifying.query = opened.query;
	verifying.call = call;
	verifying.opened = &opened;
	progress_begin(&verifying.progress, "verify", PROGRESS_BYTES, call->verbosity >= 0);
	rc = verify(call, &opened, &verifying, err);
	progress_end(&verifying.progress);
	if (!rc && opened.query)
		rc = digest_print_query(opened.query, err);
	free(verifying.ids);
	opened_release(&opened);
	return rc ? rc : verifying.bad > 0;
}

const struct command cmd_verify = {
	.name = "verify",
	.arguments = "[RUN]",
	.summary = "prove that nothing is missing",
	.details =
		"Reads every event of the run, or all of the log and every run: the sequence numbers must have "
		"no hole, every block must decode. Prints a digest of the whole store, which "
		"a rebuild must give again.",
	.max_arguments = 1,
	.run = run,
};
