#include "materializer/query_run_list.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/query_internal.h"
#include "materializer/run_text.h"

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

/* A run that started and is gone again by now is passed over. */
static int take(struct query *query, const struct run_id *id, const struct run_filter *filter,
	int64_t first, size_t count, struct run_list *list, struct err *err)
{
	bool wanted = list->total >= first && list->count < count;
	struct run_info run;
	int rc;

	if (!wanted && is_open(filter)) {
		list->total++;
		return 0;
	}
	rc = query_run(query, id, &run, err);
	if (rc < 0)
		return rc == ERR_NOT_FOUND ? 0 : rc;
	if (!passes(filter, &run)) {
		run_info_release(&run);
		return 0;
	}
	list->total++;
	if (wanted)
		list->runs[list->count++] = run;
	else
		run_info_release(&run);
	return 0;
}

int query_run_list(struct query *query, const struct run_filter *filter, int64_t first,
	size_t count, struct run_list *list, struct err *err)
{
	struct run_walk walk = {0};
	struct run_id run;
	int64_t time_ns;
	int rc = run_walk_open(&walk, query, true, err);

	*list = (struct run_list){.runs = calloc(count ? count : 1, sizeof(*list->runs))};
	if (rc == 0 && !list->runs)
		rc = err_set(err, ERR_MEMORY, "out of memory");
	while (rc == 0 && (rc = run_walk_next(&walk, &run, &time_ns, err)) == 1)
		rc = take(query, &run, filter, first, count, list, err);
	run_walk_close(&walk);
	if (rc < 0)
		run_list_release(list);
	return rc;
}
