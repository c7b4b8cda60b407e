/*
 * profiler's inside: profiler.c follows the events, profiler_table.c finds functions, tallies,
 * nodes and lines, profiler_store.c keeps it, profile_build.c makes a struct profile of it,
 * profile_level.c sees to it that no time in it is below what is possible.
 *
 * Things refer to each other by their places in arrays, from 0; PROFILE_NONE is nobody.
 */
#ifndef SMILEY_MATERIALIZER_PROFILER_INTERNAL_H
#define SMILEY_MATERIALIZER_PROFILER_INTERNAL_H

#include "materializer/profiler.h"
#include "materializer/program_clock.h"

#define CODE_CACHE 64 /* a power of two */

struct line_sum {
	int64_t hits;
	int64_t self_ns;
};

struct function {
	size_t file_at, name_at; /* in texts */
	uint32_t file_len, name_len;
	int64_t line;
	bool builtin;
	/* Of its lines from first_line on. Owned. */
	int64_t first_line;
	uint32_t line_count;
	struct line_sum *lines;
};

/* Calls of a function by a thread (caller PROFILE_NONE), or of a function by a caller. */
struct tally {
	uint32_t thread, caller, callee;
	uint32_t level; /* how often it is on the stack now */
	int64_t calls, nested_calls;
	int64_t self_ns, cumulative_ns;
};

/* Of calls below a node, or at the bottom of a thread's stack, that have no node. */
struct others {
	int64_t calls, self_ns;
};

struct node {
	uint32_t parent; /* another node, or NODE_BOTTOM and a thread */
	uint32_t function;
	uint32_t total, edge; /* tallies */
	int64_t calls, self_ns;
	struct others others;
};
#define NODE_BOTTOM (UINT32_C(1) << 31)

/* A call that goes on. One of a builtin stands below the calls that came through it, from the
 * first of them until something else happens; of its time only theirs is counted here, in
 * self_ns: its own and its calls are told by Builtin items. */
struct activation {
	int64_t frame;        /* id */
	uint32_t function;    /* PROFILE_NONE: there are too many, it is part of its caller */
	uint32_t node;        /* the deepest that there is, as node.parent has it */
	uint32_t total, edge; /* tallies; PROFILE_NONE: none */
	bool has_node;
	bool counted; /* its call was seen */
	bool builtin;
	int64_t entered_ns, self_ns;
	int64_t line; /* that is executed; LINE_NONE: none yet */
};
#define LINE_NONE INT64_MIN

struct thread_profile {
	int64_t number;
	struct buf name;
	const uint8_t *name_data; /* in this block */
	struct others others;
	struct activation *stack;
	size_t depth, room;
	size_t builtins; /* on the stack */
	int64_t mark_ns; /* up to where its time has been given to somebody */
};

struct places { /* a hash table of places in an array, + 1; 0: free */
	uint32_t *at;
	size_t cap; /* 0 or a power of two */
};

struct profiler {
	struct program_clock clock;
	int64_t next_seq;
	int64_t lost_events; /* -1: recording was off for a time */
	struct buf texts;
	struct function *functions;
	struct tally *tallies;
	struct node *nodes;
	struct thread_profile *threads;
	size_t function_count, function_cap;
	size_t tally_count, tally_cap;
	size_t node_count, node_cap;
	size_t thread_count, thread_cap;
	size_t line_count; /* of all functions */
	struct places function_places, tally_places, node_places, thread_places;
	uint32_t thread;             /* whose event came last */
	struct block_cursor *cursor; /* NULL: not needed yet */
	struct code_hint {
		const uint8_t *name, *file;
		int64_t line;
		uint32_t function;
	} hints[CODE_CACHE]; /* of this block: same slices, same function */
};

/* Each finds or makes; PROFILE_NONE is set when there are too many. 0 or ERR_MEMORY. */
int profiler_function(struct profiler *profiler, const struct code *code, uint32_t *function);
int profiler_tally(struct profiler *profiler, uint32_t thread, uint32_t caller, uint32_t callee,
	uint32_t *tally);
int profiler_child(struct profiler *profiler, uint32_t parent, uint32_t function, uint32_t *node);
int profiler_thread_slow(struct profiler *profiler, int64_t number);

/* Makes profiler->thread the thread of that number. */
static inline int profiler_thread(struct profiler *profiler, int64_t number)
{
	if (__builtin_expect(profiler->thread < profiler->thread_count &&
				     profiler->threads[profiler->thread].number == number,
		    1))
		return 0;
	return profiler_thread_slow(profiler, number);
}

/* Makes the tables of what has been read from the store. 0 or ERR_MEMORY. */
int profiler_index(struct profiler *profiler);

/* The sum of a line; NULL: there are too many, or out of memory (*failed). */
struct line_sum *profiler_line_slow(
	struct profiler *profiler, uint32_t function, int64_t line, bool *failed);
static inline struct line_sum *profiler_line(
	struct profiler *profiler, uint32_t function, int64_t line, bool *failed)
{
	struct function *of = &profiler->functions[function];
	uint64_t at = (uint64_t)line - (uint64_t)of->first_line;

	if (__builtin_expect(at < of->line_count, 1))
		return &of->lines[at];
	return profiler_line_slow(profiler, function, line, failed);
}

/* Where all names are empty there are no texts. */
static inline struct slice profiler_text(const struct profiler *profiler, size_t at, size_t len)
{
	return len ? (struct slice){profiler->texts.data + at, len} : (struct slice){0};
}

static inline struct slice function_file(
	const struct profiler *profiler, const struct function *function)
{
	return profiler_text(profiler, function->file_at, function->file_len);
}

static inline struct slice function_name(
	const struct profiler *profiler, const struct function *function)
{
	return profiler_text(profiler, function->name_at, function->name_len);
}

/* What the tracer takes is known as means: a small function's time can come out as less than
 * nothing. Raises such times to a few nanoseconds a call or line, and takes the sum of that
 * from all of them in proportion. Nodes' cumulative times are made here. */
void profile_level(struct profile *profile);

#endif
