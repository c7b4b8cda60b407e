/* speedscope's own format (www.speedscope.app/file-format-schema.json), one evented profile a
 * thread. Names come last: which functions there are is known at the end. */
#include <inttypes.h>

#include "web/exporter_internal.h"
#include "schemas/json.h"
#include "schemas/version.h"

struct speedscope {
	bool in_profile;
	bool in_events;
	int64_t last_ns;
	bool several;
};

static int begin(struct exporter *exporter, struct err *err)
{
	struct buf *out = exporter->out;

	buf_text(out,
		"{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n"
		"\"exporter\":\"smiley " SMILEY_VERSION "\",\"activeProfileIndex\":0,\"name\":");
	json_string(out, buf_slice(&exporter->command));
	buf_text(out, ",\"profiles\":[");
	return exporter_written(exporter, err);
}

static void end_profile(struct exporter *exporter)
{
	struct speedscope *state = exporter->state;

	if (state->in_profile)
		buf_printf(exporter->out, "],\"endValue\":%" PRId64 "}", state->last_ns);
	state->in_profile = false;
}

static int begin_thread(void *context, struct walk_thread *thread, struct err *err)
{
	struct exporter *exporter = context;
	struct speedscope *state = exporter->state;

	end_profile(exporter);
	buf_text(exporter->out, state->several ? ",\n" : "\n");
	buf_text(exporter->out, "{\"type\":\"evented\",\"unit\":\"nanoseconds\",\"name\":");
	json_string(exporter->out, thread->name);
	state->last_ns = thread->now_ns;
	buf_printf(exporter->out, ",\"startValue\":%" PRId64 ",\"events\":[", state->last_ns);
	state->in_profile = state->several = true;
	state->in_events = false;
	return exporter_written(exporter, err);
}

static void put_event(struct exporter *exporter, const char *type, const struct walk_thread *thread,
	const struct walk_call *call)
{
	struct speedscope *state = exporter->state;

	state->last_ns = thread->now_ns;
	buf_printf(exporter->out, "%s{\"type\":\"%s\",\"frame\":%" PRId64 ",\"at\":%" PRId64 "}",
		state->in_events ? ",\n" : "\n", type, call->code, state->last_ns);
	state->in_events = true;
}

static int enter(void *context, struct walk_thread *thread, struct walk_call *call, bool resumed,
	bool joined, struct err *err)
{
	(void)resumed;
	(void)joined;
	(void)err;
	put_event(context, "O", thread, call);
	return 0;
}

static int leave(void *context, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	(void)err;
	put_event(context, "C", thread, call);
	return 0;
}

static int finish(struct exporter *exporter, struct err *err)
{
	struct buf *out = exporter->out;

	end_profile(exporter);
	buf_text(out, "],\n\"shared\":{\"frames\":[");
	for (int64_t i = 0; i < code_table_count(exporter->codes); i++) {
		struct code code = code_table_get(exporter->codes, i);

		buf_text(out, i ? ",\n{\"name\":" : "\n{\"name\":");
		json_string(out, code.function);
		buf_text(out, ",\"file\":");
		json_string(out, code.file);
		buf_printf(out, ",\"line\":%" PRId64 "}", code.line);
	}
	buf_text(out, "]}}\n");
	return exporter_written(exporter, err);
}

const struct exporter_format exporter_speedscope = {
	.name = "speedscope",
	.by_thread = true,
	.state_bytes = sizeof(struct speedscope),
	.begin = begin,
	.taker = {.thread = begin_thread, .enter = enter, .leave = leave},
	.finish = finish,
};
