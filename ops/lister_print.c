#include "ops/lister_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/json.h"

/* Length of the UTF-8 character at the front, 0 when it is none. */
static size_t character(struct slice text, uint32_t *code_point)
{
	uint8_t byte = text.data[0];
	size_t len = byte < 0x80       ? 1
		     : byte >> 5 == 6  ? 2
		     : byte >> 4 == 14 ? 3
		     : byte >> 3 == 30 ? 4
				       : 0;

	if (!len || len > text.len)
		return 0;
	*code_point = len == 1 ? byte : byte & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if (text.data[i] >> 6 != 2)
			return 0;
		*code_point = *code_point << 6 | (text.data[i] & 0x3f);
	}
	return len;
}

/* Characters that move the cursor, colour, or turn the direction of what follows. */
static bool is_treacherous(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void escape(struct buf *out, struct slice text, bool keep_newlines)
{
	while (text.len) {
		uint32_t c = 0;
		size_t len = character(text, &c);

		if (!len)
			buf_printf(out, "\\x%02x", text.data[0]);
		else if (c == '\n' && !keep_newlines)
			buf_text(out, "\\n");
		else if (c == '\t')
			buf_text(out, "\\t");
		else if (c == '\r')
			buf_text(out, "\\r");
		else if (c != '\n' && is_treacherous(c))
			buf_printf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
		else
			buf_append(out, text.data, len);
		len += !len;
		text = (struct slice){text.data + len, text.len - len};
	}
}

void lister_escape(struct buf *out, struct slice text)
{
	escape(out, text, false);
}

static struct slice cell_slice(const struct cell *cell)
{
	return (struct slice){(const uint8_t *)cell->text, (size_t)cell->number};
}

static void plain(const struct cell *cell, struct buf *out)
{
	if (cell->kind == CELL_NUMBER)
		buf_printf(out, "%lld", (long long)cell->number);
	else if (cell->kind == CELL_TEXT)
		lister_escape(out, cell_slice(cell));
}

static size_t columns_of(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += (*text & 0xc0) != 0x80;
	return columns;
}

/* Appends at most `width` characters of text, padded to it; a cut ends with three dots. */
static void fit(struct buf *out, const char *text, size_t width)
{
	size_t columns = columns_of(text);
	size_t keep = columns <= width ? columns : width > 3 ? width - 3 : 0;
	const char *at = text;

	for (size_t i = 0; i < keep; i++)
		for (at++; (*at & 0xc0) == 0x80;)
			at++;
	buf_append(out, text, (size_t)(at - text));
	for (size_t i = keep; i < width; i++)
		buf_byte(out, columns > width ? '.' : ' ');
}

/* Takes characters off the widest column until a row fits. */
static void shrink(size_t *widths, size_t count, size_t max_width)
{
	size_t total = 1;

	for (size_t i = 0; i < count; i++)
		total += widths[i] + 3;
	while (total > max_width) {
		size_t widest = 0;

		for (size_t i = 1; i < count; i++)
			if (widths[i] > widths[widest])
				widest = i;
		if (widths[widest] <= 4)
			break;
		widths[widest]--;
		total--;
	}
}

static void rule(const size_t *widths, size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++) {
		buf_byte(out, '+');
		for (size_t j = 0; j < widths[i] + 2; j++)
			buf_byte(out, '-');
	}
	buf_text(out, "+\n");
}

void lister_print_table(const struct lister_view *view, size_t max_width, struct buf *out)
{
	size_t *widths = calloc(view->width + 1, sizeof(*widths));
	struct buf text = {0};

	if (!widths)
		return;
	for (size_t i = 0; i < view->width; i++) {
		widths[i] = columns_of(view->names[i]);
		for (size_t row = 0; row < view->height; row++) {
			size_t columns;

			buf_clear(&text);
			plain(view->rows[row][i], &text);
			columns = columns_of(buf_string(&text));
			if (columns > widths[i])
				widths[i] = columns;
		}
	}
	if (max_width)
		shrink(widths, view->width, max_width);
	rule(widths, view->width, out);
	for (size_t row = 0; row <= view->height; row++) {
		for (size_t i = 0; i < view->width; i++) {
			buf_clear(&text);
			if (row)
				plain(view->rows[row - 1][i], &text);
			buf_text(out, "| ");
			fit(out, row ? buf_string(&text) : view->names[i], widths[i]);
			buf_byte(out, ' ');
		}
		buf_text(out, "|\n");
		if (!row)
			rule(widths, view->width, out);
	}
	rule(widths, view->width, out);
	buf_release(&text);
	free(widths);
}

static void json_cell(struct json *json, const struct cell *cell)
{
	if (cell->kind == CELL_NUMBER)
		json_long(json, cell->number);
	else if (cell->kind == CELL_TEXT)
		json_slice(json, cell_slice(cell));
	else
		json_null(json);
}

void lister_print_json(const struct lister_view *view, bool noindent, struct buf *out)
{
	struct json json;

	json_init(&json, out, noindent ? 0 : 2);
	json_array_begin(&json);
	for (size_t row = 0; row < view->height; row++) {
		json_object_begin(&json);
		for (size_t i = 0; i < view->width; i++) {
			json_key(&json, view->names[i]);
			json_cell(&json, view->rows[row][i]);
		}
		json_object_end(&json);
	}
	json_array_end(&json);
	buf_byte(out, '\n');
}

static void csv_field(const char *text, bool number, enum lister_quote quote, struct buf *out)
{
	bool quoted = quote == QUOTE_ALL || (quote == QUOTE_NONNUMERIC && !number) ||
		      (quote == QUOTE_MINIMAL && strpbrk(text, ",\"\r\n"));

	if (!quoted) {
		/* As csv.QUOTE_NONE with a backslash for its escape character. */
		for (; *text; text++) {
			if (quote == QUOTE_NONE && strchr(",\"\\", *text))
				buf_byte(out, '\\');
			buf_byte(out, (uint8_t)*text);
		}
		return;
	}
	buf_byte(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_byte(out, '"');
		buf_byte(out, (uint8_t)*text);
	}
	buf_byte(out, '"');
}

void lister_print_csv(const struct lister_view *view, enum lister_quote quote, struct buf *out)
{
	struct buf text = {0};

	for (size_t i = 0; i < view->width; i++) {
		if (i)
			buf_byte(out, ',');
		csv_field(view->names[i], false, quote, out);
	}
	buf_byte(out, '\n');
	for (size_t row = 0; row < view->height; row++) {
		for (size_t i = 0; i < view->width; i++) {
			const struct cell *cell = view->rows[row][i];

			buf_clear(&text);
			if (cell->kind == CELL_TEXT)
				escape(&text, cell_slice(cell), quote != QUOTE_NONE);
			else
				plain(cell, &text);
			if (i)
				buf_byte(out, ',');
			csv_field(buf_string(&text), cell->kind == CELL_NUMBER, quote, out);
		}
		buf_byte(out, '\n');
	}
	buf_release(&text);
}

void lister_print_yaml(const struct lister_view *view, struct buf *out)
{
	struct json json;

	if (!view->height)
		buf_text(out, "[]\n");
	for (size_t row = 0; row < view->height; row++)
		for (size_t i = 0; i < view->width; i++) {
			buf_printf(out, "%s%s: ", i ? "  " : "- ", view->names[i]);
			json_init(&json, out, 0);
			json_cell(&json, view->rows[row][i]);
			buf_byte(out, '\n');
		}
}

void lister_print_value(const struct lister_view *view, struct buf *out)
{
	for (size_t row = 0; row < view->height; row++)
		for (size_t i = 0; i < view->width; i++) {
			plain(view->rows[row][i], out);
			buf_byte(out, i + 1 < view->width ? ' ' : '\n');
		}
}
