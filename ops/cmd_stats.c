#include <string.h>

#include "ops/cmd.h"
#include "ops/export.h"
#include "ops/opened.h"
#include "ops/stats_show.h"

static int export(const struct call *call, const struct opened *opened, const struct run_id *id,
	struct err *err)
{
	const char *name = settings_text(call->settings, OPTION_STATS_FORMAT);
	const struct export_format *format = export_format_find(name ? name : "pstats");
	struct export_request request = {
		.query = opened->query,
		.run = *id,
		.range = stats_range(call),
	};
	struct profile profile;
	int rc;

	if (!format)
		return err_set(err, ERR_USAGE,
			"export: --format %s: text is what show prints, not a file's format", name);
	if (settings_text(call->settings, OPTION_STATS_LIMIT))
		return err_set(err, ERR_USAGE,
			"export: --limit is show's; --from, --to, --thread choose what is written");
	rc = query_profile(opened->query, id, request.range.thread, &profile, err);
	if (rc == 0)
		rc = export_file(format, &request, call->argv[2], err);
	else if (rc == ERR_NOT_FOUND)
		rc = err_wrap(err, "run %s", call->argv[1]);
	if (rc == 0)
		stats_tell_completeness(call, &profile);
	profile_release(&profile);
	return rc;
}

static const struct part {
	const char *name;
	int min_arguments, max_arguments; /* its own name among them */
	int (*run)(const struct call *call, const struct opened *opened, const struct run_id *id,
		struct err *err);
} parts[] = {
	{"show", 2, 3, stats_show},
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
	.details =
		"The profile is made from the run's events, and shows the program as it would "
		"run untraced. `show` prints it as Python's pstats does, PATTERN being a "
		"regular expression that names what to show; `export` writes a file for other "
		"tools (- is stdout). --from, --to and --thread choose a part of the run: calls "
		"that are open at either end are cut there. A run that goes on and one that was killed have a profile "
		"too. The time of code that is not traced is part of its caller's.",
	.min_arguments = 1,
	.max_arguments = 3,
	.run = run,
};
