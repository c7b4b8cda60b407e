#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ops/cmd.h"
#include "ops/opened.h"
#include "materializer/run_text.h"

static const struct lister_column columns[] = {
	{"id", false},
	{"cwd", false},
	{"description", false},
	{"start time", false},
	{"end time", false},
	{"error message", false},
	{"host", true},
	{"pid", true},
	{"parent", true},
	{"group", true},
	{"state", true},
	{"events", true},
	{"exit status", true},
	{"signal", true},
	{"boot id", true},
	{"container", true},
	{"parent event", true},
	{"paused", true},
};

struct listing {
	struct lister *lister;
	struct buf text;
	bool errors_only;
	bool plain_state;   /* for programs, which have "paused" beside it */
	struct slice group; /* empty: all */
	size_t runs;
};

static void add_time(struct listing *listing, int64_t time_ns)
{
	buf_clear(&listing->text);
	time_text(time_ns, &listing->text);
	lister_text(listing->lister, buf_slice(&listing->text));
}

static void add_end(struct listing *listing, const struct run_info *info)
{
	if (!info->has_finished) {
		lister_nothing(listing->lister);
		lister_nothing(listing->lister);
		return;
	}
	lister_number(listing->lister, info->finished.exit_status);
	lister_number(listing->lister, info->finished.signal);
}

static int add_run(void *context, const struct run_info *info, struct err *err)
{
	struct listing *listing = context;
	struct lister *lister = listing->lister;
	char id[RUN_ID_TEXT_BYTES];

	(void)err;
	buf_clear(&listing->text);
	run_error_text(info, &listing->text);
	if ((listing->errors_only && !listing->text.len) ||
		(listing->group.len && !slice_equal(listing->group, info->started.group)))
		return 0;
	listing->runs++;
	lister_text(lister, slice_text(run_id_format(&info->id, id)));
	lister_text(lister, info->started.cwd);
	buf_clear(&listing->text);
	argv_text(info->started.argv, &listing->text);
	lister_text(lister, buf_slice(&listing->text));
	add_time(listing, info->started.started_ns);
	add_time(listing, info->has_finished ? info->finished.finished_ns : 0);
	buf_clear(&listing->text);
	run_error_text(info, &listing->text);
	lister_text(lister, buf_slice(&listing->text));
	lister_text(lister, info->started.host);
	lister_number(lister, info->started.pid);
	if (info->started.has_parent)
		lister_text(lister, slice_text(run_id_format(&info->started.parent, id)));
	else
		lister_nothing(lister);
	lister_text(lister, info->started.group);
	lister_text(lister, slice_text(listing->plain_state ? run_state_name(info->state)
							    : run_state_words(info)));
	lister_number(lister, info->event_count);
	add_end(listing, info);
	lister_text(lister, info->started.boot_id);
	lister_text(lister, info->started.container);
	if (info->started.has_parent && info->started.parent_seq >= 0)
		lister_number(lister, info->started.parent_seq);
	else
		lister_nothing(lister);
	if (info->paused)
		lister_text(lister, slice_text("yes"));
	else
		lister_nothing(lister);
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	struct listing listing = {.errors_only = settings_flag(call->settings, OPTION_ERRORS)};
	const char *group = settings_text(call->settings, OPTION_OF_GROUP);
	const char *format = settings_text(call->settings, OPTION_LIST_FORMAT);
	struct opened opened;
	int rc = opened_init(&opened, call, err);

	if (rc)
		return rc;
	listing.group = slice_text(group ? group : "");
	listing.plain_state = format && strcmp(format, "json") == 0;
	listing.lister = lister_new(columns, sizeof(columns) / sizeof(columns[0]));
	if (!listing.lister)
		rc = err_set(err, ERR_MEMORY, "out of memory");
	if (!rc && opened.query)
		rc = query_runs(opened.query, add_run, &listing, err);
	if (!rc && !listing.runs && call->verbosity >= 0 && isatty(STDERR_FILENO))
		fprintf(stderr, "smiley: list: no runs%s%s in %s; smiley run PROGRAM records one\n",
			listing.errors_only ? " with errors" : "", group ? " of the group" : "",
			opened.paths.root);
	if (rc)
		lister_free(listing.lister);
	else
		rc = lister_finish(listing.lister, call, err);
	buf_release(&listing.text);
	opened_release(&opened);
	return rc;
}

const struct command cmd_list = {
	.name = "list",
	.arguments = "",
	.summary = "show the runs, the oldest first",
	.details = "Columns: id, cwd, description, start time, end time, error message; json has "
		   "host, pid, parent, group, state, events, exit status, signal, boot id, "
		   "container, parent event (the number of the parent's next event) and paused "
		   "as well, which -c shows in other formats too.",
	.run = run,
};
