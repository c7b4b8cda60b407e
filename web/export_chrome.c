/* The Trace Event format as JSON: Perfetto, chrome://tracing, speedscope, Firefox Profiler. */
#include <inttypes.h>

#include "web/exporter_internal.h"
#include "schemas/json.h"
#include "schemas/value.h"
#include "schemas/version.h"

#define VALUE_CHARS 200

static void put_common(
	struct exporter *exporter, const char *phase, const struct walk_thread *thread, int64_t ns)
{
	buf_printf(exporter->out,
		",\n{\"ph\":\"%s\",\"pid\":%" PRId64 ",\"tid\":%" PRId64 ",\"ts\":%" PRId64 ".%03d",
		phase, exporter->pid, thread->number + 1, ns / 1000, (int)(ns % 1000));
}

static int begin(struct exporter *exporter, struct err *err)
{
	char id[RUN_ID_TEXT_BYTES];
	struct buf *out = exporter->out;

	buf_printf(out, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"run\":\"%s\",\"command\":",
		run_id_format(&exporter->run, id));
	json_string(out, buf_slice(&exporter->command));
	buf_printf(out, ",\"started_ns\":\"%" PRId64 "\",\"writer\":\"smiley " SMILEY_VERSION "\"}",
		exporter->started_ns);
	buf_printf(out,
		",\"traceEvents\":[\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%" PRId64
		",\"tid\":0,\"ts\":0,\"args\":{\"name\":",
		exporter->pid);
	json_string(out, buf_slice(&exporter->command));
	buf_text(out, "}}");
	return exporter_written(exporter, err);
}

static int begin_thread(void *context, struct walk_thread *thread, struct err *err)
{
	struct exporter *exporter = context;

	(void)err;
	put_common(exporter, "M", thread, thread->now_ns);
	buf_text(exporter->out, ",\"name\":\"thread_name\",\"args\":{\"name\":");
	json_string(exporter->out, thread->name);
	buf_text(exporter->out, "}}");
	return 0;
}

/* An end says what it ends: speedscope pairs by name and arguments, and by time alone: no two
 * beginnings or ends of a thread have the same, so a call that took nothing has a nanosecond. */
static void put_call(struct exporter *exporter, const char *phase, const char *category,
	struct walk_thread *thread, const struct walk_call *call)
{
	struct code code = code_table_get(exporter->codes, call->code);

	thread->mark = thread->now_ns > thread->mark ? thread->now_ns : thread->mark + 1;
	put_common(exporter, phase, thread, thread->mark);
	buf_printf(exporter->out, ",\"cat\":\"%s\",\"name\":", category);
	json_string(exporter->out, code.function);
	buf_text(exporter->out, ",\"args\":{\"file\":");
	json_string(exporter->out, code.file);
	buf_printf(exporter->out, ",\"line\":%" PRId64 "}}", code.line);
}

static int enter(void *context, struct walk_thread *thread, struct walk_call *call, bool resumed,
	bool joined, struct err *err)
{
	(void)err;
	put_call(context, "B", joined ? "open" : (resumed ? "resume" : "call"), thread, call);
	return 0;
}

static int leave(void *context, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	(void)err;
	put_call(context, "E", "call", thread, call);
	return 0;
}

/* Exceptions are marks in the call where they are. */
static int mark(void *context, struct walk_thread *thread, struct walk_call *call,
	const struct event *event, struct err *err)
{
	struct exporter *exporter = context;
	struct buf text = {0};

	(void)err;
	if (event->kind != EVENT_EXCEPTION || !call)
		return 0;
	value_repr(event->value, &text);
	if (text.len > VALUE_CHARS)
		text.len = VALUE_CHARS;
	put_common(exporter, "i", thread,
		thread->now_ns > thread->mark ? thread->now_ns : thread->mark);
	buf_text(exporter->out, ",\"s\":\"t\",\"cat\":\"exception\",\"name\":");
	json_string(exporter->out, buf_slice(&text));
	buf_printf(exporter->out, ",\"args\":{\"line\":%" PRId64 "}}", event->line);
	buf_release(&text);
	return 0;
}

static int finish(struct exporter *exporter, struct err *err)
{
	buf_text(exporter->out, "\n]}\n");
	return exporter_written(exporter, err);
}

const struct exporter_format exporter_chrome = {
	.name = "chrome",
	.begin = begin,
	.taker = {.thread = begin_thread, .enter = enter, .leave = leave, .other = mark},
	.finish = finish,
};
