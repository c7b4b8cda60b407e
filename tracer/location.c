#include "tracer/location.h"

#define ENTRY_UNITS 8

enum {
	KIND_SHORT_END = 10,
	KIND_ONE_LINE_END = 13,
	KIND_NO_COLUMN = 13,
	KIND_LONG,
	KIND_NONE
};

static int walk_varint(struct location_walk *walk)
{
	unsigned value = 0;
	int shift = 0;

	while (walk->at < walk->end && shift < 31) {
		uint8_t byte = *walk->at++;

		value |= (unsigned)(byte & 63) << shift;
		if (!(byte & 64))
			break;
		shift += 6;
	}
	return (int)value;
}

static int walk_signed(struct location_walk *walk)
{
	int value = walk_varint(walk);

	return value & 1 ? -(int)((unsigned)value >> 1) : value >> 1;
}

static int walk_byte(struct location_walk *walk)
{
	return walk->at < walk->end ? *walk->at++ : 0;
}

struct location_walk location_walk_begin(const void *table, size_t bytes, int first_line)
{
	return (struct location_walk){
		.at = table, .end = (const uint8_t *)table + bytes, .line = first_line};
}

bool location_walk_next(struct location_walk *walk)
{
	struct location *location = &walk->location;
	int kind, byte;

	if (walk->at >= walk->end)
		return false;
	kind = *walk->at >> 3 & 15;
	walk->units = (*walk->at++ & 7) + 1;
	*location = (struct location){-1, -1, -1, -1};
	if (kind == KIND_NONE)
		return true;
	if (kind == KIND_LONG || kind == KIND_NO_COLUMN)
		walk->line += walk_signed(walk);
	else if (kind >= KIND_SHORT_END)
		walk->line += kind - KIND_SHORT_END;
	location->line = location->end_line = walk->line;
	if (kind == KIND_LONG) {
		location->end_line += walk_varint(walk);
		location->column = walk_varint(walk) - 1;
		location->end_column = walk_varint(walk) - 1;
	} else if (kind >= KIND_SHORT_END && kind < KIND_ONE_LINE_END) {
		location->column = walk_byte(walk);
		location->end_column = walk_byte(walk);
	} else if (kind < KIND_SHORT_END) {
		byte = walk_byte(walk);
		location->column = kind << 3 | byte >> 4;
		location->end_column = location->column + (byte & 15);
	}
	return true;
}

bool location_walk_next_pair(struct location_walk *walk)
{
	int8_t delta;

	if (walk->end - walk->at < 2)
		return false;
	walk->units = walk->at[0] / 2;
	delta = (int8_t)walk->at[1];
	walk->at += 2;
	if (delta != INT8_MIN)
		walk->line += delta;
	walk->location = (struct location){-1, -1, -1, -1};
	walk->location.line = delta == INT8_MIN ? -1 : walk->line;
	return true;
}

static void put_varint(struct buf *table, unsigned value)
{
	while (value >= 64) {
		buf_byte(table, (uint8_t)(64 | (value & 63)));
		value >>= 6;
	}
	buf_byte(table, (uint8_t)value);
}

static void put_signed(struct buf *table, int value)
{
	put_varint(table, value < 0 ? (unsigned)-value << 1 | 1 : (unsigned)value << 1);
}

static void put_entry(struct buf *table, int *line, struct location location, int units)
{
	int kind = location.line < 0 ? KIND_NONE : location.column < 0 ? KIND_NO_COLUMN : KIND_LONG;

	buf_byte(table, (uint8_t)(128 | kind << 3 | (units - 1)));
	if (kind == KIND_NONE)
		return;
	put_signed(table, location.line - *line);
	*line = location.line;
	if (kind == KIND_NO_COLUMN)
		return;
	put_varint(table, (unsigned)(location.end_line - location.line));
	put_varint(table, (unsigned)(location.column + 1));
	put_varint(table, (unsigned)(location.end_column + 1));
}

void location_put(struct buf *table, int *line, struct location location, int units)
{
	for (; units > ENTRY_UNITS; units -= ENTRY_UNITS)
		put_entry(table, line, location, ENTRY_UNITS);
	if (units > 0)
		put_entry(table, line, location, units);
}
