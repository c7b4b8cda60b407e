#include "schemas/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/text_internal.h"

static void (*const forms[])(const struct text_moment *moment) = {
	[TEXT_CLASSIC] = text_classic_event,
	[TEXT_TABLE] = text_table_event,
	[TEXT_JSON] = text_json_event,
};

struct text *text_new(const struct text_options *options, struct buf *out)
{
	struct text *text = calloc(1, sizeof(*text));

	if (!text)
		return NULL;
	text->options = *options;
	text->out = out;
	return text;
}

void text_many_runs(struct text *text, bool many_runs)
{
	text->options.many_runs = many_runs;
}

int64_t text_show_from(struct text *text, int64_t from_seq)
{
	text->options.from_seq = from_seq;
	return from_seq > TEXT_LOOKBACK ? from_seq - TEXT_LOOKBACK : 0;
}

void text_free(struct text *text)
{
	if (!text)
		return;
	while (text->runs)
		text_run_forget(text, text->runs);
	buf_release(&text->scratch);
	free(text);
}

static int out_of_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "show text: out of memory");
}

static int check_out(const struct text *text, struct err *err)
{
	return text->out->failed ? out_of_memory(err) : 0;
}

/* JSON has one object a line for events, and nothing else. */
static bool for_people(const struct text *text)
{
	return text->options.format != TEXT_JSON;
}

static void put_argv(struct text *text, struct text_list argv)
{
	struct slice word;
	bool first = true;

	while (text_list_next(&argv, &word)) {
		if (!first)
			buf_byte(text->out, ' ');
		text_escape(text->out, word);
		first = false;
	}
}

static int text_started(void *context, const struct run_started *started, struct err *err)
{
	struct text *text = context;
	struct text_run *run = text_run_get(text, &started->run);

	if (!run)
		return out_of_memory(err);
	if (run->started)
		return 0;
	text_run_start(run, started);
	if (!for_people(text))
		return check_out(text, err);
	text_begin_line(text, run);
	text_paint(text, PAINT_RUN);
	buf_text(text->out, "Starting new run: ");
	put_argv(text, started->argv);
	text_paint(text, PAINT_NONE);
	buf_byte(text->out, '\n');
	return check_out(text, err);
}

static int text_source(void *context, const struct source_file *source, struct err *err)
{
	struct text *text = context;
	struct text_run *run = text_run_get(text, &source->run);
	struct text_file *file = run ? text_run_file(run, source->path) : NULL;

	if (!file)
		return out_of_memory(err);
	if (!file->source)
		file->source = source_text_new(source->text);
	return file->source ? 0 : out_of_memory(err);
}

static int text_event(void *context, const struct event *event, struct err *err)
{
	struct text *text = context;
	struct text_moment moment = {.text = text, .event = event};

	moment.run = text_run_get(text, &event->run);
	if (!moment.run)
		return out_of_memory(err);
	if (event->thread && event->thread->number > 0)
		moment.run->several = true;
	if (event->frame) {
		moment.file = text_run_file(moment.run, event->frame->code.file);
		if (!moment.file)
			return out_of_memory(err);
	}
	moment.chain = text_chain_note(moment.run, moment.file, event);
	if (event->seq >= text->options.from_seq)
		forms[text->options.format](&moment);
	return check_out(text, err);
}

/* How a run ended badly; nothing when it did not. */
static void put_error(struct text *text, const struct run_finished *finished)
{
	const char *name;

	buf_clear(&text->scratch);
	if (finished->error_type.len) {
		text_escape(&text->scratch, finished->error_message.len ? finished->error_message
									: finished->error_type);
	} else if (finished->signal) {
		name = sigabbrev_np((int)finished->signal);
		if (name)
			buf_printf(&text->scratch, "killed by SIG%s", name);
		else
			buf_printf(&text->scratch, "killed by signal %" PRId64, finished->signal);
	} else if (finished->lost) {
		buf_text(&text->scratch, "the end of this run was not seen");
	}
}

static int text_finished(void *context, const struct run_finished *finished, struct err *err)
{
	struct text *text = context;
	struct text_run *run = text_run_get(text, &finished->run);

	if (!run)
		return out_of_memory(err);
	if (for_people(text)) {
		text_begin_line(text, run);
		text_paint(text, PAINT_RUN);
		buf_text(text->out, "Finished run");
		text_paint(text, PAINT_NONE);
		buf_byte(text->out, '\n');
		put_error(text, finished);
		if (text->scratch.len) {
			text_begin_line(text, run);
			text_paint(text, PAINT_FAILURE);
			buf_text(text->out, "ERROR in app: ");
			buf_append(text->out, text->scratch.data, text->scratch.len);
			text_paint(text, PAINT_NONE);
			buf_byte(text->out, '\n');
		}
	}
	text_run_forget(text, run);
	return check_out(text, err);
}

struct event_sink text_sink(struct text *text)
{
	return (struct event_sink){
		.context = text,
		.run_started = text_started,
		.source_file = text_source,
		.event = text_event,
		.run_finished = text_finished,
	};
}
