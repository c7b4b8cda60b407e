#include "tracer/stream.h"

#include "tracer/plan.h"

#include "schemas/message.h"
#include "schemas/parent.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define BLOCK_ROOM (64 * 1024) /* payload that a fresh block has at least */
#define CLOSE_AT_MOST (MESSAGE_MAX_BYTES * 3 / 4)
#define RETRY_EVENTS 256 /* lost events between two tries to open a block */

/* How far this run's clock is to be ahead, which is in its RunStarted. */
static int64_t clock_offset(const struct spool_header *header)
{
	struct slice message = {header->started, header->started_bytes}, body;
	struct run_started started;

	if (message.len > SPOOL_STARTED_BYTES || message_parse(message, &body, NULL) < 0 ||
		run_started_decode(body, &started, NULL) < 0 || started.clock_offset_ns < 0 ||
		started.clock_offset_ns > PARENT_TIME_MAX_NS + 1)
		return 0;
	return started.clock_offset_ns;
}

int stream_open(struct stream *stream, const char *spool_path, struct err *err)
{
	*stream = (struct stream){.room = BLOCK_ROOM};
	stream->told_seq = -1;
	cost_init(&stream->cost);
	stream_limit(stream, NULL);
	stream->spill = mmap(NULL, STREAM_SPILL_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (stream->spill == MAP_FAILED)
		return err_set_errno(err, errno, "map memory for an event");
	if (spool_writer_open(&stream->spool, spool_path, err) < 0) {
		munmap(stream->spill, STREAM_SPILL_BYTES);
		return err->code;
	}
	clock_init(&stream->clock, clock_offset(stream->spool.header));
	return 0;
}

void stream_limit(struct stream *stream, const struct run_limits *limits)
{
	const struct run_limits none = {0};

	limits = limits ? limits : &none;
	stream->limits = (struct stream_limits){INT64_MAX, INT64_MAX, INT64_MAX};
	if (limits->events > 0)
		stream->limits.seq = limits->events;
	if (limits->bytes > 0)
		stream->limits.bytes = limits->bytes;
	if (limits->seconds > 0 && limits->seconds < INT32_MAX)
		stream->limits.ns =
			clock_now(&stream->clock) + limits->seconds * (int64_t)1000000000;
}

const char *stream_limit_reached(const struct stream *stream)
{
	if (stream->seq >= stream->limits.seq)
		return "--max-events";
	if (stream->closed_bytes >= stream->limits.bytes)
		return "--max-bytes";
	return stream->last_ns >= stream->limits.ns ? "--max-time" : NULL;
}

void stream_close_block(struct stream *stream)
{
	stream_unready(stream);
	if (!stream->open)
		return;
	spool_writer_close_block(&stream->spool);
	stream->closed_bytes += stream->bytes;
	stream->open = false;
}

void stream_finish(struct stream *stream)
{
	stream_close_block(stream);
	spool_writer_finish(&stream->spool);
}

void stream_abandon(struct stream *stream)
{
	spool_writer_abandon(&stream->spool);
	stream_unready(stream);
	stream->open = false;
}

int stream_reopen(struct stream *stream, const char *spool_path, struct err *err)
{
	if (spool_writer_open(&stream->spool, spool_path, err) < 0)
		return err ? err->code : ERR_IO;
	stream->open = stream->lost = stream->spilled = false;
	stream->seq = 0;
	stream->closed_bytes = 0;
	stream->retry = 0;
	stream->room = BLOCK_ROOM;
	return 0;
}

void stream_replace(struct stream *stream, bool begins)
{
	if (begins)
		stream_close_block(stream);
	spool_writer_replace(&stream->spool, begins);
}

/* Goes on in spill memory with what this event has so far. */
void stream_spill(struct stream *stream, size_t bytes)
{
	size_t kept = (size_t)(stream->at - stream->event);

	if (kept + bytes > STREAM_SPILL_BYTES) {
		stream->lost = true;
		kept = 0;
	}
	if (stream->event != stream->spill && kept)
		memcpy(stream->spill, stream->event, kept);
	stream->spilled = true;
	stream->event = stream->spill;
	stream->at = stream->spill + kept;
	stream->end = stream->spill + STREAM_SPILL_BYTES;
}

/* There is no place for a block: the event is written to nowhere. */
static void begin_lost(struct stream *stream)
{
	stream->lost = true;
	stream->block++;
	stream->at = stream->event = stream->payload = stream->spill;
	stream->end = stream->spill + STREAM_SPILL_BYTES;
	stream->names = stream->codes = 0;
}

int64_t stream_note_others(struct stream *stream, int64_t passed_ns, int64_t now_ns)
{
	int64_t taken_ns = stream->cost.off ? 0 : preempt_look(&stream->preempt, now_ns);
	int64_t untold_ns = stream_untold_ns(stream);

	/* Then what is left is mostly the way to them and back. */
	if (taken_ns > 0 && passed_ns - taken_ns < PREEMPT_WAY_NS)
		taken_ns = passed_ns;
	if (taken_ns > untold_ns)
		stream->pause_ns += taken_ns - untold_ns;
	stream_unready(stream);
	return taken_ns;
}

/* At stream->now_ns, when it is long after since_ns. A pause in which others ran counts once. */
static void note_preempted(struct stream *stream, int64_t since_ns)
{
	int64_t passed_ns = stream->now_ns - since_ns;

	if (passed_ns > PREEMPT_LONG_NS || !stream->preempt.thread)
		stream_note_others(stream, passed_ns, stream->now_ns);
}

void stream_begin_late(struct stream *stream)
{
	if (stream->now_ns < stream->last_ns)
		stream->now_ns = stream->last_ns;
	note_preempted(stream, stream->last_ns);
	if (stream_is_paused(stream) || stream->now_ns >= stream->limits.ns)
		stream->close_at_events = 0;
}

void stream_begin_slow(struct stream *stream)
{
	int64_t before_ns = stream->last_ns;
	size_t limit;

	stream_unready(stream);
	stream->last_ns = clock_adjust(&stream->clock, stream->last_ns);
	stream->now_ns = stream->last_ns;
	note_preempted(stream, before_ns);
	stream->event_counts = 0;
	if (stream->retry > 0) {
		stream->retry--;
		begin_lost(stream);
		return;
	}
	if (spool_writer_block(&stream->spool, stream->room, stream->seq, stream->last_ns,
		    &stream->payload, &limit) < 0) {
		stream->retry = RETRY_EVENTS;
		begin_lost(stream);
		return;
	}
	stream->lost = false;
	stream->open = true;
	stream->block++;
	stream->at = stream->event = stream->payload;
	stream->end = stream->payload + limit;
	/* Waiting for a place, and making it, was no part of the program. */
	stream->now_ns = clock_now(&stream->clock);
	if (stream->now_ns < stream->last_ns)
		stream->now_ns = stream->last_ns;
	stream->pause_ns += stream->now_ns - stream->last_ns;
	note_preempted(stream, stream->last_ns);
	stream->counts = 0;
	stream->bytes = 0;
	stream->names = stream->codes = 0;
	stream->close_at_bytes = 0;
	stream->close_at_events = BLOCK_MAX_EVENTS;
	if (stream->limits.seq <= stream->seq || stream_is_paused(stream))
		stream->close_at_events = 0;
	else if (stream->limits.seq - stream->seq < BLOCK_MAX_EVENTS)
		stream->close_at_events = (uint32_t)(stream->limits.seq - stream->seq);
	stream->room = BLOCK_ROOM;
}

/* The event did not fit: a new block shall have room for it and what it has to state. */
static enum stream_result again(struct stream *stream)
{
	size_t size = (size_t)(stream->at - stream->event);

	stream->spilled = false;
	if (stream_events(stream) == 0)
		stream->room *= 2;
	if (stream->room < 2 * size)
		stream->room = 2 * size;
	stream_close_block(stream);
	return STREAM_AGAIN;
}

enum stream_result stream_end_slow(struct stream *stream)
{
	if (stream->lost) {
		stream->spilled = false;
		stream->lost = false;
		stream_close_block(stream);
		return STREAM_LOST;
	}
	if (stream->spilled)
		return again(stream);
	if (stream->close_at_bytes == 0) {
		/* What a block states at its beginning shall be a small part of it. */
		stream->close_at_bytes = BLOCK_MAX_BYTES + 2 * stream->bytes;
		if (stream->close_at_bytes > CLOSE_AT_MOST)
			stream->close_at_bytes = CLOSE_AT_MOST;
		/* That was no recording like others. */
		stream_go_on(stream, stream->now_ns);
	}
	if (stream->bytes >= stream->close_at_bytes ||
		stream_events(stream) >= stream->close_at_events)
		stream_close_block(stream);
	return stream_limit_reached(stream) || stream_is_paused(stream) ? STREAM_LIMIT
									: STREAM_DONE;
}

int stream_record(struct stream *stream, enum record_kind kind, const void *head, size_t head_len,
	const void *tail, size_t tail_len)
{
	stream_close_block(stream);
	return spool_writer_record(&stream->spool, kind, head, head_len, tail, tail_len);
}

uint32_t stream_define_name(struct stream *stream, struct name *name)
{
	stream_room(stream, name->len + 16);
	stream_put_tag(stream, ITEM_NAME);
	stream->at = avro_put_bytes(stream->at, name->text, name->len);
	name->block = stream->block;
	name->index = stream->names++;
	return name->index;
}

/* An event that is written again, or that is lost, has not told. */
void stream_put_pause(struct stream *stream)
{
	if (stream->told_seq != stream->seq) {
		stream->pause_ns -= stream->told_ns;
		stream->told_ns = 0;
	}
	if (stream->pause_ns <= 0)
		return;
	stream_room(stream, 64);
	stream_put_tag(stream, ITEM_PAUSE);
	stream->at = avro_put_long(stream->at, stream->pause_ns);
	stream->told_ns = stream->pause_ns;
	stream->told_seq = stream->seq;
}

static void put_cost(struct stream *stream, const struct plan *plan)
{
	struct cost_statement stated;

	if (!cost_state(&stream->cost, &plan->cost, &stated))
		return;
	stream_room(stream, 128);
	stream_put_tag(stream, ITEM_COST);
	stream->at = avro_put_long(stream->at, stated.before);
	for (int kind = 0; kind < COST_KINDS; kind++)
		stream->at = avro_put_long(stream->at, stated.cost[kind]);
	stream_put_tag(stream, ITEM_PACE);
	for (int kind = 0; kind < COST_KINDS; kind++)
		stream->at = avro_put_long(stream->at, stated.pace[kind]);
}

void stream_sample_rare(struct stream *stream, struct cost_means *means)
{
	if (stream->cost.off) {
		means->pace[COST_ENTER].count = COST_FEW;
		return;
	}
	stream->cost.until = 1;
	cost_ended(&stream->cost, means, COST_ENTER, clock_now(&stream->clock));
}

uint32_t stream_define_code(struct stream *stream, struct plan *plan)
{
	uint32_t file, function;

	if (plan->block == stream->block)
		return plan->index;
	file = stream_name(stream, plan->file);
	function = stream_name(stream, plan->function);
	stream_room(stream, 64);
	stream_put_tag(stream, ITEM_CODE);
	stream_put_long(stream, file);
	stream_put_long(stream, function);
	stream_put_long(stream, plan->first_line);
	put_cost(stream, plan);
	plan->block = stream->block;
	plan->index = stream->codes++;
	return plan->index;
}
