/*
 * stream: the events of this process as blocks of Avro items in the spool.
 *
 * One event is written so:
 *
 *     do {
 *             stream_begin(stream);
 *             ... stream_put_*() ...
 *     } while (stream_end(stream) == STREAM_AGAIN);
 *
 * Items go straight into the mapped chunk. An event that does not fit there is written on
 * to heap memory to learn its size, and stream_end() asks for it AGAIN in a new block with
 * room; everything an item refers to is stamped with the block's number, so the second
 * writing states anew what the new block lacks. What an event changes outside the stream
 * must therefore be the same when written twice.
 */
#ifndef SMILEY_TRACER_STREAM_H
#define SMILEY_TRACER_STREAM_H

#include "tracer/clock.h"
#include "tracer/cost.h"
#include "tracer/names.h"
#include "tracer/options.h"
#include "tracer/preempt.h"
#include "tracer/spool_writer.h"

#include "schemas/avro.h"
#include "schemas/item.h"

#include <stdbool.h>
#include <stdint.h>

/* No event is larger (capture keeps it well below); a larger one would be lost. */
#define STREAM_SPILL_BYTES (2 * 1024 * 1024)

enum stream_result {
	STREAM_DONE,
	STREAM_AGAIN,
	STREAM_LOST,
	STREAM_LIMIT /* done, and by a limit of the run's, or a pause, it is the last */
};

/* Where the run is to end. INT64_MAX: nowhere. */
struct stream_limits {
	int64_t seq;   /* no event from this on */
	int64_t bytes; /* of blocks, to the end of a block */
	int64_t ns;    /* no event after this time: looked at as a pause is */
};

struct plan;
struct frame_state;

struct stream {
	struct spool_writer spool;
	struct clock clock;
	uint32_t block; /* number of the open block, from 1: what stamps compare with */
	bool open;
	bool lost;               /* no block could be opened: what is written goes nowhere */
	bool spilled;            /* the event being written goes to spill memory */
	bool undefined;          /* an item names what the block does not have: see stream_mark() */
	int64_t seq;             /* of the event being written, or the next */
	int64_t now_ns, last_ns; /* of this event, of the one before */
	uint32_t retry;          /* events until a lost stream tries the spool again */
	uint8_t *at, *end;       /* where the next item goes; behind the room there is */
	uint8_t *event;          /* where this event began */
	uint8_t *payload;        /* where the block began */
	uint8_t *spill;          /* STREAM_SPILL_BYTES, mapped at open, touched when used */
	size_t room;             /* that the next block must have */
	uint32_t bytes;          /* of the block, committed */
	uint64_t counts;         /* the same: events and items, as in record_header.filled */
	uint64_t event_counts;   /* of the event being written */
	uint32_t names, codes;   /* defined in the block */
	uint32_t close_at_bytes; /* close the block when it has so many, or so many events */
	uint32_t close_at_events;
	struct stream_limits limits;
	struct cost_sampler cost;
	struct preempt preempt;
	int64_t pause_ns;          /* that the program was stopped, and no event tells of yet */
	int64_t told_seq, told_ns; /* of it, what the event of this number tells */
	int64_t closed_bytes;      /* of all blocks before */
	/* The frame whose next line nothing stands in the way of (record_internal.h), of the thread
	 * of the last event; NULL: it is not known. */
	struct frame_state *ready;
};

static inline uint32_t stream_events(const struct stream *stream)
{
	return filled_events(stream->counts);
}

int stream_open(struct stream *stream, const char *spool_path, struct err *err);

/* Limits from now on, 0 in each for none; NULL: none any more. Then what ended the run, as words
 * for its gap; NULL: nothing has. */
void stream_limit(struct stream *stream, const struct run_limits *limits);
const char *stream_limit_reached(const struct stream *stream);

/* Does somebody want a pause (spool_header.paused)? Looked at where a block begins, and where an
 * event comes late: the others come so fast that the block is soon full. */
static inline bool stream_is_paused(const struct stream *stream)
{
	const struct spool_header *header = stream->spool.header;

	return header && atomic_load_explicit(&header->paused, memory_order_relaxed);
}

/* Closes the block and says the tracer's last word. */
void stream_finish(struct stream *stream);

/* In a forked child: lets go of everything without a trace. */
void stream_abandon(struct stream *stream);

/* After that: goes on in another spool, with event 0. What was stated is to be stated anew:
 * the number of the block goes on. */
int stream_reopen(struct stream *stream, const char *spool_path, struct err *err);

/* The process is about to become another program; or (false) that has failed. */
void stream_replace(struct stream *stream, bool begins);

/* Begins an event, at stream->now_ns. Late: long after the one before, or by the clock
 * before it. */
void stream_begin_slow(struct stream *stream);
void stream_begin_late(struct stream *stream);
static inline void stream_begin(struct stream *stream)
{
	if (__builtin_expect(!stream->open, 0)) {
		stream_begin_slow(stream);
		return;
	}
	stream->now_ns = clock_now(&stream->clock);
	if (__builtin_expect((uint64_t)(stream->now_ns - stream->last_ns) > PREEMPT_LONG_NS, 0))
		stream_begin_late(stream);
	stream->event = stream->at;
	stream->event_counts = 0;
}

enum stream_result stream_end_slow(struct stream *stream);
static inline enum stream_result stream_end(struct stream *stream)
{
	uint32_t bytes;

	if (__builtin_expect(stream->spilled || stream->lost, 0))
		return stream_end_slow(stream);
	bytes = (uint32_t)(stream->at - stream->payload);
	stream->bytes = bytes;
	stream->counts += stream->event_counts;
	stream->seq += filled_events(stream->event_counts);
	stream->last_ns = stream->now_ns;
	spool_writer_commit(&stream->spool, stream->counts + bytes);
	if (__builtin_expect(bytes >= stream->close_at_bytes ||
				     stream_events(stream) >= stream->close_at_events,
		    0))
		return stream_end_slow(stream);
	return STREAM_DONE;
}

/* Closes the open block: what comes next stands in a new one. */
void stream_close_block(struct stream *stream);

/* Writes a whole record between blocks. */
int stream_record(struct stream *stream, enum record_kind kind, const void *head, size_t head_len,
	const void *tail, size_t tail_len);

/* Makes sure of `bytes` of room at stream->at. */
void stream_spill(struct stream *stream, size_t bytes);
static inline uint8_t *stream_room(struct stream *stream, size_t bytes)
{
	if (__builtin_expect((size_t)(stream->end - stream->at) < bytes, 0))
		stream_spill(stream, bytes);
	return stream->at;
}

/* The items. The branch number of an item is one byte (below 64). */
static inline void stream_put_tag(struct stream *stream, enum item_kind kind)
{
	*stream->at++ = (uint8_t)(kind << 1);
	stream->event_counts += FILLED_ITEM;
}

/* Something has changed that a line's recording depends on. */
static inline void stream_unready(struct stream *stream)
{
	stream->ready = NULL;
}

/* The program stands still for something that is no event: from stream_pause() on, which returns
 * the time, to stream_go_on(). The next event tells. */
static inline int64_t stream_pause(const struct stream *stream)
{
	return clock_now(&stream->clock);
}

static inline void stream_go_on(struct stream *stream, int64_t since_ns)
{
	int64_t now_ns = clock_now(&stream->clock);

	stream_unready(stream);
	if (now_ns > since_ns)
		stream->pause_ns += now_ns - since_ns;
}

/* Pauses that no event has told of yet. */
static inline int64_t stream_untold_ns(const struct stream *stream)
{
	return stream->pause_ns - (stream->told_seq == stream->seq ? 0 : stream->told_ns);
}

void stream_put_pause(struct stream *stream);

/* Much has passed, up to now. Returns how much of it other processes took, and notes that as a
 * pause; 0: nothing, or it is not known. */
int64_t stream_note_others(struct stream *stream, int64_t passed_ns, int64_t now_ns);

void stream_sample_rare(struct stream *stream, struct cost_means *means);

/* An event's recording begins: where its time will be taken is some way behind. */
static inline void stream_sample_begin(struct stream *stream)
{
	if (__builtin_expect(stream->cost.until == 1, 0))
		cost_begin(&stream->cost, clock_now(&stream->clock), stream_untold_ns(stream));
}

/* An event of the code ends; `running` (NULL: none) is the one that goes on. */
static inline void stream_sample(struct stream *stream, struct cost_means *means,
	struct cost_means *running, enum cost_kind kind)
{
	if (__builtin_expect(--stream->cost.until == 0, 0) &&
		cost_end(&stream->cost, means, kind, clock_now(&stream->clock)))
		cost_ended(&stream->cost, running, kind, clock_now(&stream->clock));
}

/* The same of a call: of code that has not been called often what it does is sampled, too. */
static inline void stream_sample_call(struct stream *stream, struct cost_means *means)
{
	if (__builtin_expect(cost_wants(means), 0))
		stream_sample_rare(stream, means);
	else
		stream_sample(stream, means, means, COST_ENTER);
}

/* The branch of an event and its dt; makes sure of 48 more bytes of room. */
static inline void stream_put_event(struct stream *stream, enum item_kind kind)
{
	if (__builtin_expect(stream->pause_ns > 0, 0))
		stream_put_pause(stream);
	stream_room(stream, 64);
	stream_put_tag(stream, kind);
	stream->event_counts += FILLED_EVENT;
	stream->at = avro_put_long(stream->at, stream->now_ns - stream->last_ns);
}

static inline void stream_put_long(struct stream *stream, int64_t value)
{
	stream->at = avro_put_long(stream_room(stream, AVRO_LONG_MAX_BYTES), value);
}

/* An item whose names are most likely all in the block is written at once; one that is not
 * sets `undefined`. Then the item is taken back, its names are defined, and it is written
 * again. */
struct stream_mark {
	ptrdiff_t at; /* from the event's beginning: spilling moves that */
	uint64_t counts;
};

static inline struct stream_mark stream_mark(const struct stream *stream)
{
	return (struct stream_mark){stream->at - stream->event, stream->event_counts};
}

static inline void stream_rewind(struct stream *stream, struct stream_mark mark)
{
	stream->at = stream->event + mark.at;
	stream->event_counts = mark.counts;
	stream->undefined = false;
}

/* The index of a name or of a code object in this block; defines it there when it is new.
 * Not between an item's tag and its fields: call these first. */
uint32_t stream_define_name(struct stream *stream, struct name *name);
static inline uint32_t stream_name(struct stream *stream, struct name *name)
{
	return name->block == stream->block ? name->index : stream_define_name(stream, name);
}
uint32_t stream_define_code(struct stream *stream, struct plan *plan);

#endif
