/*
 * profiler: sums up the events of a run, one after the other, to its profile (query_profile.h).
 *
 * It follows the stack of each thread: a call, or a resume, enters a function; a return, a
 * yield or an unwind leaves it. What a function took is added up when it is left, as cProfile
 * does. The sums depend on the events and their order alone, not on how blocks cut them.
 * After a gap the stack is taken from what the next event shows: frames that are gone are left
 * then, frames that nobody saw being called are entered without counting a call.
 *
 * Memory is bounded: see the limits. What is beyond is counted, but not told apart.
 */
#ifndef SMILEY_MATERIALIZER_PROFILER_H
#define SMILEY_MATERIALIZER_PROFILER_H

#include "materializer/block_facts.h"
#include "materializer/query_profile.h"
#include "schemas/event.h"

#define PROFILER_FUNCTIONS_MAX (64u * 1024)
#define PROFILER_TALLIES_MAX (512u * 1024) /* functions and edges, a thread */
#define PROFILER_NODES_MAX (32u * 1024)
#define PROFILER_LINES_MAX (1024u * 1024)

struct profiler;

struct profiler *profiler_new(void); /* NULL: out of memory */
void profiler_free(struct profiler *profiler);

/* To be called before the events of another block: their names lie elsewhere. */
void profiler_next_block(struct profiler *profiler);

/* Adds an event. 0 or ERR_MEMORY. */
int profiler_add(struct profiler *profiler, const struct event *event, struct err *err);

/* Adds a block's events that count, of which body is the whole. The same as to walk it and to add
 * each. */
int profiler_add_block(struct profiler *profiler, const struct block_facts *facts,
	struct slice body, struct err *err);

/* Memory in use; 0 for NULL. */
size_t profiler_bytes(const struct profiler *profiler);

/* The event that is to come next; it is 0 for a new one. */
int64_t profiler_next_seq(const struct profiler *profiler);

/* The profile so far, calls that go on being left now; the profiler stays as it is. `thread` as
 * query_profile() has it. ERR_NOT_FOUND, ERR_MEMORY. */
int profiler_build(const struct profiler *profiler, const char *thread, struct profile *profile,
	struct err *err);

/* What the store keeps of it: appended; whoever decodes it goes on just as this one would have
 * gone on. ERR_FORMAT, ERR_MEMORY. */
void profiler_encode(const struct profiler *profiler, struct buf *out);
int profiler_decode(struct slice bytes, struct profiler **profiler, struct err *err);

/* profiler_next_seq() of what has been encoded. */
bool profiler_peek(struct slice bytes, int64_t *next_seq);

#endif
