#include "schemas/block_internal.h"

#include <string.h>

/* A container that is not as the block has it: capacity, room for its head, items. The head, that
 * is branch, kind, length and count, stands directly before the items. */
#define HEAD_BYTES (4 * AVRO_LONG_MAX_BYTES)

/* A container's value, taken apart. */
struct parts {
	int64_t kind, length, count;
	uint8_t *items;
	size_t bytes; /* of items, without the array's end */
};

static bool in_block(const struct block_cursor *cursor, const uint8_t *at)
{
	uintptr_t start = (uintptr_t)cursor->head.items.data;

	return (uintptr_t)at >= start && (uintptr_t)at < start + cursor->head.items.len;
}

/* False: the value is no container. */
static bool take_apart(const struct block_cursor *cursor, struct slice value, struct parts *parts)
{
	struct avro_in in = avro_in(value);
	struct slice items;
	int64_t branch;

	if (!avro_get_long(&in, &branch) || branch != VALUE_CONTAINER ||
		!avro_get_long(&in, &parts->kind) || !avro_get_long(&in, &parts->length))
		return false;
	if (in_block(cursor, value.data)) {
		if (!value_skip_items(&in, cursor->names.count, &parts->count, &items))
			return false;
	} else {
		/* As put_together() has left it. */
		if (!avro_get_long(&in, &parts->count))
			return false;
		items = (struct slice){in.at, (size_t)(in.end - in.at) - (parts->count > 0)};
	}
	parts->items = (uint8_t *)(uintptr_t)items.data;
	parts->bytes = items.len;
	return true;
}

/* Moves the items to where they may be changed, and `more` bytes be added. Room doubles, so that
 * the arena never holds more than a multiple of the block. */
static int own(struct block_cursor *cursor, struct slice value, struct parts *parts, size_t more,
	struct err *err)
{
	size_t need = parts->bytes + more + 1, capacity = 0;
	uint8_t *copy;

	if (!in_block(cursor, value.data))
		memcpy(&capacity, parts->items - HEAD_BYTES - sizeof(capacity), sizeof(capacity));
	if (need <= capacity)
		return 0;
	capacity = capacity ? 2 * need : need;
	copy = cursor_arena(cursor, sizeof(capacity) + HEAD_BYTES + capacity);
	if (!copy)
		return err_set(err, ERR_MEMORY, "out of memory");
	memcpy(copy, &capacity, sizeof(capacity));
	copy += sizeof(capacity) + HEAD_BYTES;
	if (parts->bytes)
		memcpy(copy, parts->items, parts->bytes);
	parts->items = copy;
	return 0;
}

/* The value that the parts are, which are owned. */
static struct slice put_together(const struct parts *parts)
{
	uint8_t head[HEAD_BYTES], *end = head, *start;
	size_t bytes = parts->bytes;

	end = avro_put_long(end, VALUE_CONTAINER);
	end = avro_put_long(end, parts->kind);
	end = avro_put_long(end, parts->length);
	end = avro_put_long(end, parts->count);
	start = parts->items - (end - head);
	memcpy(start, head, (size_t)(end - head));
	if (parts->count > 0)
		parts->items[bytes++] = 0;
	return (struct slice){start, (size_t)(end - head) + bytes};
}

/* Where item `index` begins, from item 0 at byte `from`. */
static size_t place(
	const struct block_cursor *cursor, const struct parts *parts, size_t from, int64_t index)
{
	struct avro_in in = {parts->items + from, parts->items + parts->bytes};

	while (index-- > 0 && value_skip(&in, cursor->names.count))
		;
	return (size_t)(in.at - parts->items);
}

static int replace(struct block_cursor *cursor, struct slice *value, struct parts *parts,
	const struct splice *splice, struct err *err)
{
	int64_t at = splice->at < parts->count ? splice->at : parts->count;
	int64_t drop = splice->drop < parts->count - at ? splice->drop : parts->count - at;
	size_t start = place(cursor, parts, 0, at), stop = place(cursor, parts, start, drop);

	if (own(cursor, *value, parts, splice->items.len, err) < 0)
		return ERR_MEMORY;
	memmove(parts->items + start + splice->items.len, parts->items + stop, parts->bytes - stop);
	if (splice->items.len)
		memcpy(parts->items + start, splice->items.data, splice->items.len);
	parts->bytes += splice->items.len - (stop - start);
	parts->count += splice->count - drop;
	return 0;
}

int container_splice(struct block_cursor *cursor, struct slice *value, const struct splice *splice,
	struct err *err)
{
	struct parts parts = {0};
	int rc;

	if (!take_apart(cursor, *value, &parts))
		return cursor_bad(cursor, "Resize or Splice of a local that is no container", err);
	rc = replace(cursor, value, &parts, splice, err);
	if (rc < 0)
		return rc;
	parts.length = splice->length;
	*value = put_together(&parts);
	return 0;
}
