/*
 * help_block: writes TraceBlock items for tests, one call an item, and whole blocks of
 * random but valid ones. Out of memory aborts.
 */
#ifndef SMILEY_TESTS_LIB_HELP_BLOCK_H
#define SMILEY_TESTS_LIB_HELP_BLOCK_H

#include "schemas/block.h"
#include "schemas/item.h"

/* Items as they gather. Zeroed memory but for run, first_seq and base_ns is a start. */
struct build {
	struct block_head head; /* items and counts are set by build_head() */
	struct buf items;
	int64_t item_count, event_count;
	int64_t names, codes; /* defined so far */
};

/* Each returns the index it defines. */
int64_t build_name(struct build *build, const char *text);
int64_t build_code(struct build *build, int64_t file, int64_t function, int64_t line);

void build_thread(struct build *build, int64_t number, int64_t ident, int64_t name, int64_t hidden);
void build_switch(struct build *build, int64_t number);
void build_frame(struct build *build, int64_t id, int64_t code, int64_t line, bool suspended);

/* ITEM_CHANGE or ITEM_LOCAL; value is an encoded one. */
void build_local(struct build *build, enum item_kind kind, int64_t name, struct slice value);
void build_long(struct build *build, enum item_kind kind, int64_t name, int64_t value);
void build_unset(struct build *build, enum item_kind kind, int64_t name);
void build_resize(struct build *build, int64_t name, int64_t length);
/* `items` are encoded values, `count` of them. */
void build_splice(struct build *build, int64_t name, int64_t length, int64_t at, int64_t drop,
	int64_t count, struct slice items);

void build_line(struct build *build, int64_t dt, int64_t dline);
void build_call(struct build *build, int64_t dt, int64_t code);
/* ITEM_RETURN, ITEM_YIELD, ITEM_EXCEPTION. */
void build_result(
	struct build *build, enum item_kind kind, int64_t dt, int64_t dline, struct slice value);
void build_none(struct build *build, enum item_kind kind, int64_t dt, int64_t dline);
void build_unwind(struct build *build, int64_t dt, int64_t dline);
void build_resume(struct build *build, int64_t dt, int64_t frame, int64_t code, int64_t line);
void build_thread_start(struct build *build, int64_t dt);
void build_task(struct build *build, int64_t dt, int64_t task, int64_t name);
void build_gap(struct build *build, int64_t dt, int64_t lost, int64_t reason);

/* Directly behind build_code(). */
void build_cost(struct build *build, int64_t before, int64_t line, int64_t enter, int64_t leave);
void build_pace(struct build *build, int64_t line, int64_t enter, int64_t leave);
/* Before an event, which they tell of. */
void build_pause(struct build *build, int64_t ns);
void build_builtin(struct build *build, int64_t name, int64_t calls, int64_t ns);
void build_through(struct build *build, int64_t name);

/* The head with the items so far; borrowed from build until it changes. */
const struct block_head *build_head(struct build *build);

/* Replaces what is in body by that of the block so far. */
void build_body(struct build *build, struct buf *body);

void build_release(struct build *build);

/* A small generator of numbers: the same seed gives the same block on every machine. */
struct random {
	uint64_t state;
};
uint64_t random_next(struct random *random);
/* 0 .. below-1. */
int64_t random_below(struct random *random, int64_t below);

/* Appends a random value of any kind that refers to names 0 .. names-1 (names > 0). */
void build_random_value(struct random *random, int64_t names, int depth, struct buf *out);

/* Appends about `steps` random items to a fresh build: several threads, generators that
 * wander between them, gaps, all kinds of items and values; valid as a block. */
void build_random(struct build *build, uint64_t seed, int steps);

/* The same where head.run, first_seq and base_ns are those that the build has. */
void build_random_at(struct build *build, uint64_t seed, int steps);

/* As build_random_at(), with items only that a version of the schema has, from 1. */
void build_random_old(struct build *build, uint64_t seed, int steps, int version);

#endif
