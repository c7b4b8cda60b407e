#include "materializer/hit_counter.h"

void hit_counter_begin(struct hit_counter *counter)
{
	memset(counter->kinds, 0, sizeof(counter->kinds));
	memset(counter->cache, 0, sizeof(counter->cache));
	hit_table_clear(&counter->table);
	counter->seen.path = NULL;
}

void hit_counter_release(struct hit_counter *counter)
{
	hit_table_release(&counter->table);
}

static struct hit_place *place_of(struct hit_counter *counter, struct slice path, int64_t line)
{
	if (counter->seen.path != path.data || !path.data)
		counter->seen = (struct hit_file_seen){path.data, hit_file(path)};
	return hit_table_place(&counter->table, counter->seen.file, line);
}

static int no_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "hits: out of memory");
}

static int flush(struct hit_counter *counter, const struct hit_cached *cached, struct err *err)
{
	struct slice path = {cached->path, cached->path_len};
	struct hit_place *place;

	if (!cached->hits)
		return 0;
	place = place_of(counter, path, cached->line);
	if (!place)
		return no_memory(err);
	place->hits += cached->hits;
	return 0;
}

int hit_counter_settle(struct hit_counter *counter, struct err *err)
{
	for (size_t i = 0; i < HIT_CACHE; i++) {
		if (flush(counter, &counter->cache[i], err) < 0)
			return ERR_MEMORY;
		counter->cache[i].hits = 0;
	}
	return 0;
}

int hit_counter_miss(struct hit_counter *counter, struct hit_cached *cached,
	const struct event *event, struct err *err)
{
	struct slice path = event->frame->code.file;
	int rc = flush(counter, cached, err);

	*cached = (struct hit_cached){path.data, path.len, event->line, 1};
	return rc;
}

int hit_counter_call(struct hit_counter *counter, const struct event *event, struct err *err)
{
	struct hit_place *place;

	if (!event->frame)
		return 0;
	place = place_of(counter, event->frame->code.file, event->line);
	if (!place)
		return no_memory(err);
	place->calls++;
	return 0;
}
