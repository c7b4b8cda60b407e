#include "ops/cmd.h"
#include "ops/opened.h"
#include "materializer/run_text.h"

static const struct lister_column columns[] = {
	{"ID", false},
	{"Start", false},
	{"End", false},
	{"Num Events", false},
	{"Num Locations", false},
};

static int add_thread(void *context, const struct thread_info *info, struct err *err)
{
	struct lister *lister = context;
	struct buf text = {0};

	(void)err;
	lister_text(lister, info->name);
	time_text(info->start_ns, &text);
	lister_text(lister, buf_slice(&text));
	buf_clear(&text);
	time_text(info->end_ns, &text);
	lister_text(lister, buf_slice(&text));
	buf_release(&text);
	lister_number(lister, info->event_count);
	lister_number(lister, info->location_count);
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	struct lister *lister = lister_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct opened opened;
	struct run_id id;
	int rc;

	if (!lister)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = opened_init(&opened, call, err);
	if (rc) {
		lister_free(lister);
		return rc;
	}
	rc = opened_resolve(&opened, call->argv[0], &id, err);
	rc = rc ? rc : query_threads(opened.query, &id, add_thread, lister, err);
	if (rc)
		lister_free(lister);
	else
		rc = lister_finish(lister, call, err);
	opened_release(&opened);
	return rc;
}

const struct command cmd_threads = {
	.name = "threads",
	.arguments = "RUN",
	.summary = "show the threads of a run",
	.details = "RUN is a run's id, the first characters of it that no other has, or @latest.",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
