#include "ingest/shipper_internal.h"
#include "schemas/avro.h"
#include "schemas/now.h"

/* Room for the head of a block in a message. */
#define HEAD_BYTES 256
#define ITEMS_MAX_BYTES (MESSAGE_MAX_BYTES - HEAD_BYTES)

/* Ships items as one block, and notes how far the log has got. */
static int append_block(struct shipper *shipper, struct block_head *head, struct err *err)
{
	int result;

	head->run = shipper->spool.header->run;
	buf_clear(&shipper->message);
	block_encode(head, &shipper->message);
	result = shipper_append(shipper, LOG_EVENTS, err);
	if (result < 0)
		return result;
	shipper->spool.seq = head->first_seq + head->event_count;
	spool_note(&shipper->spool, 0, 0);
	return 0;
}

/* `count` gap events, each saying that so many are lost. */
static int append_gap_block(struct shipper *shipper, int64_t first_seq, int64_t count, int64_t lost,
	int64_t time_ns, const char *reason, struct err *err)
{
	struct buf *items = &shipper->items;
	struct block_head head = {
		.first_seq = first_seq,
		.event_count = count,
		.base_ns = time_ns,
		.item_count = count + 1,
	};
	struct slice text = slice_text(reason);

	buf_clear(items);
	avro_buf_long(items, ITEM_NAME);
	avro_buf_bytes(items, text.data, text.len);
	for (int64_t i = 0; i < count; i++) {
		avro_buf_long(items, ITEM_GAP);
		avro_buf_long(items, 0);
		avro_buf_long(items, lost);
		avro_buf_long(items, 0);
	}
	if (items->failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	head.items = buf_slice(items);
	return append_block(shipper, &head, err);
}

/* In place of events that cannot be shipped: as many gaps, so that sequence numbers have no
 * hole. */
static int append_gaps(struct shipper *shipper, int64_t first_seq, int64_t count, int64_t time_ns,
	const char *reason, struct err *err)
{
	return append_gap_block(shipper, first_seq, count, 1, time_ns, reason, err);
}

int shipper_last_gap(struct shipper *shipper, struct err *err)
{
	struct spool_header *header = shipper->spool.header;
	uint64_t lost = atomic_load(&header->gap_events);

	/* Shipped before, its number is behind us. */
	if (lost == 0 || lost > INT64_MAX || atomic_load(&header->gap_seq) != shipper_seq(shipper))
		return 0;
	return append_gap_block(shipper, shipper_seq(shipper), 1, (int64_t)lost, wall_ns(),
		"the spool was full", err);
}

static struct block_head head_of(const struct spool_record *record)
{
	return (struct block_head){
		.first_seq = record->first_seq,
		.event_count = record->events,
		.base_ns = record->base_ns,
		.item_count = record->items,
		.items = record->payload,
	};
}

/* Opens the block and walks over its first `count` events. */
static int open_behind(
	struct shipper *shipper, const struct spool_record *record, int64_t count, struct err *err)
{
	struct block_head head = head_of(record);
	const struct event *event;
	int result;

	head.run = shipper->spool.header->run;
	result = block_cursor_open_items(shipper->cursor, &head, err);
	while (result >= 0 && count-- > 0) {
		result = block_cursor_next(shipper->cursor, &event, err);
		if (result == 0)
			result = err_set(err, ERR_FORMAT, "block: fewer events than it says");
	}
	return result < 0 ? result : 0;
}

/* Ships events from `done` on, as many as fit in one message; *shipped counts them. Names,
 * stacks and locals as of there are stated first. */
static int append_rest(struct shipper *shipper, const struct spool_record *record, int64_t done,
	int64_t *shipped, struct err *err)
{
	struct block_cursor *cursor = shipper->cursor;
	struct buf *items = &shipper->items;
	struct block_head head = {.first_seq = record->first_seq + done};
	int result = open_behind(shipper, record, done, err);
	size_t from, to;
	int64_t from_item, to_item, stated = 0;

	if (result < 0)
		return result;
	buf_clear(items);
	if (done)
		result = block_cursor_restate(cursor, items, &stated, err);
	if (result < 0)
		return result;
	head.base_ns = block_cursor_time_ns(cursor);
	from = to = block_cursor_offset(cursor);
	from_item = to_item = block_cursor_items(cursor);
	*shipped = 0;
	if (items->len + (record->payload.len - from) <= ITEMS_MAX_BYTES) {
		to = record->payload.len;
		to_item = record->items;
		*shipped = record->events - done;
	}
	while (done + *shipped < record->events) {
		const struct event *event;

		result = block_cursor_next(cursor, &event, err);
		if (result <= 0)
			return result < 0 ? result
					  : err_set(err, ERR_FORMAT, "block: too few events");
		if (items->len + (block_cursor_offset(cursor) - from) > ITEMS_MAX_BYTES)
			break;
		to = block_cursor_offset(cursor);
		to_item = block_cursor_items(cursor);
		(*shipped)++;
	}
	if (*shipped == 0)
		return append_gaps(shipper, head.first_seq, *shipped = 1, head.base_ns,
			"an event is larger than a message may be", err);
	buf_append(items, record->payload.data + from, to - from);
	if (items->failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	head.event_count = *shipped;
	head.item_count = stated + to_item - from_item;
	head.items = buf_slice(items);
	return append_block(shipper, &head, err);
}

/* The age of an event is known by the block's wall clock for its first, else since it was
 * first seen here. */
static bool is_due(struct shipper *shipper, const struct spool_record *record, int64_t seq)
{
	int64_t now = monotonic_ms();

	if (shipper->waiting_seq != seq) {
		int64_t age = 0;

		if (seq == record->first_seq)
			age = wall_ns() / 1000000 - record->base_ns / 1000000;
		shipper->waiting_seq = seq;
		shipper->waiting_ms = now - (age < 0 ? 0 : age);
	}
	return now - shipper->waiting_ms >= SHIPPER_DELAY_MS;
}

int shipper_block(struct shipper *shipper, const struct spool_record *record, struct err *err)
{
	int64_t done, shipped = 0;
	int result;

	done = shipper_seq(shipper) - record->first_seq;
	if (done < 0)
		done = 0;
	if (done >= record->events)
		return 0;
	if (!record->final && !is_due(shipper, record, record->first_seq + done))
		return 0;
	/* RunStarted first: a run is known before its events. */
	result = shipper_started(shipper, err);
	if (result == 0 && done == 0 && record->payload.len <= ITEMS_MAX_BYTES) {
		struct block_head head = head_of(record);

		return append_block(shipper, &head, err);
	}
	while (result == 0 && done < record->events) {
		result = append_rest(shipper, record, done, &shipped, err);
		if (result == ERR_FORMAT) {
			shipped = record->events - done;
			result = append_gaps(shipper, record->first_seq + done, shipped,
				record->base_ns, "what was recorded cannot be read", err);
		}
		done += shipped;
	}
	return result;
}
