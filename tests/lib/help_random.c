#include "tests/lib/help_block.h"

#include "schemas/avro.h"

#include <stdio.h>

#define THREADS 3
#define STACK 12
#define SUSPENDED 8
#define NAMES 24
#define CODES 6
#define NEWEST 4 /* version of TraceBlock */

/* What has to be known to write items that are valid: which frames are where. */
struct play {
	int version; /* only items of this version of the schema */
	struct build *build;
	struct random random;
	int64_t stacks[THREADS][STACK];
	int depth[THREADS];
	bool known[THREADS];
	int thread; /* current; -1: none yet */
	int64_t suspended[SUSPENDED];
	int suspended_count;
	int64_t outside; /* ids of frames that were there before the block: -1, -2 ... */
};

uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int64_t random_below(struct random *random, int64_t below)
{
	return (int64_t)(random_next(random) % (uint64_t)below);
}

/* Small ones mostly, sometimes any 64 bits. */
static int64_t random_long(struct random *random)
{
	uint64_t bits = random_next(random);

	return (int64_t)bits >> (random_next(random) % 8 ? 50 : 0);
}

static void put_bytes(struct random *random, bool text, struct buf *out)
{
	static const char *const characters[] = {"a", "\0", "\n", "'", "\x7f", "\xc3\xa9",
		"\xe2\x82\xac", "\xef\xbf\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
	struct buf bytes = {0};

	for (int64_t left = random_below(random, 12); left > 0; left--) {
		int64_t at = random_below(random, 10);

		if (!text)
			buf_byte(&bytes, (uint8_t)random_next(random));
		else if (at == 1)
			buf_byte(&bytes, 0);
		else
			buf_text(&bytes, characters[at]);
	}
	avro_buf_bytes(out, bytes.data, bytes.len);
	buf_release(&bytes);
}

static double random_double(struct random *random)
{
	uint64_t bits = random_next(random);
	double value;

	/* Without the NaNs, which are not equal to themselves where a test compares. */
	if ((bits >> 52 & 0x7ff) == 0x7ff)
		return bits >> 63 ? -1e308 * 10 : 0.5;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void put_items(struct random *random, int64_t names, int depth, struct buf *out)
{
	int64_t count = depth > 0 ? random_below(random, 5) : 0;

	if (count > 0) {
		avro_buf_long(out, count);
		for (int64_t i = 0; i < count; i++)
			build_random_value(random, names, depth - 1, out);
	}
	avro_buf_long(out, 0);
}

void build_random_value(struct random *random, int64_t names, int depth, struct buf *out)
{
	enum value_kind kind = (enum value_kind)random_below(random, VALUE_UNSET);

	avro_buf_long(out, kind);
	switch (kind) {
	case VALUE_NULL:
	case VALUE_UNSET:
	case VALUE_KINDS:
		break;
	case VALUE_BOOLEAN:
		buf_byte(out, random_next(random) & 1);
		break;
	case VALUE_LONG:
		avro_buf_long(out, random_long(random));
		break;
	case VALUE_DOUBLE:
		avro_buf_double(out, random_double(random));
		break;
	case VALUE_STRING:
	case VALUE_BYTES:
		put_bytes(random, kind == VALUE_STRING, out);
		break;
	case VALUE_BIGINT:
	case VALUE_TEXT:
		avro_buf_long(out, random_long(random));
		put_bytes(random, kind == VALUE_TEXT, out);
		break;
	case VALUE_BLOB:
		avro_buf_long(out, random_below(random, BLOB_KINDS));
		avro_buf_long(out, random_long(random));
		put_bytes(random, false, out);
		break;
	case VALUE_COMPLEX:
		avro_buf_double(out, random_double(random));
		avro_buf_double(out, random_double(random));
		break;
	case VALUE_CONTAINER:
		avro_buf_long(out, random_below(random, CONTAINER_KINDS));
		avro_buf_long(out, random_below(random, 1000) - 1);
		put_items(random, names, depth, out);
		break;
	case VALUE_OBJECT:
		avro_buf_long(out, random_below(random, OBJECT_KINDS));
		avro_buf_long(out, random_below(random, names));
		avro_buf_long(out, random_long(random));
		break;
	case VALUE_ERROR:
		avro_buf_long(out, random_below(random, names));
		avro_buf_long(out, random_long(random));
		avro_buf_long(out, random_below(random, 4));
		put_items(random, names, depth, out);
		break;
	case VALUE_REDACTED:
		avro_buf_long(out, random_below(random, names));
		avro_buf_long(out, random_below(random, 65536));
		break;
	}
}

static int64_t any_name(struct play *play)
{
	return random_below(&play->random, play->build->names);
}

static int64_t any_code(struct play *play)
{
	return random_below(&play->random, play->build->codes);
}

static void any_value(struct play *play, struct buf *value)
{
	buf_clear(value);
	build_random_value(&play->random, play->build->names, 3, value);
}

/* Inside of what is shown, and beyond. */
static void put_splice(struct play *play, int64_t name)
{
	int64_t count = random_below(&play->random, 4);
	struct buf items = {0};

	for (int64_t i = 0; i < count; i++)
		build_random_value(&play->random, play->build->names, 2, &items);
	build_splice(play->build, name, random_below(&play->random, 1000),
		random_below(&play->random, 8), random_below(&play->random, 4), count,
		buf_slice(&items));
	buf_release(&items);
}

static void put_locals(struct play *play, enum item_kind kind, int most)
{
	struct buf value = {0};

	for (int64_t left = random_below(&play->random, most); left > 0; left--) {
		int64_t name = any_name(play);

		any_value(play, &value);
		build_local(play->build, kind, name, buf_slice(&value));
		if (random_below(&play->random, 6) == 0)
			build_unset(play->build, kind, any_name(play));
		if (value.data[0] != VALUE_CONTAINER << 1)
			continue;
		/* Later this name may have been unset: only right behind its value. */
		build_local(play->build, kind, name, buf_slice(&value));
		for (int64_t more = random_below(&play->random, 3); more > 0; more--)
			build_resize(play->build, name, random_below(&play->random, 100000) - 1);
		for (int64_t more = play->version < 4 ? 0 : random_below(&play->random, 4);
			more > 0; more--)
			put_splice(play, name);
	}
	buf_release(&value);
}

static void state_thread_again(struct play *play, int thread)
{
	int64_t *stack = play->stacks[thread];
	int outer = (int)random_below(&play->random, 3);

	build_thread(play->build, thread, 1000 + thread, any_name(play),
		random_below(&play->random, 4) * 7);
	/* What was on the stack comes back, in part; the rest of it stays suspended. */
	play->depth[thread] = (int)random_below(&play->random, play->depth[thread] + 1);
	for (int i = 0; i < play->depth[thread]; i++) {
		build_frame(play->build, stack[i], any_code(play), random_below(&play->random, 500),
			false);
		put_locals(play, ITEM_LOCAL, 3);
	}
	while (outer-- > 0 && play->depth[thread] < STACK) {
		stack[play->depth[thread]++] = --play->outside;
		build_frame(play->build, play->outside, any_code(play),
			random_below(&play->random, 500), false);
		put_locals(play, ITEM_LOCAL, 16);
	}
	play->known[thread] = true;
	play->thread = thread;
}

static void move_thread(struct play *play)
{
	int thread = (int)random_below(&play->random, THREADS);

	if (play->known[thread] && random_below(&play->random, 3)) {
		build_switch(play->build, thread);
		play->thread = thread;
		return;
	}
	state_thread_again(play, thread);
	if (random_below(&play->random, 3) == 0)
		build_thread_start(play->build, random_below(&play->random, 1000));
}

static void put_definition(struct play *play)
{
	char text[32];

	if (play->build->codes < CODES && random_next(&play->random) & 1) {
		build_code(play->build, any_name(play), any_name(play),
			random_below(&play->random, 900));
		if (play->version >= 2 && random_next(&play->random) & 1)
			build_cost(play->build, random_below(&play->random, 300),
				random_below(&play->random, 300), random_below(&play->random, 300),
				random_below(&play->random, 300));
		if (play->version >= 3 && random_next(&play->random) & 1)
			build_pace(play->build, random_below(&play->random, 300),
				random_below(&play->random, 300), random_below(&play->random, 300));
	} else if (play->build->names < NAMES) {
		/* Some texts twice. */
		snprintf(text, sizeof(text), "n\xc3\xa9%d", (int)random_below(&play->random, 20));
		build_name(play->build, text);
	}
}

static void put_suspended(struct play *play)
{
	if (play->suspended_count == SUSPENDED)
		return;
	play->suspended[play->suspended_count++] = --play->outside;
	build_frame(play->build, play->outside, any_code(play), 3, true);
	put_locals(play, ITEM_LOCAL, 6);
}

static void enter(struct play *play, int64_t dt)
{
	int64_t *top = &play->stacks[play->thread][play->depth[play->thread]];

	if (play->depth[play->thread] == STACK)
		return;
	if (play->suspended_count > 0 && random_next(&play->random) & 1) {
		*top = play->suspended[--play->suspended_count];
		build_resume(play->build, dt, *top, any_code(play), 12);
	} else {
		*top = play->build->head.first_seq + play->build->event_count;
		build_call(play->build, dt, any_code(play));
	}
	play->depth[play->thread]++;
	put_locals(play, ITEM_CHANGE, 12);
}

static void leave(struct play *play, int64_t dt)
{
	static const enum item_kind kinds[] = {ITEM_RETURN, ITEM_UNWIND, ITEM_YIELD};
	enum item_kind kind = kinds[random_below(&play->random, 3)];
	int64_t dline = random_below(&play->random, 9) - 4;
	struct buf value = {0};

	if (kind == ITEM_YIELD && play->suspended_count == SUSPENDED)
		kind = ITEM_RETURN;
	play->depth[play->thread]--;
	if (kind == ITEM_YIELD)
		play->suspended[play->suspended_count++] =
			play->stacks[play->thread][play->depth[play->thread]];
	any_value(play, &value);
	if (kind == ITEM_UNWIND)
		build_unwind(play->build, dt, dline);
	else
		build_result(play->build, kind, dt, dline, buf_slice(&value));
	put_locals(play, ITEM_CHANGE, 3);
	buf_release(&value);
}

static void go_on(struct play *play, int64_t dt)
{
	struct buf value = {0};

	any_value(play, &value);
	if (random_below(&play->random, 8) == 0)
		build_result(play->build, ITEM_EXCEPTION, dt, 1, buf_slice(&value));
	else
		build_line(play->build, dt, random_below(&play->random, 9) - 4);
	put_locals(play, ITEM_CHANGE, 4);
	buf_release(&value);
}

/* What tells of the next event. */
static void put_ahead(struct play *play)
{
	int64_t what = play->version == 1 ? 4 : random_below(&play->random, 32);

	if (what == 0)
		build_pause(play->build, random_below(&play->random, 100000));
	else if (what <= 2)
		build_builtin(play->build, any_name(play), random_below(&play->random, 9),
			random_below(&play->random, 9000));
	else if (what == 3)
		build_through(play->build, any_name(play));
}

static void play_step(struct play *play)
{
	int64_t dt = random_below(&play->random, 5000) - 50;
	int64_t what = random_below(&play->random, 32);

	put_ahead(play);
	if (what == 0 || play->thread < 0)
		move_thread(play);
	else if (what == 1)
		build_task(play->build, dt, random_below(&play->random, 5), any_name(play));
	else if (what == 2)
		build_gap(play->build, dt, random_below(&play->random, 50) - 1, any_name(play));
	else if (what == 3)
		put_suspended(play);
	else if (what < 6)
		put_definition(play);
	else if (what < 11 || play->depth[play->thread] == 0)
		enter(play, dt);
	else if (what < 14)
		leave(play, dt);
	else
		go_on(play, dt);
}

static void play_all(struct play *play, int steps)
{
	build_name(play->build, "/src/a.py");
	build_name(play->build, "");
	build_code(play->build, 0, 1, 1);
	while (steps-- > 0)
		play_step(play);
}

void build_random(struct build *build, uint64_t seed, int steps)
{
	struct play play = {.build = build, .random = {seed}, .thread = -1, .version = NEWEST};

	for (size_t i = 0; i < sizeof(build->head.run.bytes); i++)
		build->head.run.bytes[i] = (uint8_t)random_next(&play.random);
	build->head.first_seq = random_below(&play.random, 1 << 20);
	build->head.base_ns = 1700000000000000000 + random_below(&play.random, 1 << 30);
	play_all(&play, steps);
}

void build_random_old(struct build *build, uint64_t seed, int steps, int version)
{
	struct play play = {.build = build, .random = {seed}, .thread = -1, .version = version};

	play_all(&play, steps);
}

void build_random_at(struct build *build, uint64_t seed, int steps)
{
	struct play play = {.build = build, .random = {seed}, .thread = -1, .version = NEWEST};

	play_all(&play, steps);
}
