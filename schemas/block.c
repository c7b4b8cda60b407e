#include "schemas/block.h"

#include "schemas/avro.h"
#include "schemas/message.h"

int block_head_check(const struct block_head *head, struct err *err)
{
	int64_t behind;

	if (head->first_seq < 0 || head->event_count < 0 ||
		__builtin_add_overflow(head->first_seq, head->event_count, &behind))
		return err_set(err, ERR_FORMAT, "block: events %lld + %lld are no range",
			(long long)head->first_seq, (long long)head->event_count);
	if (head->item_count < head->event_count)
		return err_set(err, ERR_FORMAT, "block: %lld items cannot hold %lld events",
			(long long)head->item_count, (long long)head->event_count);
	/* No item is shorter than two bytes. */
	if ((uint64_t)head->item_count > head->items.len / 2)
		return err_set(err, ERR_FORMAT, "block: %lld items do not fit in %zu bytes",
			(long long)head->item_count, head->items.len);
	return 0;
}

int block_head_parse(struct slice body, struct block_head *head, struct err *err)
{
	struct avro_in in = avro_in(body);

	if (!avro_get_fixed(&in, head->run.bytes, sizeof(head->run.bytes)) ||
		!avro_get_long(&in, &head->first_seq) || !avro_get_long(&in, &head->event_count) ||
		!avro_get_long(&in, &head->base_ns) || !avro_get_long(&in, &head->item_count))
		return err_set(err, ERR_FORMAT, "block: its head is cut short");
	if (head->item_count < 0)
		return err_set(err, ERR_FORMAT, "block: its items are not one plain Avro block");
	head->items = (struct slice){in.at, (size_t)(in.end - in.at)};
	if (head->item_count > 0) {
		if (head->items.len == 0 || in.end[-1] != 0)
			return err_set(err, ERR_FORMAT, "block: its items have no end");
		head->items.len--;
	} else if (head->items.len > 0) {
		return err_set(err, ERR_FORMAT, "block: %zu bytes behind its end", head->items.len);
	}
	return block_head_check(head, err);
}

void block_encode(const struct block_head *head, struct buf *message)
{
	buf_reserve(message, head->items.len + 128);
	message_header(message, SCHEMA_TRACE_BLOCK);
	buf_append(message, head->run.bytes, sizeof(head->run.bytes));
	avro_buf_long(message, head->first_seq);
	avro_buf_long(message, head->event_count);
	avro_buf_long(message, head->base_ns);
	if (head->item_count > 0) {
		avro_buf_long(message, head->item_count);
		buf_append(message, head->items.data, head->items.len);
	}
	avro_buf_long(message, 0);
}
