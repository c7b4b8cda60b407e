#include "schemas/text_internal.h"

#include "schemas/value.h"

#define LOCAL_INDENT "                    "

void text_classic_event(const struct text_moment *moment)
{
	struct text *text = moment->text;
	const struct frame *frame = moment->event->frame;

	if (text_event_line(moment, moment->run->several))
		return;
	for (size_t i = 0; i < frame->local_count; i++) {
		const struct local *local = &frame->locals[i];

		if (!text_local_shown(local))
			continue;
		text_begin_line(text, moment->run);
		buf_text(text->out, LOCAL_INDENT);
		if (local->changed)
			text_paint(text, PAINT_NEWS);
		text_escape(text->out, local->name);
		if (local->changed)
			text_paint(text, PAINT_NONE);
		buf_text(text->out, " = ");
		value_repr(local->value, text->out);
		buf_byte(text->out, '\n');
	}
}
