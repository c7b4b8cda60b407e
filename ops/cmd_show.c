#include "ops/children.h"
#include "ops/cmd.h"
#include "ops/opened.h"
#include "ops/pins.h"
#include "materializer/run_text.h"
#include "ops/term.h"
#include "ops/variables.h"

static void add_variables(struct lister *lister, const struct run_info *info, bool pinned)
{
	char id[RUN_ID_TEXT_BYTES];
	struct buf text = {0};

	variables_add(lister, "boot_id", info->started.boot_id);
	if (info->started.container.len)
		variables_add(lister, "container", info->started.container);
	variables_add(lister, "cwd", info->started.cwd);
	argv_text(info->started.argv, &text);
	variables_add_made(lister, "description", &text);
	time_text(info->has_finished ? info->finished.finished_ns : 0, &text);
	variables_add_made(lister, "end_time", &text);
	run_error_text(info, &text);
	variables_add_made(lister, "error_message", &text);
	buf_printf(&text, "%lld", (long long)info->event_count);
	variables_add_made(lister, "events", &text);
	if (info->has_finished && info->finished.exit_status >= 0)
		buf_printf(&text, "%lld", (long long)info->finished.exit_status);
	variables_add_made(lister, "exit_status", &text);
	variables_add(lister, "group", info->started.group);
	variables_add(lister, "host", info->started.host);
	variables_add(lister, "id", slice_text(run_id_format(&info->id, id)));
	if (info->started.has_parent)
		variables_add(
			lister, "parent", slice_text(run_id_format(&info->started.parent, id)));
	if (info->started.has_parent && info->started.parent_seq >= 0) {
		buf_printf(&text, "%lld", (long long)info->started.parent_seq);
		variables_add_made(lister, "parent_event", &text);
	}
	buf_printf(&text, "%lld", (long long)info->started.pid);
	variables_add_made(lister, "pid", &text);
	if (pinned)
		variables_add(lister, "pinned", slice_text("yes"));
	variables_add(lister, "python", info->started.python);
	time_text(info->started.started_ns, &text);
	variables_add_made(lister, "start_time", &text);
	variables_add(lister, "state", slice_text(run_state_words(info)));
	traceback_text(&info->finished, &text);
	variables_add_lines(lister, "traceback", buf_slice(&text));
	variables_add(lister, "user", info->started.user);
	buf_release(&text);
}

struct threads {
	struct buf tables;
	size_t count;
};

static int add_thread(void *context, const struct thread_info *info, struct err *err)
{
	struct threads *threads = context;
	struct lister *lister = variables_new();
	struct buf text = {0};

	if (lister) {
		time_text(info->end_ns, &text);
		variables_add_made(lister, "end_time", &text);
		buf_append(&text, info->name.data, info->name.len);
		variables_add_made(lister, "id", &text);
		time_text(info->start_ns, &text);
		variables_add_made(lister, "start_time", &text);
	}
	buf_release(&text);
	threads->count++;
	buf_text(&threads->tables, "\nThread:\n");
	return variables_finish(lister, &threads->tables, err);
}

static int show(
	const struct call *call, const struct opened *opened, struct buf *out, struct err *err)
{
	struct threads threads = {0};
	struct lister *lister;
	struct run_info info;
	struct run_id id;
	struct pins pins = {0};
	int rc = opened_resolve(opened, call->argv[0], &id, err);

	rc = rc ? rc : pins_load(&opened->paths, &pins, err);
	rc = rc ? rc : query_run(opened->query, &id, &info, err);
	if (rc) {
		pins_release(&pins);
		return rc;
	}
	lister = variables_new();
	if (lister)
		add_variables(lister, &info, pins_have(&pins, &id));
	pins_release(&pins);
	run_info_release(&info);
	rc = variables_finish(lister, out, err);
	rc = rc ? rc : query_threads(opened->query, &id, add_thread, &threads, err);
	if (!rc && threads.count > 1)
		buf_append(out, threads.tables.data, threads.tables.len);
	buf_release(&threads.tables);
	return rc ? rc : children_text(opened->query, &id, out, err);
}

static int run(const struct call *call, struct err *err)
{
	struct buf out = {0};
	struct opened opened;
	int rc = opened_init(&opened, call, err);

	if (rc)
		return rc;
	rc = show(call, &opened, &out, err);
	rc = rc ? rc : term_write(buf_slice(&out), err);
	buf_release(&out);
	opened_release(&opened);
	return rc;
}

const struct command cmd_show = {
	.name = "show",
	.arguments = "RUN",
	.summary = "show what is known of a run",
	.details = "RUN is a run's id, the first characters of it that no other has, or @latest. "
		   "Behind what the run says of itself come its threads, if there were several, "
		   "and its children.",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
