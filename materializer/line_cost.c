#include "materializer/line_cost.h"

#include <stdlib.h>
#include <string.h>

/* What a line is found by; callee -1: the line itself. */
struct place {
	int64_t code, line, callee;
	size_t entry; /* in lines or calls */
	bool used;
};

struct line_cost {
	struct place *places; /* open addressing, at most half full */
	size_t cap, used;
	struct line_entry *lines;
	size_t line_count, line_cap;
	struct line_call *calls;
	size_t call_count, call_cap;
	size_t last; /* the line last found: most time passes where the line before ran */
};

struct line_cost *line_cost_new(void)
{
	return calloc(1, sizeof(struct line_cost));
}

void line_cost_free(struct line_cost *cost)
{
	if (!cost)
		return;
	free(cost->places);
	free(cost->lines);
	free(cost->calls);
	free(cost);
}

static uint64_t mix(int64_t code, int64_t line, int64_t callee)
{
	uint64_t hash = (uint64_t)code * 0x9e3779b97f4a7c15u;

	hash = (hash ^ (uint64_t)line) * 0xc2b2ae3d27d4eb4fu;
	hash = (hash ^ (uint64_t)callee ^ hash >> 29) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

static struct place *place_of(
	struct place *places, size_t cap, int64_t code, int64_t line, int64_t callee)
{
	size_t at = (size_t)mix(code, line, callee) & (cap - 1);

	while (places[at].used &&
		(places[at].code != code || places[at].line != line || places[at].callee != callee))
		at = (at + 1) & (cap - 1);
	return &places[at];
}

static int grow_places(struct line_cost *cost)
{
	size_t cap = cost->cap ? cost->cap * 2 : 256;
	struct place *places = calloc(cap, sizeof(*places));

	if (!places)
		return ERR_MEMORY;
	for (size_t i = 0; i < cost->cap; i++) {
		const struct place *old = &cost->places[i];

		if (old->used)
			*place_of(places, cap, old->code, old->line, old->callee) = *old;
	}
	free(cost->places);
	cost->places = places;
	cost->cap = cap;
	return 0;
}

/* Makes room for one more of a list. */
static int grow_list(void **list, size_t *cap, size_t count, size_t bytes)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *grown;

	if (count < *cap)
		return 0;
	grown = realloc(*list, more * bytes);
	if (!grown)
		return ERR_MEMORY;
	*list = grown;
	*cap = more;
	return 0;
}

static int no_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "out of memory");
}

/* 1: *place is new, its entry is the caller's to make. 0: it was there. */
static int find(
	struct line_cost *cost, int64_t code, int64_t line, int64_t callee, struct place **place)
{
	if ((cost->used + 1) * 2 > cost->cap && grow_places(cost) < 0)
		return ERR_MEMORY;
	*place = place_of(cost->places, cost->cap, code, line, callee);
	if ((*place)->used)
		return 0;
	**place = (struct place){.code = code, .line = line, .callee = callee};
	return 1;
}

static int line_of(struct line_cost *cost, const struct walk_call *call, struct line_entry **line,
	struct err *err)
{
	struct place *place;
	int rc;

	if (cost->line_count) {
		*line = &cost->lines[cost->last];
		if ((*line)->code == call->code && (*line)->line == call->line)
			return 0;
	}
	rc = find(cost, call->code, call->line, -1, &place);
	if (rc < 0 || (rc == 1 && grow_list((void **)&cost->lines, &cost->line_cap,
					  cost->line_count, sizeof(*cost->lines)) < 0))
		return no_memory(err);
	if (rc == 1) {
		place->used = true;
		cost->used++;
		place->entry = cost->line_count++;
		cost->lines[place->entry] =
			(struct line_entry){.code = call->code, .line = call->line};
	}
	cost->last = place->entry;
	*line = &cost->lines[place->entry];
	return 0;
}

int line_cost_line(
	struct line_cost *cost, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	struct line_entry *line;
	int rc = line_of(cost, call, &line, err);

	if (rc == 0) {
		line->hits++;
		thread->mark++;
	}
	return rc;
}

int line_cost_spend(struct line_cost *cost, struct walk_call *call, int64_t ns, struct err *err)
{
	struct line_entry *line;
	int rc = line_of(cost, call, &line, err);

	if (rc == 0)
		line->ns += ns;
	return rc;
}

void line_cost_enter(struct walk_thread *thread, struct walk_call *call)
{
	call->mark = thread->mark;
}

int line_cost_leave(
	struct line_cost *cost, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	const struct walk_call *caller = call - 1;
	struct line_call *calls;
	struct place *place;
	int rc;

	if (thread->count < 2)
		return 0;
	rc = find(cost, caller->code, caller->line, call->code, &place);
	if (rc < 0 || (rc == 1 && grow_list((void **)&cost->calls, &cost->call_cap,
					  cost->call_count, sizeof(*cost->calls)) < 0))
		return no_memory(err);
	if (rc == 1) {
		place->used = true;
		cost->used++;
		place->entry = cost->call_count++;
		cost->calls[place->entry] = (struct line_call){
			.code = caller->code, .line = caller->line, .callee = call->code};
	}
	calls = &cost->calls[place->entry];
	calls->calls++;
	calls->hits += thread->mark - call->mark;
	calls->ns += thread->now_ns - call->entered_ns;
	return 0;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_line(const void *left, const void *right)
{
	const struct line_entry *a = left, *b = right;

	return a->code != b->code ? compare(a->code, b->code) : compare(a->line, b->line);
}

static int by_caller(const void *left, const void *right)
{
	const struct line_call *a = left, *b = right;

	if (a->code != b->code)
		return compare(a->code, b->code);
	return a->line != b->line ? compare(a->line, b->line) : compare(a->callee, b->callee);
}

/* Entries move: where they are is found out anew. */
static void sort(struct line_cost *cost)
{
	if (cost->line_count)
		qsort(cost->lines, cost->line_count, sizeof(*cost->lines), by_line);
	if (cost->call_count)
		qsort(cost->calls, cost->call_count, sizeof(*cost->calls), by_caller);
	for (size_t i = 0; i < cost->line_count; i++)
		place_of(cost->places, cost->cap, cost->lines[i].code, cost->lines[i].line, -1)
			->entry = i;
	for (size_t i = 0; i < cost->call_count; i++)
		place_of(cost->places, cost->cap, cost->calls[i].code, cost->calls[i].line,
			cost->calls[i].callee)
			->entry = i;
}

const struct line_entry *line_cost_lines(struct line_cost *cost, size_t *count)
{
	sort(cost);
	*count = cost->line_count;
	return cost->lines;
}

const struct line_call *line_cost_calls(struct line_cost *cost, size_t *count)
{
	sort(cost);
	*count = cost->call_count;
	return cost->calls;
}
