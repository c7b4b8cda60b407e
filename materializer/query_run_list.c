#include "materializer/query_run_list.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/query_internal.h"
#include "materializer/run_text.h"

#define SORT_TEXT_BYTES 38

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool holds(struct slice text, struct slice part)
{
	for (size_t at = 0; at + part.len <= text.len; at++) {
		size_t i = 0;

		while (i < part.len && lower(text.data[at + i]) == lower(part.data[i]))
			i++;
		if (i == part.len)
			return true;
	}
	return false;
}

static bool text_matches(const struct run_info *run, struct slice text)
{
	char id[RUN_ID_TEXT_BYTES];
	struct buf words = {0};
	bool found;

	run_id_format(&run->id, id);
	argv_text(run->started.argv, &words);
	buf_byte(&words, '\n');
	run_error_text(run, &words);
	found = holds(slice_text(id), text) || holds(run->started.cwd, text) ||
		holds(buf_slice(&words), text);
	buf_release(&words);
	return found;
}

static bool passes(const struct run_filter *filter, const struct run_info *run)
{
	if (filter->by_state && run->state != filter->state)
		return false;
	if (filter->by_parent &&
		!(run->started.has_parent && run_id_equal(&run->started.parent, &filter->parent)))
		return false;
	if (filter->host.len && !slice_equal(filter->host, run->started.host))
		return false;
	if (filter->group.len && !slice_equal(filter->group, run->started.group))
		return false;
	return !filter->text.len || text_matches(run, filter->text);
}

static bool is_open(const struct run_filter *filter)
{
	return !filter->text.len && !filter->host.len && !filter->group.len && !filter->by_state &&
	       !filter->by_parent;
}

void run_list_release(struct run_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		run_info_release(&list->runs[i]);
	free(list->runs);
	*list = (struct run_list){0};
}

/* All runs, by start: only those of the page are read. A run that started and is gone again by
 * now is passed over. */
static int list_by_start(struct query *query, bool oldest_first, int64_t first, size_t count,
	struct run_list *list, struct err *err)
{
	struct run_walk walk = {0};
	struct run_id run;
	int64_t time_ns;
	int rc = run_walk_open(&walk, query, !oldest_first, err);

	while (rc == 0 && (rc = run_walk_next(&walk, &run, &time_ns, err)) == 1) {
		rc = 0;
		if (list->total >= first && list->count < count)
			rc = query_run(query, &run, &list->runs[list->count], err);
		list->total += rc == 0;
		list->count += rc == 0 && list->total > first && list->count < count;
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	run_walk_close(&walk);
	return rc;
}

/* What is kept of a run while runs are sorted. */
struct sorted {
	struct run_id run;
	int64_t started_ns;
	bool has_value;   /* it comes last without */
	uint8_t text_len; /* 0: the number counts */
	union {
		int64_t number;
		uint8_t text[SORT_TEXT_BYTES];
	} by;
};

static void set_text(struct sorted *sorted, struct slice text)
{
	if (text.len > SORT_TEXT_BYTES)
		text.len = SORT_TEXT_BYTES;
	sorted->has_value = text.len > 0;
	sorted->text_len = (uint8_t)text.len;
	for (size_t i = 0; i < text.len; i++)
		sorted->by.text[i] = lower(text.data[i]);
}

static void set_value(struct sorted *sorted, enum run_sort sort, const struct run_info *run)
{
	struct buf words = {0};

	sorted->has_value = run->has_finished;
	switch (sort) {
	case RUN_SORT_DESCRIPTION:
		argv_text(run->started.argv, &words);
		set_text(sorted, buf_slice(&words));
		break;
	case RUN_SORT_ERROR:
		run_error_text(run, &words);
		set_text(sorted, buf_slice(&words));
		break;
	case RUN_SORT_HOST:
		set_text(sorted, run->started.host);
		break;
	case RUN_SORT_STATE:
		set_text(sorted, slice_text(run_state_name(run->state)));
		break;
	case RUN_SORT_END:
		sorted->by.number = run->finished.finished_ns;
		break;
	case RUN_SORT_DURATION:
		sorted->by.number = run->finished.finished_ns - run->started.started_ns;
		break;
	case RUN_SORT_EVENTS:
		sorted->has_value = true;
		sorted->by.number = run->event_count;
		break;
	case RUN_SORT_START:
		sorted->has_value = true;
		sorted->by.number = -run->started.started_ns;
		break;
	case RUN_SORT_ID:
	default:
		set_text(sorted, (struct slice){run->id.bytes, sizeof(run->id.bytes)});
		memcpy(sorted->by.text, run->id.bytes, sizeof(run->id.bytes));
	}
	buf_release(&words);
}

/* With `reversed`: -1 or 1. */
static int compare(const struct sorted *a, const struct sorted *b, int direction)
{
	int order;

	if (a->has_value != b->has_value)
		return a->has_value ? -1 : 1;
	if (a->text_len || b->text_len)
		order = slice_compare((struct slice){a->by.text, a->text_len},
			(struct slice){b->by.text, b->text_len});
	else
		order = (a->by.number > b->by.number) - (a->by.number < b->by.number);
	if (order && a->has_value)
		return order * direction;
	if (a->started_ns != b->started_ns)
		return a->started_ns > b->started_ns ? -1 : 1;
	return -memcmp(a->run.bytes, b->run.bytes, sizeof(a->run.bytes));
}

static int upwards(const void *a, const void *b)
{
	return compare(a, b, 1);
}

static int downwards(const void *a, const void *b)
{
	return compare(a, b, -1);
}

struct sorting {
	const struct run_filter *filter;
	struct sorted *list;
	size_t count, room;
};

static int add(void *context, const struct run_info *run, struct err *err)
{
	struct sorting *sorting = context;
	struct sorted *sorted;

	if (!passes(sorting->filter, run))
		return 0;
	if (sorting->count == sorting->room) {
		size_t room = sorting->room ? sorting->room * 2 : 64;
		struct sorted *list = realloc(sorting->list, room * sizeof(*list));

		if (!list)
			return err_set(err, ERR_MEMORY, "out of memory");
		sorting->list = list;
		sorting->room = room;
	}
	sorted = &sorting->list[sorting->count++];
	*sorted = (struct sorted){.run = run->id, .started_ns = run->started.started_ns};
	set_value(sorted, sorting->filter->sort, run);
	return 0;
}

static int list_sorted(struct query *query, const struct run_filter *filter, int64_t first,
	size_t count, struct run_list *list, struct err *err)
{
	struct sorting sorting = {.filter = filter};
	int rc = query_run_scan(query, add, &sorting, err);

	if (rc == 0 && sorting.count)
		qsort(sorting.list, sorting.count, sizeof(*sorting.list),
			filter->reversed ? downwards : upwards);
	list->total = (int64_t)sorting.count;
	for (size_t i = (size_t)first; rc == 0 && i < sorting.count && list->count < count; i++) {
		rc = query_run(query, &sorting.list[i].run, &list->runs[list->count], err);
		list->count += rc == 0;
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	free(sorting.list);
	return rc;
}

int query_run_list(struct query *query, const struct run_filter *filter, int64_t first,
	size_t count, struct run_list *list, struct err *err)
{
	int rc;

	*list = (struct run_list){.runs = calloc(count ? count : 1, sizeof(*list->runs))};
	if (!list->runs)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = filter->sort == RUN_SORT_START && is_open(filter)
		     ? list_by_start(query, filter->reversed, first, count, list, err)
		     : list_sorted(query, filter, first, count, list, err);
	if (rc < 0)
		run_list_release(list);
	return rc;
}
