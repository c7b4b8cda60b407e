#include <stdio.h>
#include <string.h>

#include "materializer/profile_diff.h"
#include "materializer/profile_text.h"
#include "ops/cmd.h"
#include "ops/opened.h"
#include "ops/term.h"

/* A run and its profile. */
struct side {
	struct run_info info;
	struct profile profile;
};

static int side_init(struct side *side, const struct call *call, const struct opened *opened,
	int which, struct err *err)
{
	struct run_id id;
	int rc = opened_resolve(opened, call->argv[which], &id, err);

	if (rc == 0)
		rc = query_run(opened->query, &id, &side->info, err);
	if (rc == 0)
		rc = query_profile(opened->query, &id, settings_text(call->settings, OPTION_THREAD),
			&side->profile, err);
	return rc == ERR_NOT_FOUND ? err_wrap(err, "run %s", call->argv[which]) : rc;
}

static int print(const struct call *call, const struct profile_diff *diff, struct err *err)
{
	const char *format = settings_text(call->settings, OPTION_DIFF_FORMAT);
	struct buf out = {0};
	int rc;

	if (strcmp(format, "json") == 0)
		profile_diff_json(diff, &out);
	else
		profile_diff_text(
			diff, settings_number(call->settings, OPTION_DIFF_LIMIT, INT64_MAX), &out);
	rc = out.failed ? err_set(err, ERR_MEMORY, "out of memory")
			: term_write(buf_slice(&out), err);
	buf_release(&out);
	return rc;
}

/* What the table does not tell: stderr, beside it. */
static void tell_completeness(const struct call *call, const struct side sides[2])
{
	for (int i = 0; i < 2 && call->verbosity >= 0; i++) {
		const struct profile *profile = &sides[i].profile;

		if (!profile->function_count)
			fprintf(stderr, "smiley: diff: %s: No profiling data was collected\n",
				call->argv[i]);
		else if (profile->state == RUN_RUNNING)
			fprintf(stderr, "smiley: diff: %s goes on: it is compared as it is now\n",
				call->argv[i]);
		if (profile_gap(profile))
			fprintf(stderr, "smiley: diff: %s: %s\n", call->argv[i],
				profile_gap(profile));
	}
}

static int compare(const struct call *call, const struct side sides[2], struct err *err)
{
	struct profile_diff diff;
	int rc = profile_diff_init(&diff, &sides[0].profile, sides[0].info.started.cwd,
		&sides[1].profile, sides[1].info.started.cwd, err);

	if (rc == 0)
		rc = print(call, &diff, err);
	profile_diff_release(&diff);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct side sides[2] = {0};
	struct opened opened;
	int rc = opened_init(&opened, call, err);

	if (rc)
		return rc;
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = side_init(&sides[i], call, &opened, i, err);
	if (rc == 0) {
		tell_completeness(call, sides);
		rc = compare(call, sides, err);
	}
	for (int i = 0; i < 2; i++) {
		profile_release(&sides[i].profile);
		run_info_release(&sides[i].info);
	}
	opened_release(&opened);
	return rc;
}

const struct command cmd_diff = {
	.name = "diff",
	.arguments = "RUN RUN",
	.summary = "compare where the time of two runs went",
	.details =
		"Calls and time of each function in the first run and in the second, those whose "
		"own time changed most first: added, gone, slower or faster (a call takes more "
		"or less by a tenth, whatever the number of calls), called more or less often. "
		"A function is the same by its name and its "
		"file, relative to the directory that the run was started in. RUN is a run's "
		"id, the first characters of it that no other has, or @latest.",
	.min_arguments = 2,
	.max_arguments = 2,
	.run = run,
};
