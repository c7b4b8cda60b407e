#include "materializer/query.h"

#include <stdlib.h>

#include "materializer/query_internal.h"
#include "materializer/run_prefix.h"

const char *run_state_name(enum run_state state)
{
	static const char *const names[] = {
		[RUN_RUNNING] = "running",
		[RUN_FINISHED] = "finished",
		[RUN_FAILED] = "failed",
		[RUN_KILLED] = "killed",
		[RUN_LOST] = "lost",
	};

	return names[state];
}

const char *run_state_words(const struct run_info *info)
{
	return info->paused ? "running, paused" : run_state_name(info->state);
}

void run_info_release(struct run_info *info)
{
	buf_release(&info->started_bytes);
	buf_release(&info->finished_bytes);
}

enum run_state query_state_of(const struct run_info *info)
{
	if (!info->has_finished)
		return RUN_RUNNING;
	if (info->finished.lost)
		return RUN_LOST;
	if (info->finished.signal)
		return RUN_KILLED;
	/* -1: a descendant that ended as it wished, with a status that nobody was told. */
	if (info->finished.exit_status > 0 || info->finished.error_type.len)
		return RUN_FAILED;
	return RUN_FINISHED;
}

/* 1: *info is filled. 0: no such run. Its buffers are used again. */
static int load_run(
	struct query *query, const struct run_id *id, struct run_info *info, struct err *err)
{
	struct key_parts parts = {.run = *id};
	int rc = query_get(query, KEY_RUN_STARTED, &parts, &info->started_bytes, err);

	info->headless = rc == 0;
	if (rc == 0)
		rc = query_headless(query, id, &info->started, err);
	else if (rc == 1)
		rc = run_started_decode(buf_slice(&info->started_bytes), &info->started, err);
	if (rc < 0 || (rc == 0 && info->headless))
		return rc;
	info->id = *id;
	rc = query_get(query, KEY_RUN_FINISHED, &parts, &info->finished_bytes, err);
	if (rc < 0)
		return rc;
	info->has_finished = rc == 1;
	if (info->has_finished) {
		rc = run_finished_decode(buf_slice(&info->finished_bytes), &info->finished, err);
		info->event_count = info->finished.event_count;
	} else {
		rc = query_next_seq(query, id, &info->event_count, err);
	}
	info->paused = false;
	if (rc == 0 && !info->has_finished)
		rc = query_paused(query, id, info->event_count, &info->paused, err);
	info->state = rc < 0 ? RUN_RUNNING : query_state_of(info);
	return rc < 0 ? rc : 1;
}

int query_run(struct query *query, const struct run_id *id, struct run_info *info, struct err *err)
{
	char text[RUN_ID_TEXT_BYTES];
	int rc;

	*info = (struct run_info){0};
	rc = load_run(query, id, info, err);
	if (rc == 0)
		rc = err_set(err, ERR_NOT_FOUND, "no run %s", run_id_format(id, text));
	if (rc < 0)
		run_info_release(info);
	return rc < 0 ? rc : 0;
}

int query_stored(struct query *query, const struct run_id *id, int64_t *events, struct err *err)
{
	return query_next_seq(query, id, events, err);
}

/* Calls each() for a run; 0 also when it is gone meanwhile. */
static int tell_run(struct query *query, const struct run_id *id, struct run_info *info,
	int (*each)(void *context, const struct run_info *info, struct err *err), void *context,
	struct err *err)
{
	int rc = load_run(query, id, info, err);

	return rc == 1 ? each(context, info, err) : rc;
}

int query_runs(struct query *query,
	int (*each)(void *context, const struct run_info *info, struct err *err), void *context,
	struct err *err)
{
	struct run_info info = {0};
	struct headless *list;
	size_t count, at = 0;
	struct run_walk walk;
	struct run_id run;
	int64_t time_ns;
	int rc = query_headless_list(query, &list, &count, err);

	rc = rc ? rc : run_walk_open(&walk, query, false, err);
	if (rc) {
		free(list);
		return rc;
	}
	while ((rc = run_walk_next(&walk, &run, &time_ns, err)) == 1) {
		for (rc = 0; rc == 0 && at < count && list[at].time_ns <= time_ns; at++)
			rc = tell_run(query, &list[at].run, &info, each, context, err);
		rc = rc ? rc : tell_run(query, &run, &info, each, context, err);
		if (rc != 0)
			break;
	}
	for (; rc == 0 && at < count; at++)
		rc = tell_run(query, &list[at].run, &info, each, context, err);
	run_walk_close(&walk);
	run_info_release(&info);
	free(list);
	return rc;
}

static int find_latest(struct query *query, struct run_id *id, size_t *found, struct err *err)
{
	struct run_walk walk;
	int64_t time_ns;
	int rc = run_walk_open(&walk, query, true, err);

	if (rc)
		return rc;
	rc = run_walk_next(&walk, id, &time_ns, err);
	*found = rc == 1;
	run_walk_close(&walk);
	return rc < 0 ? rc : 0;
}

/* Looks no further than the second match. */
static int find_in(struct query *query, enum key_kind kind, const struct run_prefix *prefix,
	struct run_id *id, size_t *found, struct err *err)
{
	struct key_parts parts = {.run = prefix->first};
	struct store_iter *iter = query_iter_of(query, kind, &parts, 0, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = store_iter_seek(iter, key_prefix(kind, &parts, 1, &query->key), err);
	for (; rc == 1 && *found < 2; rc = store_iter_next(iter, err)) {
		if (!key_decode(kind, store_iter_key(iter), &parts))
			continue;
		if (!run_prefix_matches(prefix, &parts.run))
			break;
		if (*found && run_id_equal(id, &parts.run))
			continue; /* in another database too */
		*id = parts.run;
		++*found;
	}
	store_iter_free(iter);
	return rc < 0 ? rc : 0;
}

static int find_matches(struct query *query, enum key_kind kind, const struct run_prefix *prefix,
	struct run_id *id, size_t *found, struct err *err)
{
	struct query *database;
	int rc = 0;

	for (size_t i = 0; rc == 0 && *found < 2 && (database = query_database(query, i)); i++)
		rc = find_in(database, kind, prefix, id, found, err);
	return rc;
}

int query_resolve(struct query *query, const char *run, struct run_id *id, struct err *err)
{
	struct run_prefix prefix;
	size_t found = 0;
	int rc = run_prefix_init(&prefix, run, err);

	if (rc == 0)
		rc = prefix.latest ? find_latest(query, id, &found, err)
				   : find_matches(query, KEY_RUN_STARTED, &prefix, id, &found, err);
	if (rc == 0 && !prefix.latest && found < 2)
		rc = find_matches(query, KEY_HEADLESS, &prefix, id, &found, err);
	return rc < 0 ? rc : run_prefix_verdict(&prefix, found, err);
}

int query_children_between(struct query *query, const struct run_id *id, int64_t from, int64_t to,
	int (*each)(void *context, const struct child_untraced *child, struct err *err),
	void *context, struct err *err)
{
	struct key_parts parts = {.run = *id, .number = from};
	struct store_iter *iter = query_iter(query, KEY_CHILD, &parts, 1, err);
	struct child_untraced child;
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	/* What else the run has in this family lies before all numbers. */
	rc = store_iter_seek(iter, key_prefix(KEY_CHILD, &parts, 2, &query->key), err);
	for (; rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_CHILD, store_iter_key(iter), &parts))
			continue;
		if (parts.number > to) {
			rc = 0;
			break;
		}
		rc = child_untraced_decode(store_iter_value(iter), &child, err);
		rc = rc ? rc : each(context, &child, err);
		if (rc != 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

int query_children_untraced(struct query *query, const struct run_id *id,
	int (*each)(void *context, const struct child_untraced *child, struct err *err),
	void *context, struct err *err)
{
	return query_children_between(query, id, 0, INT64_MAX, each, context, err);
}
