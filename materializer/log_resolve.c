#include "materializer/log_replay.h"

#include <stdlib.h>

#include "materializer/record.h"
#include "materializer/run_prefix.h"

/* What the log says about runs that match, in the order they are first told of. */
struct candidate {
	struct run_id run;
	int64_t started_ns;
	bool started, deleted;
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

static int note(struct candidates *all, const struct run_prefix *prefix,
	const struct log_record *log_record, struct err *err)
{
	struct candidate *candidate;
	struct run_started started;
	struct record record;

	if (record_parse(log_record, &record, NULL) < 0 ||
		(record.schema != SCHEMA_RUN_STARTED && record.schema != SCHEMA_RUN_DELETED) ||
		!run_prefix_matches(prefix, &record.run))
		return 0;
	candidate = candidate_get(all, &record.run);
	if (!candidate)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (record.schema == SCHEMA_RUN_DELETED) {
		candidate->deleted = true;
	} else if (!candidate->started && run_started_decode(record.body, &started, NULL) == 0) {
		candidate->started = true;
		candidate->started_ns = started.started_ns;
	}
	return 0;
}

static int note_all(
	struct log *log, struct candidates *all, const struct run_prefix *prefix, struct err *err)
{
	struct log_reader *reader;
	struct log_record record;
	int rc = log_reader_open(log, LOG_FROM_START, &reader, err);

	if (rc < 0)
		return rc;
	while ((rc = log_reader_next(reader, 0, &record, err)) == 1) {
		if (record.topic == LOG_RUNS && note(all, prefix, &record, err) < 0) {
			rc = ERR_MEMORY;
			break;
		}
	}
	log_reader_close(reader);
	return rc;
}

int log_resolve(struct log *log, const char *run, struct run_id *id, struct err *err)
{
	struct candidates all = {0};
	struct run_prefix prefix;
	const struct candidate *best = NULL;
	size_t found = 0;
	int rc = run_prefix_init(&prefix, run, err);

	if (rc == 0)
		rc = note_all(log, &all, &prefix, err);
	for (size_t i = 0; i < all.count; i++) {
		const struct candidate *candidate = &all.list[i];

		if (!candidate->started || candidate->deleted)
			continue;
		found++;
		if (!best || candidate->started_ns >= best->started_ns)
			best = candidate;
	}
	if (best)
		*id = best->run;
	free(all.list);
	return rc < 0 ? rc : run_prefix_verdict(&prefix, found, err);
}
