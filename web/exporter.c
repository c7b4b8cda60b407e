#include "web/exporter.h"

#include <stdlib.h>
#include <string.h>

#include "web/exporter_internal.h"
#include "materializer/run_text.h"

static const struct exporter_format *const formats[] = {
	&exporter_callgrind,
	&exporter_chrome,
	&exporter_collapsed,
	&exporter_lcov,
	&exporter_perfetto,
	&exporter_speedscope,
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

const struct exporter_format *exporter_format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

bool exporter_format_by_thread(const struct exporter_format *format)
{
	return format->by_thread;
}

int exporter_new(const struct exporter_format *format, struct buf *out, struct exporter **exporter,
	struct err *err)
{
	struct exporter *made = calloc(1, sizeof(*made));
	struct walk_taker taker = format->taker;

	*exporter = NULL;
	if (!made)
		return err_set(err, ERR_MEMORY, "out of memory");
	taker.context = made;
	made->format = format;
	made->out = out;
	made->codes = code_table_new();
	made->walk = made->codes ? call_walk_new(&taker, made->codes) : NULL;
	made->state = calloc(1, format->state_bytes + 1);
	if (!made->walk || !made->state) {
		exporter_free(made);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	*exporter = made;
	return 0;
}

void exporter_free(struct exporter *exporter)
{
	if (!exporter)
		return;
	if (exporter->state && exporter->format->release)
		exporter->format->release(exporter);
	free(exporter->state);
	call_walk_free(exporter->walk);
	code_table_free(exporter->codes);
	buf_release(&exporter->command);
	free(exporter);
}

void exporter_sources(struct exporter *exporter,
	int (*read)(void *context, struct slice path, struct buf *text, struct err *err),
	void *context)
{
	exporter->read_source = read;
	exporter->read_context = context;
}

int exporter_written(const struct exporter *exporter, struct err *err)
{
	return exporter->out->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

void exporter_line_text(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		buf_byte(out, text.data[i] < 0x20 || text.data[i] == 0x7f ? ' ' : text.data[i]);
}

int exporter_begin(struct exporter *exporter, const struct run_started *run, struct err *err)
{
	int rc = 0;

	exporter->run = run->run;
	exporter->pid = run->pid;
	exporter->started_ns = run->started_ns;
	argv_text(run->argv, &exporter->command);
	if (exporter->format->begin)
		rc = exporter->format->begin(exporter, err);
	return rc ? rc : exporter_written(exporter, err);
}

int exporter_event(
	struct exporter *exporter, const struct event *event, int64_t time_ns, struct err *err)
{
	int rc = 0;

	if (exporter->format->by_thread && event->thread) {
		if (exporter->fed && exporter->thread != event->thread->number)
			rc = call_walk_finish(exporter->walk, err);
		exporter->fed = true;
		exporter->thread = event->thread->number;
	}
	if (rc == 0)
		rc = call_walk_event(exporter->walk, event, time_ns, err);
	return rc ? rc : exporter_written(exporter, err);
}

int exporter_finish(struct exporter *exporter, struct err *err)
{
	int rc = call_walk_finish(exporter->walk, err);

	if (rc == 0 && exporter->format->finish)
		rc = exporter->format->finish(exporter, err);
	return rc ? rc : exporter_written(exporter, err);
}
