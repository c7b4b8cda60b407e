/*
 * A position of topics: 'K', version 1, identity (8 bytes, big-endian); then for each topic
 * the number of partitions and for each of these, by id: how far its id is behind the one
 * before (from -1) less one, its next offset, its print (2 bytes). Numbers are varints of seven
 * bits a byte, the lowest first, in their shortest form.
 */
#include "ingest/kafka_internal.h"

#include <inttypes.h>
#include <string.h>

#include <xxhash.h>

#define VERSION 1
#define HEAD_BYTES 10
#define OFFSET_BITS 49 /* seven bytes */
#define ID_BITS 14     /* two bytes */

_Static_assert(
	HEAD_BYTES + LOG_TOPICS * 2 + KAFKA_PARTITIONS_MAX * (2 + 7 + 2) <= POSITION_MAX_BYTES,
	"all that a reader may have fits");

uint16_t kafka_print(int64_t offset, int64_t timestamp_ms, size_t key_len, size_t len)
{
	const uint64_t seen[] = {(uint64_t)offset, (uint64_t)timestamp_ms, key_len, len};
	uint16_t print = (uint16_t)XXH3_64bits(seen, sizeof(seen));

	return print ? print : 1;
}

static void put_varint(struct position *position, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		position->bytes[position->len++] = (uint8_t)(value | 0x80);
	position->bytes[position->len++] = (uint8_t)value;
}

static bool is_known(const struct kafka_partition *partition)
{
	return partition->next >= partition->lost && partition->next < (1ll << OFFSET_BITS) &&
	       partition->id < 1 << ID_BITS;
}

static void put_table(struct position *position, const struct kafka_table *table, size_t *left)
{
	int32_t before = -1;
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++)
		count += is_known(&table->partitions[i]);
	if (count > *left)
		count = *left;
	*left -= count;
	put_varint(position, count);
	for (const struct kafka_partition *at = table->partitions; count > 0; at++) {
		if (!is_known(at))
			continue;
		put_varint(position, (uint64_t)(at->id - before - 1));
		put_varint(position, (uint64_t)(at->next - at->lost));
		position->bytes[position->len++] = (uint8_t)(at->print >> 8);
		position->bytes[position->len++] = (uint8_t)at->print;
		before = at->id;
		count--;
	}
}

void kafka_position_put(
	struct position *position, uint64_t identity, const struct kafka_table tables[LOG_TOPICS])
{
	size_t left = KAFKA_PARTITIONS_MAX;

	position->len = 0;
	position->bytes[position->len++] = KAFKA_POSITION_BYTE;
	position->bytes[position->len++] = VERSION;
	for (int shift = 56; shift >= 0; shift -= 8)
		position->bytes[position->len++] = (uint8_t)(identity >> shift);
	for (int i = 0; i < LOG_TOPICS; i++)
		put_table(position, &tables[i], &left);
	/* Nothing is known: the very start. */
	if (left == KAFKA_PARTITIONS_MAX)
		position->len = 0;
}

/* Walks over a position's partitions. */
struct cursor {
	const struct position *position;
	size_t at;
	size_t left;  /* partitions of the topic */
	int32_t id;   /* the current one; -1 before the first */
	int64_t next; /* its */
	uint16_t print;
	bool bad;
};

static uint64_t get_varint(struct cursor *cursor, int bits)
{
	uint64_t value = 0;

	for (int shift = 0; shift < bits && cursor->at < cursor->position->len; shift += 7) {
		uint8_t byte = cursor->position->bytes[cursor->at++];

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			if (byte == 0 && shift > 0)
				break;
			return value;
		}
	}
	cursor->bad = true;
	return 0;
}

/* len 0 has no partitions. */
static uint64_t cursor_start(struct cursor *cursor, const struct position *position)
{
	uint64_t identity = 0;

	*cursor = (struct cursor){.position = position, .at = HEAD_BYTES, .id = -1};
	if (position->len == 0)
		return 0;
	cursor->bad = position->len < HEAD_BYTES + LOG_TOPICS ||
		      position->len > POSITION_MAX_BYTES ||
		      position->bytes[0] != KAFKA_POSITION_BYTE || position->bytes[1] != VERSION;
	for (int i = 0; !cursor->bad && i < 8; i++)
		identity = identity << 8 | position->bytes[2 + i];
	return identity;
}

static void cursor_topic(struct cursor *cursor)
{
	cursor->id = -1;
	cursor->left = 0;
	if (cursor->position->len == 0 || cursor->bad)
		return;
	cursor->left = get_varint(cursor, ID_BITS);
	if (cursor->left > KAFKA_PARTITIONS_MAX)
		cursor->bad = true;
}

/* False: no more of the topic. */
static bool cursor_next(struct cursor *cursor)
{
	uint64_t id;

	if (cursor->left == 0 || cursor->bad)
		return false;
	cursor->left--;
	id = (uint64_t)(cursor->id + 1) + get_varint(cursor, ID_BITS);
	cursor->next = (int64_t)get_varint(cursor, OFFSET_BITS);
	if (id >= 1 << ID_BITS || cursor->at + 2 > cursor->position->len)
		cursor->bad = true;
	if (cursor->bad)
		return false;
	cursor->id = (int32_t)id;
	cursor->print = (uint16_t)(cursor->position->bytes[cursor->at] << 8 |
				   cursor->position->bytes[cursor->at + 1]);
	cursor->at += 2;
	return true;
}

static int refuse(struct kafka_table tables[LOG_TOPICS], int code, struct err *err)
{
	for (int i = 0; i < LOG_TOPICS; i++)
		kafka_table_release(&tables[i]);
	if (code == ERR_MEMORY)
		return err_set(err, code, "out of memory");
	return err_set(err, code, "not a position of Kafka topics");
}

int kafka_position_get(const struct position *position, uint64_t *identity,
	struct kafka_table tables[LOG_TOPICS], struct err *err)
{
	struct cursor cursor;
	size_t all = 0;

	*identity = cursor_start(&cursor, position);
	for (int i = 0; i < LOG_TOPICS; i++) {
		cursor_topic(&cursor);
		all += cursor.left;
		while (cursor_next(&cursor)) {
			struct kafka_partition *own = kafka_table_add(&tables[i], cursor.id);

			if (!own)
				return refuse(tables, ERR_MEMORY, err);
			own->next = cursor.next;
			own->print = cursor.print;
		}
	}
	if (cursor.bad || all > KAFKA_PARTITIONS_MAX ||
		(position->len && cursor.at != position->len))
		return refuse(tables, ERR_FORMAT, err);
	return 0;
}

struct order {
	bool ahead, behind;
	int64_t lag; /* how many offsets behind, in all partitions */
};

static void compare_offsets(struct order *order, int64_t a, int64_t b)
{
	order->ahead |= a > b;
	order->behind |= a < b;
	order->lag += a < b ? b - a : 0;
}

/* A partition that one does not name is one at whose start it is. */
static void compare_topic(struct order *order, struct cursor *a, struct cursor *b)
{
	bool more_a, more_b;

	cursor_topic(a);
	cursor_topic(b);
	more_a = cursor_next(a);
	more_b = cursor_next(b);
	while (more_a || more_b) {
		bool take_a = more_a && (!more_b || a->id <= b->id);
		bool take_b = more_b && (!more_a || b->id <= a->id);

		compare_offsets(order, take_a ? a->next : 0, take_b ? b->next : 0);
		if (take_a)
			more_a = cursor_next(a);
		if (take_b)
			more_b = cursor_next(b);
	}
}

/* False: they are not of one cluster's topics, or no positions. */
static bool find_order(const struct position *a, const struct position *b, struct order *order)
{
	struct cursor at_a, at_b;
	uint64_t identity_a = cursor_start(&at_a, a), identity_b = cursor_start(&at_b, b);

	*order = (struct order){0};
	if (a->len && b->len && identity_a != identity_b)
		return false;
	for (int i = 0; i < LOG_TOPICS; i++)
		compare_topic(order, &at_a, &at_b);
	return !at_a.bad && !at_b.bad;
}

int kafka_position_compare(const struct position *a, const struct position *b)
{
	struct order order;

	if (!find_order(a, b, &order) || order.behind)
		return -1;
	return order.ahead;
}

int64_t kafka_position_lag(const struct position *position, const struct position *end)
{
	struct order order;

	return find_order(position, end, &order) ? order.lag : -1;
}

void kafka_position_text(const struct position *position, struct buf *out)
{
	static const char *const names[LOG_TOPICS] = {"events", "runs", "sources"};
	const char *space = "";
	struct cursor at;

	cursor_start(&at, position);
	for (int i = 0; i < LOG_TOPICS; i++) {
		cursor_topic(&at);
		while (cursor_next(&at)) {
			buf_printf(
				out, "%s%s[%" PRId32 "]@%" PRId64, space, names[i], at.id, at.next);
			space = " ";
		}
	}
}
