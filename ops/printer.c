#include "ops/printer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/term.h"

#define FLUSH_BYTES (64 * 1024)

int printer_init(
	struct printer *printer, const struct call *call, enum printer_runs runs, struct err *err)
{
	const char *format = settings_text(call->settings, OPTION_EVENT_FORMAT);
	struct text_options options = {0};

	*printer = (struct printer){.mixed = runs == PRINTER_MIXED_RUNS};
	if (strcmp(format, "table") == 0)
		options.format = TEXT_TABLE;
	else if (strcmp(format, "json") == 0)
		options.format = TEXT_JSON;
	else
		options.format = TEXT_CLASSIC;
	options.colour =
		options.format != TEXT_JSON &&
		term_colour(settings_text(call->settings, OPTION_TO_TOPIC) ? -1 : STDOUT_FILENO,
			settings_text(call->settings, OPTION_COLOUR));
	printer->json = options.format == TEXT_JSON;
	options.many_runs = printer->json || runs == PRINTER_GROUP;
	options.hosts = runs == PRINTER_GROUP;
	printer->text = text_new(&options, &printer->out);
	if (!printer->text)
		return err_set(err, ERR_MEMORY, "out of memory");
	printer->form = text_sink(printer->text);
	return 0;
}

void printer_release(struct printer *printer)
{
	text_free(printer->text);
	free(printer->running);
	buf_release(&printer->out);
}

int printer_flush(struct printer *printer, struct err *err)
{
	int rc;

	if (printer->out.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = printer->write ? printer->write(printer->write_context, buf_slice(&printer->out), err)
			    : term_write(buf_slice(&printer->out), err);
	buf_clear(&printer->out);
	return rc;
}

static int after(struct printer *printer, int rc, struct err *err)
{
	if (!rc && printer->out.len >= FLUSH_BYTES)
		rc = printer_flush(printer, err);
	return rc;
}

static void mark_lines(struct printer *printer)
{
	if (printer->mixed && !printer->json)
		text_many_runs(printer->text, printer->running_count > 1);
}

static void begin_run(struct printer *printer, const struct run_id *run)
{
	struct run_id *grown =
		realloc(printer->running, (printer->running_count + 1) * sizeof(*printer->running));

	if (!grown)
		return;
	printer->running = grown;
	grown[printer->running_count++] = *run;
	mark_lines(printer);
}

static void end_run(struct printer *printer, const struct run_id *run)
{
	for (size_t i = 0; i < printer->running_count; i++)
		if (run_id_equal(&printer->running[i], run)) {
			printer->running[i] = printer->running[--printer->running_count];
			break;
		}
	mark_lines(printer);
}

static int run_started(void *context, const struct run_started *run, struct err *err)
{
	struct printer *printer = context;

	begin_run(printer, &run->run);
	return after(printer, printer->form.run_started(printer->form.context, run, err), err);
}

static int source_file(void *context, const struct source_file *source, struct err *err)
{
	struct printer *printer = context;

	return printer->form.source_file(printer->form.context, source, err);
}

static int event(void *context, const struct event *what, struct err *err)
{
	struct printer *printer = context;

	printer->events++;
	if (printer->progress && printer->events % 4096 == 0)
		progress_update(printer->progress, printer->events, 0);
	return after(printer, printer->form.event(printer->form.context, what, err), err);
}

static int run_finished(void *context, const struct run_finished *run, struct err *err)
{
	struct printer *printer = context;

	int rc = printer->form.run_finished(printer->form.context, run, err);

	printer->finished++;
	end_run(printer, &run->run);
	return after(printer, rc, err);
}

struct event_sink printer_sink(struct printer *printer)
{
	return (struct event_sink){
		.context = printer,
		.run_started = run_started,
		.source_file = source_file,
		.event = event,
		.run_finished = run_finished,
	};
}
