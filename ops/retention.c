#include "ops/retention.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ops/pins.h"

#define SECOND_NS 1000000000ll

struct loading {
	struct retention_list *list;
	struct pins pins;
};

/* How many of the unit a suffix stands for; 0: it is none. */
static int64_t age_unit_ns(char suffix)
{
	switch (suffix) {
	case 's':
		return SECOND_NS;
	case 'm':
		return 60 * SECOND_NS;
	case 'h':
		return 3600 * SECOND_NS;
	case 'd':
		return 86400 * SECOND_NS;
	case 'w':
		return 7 * 86400 * SECOND_NS;
	default:
		return 0;
	}
}

static int64_t size_unit(char suffix)
{
	const char *units = "KMGT";
	const char *at = suffix ? strchr(units, suffix) : NULL;

	return at ? 1ll << (10 * (at - units + 1)) : 0;
}

static int refuse(const char *word, struct err *err)
{
	return err_set(err, ERR_USAGE,
		"%s: neither an age (12h, 7d, 4w), nor a number of runs (100), nor a size "
		"(500M, 20G)",
		word);
}

int retention_parse(const char *word, struct retention_policy *policy, struct err *err)
{
	int64_t number, age, size;
	char *end;

	errno = 0;
	number = strtoll(word, &end, 10);
	if (*word < '0' || *word > '9' || errno || (*end && end[1]))
		return refuse(word, err);
	age = age_unit_ns(*end);
	size = size_unit(*end);
	if ((*end && !age && !size) || (age && number > INT64_MAX / age) ||
		(size && number > INT64_MAX / size))
		return refuse(word, err);
	policy->by_age |= age > 0;
	policy->by_bytes |= size > 0;
	policy->by_runs |= *end == '\0';
	if (age)
		policy->age_ns = number * age;
	else if (size)
		policy->max_bytes = number * size;
	else
		policy->max_runs = number;
	return 0;
}

static int add_run(void *context, const struct run_info *info, struct err *err)
{
	struct loading *loading = context;
	struct retention_list *list = loading->list;
	struct retention_run *runs;

	if ((list->count & (list->count + 1)) == 0) {
		runs = reallocarray(list->runs, list->count * 2 + 2, sizeof(*runs));
		if (!runs)
			return err_set(err, ERR_MEMORY, "out of memory");
		list->runs = runs;
	}
	list->runs[list->count++] = (struct retention_run){
		.id = info->id,
		.ended_ns =
			info->has_finished ? info->finished.finished_ns : info->started.started_ns,
		.events = info->event_count,
		.running = info->state == RUN_RUNNING,
		.failed = info->state == RUN_FAILED || info->state == RUN_KILLED ||
			  info->state == RUN_LOST,
		.pinned = pins_have(&loading->pins, &info->id),
	};
	return 0;
}

int retention_list_load(struct query *query, const struct database_paths *paths,
	struct retention_list *list, struct err *err)
{
	struct loading loading = {.list = list};
	int rc;

	*list = (struct retention_list){0};
	rc = pins_load(paths, &loading.pins, err);
	rc = rc ? rc : query_runs(query, add_run, &loading, err);
	pins_release(&loading.pins);
	return rc;
}

void retention_list_release(struct retention_list *list)
{
	free(list->runs);
	*list = (struct retention_list){0};
}

static bool may_go(const struct retention_run *run, enum retention_errors errors)
{
	if (run->running || run->pinned)
		return false;
	return errors == RETENTION_ERRORS_TOO || run->failed == (errors == RETENTION_ERRORS_ONLY);
}

/* The oldest first, until the others fit. */
static void doom_by_bytes(
	struct retention_list *list, const struct retention_policy *policy, uint64_t used_bytes)
{
	double left = (double)used_bytes, events = 0;

	for (size_t i = 0; i < list->count; i++)
		events += (double)list->runs[i].events + 1;
	for (size_t i = 0; i < list->count; i++) {
		struct retention_run *run = &list->runs[i];

		if (left <= (double)policy->max_bytes)
			return;
		if (!may_go(run, policy->errors))
			continue;
		run->doomed = true;
		left -= (double)used_bytes * ((double)run->events + 1) / events;
	}
}

size_t retention_doom(struct retention_list *list, const struct retention_policy *policy,
	int64_t now_ns, uint64_t used_bytes)
{
	size_t doomed = 0;
	int64_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		list->runs[i].doomed = false;
	if (policy->by_bytes)
		doom_by_bytes(list, policy, used_bytes);
	for (size_t i = list->count; i-- > 0;) {
		struct retention_run *run = &list->runs[i];

		if (!may_go(run, policy->errors))
			continue;
		if (policy->by_runs && ++kept > policy->max_runs)
			run->doomed = true;
		if (policy->by_age && run->ended_ns < now_ns - policy->age_ns)
			run->doomed = true;
		doomed += run->doomed;
	}
	return doomed;
}
