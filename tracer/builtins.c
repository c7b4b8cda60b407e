#include "tracer/builtins.h"

#include "tracer/hook.h"
#include "tracer/tracer_internal.h"

#include <stdlib.h>
#include <string.h>

#define MOST_CALLS 65536 /* that go on, in a thread: greenlets leave theirs behind */

void builtins_free(struct builtins *builtins)
{
	if (!builtins)
		return;
	free(builtins->calls);
	free(builtins->sums);
	free(builtins);
}

void builtins_forget(struct builtins *builtins)
{
	if (!builtins)
		return;
	builtins->depth = builtins->sum_count = 0;
	builtins->through = NULL;
}

void builtins_lose_calls(struct builtins *builtins)
{
	if (builtins)
		builtins->depth = 0;
}

static bool make_room(void **array, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? 2 * *room : 16;
	void *grown;

	if (count < *room)
		return true;
	grown = reallocarray(*array, more, size);
	if (!grown)
		return false;
	*array = grown;
	*room = more;
	return true;
}

static void sum_up(struct builtins *builtins, struct name *name, int64_t ns)
{
	struct builtin_sum *sum = builtins->sums, *end = sum + builtins->sum_count;

	for (; sum < end && sum->name != name; sum++)
		;
	if (sum == end) {
		if (!make_room((void **)&builtins->sums, &builtins->sum_room, builtins->sum_count,
			    sizeof(*sum)))
			return;
		sum = &builtins->sums[builtins->sum_count++];
		*sum = (struct builtin_sum){.name = name};
	}
	sum->calls++;
	sum->ns += ns;
}

/* What the call on top has taken up to now; told_ns of it is the interpreter's. */
static void add_time(
	struct stream *stream, struct builtin_call *call, int64_t now_ns, int32_t told_ns)
{
	int64_t passed_ns = now_ns - call->since_ns;

	if (call->since_ns == 0)
		return;
	call->since_ns = 0;
	if (passed_ns > PREEMPT_LONG_NS)
		passed_ns -= stream_note_others(stream, passed_ns, now_ns);
	if (passed_ns > told_ns)
		call->ns += passed_ns - told_ns;
}

/* Takes the call at a place off. */
static void end_call(struct stream *stream, struct builtins *builtins, size_t at, int64_t now_ns)
{
	struct builtin_call *call = &builtins->calls[at];

	if (call->name) {
		add_time(stream, call, now_ns, stream->cost.builtin_inside_ns);
		sum_up(builtins, call->name, call->ns);
	}
	builtins->depth--;
	memmove(call, call + 1, (builtins->depth - at) * sizeof(*call));
}

/* A frame calls such a function. NULL: nothing is to be noted. */
static struct builtin_call *begin_call(
	struct thread_state *thread, const py_frame *frame, struct name *name)
{
	struct builtins *builtins = thread->builtins;
	struct builtin_call *call;

	if (!builtins)
		builtins = thread->builtins = calloc(1, sizeof(*builtins));
	if (!builtins)
		return NULL;
	if (builtins->depth && builtins->calls[builtins->depth - 1].frame == frame)
		builtins->depth--; /* nobody has told of its end */
	if (builtins->depth >= MOST_CALLS)
		builtins->depth = 0;
	if (!make_room((void **)&builtins->calls, &builtins->room, builtins->depth,
		    sizeof(*builtins->calls)))
		return NULL;
	call = &builtins->calls[builtins->depth++];
	*call = (struct builtin_call){.name = name, .frame = frame};
	return call;
}

void builtins_begin(struct tracer *tracer, struct thread_state *thread, const py_frame *frame,
	PyObject *function, PyObject *self, bool passed_on)
{
	struct stream *stream = &tracer->stream;
	int64_t since_ns = stream_pause(stream);
	const struct frame_state *top = thread_top(thread);
	struct builtin_call *call;
	struct name *name = NULL;

	if (top && top->frame == frame && top->code == py_frame_code(frame))
		name = builtin_name(&tracer->builtin_names, &tracer->names, function, self);
	call = begin_call(thread, frame, name);
	stream_go_on(stream, since_ns);
	if (!call)
		return;
	call->passed_on = passed_on;
	call->since_ns = stream_pause(stream);
}

bool builtins_end(struct tracer *tracer, struct thread_state *thread, const py_frame *frame)
{
	struct stream *stream = &tracer->stream;
	int64_t since_ns = stream_pause(stream);
	struct builtins *builtins = thread->builtins;
	size_t at = builtins ? builtins->depth : 0;
	bool passed_on;

	while (at > 0 && builtins->calls[at - 1].frame != frame)
		at--;
	if (at == 0)
		return true;
	passed_on = builtins->calls[at - 1].passed_on;
	end_call(stream, builtins, at - 1, since_ns);
	stream_go_on(stream, since_ns);
	/* More than none: the next line is then no plain one (record_internal.h). */
	stream->pause_ns += stream->cost.builtin_told_ns + 1;
	return passed_on;
}

/* The innermost call that counts, if the thread's innermost recorded frame has made it. */
static struct builtin_call *running_call(
	const struct builtins *builtins, const struct thread_state *thread)
{
	const struct frame_state *top = thread_top(thread);
	size_t at = builtins->depth;

	while (at > 0 && !builtins->calls[at - 1].name)
		at--;
	if (at == 0 || !top || builtins->calls[at - 1].frame != top->frame)
		return NULL;
	return &builtins->calls[at - 1];
}

void builtins_enter_slow(struct tracer *tracer, struct thread_state *thread)
{
	struct builtins *builtins = thread->builtins;
	struct builtin_call *call = running_call(builtins, thread);

	if (!call)
		return;
	add_time(&tracer->stream, call, stream_pause(&tracer->stream),
		tracer->stream.cost.builtin_inside_ns);
	builtins->through = call->name;
}

void builtins_leave_slow(struct tracer *tracer, struct thread_state *thread, const py_frame *frame)
{
	struct builtins *builtins = thread->builtins;
	struct builtin_call *call;

	while (builtins->depth && builtins->calls[builtins->depth - 1].frame == frame)
		builtins->depth--;
	call = running_call(builtins, thread);
	if (call && call->since_ns == 0)
		call->since_ns = stream_pause(&tracer->stream);
}

void builtins_put_slow(struct tracer *tracer, const struct builtins *builtins)
{
	struct stream *stream = &tracer->stream;

	for (size_t i = 0; i < builtins->sum_count; i++) {
		const struct builtin_sum *sum = &builtins->sums[i];
		uint32_t name = stream_name(stream, sum->name);

		stream_room(stream, 64);
		stream_put_tag(stream, ITEM_BUILTIN);
		stream->at = avro_put_long(stream->at, name);
		stream->at = avro_put_long(stream->at, sum->calls);
		stream->at = avro_put_long(stream->at, sum->ns);
	}
	if (builtins->through) {
		uint32_t name = stream_name(stream, builtins->through);

		stream_room(stream, 64);
		stream_put_tag(stream, ITEM_THROUGH);
		stream->at = avro_put_long(stream->at, name);
	}
}

#if PY_BY_TRACE_FUNCTION

int builtins_event(PyObject *self, PyFrameObject *object, int what, PyObject *argument)
{
	struct tracer *tracer = hook_tracer();
	struct thread_state *thread = thread_get(&tracer->threads, _PyThreadState_GET());
	bool begins = what == PyTrace_C_CALL;
	bool ends = what == PyTrace_C_RETURN || what == PyTrace_C_EXCEPTION;
	bool pass_on = thread && thread->user_profile;
	int result = 0;

	if (!thread)
		return 0;
	/* Who set a profile function while a function ran hears nothing of its end. */
	if (ends && tracer->active)
		pass_on &= builtins_end(tracer, thread, py_frame_of(object));
	if (pass_on)
		result = thread->user_profile(self, object, what, argument);
	if (begins && tracer->active && result == 0)
		builtins_begin(tracer, thread, py_frame_of(object), argument, NULL, pass_on);
	return result;
}

#endif
