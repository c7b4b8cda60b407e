#include "ops/stats_show.h"

#include <stdio.h>
#include <string.h>

#include "materializer/profile_range.h"
#include "materializer/profile_text.h"
#include "ops/term.h"

struct event_range stats_range(const struct call *call)
{
	return (struct event_range){
		.from_seq = settings_number(call->settings, OPTION_FROM, 0),
		.to_seq = settings_number(call->settings, OPTION_TO, INT64_MAX),
		.thread = settings_text(call->settings, OPTION_THREAD),
	};
}

void stats_tell_completeness(const struct call *call, const struct profile *profile)
{
	if (call->verbosity < 0)
		return;
	if (!profile->function_count)
		fputs("smiley: stats: No profiling data was collected\n", stderr);
	if (profile->state == RUN_RUNNING && profile->function_count)
		fprintf(stderr,
			"smiley: stats: the run goes on: %lld calls have not returned yet\n",
			(long long)profile->open_calls);
	if (profile_gap(profile))
		fprintf(stderr, "smiley: stats: %s: there may have been more calls\n",
			profile_gap(profile));
}

static int print(const struct call *call, const struct profile_list *list, struct err *err)
{
	const char *format = settings_text(call->settings, OPTION_STATS_FORMAT);
	struct buf out = {0};
	int rc;

	if (format && strcmp(format, "json") == 0)
		profile_list_json(list, &out);
	else if (list->profile->function_count)
		profile_list_text(list, &out);
	rc = out.failed ? err_set(err, ERR_MEMORY, "out of memory")
			: term_write(buf_slice(&out), err);
	buf_release(&out);
	return rc;
}

/* Which functions: PATTERN's, of these the first. */
static int choose(const struct call *call, struct profile_list *list, struct err *err)
{
	const char *limit = settings_text(call->settings, OPTION_STATS_LIMIT);
	int rc = 0;

	if (call->argc > 2)
		rc = profile_list_match(list, call->argv[2], err);
	if (rc == 0 && call->argc > 2 && !list->count && list->profile->function_count &&
		call->verbosity >= 0)
		fprintf(stderr, "smiley: stats: none of %zu functions matches %s\n",
			list->profile->function_count, call->argv[2]);
	if (rc == 0 && limit)
		rc = profile_list_limit(list, limit, err);
	return rc;
}

static int show_profile(const struct call *call, const struct profile *profile, struct err *err)
{
	const struct profile_sort *sort =
		profile_sort_find(settings_text(call->settings, OPTION_SORT_ORDER));
	struct profile_list list;
	int rc = profile_list_init(&list, profile, sort, err);

	if (rc == 0)
		rc = choose(call, &list, err);
	if (rc == 0) {
		stats_tell_completeness(call, profile);
		rc = print(call, &list, err);
	}
	profile_list_release(&list);
	return rc;
}

int stats_show(const struct call *call, const struct opened *opened, const struct run_id *id,
	struct err *err)
{
	const char *format = settings_text(call->settings, OPTION_STATS_FORMAT);
	struct event_range range = stats_range(call);
	struct profile profile;
	int rc;

	if (format && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		return err_set(err, ERR_USAGE,
			"show: --format %s is written by: smiley stats export --format %s RUN FILE",
			format, format);
	rc = query_profile_range(opened->query, id, &range, &profile, err);
	if (rc == 0)
		rc = show_profile(call, &profile, err);
	else if (rc == ERR_NOT_FOUND)
		rc = err_wrap(err, "run %s", call->argv[1]);
	profile_release(&profile);
	return rc;
}
