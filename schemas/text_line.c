#include "schemas/text_internal.h"

#include "schemas/escape.h"
#include "schemas/value.h"
#include "schemas/value_internal.h"

#include <inttypes.h>

/* As a traceback: a line is shown so often in a row, then counted. */
#define SAME_STEPS_SHOWN 3

#define LINE_WIDTH 4

void text_paint(struct text *text, enum text_paint paint)
{
	static const char *const codes[] = {
		[PAINT_NONE] = "\033[0m",
		[PAINT_PLACE] = "\033[36m",
		[PAINT_RESULT] = "\033[32m",
		[PAINT_FAILURE] = "\033[31m",
		[PAINT_NEWS] = "\033[33m",
		[PAINT_RUN] = "\033[1m",
	};

	if (text->options.colour)
		buf_text(text->out, codes[paint]);
}

static bool put_control(struct buf *out, int32_t c)
{
	if (c == '\t' || !escape_is_control(c))
		return false;
	if (c == '\n')
		buf_text(out, "\\n");
	else if (c == '\r')
		buf_text(out, "\\r");
	else
		buf_printf(out, c > 0xff ? "\\u%04x" : "\\x%02x", (unsigned)c);
	return true;
}

void text_escape(struct buf *out, struct slice text)
{
	static const struct escape_rules rules = {NULL, put_control};

	escape_text(out, text, &rules);
}

void text_begin_line(struct text *text, const struct text_run *run)
{
	if (!text->options.many_runs)
		return;
	if (text->options.hosts) {
		text_escape(text->out, buf_slice(&run->host));
		buf_byte(text->out, '/');
	}
	buf_text(text->out, run->digits);
	buf_byte(text->out, ' ');
}

void text_duration(struct buf *out, int64_t duration_ns)
{
	int64_t seconds = duration_ns / 1000000000;

	if (duration_ns < 0)
		return;
	if (seconds < 60)
		buf_printf(out, "%" PRId64 ".%03d s", seconds,
			(int)(duration_ns % 1000000000 / 1000000));
	else if (seconds < 3600)
		buf_printf(out, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
	else
		buf_printf(out, "%" PRId64 " h %" PRId64 " min", seconds / 3600, seconds / 60 % 60);
}

bool text_name_shown(struct slice name)
{
	const uint8_t *at = name.data;

	if (name.len < 2)
		return true;
	return !(at[0] == '_' && at[1] == '_') &&
	       !(at[name.len - 1] == '_' && at[name.len - 2] == '_');
}

bool text_local_shown(const struct local *local)
{
	return text_name_shown(local->name) && !value_is_routine(local->value);
}

static void put_line(struct buf *out, int64_t line)
{
	buf_byte(out, ':');
	long_repr(line, LINE_WIDTH, out);
	buf_byte(out, ':');
}

void text_place(const struct text_moment *moment, bool thread)
{
	struct buf *out = moment->text->out;
	const struct event *event = moment->event;

	text_paint(moment->text, PAINT_PLACE);
	buf_append(out, moment->file->shown.data, moment->file->shown.len);
	put_line(out, event->line);
	if (thread && event->thread) {
		text_escape(out, event->thread->name);
		buf_byte(out, ':');
	}
	text_paint(moment->text, PAINT_NONE);
	buf_byte(out, ' ');
}

static struct slice source_line(struct text_file *file, int64_t line)
{
	return file->source ? source_text_line(file->source, line) : slice_text("");
}

static struct slice stripped(struct slice line)
{
	while (line.len && (*line.data == ' ' || *line.data == '\t' || *line.data == '\f'))
		line = (struct slice){line.data + 1, line.len - 1};
	return line;
}

static void put_step(const struct text_moment *moment, const struct text_step *step)
{
	struct buf *out = moment->text->out;
	int64_t shown = step->times < SAME_STEPS_SHOWN ? step->times : SAME_STEPS_SHOWN;

	for (int64_t i = 0; i < shown; i++) {
		text_begin_line(moment->text, moment->run);
		buf_text(out, "    ");
		buf_append(out, step->file->shown.data, step->file->shown.len);
		put_line(out, step->line);
		buf_byte(out, ' ');
		text_escape(out, stripped(source_line(step->file, step->line)));
		buf_byte(out, '\n');
	}
	if (step->times > shown) {
		text_begin_line(moment->text, moment->run);
		buf_printf(out, "    [Previous line repeated %" PRId64 " more time%s]\n",
			step->times - shown, step->times - shown == 1 ? "" : "s");
	}
}

/* The frames from the event's down to the one that raised. */
static void put_steps(const struct text_moment *moment)
{
	const struct text_chain *chain = moment->chain;

	for (int i = chain->step_count; i > 0; i--) {
		if (i == CHAIN_INNER_STEPS && chain->left_out) {
			text_begin_line(moment->text, moment->run);
			buf_printf(moment->text->out, "    [%" PRId64 " more frame%s]\n",
				chain->left_out, chain->left_out == 1 ? "" : "s");
		}
		put_step(moment, &chain->steps[i - 1]);
	}
}

static void put_marked(const struct text_moment *moment, enum text_paint paint, const char *mark)
{
	text_paint(moment->text, paint);
	buf_text(moment->text->out, mark);
	text_paint(moment->text, PAINT_NONE);
}

/* Events that are about no frame. */
static void put_remark(const struct text_moment *moment)
{
	struct buf *out = moment->text->out;
	const struct event *event = moment->event;

	if (event->kind == EVENT_TASK && event->text.len == 0) {
		buf_text(out, "-- no task");
	} else if (event->kind == EVENT_TASK) {
		buf_text(out, "-- task ");
		text_escape(out, event->text);
	} else if (event->kind == EVENT_THREAD) {
		buf_text(out, "-- thread ");
		text_escape(out, event->thread ? event->thread->name : slice_text(""));
		buf_text(out, " started");
	} else {
		buf_text(out, "-- ");
		if (event->lost >= 0)
			buf_printf(out, "%" PRId64 " event%s lost here: ", event->lost,
				event->lost == 1 ? "" : "s");
		text_escape(out, event->text);
	}
	buf_byte(out, '\n');
}

/* Behind a pause: how long it was. Of those that nobody would notice nothing is said. */
static void put_goes_on(const struct text_moment *moment)
{
	struct text_run *run = moment->run;
	const struct event *event = moment->event;
	int64_t passed_ns = event->time_ns - run->off_ns;

	if (run->off && event->seq == run->off_seq + 1 && passed_ns >= 1000000) {
		text_begin_line(moment->text, run);
		buf_text(moment->text->out, "-- recording goes on after ");
		text_duration(moment->text->out, passed_ns);
		buf_byte(moment->text->out, '\n');
	}
	run->off = event->kind == EVENT_GAP && event->lost < 0;
	run->off_seq = event->seq;
	run->off_ns = event->time_ns;
}

/* return, yield, exception, unwind */
static void put_outcome(const struct text_moment *moment)
{
	struct buf *out = moment->text->out;
	const struct event *event = moment->event;

	if (event->kind == EVENT_EXCEPTION || event->kind == EVENT_UNWIND) {
		put_marked(moment, PAINT_FAILURE,
			event->kind == EVENT_EXCEPTION ? "Exception:" : "unwind>>>");
		if (moment->chain) {
			buf_byte(out, ' ');
			buf_append(out, moment->chain->repr.data, moment->chain->repr.len);
		}
		buf_byte(out, '\n');
		if (event->kind == EVENT_EXCEPTION && moment->chain)
			put_steps(moment);
		return;
	}
	put_marked(moment, PAINT_RESULT, "return>>>");
	buf_byte(out, ' ');
	value_repr(event->value, out);
	buf_byte(out, '\n');
}

bool text_event_line(const struct text_moment *moment, bool thread)
{
	const struct event *event = moment->event;
	bool in_code = event->kind == EVENT_CALL || event->kind == EVENT_LINE ||
		       event->kind == EVENT_RESUME;

	put_goes_on(moment);
	/* The first thread starts with the run, which has a line of its own. */
	if (event->kind == EVENT_THREAD && event->thread && event->thread->number == 0)
		return true;
	text_begin_line(moment->text, moment->run);
	if (!moment->file) {
		put_remark(moment);
		return true;
	}
	text_place(moment, thread);
	if (!in_code) {
		put_outcome(moment);
		return true;
	}
	text_escape(moment->text->out, source_line(moment->file, event->line));
	buf_byte(moment->text->out, '\n');
	return false;
}
