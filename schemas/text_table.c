#include "schemas/text_internal.h"

#include "schemas/value.h"

#include <stdlib.h>

#define TABLE_INDENT "    "
#define VALUE_WIDTH 60

/* Characters of UTF-8 text: all bytes but those that go on with one. */
static size_t width_of(struct slice text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len; i++)
		width += (text.data[i] & 0xc0) != 0x80;
	return width;
}

/* Takes a row's part off the front of a value: up to VALUE_WIDTH characters, to the last
 * space in them when there is more. */
static struct slice take_row(struct slice *value)
{
	size_t width = 0;
	size_t space = 0;
	size_t len;

	for (len = 0; len < value->len; len++) {
		bool begins = (value->data[len] & 0xc0) != 0x80;

		if (begins && width == VALUE_WIDTH)
			break;
		width += begins;
		if (value->data[len] == ' ')
			space = len + 1;
	}
	if (len < value->len && space)
		len = space;
	*value = (struct slice){value->data + len, value->len - len};
	return (struct slice){value->data - len, len};
}

static void put_times(struct buf *out, uint8_t byte, size_t times)
{
	while (times--)
		buf_byte(out, byte);
}

struct table {
	const struct text_moment *moment;
	size_t name_width;
	size_t value_width;
};

static void put_rule(const struct table *table)
{
	struct buf *out = table->moment->text->out;

	text_begin_line(table->moment->text, table->moment->run);
	buf_text(out, TABLE_INDENT "+");
	put_times(out, '-', table->name_width + 2);
	buf_byte(out, '+');
	put_times(out, '-', table->value_width + 2);
	buf_text(out, "+\n");
}

static void put_row(const struct table *table, struct slice name, struct slice value, bool news)
{
	struct text *text = table->moment->text;

	text_begin_line(text, table->moment->run);
	buf_text(text->out, TABLE_INDENT "| ");
	if (news)
		text_paint(text, PAINT_NEWS);
	buf_append(text->out, name.data, name.len);
	if (news)
		text_paint(text, PAINT_NONE);
	put_times(text->out, ' ', table->name_width - width_of(name));
	buf_text(text->out, " | ");
	buf_append(text->out, value.data, value.len);
	put_times(text->out, ' ', table->value_width - width_of(value));
	buf_text(text->out, " |\n");
}

/* Puts the local's name and value into scratch, as they will be shown. */
static void show_local(
	struct text *text, const struct local *local, struct slice *name, struct slice *value)
{
	size_t name_len;

	buf_clear(&text->scratch);
	text_escape(&text->scratch, local->name);
	name_len = text->scratch.len;
	value_repr(local->value, &text->scratch);
	if (name_len > text->scratch.len)
		name_len = text->scratch.len;
	*name = (struct slice){text->scratch.data, name_len};
	*value = (struct slice){text->scratch.data + name_len, text->scratch.len - name_len};
}

/* Widens the columns to what the frame's locals need; returns how many are shown. */
static size_t measure(struct table *table)
{
	const struct frame *frame = table->moment->event->frame;
	size_t shown = 0;

	for (size_t i = 0; i < frame->local_count; i++) {
		struct slice name;
		struct slice value;

		if (!text_local_shown(&frame->locals[i]))
			continue;
		shown++;
		show_local(table->moment->text, &frame->locals[i], &name, &value);
		if (width_of(name) > table->name_width)
			table->name_width = width_of(name);
		while (value.len) {
			size_t width = width_of(take_row(&value));

			if (width > table->value_width)
				table->value_width = width;
		}
	}
	return shown;
}

static void put_local(const struct table *table, const struct local *local)
{
	struct slice name;
	struct slice value;

	show_local(table->moment->text, local, &name, &value);
	do {
		put_row(table, name, take_row(&value), local->changed);
		name = slice_text("");
	} while (value.len);
}

void text_table_event(const struct text_moment *moment)
{
	const struct frame *frame = moment->event->frame;
	struct table table = {.moment = moment};

	if (text_event_line(moment, true))
		return;
	table.name_width = sizeof("Variable") - 1;
	table.value_width = sizeof("Value") - 1;
	if (measure(&table) == 0)
		return;
	put_rule(&table);
	put_row(&table, slice_text("Variable"), slice_text("Value"), false);
	put_rule(&table);
	for (size_t i = 0; i < frame->local_count; i++) {
		if (text_local_shown(&frame->locals[i]))
			put_local(&table, &frame->locals[i]);
	}
	put_rule(&table);
}
