#include "materializer/log_replay.h"

#include <stdlib.h>

#include "materializer/log_walk.h"
#include "materializer/record.h"
#include "materializer/run_prefix.h"

/* What the log says about runs that match, in the order they are first told of. */
struct candidate {
	struct run_id run;
	int64_t started_ns;
	bool seen, deleted;
};

struct candidates {
	struct candidate *list;
	size_t count, cap;
};

static struct candidate *candidate_get(struct candidates *all, const struct run_id *run)
{
	for (size_t i = all->count; i > 0; i--) {
		if (run_id_equal(&all->list[i - 1].run, run))
			return &all->list[i - 1];
	}
	if (all->count == all->cap) {
		size_t cap = all->cap ? all->cap * 2 : 16;
		struct candidate *list = reallocarray(all->list, cap, sizeof(*list));

		if (!list)
			return NULL;
		all->list = list;
		all->cap = cap;
	}
	all->list[all->count] = (struct candidate){.run = *run};
	return &all->list[all->count++];
}

struct search {
	struct candidates all;
	struct run_prefix prefix;
};

/* Of a run whose RunStarted the log has no longer, what it still has must do; not for @latest,
 * of which each block would have to be looked at. */
static bool is_telling(const struct search *search, const struct record *record)
{
	return record->schema == SCHEMA_RUN_STARTED || record->schema == SCHEMA_RUN_DELETED ||
	       (!search->prefix.latest && (record->schema == SCHEMA_TRACE_BLOCK ||
						  record->schema == SCHEMA_RUN_FINISHED));
}

static int note(void *context, const struct log_record *log_record, struct err *err)
{
	struct search *search = context;
	struct candidate *candidate;
	struct run_started started;
	struct record record;

	if ((search->prefix.latest && log_record->topic != LOG_RUNS) ||
		record_parse(log_record, &record, NULL) < 0 || !is_telling(search, &record) ||
		!run_prefix_matches(&search->prefix, &record.run))
		return 0;
	candidate = candidate_get(&search->all, &record.run);
	if (!candidate)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (record.schema == SCHEMA_RUN_DELETED) {
		candidate->deleted = true;
	} else if (record.schema != SCHEMA_RUN_STARTED) {
		candidate->seen = true;
	} else if (!candidate->seen || !candidate->started_ns) {
		if (run_started_decode(record.body, &started, NULL) == 0) {
			candidate->seen = true;
			candidate->started_ns = started.started_ns;
		}
	}
	return 0;
}

int log_resolve(
	struct log *log, int patience_ms, const char *run, struct run_id *id, struct err *err)
{
	struct log_walk walk = {.patience_ms = patience_ms};
	struct search search = {0};
	const struct candidate *best = NULL;
	size_t found = 0;
	int rc = run_prefix_init(&search.prefix, run, err);

	if (rc == 0)
		rc = log_walk(log, &walk, note, &search, err);
	for (size_t i = 0; i < search.all.count; i++) {
		const struct candidate *candidate = &search.all.list[i];

		if (!candidate->seen || candidate->deleted)
			continue;
		found++;
		if (!best || candidate->started_ns >= best->started_ns)
			best = candidate;
	}
	if (best)
		*id = best->run;
	free(search.all.list);
	return rc < 0 ? rc : run_prefix_verdict(&search.prefix, found, err);
}
