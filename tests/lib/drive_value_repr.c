/* links: schemas */
/*
 * drive_value_repr: shows encoded values as value_repr() does, for tests/e2e/value_repr.t.
 *
 * Standard input is records of a 4-byte big-endian length and as many bytes. The first
 * holds the names, each ended by a newline; the others one value each. A line comes out
 * for each value. With the argument "printable": a line of 0s and 1s instead, one for
 * each character from U+0000 to U+10FFFF.
 */
#include "schemas/avro.h"
#include "schemas/value.h"
#include "schemas/value_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 64

static bool read_record(struct buf *record)
{
	uint8_t head[4];
	size_t len;

	buf_clear(record);
	if (fread(head, 1, sizeof(head), stdin) != sizeof(head))
		return false;
	len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (buf_reserve(record, len + 1) < 0 || fread(record->data, 1, len, stdin) != len)
		return false;
	record->len = len;
	return true;
}

static size_t split_names(const struct buf *record, struct slice *names)
{
	const uint8_t *at = record->data;
	const uint8_t *end = at + record->len;
	size_t count = 0;

	while (at < end && count < MAX_NAMES) {
		const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));

		if (!newline)
			break;
		names[count++] = (struct slice){at, (size_t)(newline - at)};
		at = newline + 1;
	}
	return count;
}

static int show_printable(void)
{
	for (uint32_t c = 0; c <= 0x10ffff; c++)
		putchar(code_point_printable(c) ? '1' : '0');
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	struct slice slices[MAX_NAMES];
	struct name_table names = {0, slices};
	struct buf first = {0};
	struct buf record = {0};
	struct buf out = {0};

	if (argc > 1 && strcmp(argv[1], "printable") == 0)
		return show_printable();
	if (!read_record(&first))
		return 1;
	names.count = split_names(&first, slices);
	while (read_record(&record)) {
		struct avro_in in = {record.data, record.data + record.len};

		buf_clear(&out);
		if (!value_skip(&in, names.count) || in.at != in.end)
			buf_text(&out, "<refused>");
		else
			value_repr((struct value){buf_slice(&record), &names}, &out);
		puts(buf_string(&out));
	}
	buf_release(&first);
	buf_release(&record);
	buf_release(&out);
	return 0;
}
