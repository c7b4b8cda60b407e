#include <stdlib.h>

#include "materializer/gap.h"
#include "materializer/query_internal.h"

/* The time of its first event, else of its end. */
static int start_of(struct query *query, const struct run_id *id, int64_t *time_ns, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	struct run_finished finished;
	struct block_head head;
	int rc;

	*time_ns = 0;
	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = store_iter_first(iter, err);
	if (rc == 1) {
		rc = block_head_parse(store_iter_value(iter), &head, err);
		*time_ns = rc ? 0 : head.base_ns;
	} else if (rc == 0) {
		rc = query_get(query, KEY_RUN_FINISHED, &parts, &query->value, err);
		if (rc == 1)
			rc = run_finished_decode(buf_slice(&query->value), &finished, err);
		if (rc == 0 && query->value.len)
			*time_ns = finished.finished_ns;
	}
	store_iter_free(iter);
	return rc;
}

int query_headless(
	struct query *query, const struct run_id *id, struct run_started *started, struct err *err)
{
	struct key_parts parts = {.run = *id};
	int64_t time_ns;
	int rc = query_get(query, KEY_HEADLESS, &parts, &query->value, err);

	if (rc != 1)
		return rc;
	rc = start_of(query, id, &time_ns, err);
	if (rc < 0)
		return rc;
	run_headless(id, time_ns, started);
	return 1;
}

static int by_time(const void *a, const void *b)
{
	const struct headless *x = a, *y = b;

	return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

/* One that another database knows the start of is none, and one is told once. */
static int is_new(struct query *query, const struct run_id *run, const struct headless *list,
	size_t count, struct err *err)
{
	struct key_parts parts = {.run = *run};
	int rc;

	if (query->other_count == 0)
		return 1;
	for (size_t i = 0; i < count; i++) {
		if (run_id_equal(&list[i].run, run))
			return 0;
	}
	rc = query_get(query, KEY_RUN_STARTED, &parts, &query->value, err);
	return rc < 0 ? rc : !rc;
}

static int list_in(struct query *query, struct query *database, struct headless **list,
	size_t *count, struct err *err)
{
	struct key_parts parts = {0};
	struct store_iter *iter = query_iter_of(database, KEY_HEADLESS, &parts, 0, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		struct headless *grown;

		if (!key_decode(KEY_HEADLESS, store_iter_key(iter), &parts))
			continue;
		rc = is_new(query, &parts.run, *list, *count, err);
		if (rc == 0)
			continue;
		grown = rc < 0 ? NULL : reallocarray(*list, *count + 1, sizeof(*grown));
		if (!grown) {
			rc = rc < 0 ? rc : err_set(err, ERR_MEMORY, "out of memory");
			break;
		}
		*list = grown;
		grown[*count].run = parts.run;
		rc = start_of(query, &parts.run, &grown[*count].time_ns, err);
		if (rc < 0)
			break;
		++*count;
	}
	store_iter_free(iter);
	return rc;
}

int query_headless_list(struct query *query, struct headless **list, size_t *count, struct err *err)
{
	struct query *database;
	int rc = 0;

	*list = NULL;
	*count = 0;
	for (size_t i = 0; rc == 0 && (database = query_database(query, i)); i++)
		rc = list_in(query, database, list, count, err);
	if (*count)
		qsort(*list, *count, sizeof(**list), by_time);
	return rc;
}
