#include "materializer/query.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/query_internal.h"
#include "materializer/timeline.h"

struct choice {
	struct family family;
	struct slice group;
};

static int add_run(void *context, const struct run_info *info, struct err *err)
{
	struct choice *choice = context;

	return family_add(&choice->family, &info->started, choice->group, err);
}

/* A run of the store that is being read. */
struct stored_run {
	struct query *query;
	struct run_info info;
	struct store_iter *iter;
	bool began;
	struct buf text;
};

static void stored_close(void *run)
{
	struct stored_run *stored = run;

	store_iter_free(stored->iter);
	run_info_release(&stored->info);
	buf_release(&stored->text);
	free(stored);
}

static int stored_open(void *context, const struct run_id *id, void **run, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct stored_run *stored = calloc(1, sizeof(*stored));
	int rc;

	if (!stored)
		return err_set(err, ERR_MEMORY, "out of memory");
	stored->query = context;
	rc = query_run(stored->query, id, &stored->info, err);
	if (rc < 0) {
		free(stored);
		return rc == ERR_NOT_FOUND ? 0 : rc;
	}
	stored->iter = query_iter(stored->query, KEY_BLOCK, &parts, 1, err);
	if (!stored->iter) {
		stored_close(stored);
		return err ? err->code : ERR_MEMORY;
	}
	*run = stored;
	return 1;
}

static int stored_started(void *run, struct run_started *started, struct err *err)
{
	struct stored_run *stored = run;

	(void)err;
	*started = stored->info.started;
	return 1;
}

static int stored_finished(void *run, struct run_finished *finished, struct err *err)
{
	struct stored_run *stored = run;

	(void)err;
	*finished = stored->info.finished;
	return stored->info.has_finished;
}

static int stored_block(void *run, struct slice *body, int64_t *from_seq, struct err *err)
{
	struct stored_run *stored = run;
	struct key_parts parts;
	int rc;

	do {
		rc = stored->began ? store_iter_next(stored->iter, err)
				   : store_iter_first(stored->iter, err);
		stored->began = true;
	} while (rc == 1 && !key_decode(KEY_BLOCK, store_iter_key(stored->iter), &parts));
	if (rc == 1) {
		*body = store_iter_value(stored->iter);
		*from_seq = parts.number;
	}
	return rc;
}

static int stored_file(void *run, struct slice path, struct source_file *source, struct err *err)
{
	struct stored_run *stored = run;
	struct key_parts parts;
	int rc = query_load_source(
		stored->query, &stored->info.id, path, &parts, &stored->text, err);

	if (rc != 1)
		return rc;
	*source = (struct source_file){.run = stored->info.id, .path = path};
	source->text = buf_slice(&stored->text);
	memcpy(source->sha256, parts.sha256, sizeof(source->sha256));
	return 1;
}

int query_replay_group(struct query *query, const char *group, const struct event_range *range,
	const struct event_sink *sink, struct err *err)
{
	const struct timeline_source source = {query, stored_open, stored_close, stored_started,
		stored_finished, stored_block, stored_file};
	struct choice choice = {.group = slice_text(group)};
	int rc = query_runs(query, add_run, &choice, err);

	rc = rc ? rc : family_settle(&choice.family, err);
	if (!rc && choice.family.count == 0)
		rc = err_set(err, ERR_NOT_FOUND, "no runs of a group %s", group);
	rc = rc ? rc : timeline_feed(&choice.family, &source, range, sink, err);
	family_release(&choice.family);
	return rc;
}
