#include <stdio.h>
#include <string.h>

#include "materializer/profile_text.h"
#include "ops/cmd.h"
#include "ops/export.h"
#include "ops/opened.h"
#include "ops/term.h"

/* What pstats cannot say: stderr, beside the text. */
static void tell_completeness(const struct call *call, const struct profile *profile)
{
	if (call->verbosity < 0)
		return;
	if (!profile->function_count)
		fputs("smiley: stats: No profiling data was collected\n", stderr);
	if (profile->state == RUN_RUNNING && profile->function_count)
		fprintf(stderr,
			"smiley: stats: the run goes on: %lld calls have not returned yet\n",
			(long long)profile->open_calls);
	if (profile->lost_events)
		fputs("smiley: stats: events were lost: there may have been more calls\n", stderr);
}

static int print(const struct call *call, const struct profile_list *list, struct err *err)
{
	const char *format = settings_text(call->settings, OPTION_STATS_FORMAT);
	bool json = format && strcmp(format, "json") == 0;
	struct buf out = {0};
	int rc;

	if (json)
		profile_list_json(list, &out);
	else if (list->profile->function_count)
		profile_list_text(list, &out);
	rc = out.failed ? err_set(err, ERR_MEMORY, "out of memory")
			: term_write(buf_slice(&out), err);
	buf_release(&out);
	return rc;
}

static int show_profile(const struct call *call, const struct profile *profile, struct err *err)
{
	const struct profile_sort *sort =
		profile_sort_find(settings_text(call->settings, OPTION_SORT_ORDER));
	struct profile_list list;
	int rc = profile_list_init(&list, profile, sort, err);

	if (rc == 0 && call->argc > 2)
		rc = profile_list_match(&list, call->argv[2], err);
	if (rc == 0 && settings_text(call->settings, OPTION_LIMIT))
		profile_list_limit(&list, settings_number(call->settings, OPTION_LIMIT, 0));
	tell_completeness(call, profile);
	rc = rc ? rc : print(call, &list, err);
	profile_list_release(&list);
	return rc;
}

static int show(const struct call *call, const struct opened *opened, const struct run_id *id,
	struct err *err)
{
	struct profile profile;
	int rc = query_profile(
		opened->query, id, settings_text(call->settings, OPTION_THREAD), &profile, err);

	if (rc == 0)
		rc = show_profile(call, &profile, err);
	else if (rc == ERR_NOT_FOUND)
		rc = err_wrap(err, "run %s", call->argv[1]);
	profile_release(&profile);
	return rc;
}

static int export(const struct call *call, const struct opened *opened, const struct run_id *id,
	struct err *err)
{
	const char *name = settings_text(call->settings, OPTION_STATS_FORMAT);
	const struct export_format *format = export_format_find(name ? name : "pstats");
	struct export_request request = {
		.query = opened->query,
		.run = *id,
		.range =
			{
				.from_seq = settings_number(call->settings, OPTION_FROM, 0),
				.to_seq = settings_number(call->settings, OPTION_TO, INT64_MAX),
				.thread = settings_text(call->settings, OPTION_THREAD),
			},
	};

	if (!format)
		return err_set(err, ERR_USAGE, "--format %s: not one that can be exported", name);
	return export_file(format, &request, call->argv[2], err);
}

static const struct part {
	const char *name;
	int min_arguments, max_arguments; /* its own name among them */
	int (*run)(const struct call *call, const struct opened *opened, const struct run_id *id,
		struct err *err);
} parts[] = {
	{"show", 2, 3, show},
	{"export", 3, 3, export},
};

static const struct part *find_part(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	}
	return NULL;
}

static int run(const struct call *call, struct err *err)
{
	const struct part *part = find_part(call->argv[0]);
	struct opened opened;
	struct run_id id;
	int rc;

	if (!part || call->argc < part->min_arguments || call->argc > part->max_arguments)
		return err_set(err, ERR_USAGE, "%s: %s; try: smiley help stats", call->argv[0],
			part ? "too few or too many arguments" : "neither show nor export");
	rc = opened_init(&opened, call, err);
	if (rc)
		return rc;
	rc = opened_resolve(&opened, call->argv[1], &id, err);
	rc = rc ? rc : part->run(call, &opened, &id, err);
	opened_release(&opened);
	return rc;
}

const struct command cmd_stats = {
	.name = "stats",
	.arguments = "show RUN [PATTERN] | export RUN FILE",
	.summary = "show or export where the time of a run went",
	.details = "The profile is made from the run's events, and shows the program as it would "
		   "run untraced. `show` prints it as Python's pstats does, PATTERN being a "
		   "regular expression that names what to show; `export` writes a file for other "
		   "tools (- is stdout). A run that goes on and one that was killed have a profile "
		   "too. The time of code that is not traced is part of its caller's.",
	.min_arguments = 1,
	.max_arguments = 3,
	.run = run,
};
