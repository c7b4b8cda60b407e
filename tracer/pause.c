#include "tracer/pause.h"

#include "schemas/event.h"
#include "tracer/fork.h"
#include "tracer/monitor.h"
#include "tracer/stack.h"
#include "tracer/threads.h"

void pause_listen(struct tracer *tracer)
{
#if PY_BY_MONITORING
	monitor_listen(tracer);
#else
	if (tracer->active || tracer->paused & PAUSE_FLAGGED)
		threads_tell(tracer);
#endif
}

void pause_note(struct tracer *tracer, enum pause_reason reason)
{
	struct thread_state *thread = thread_get(&tracer->threads, _PyThreadState_GET());

	if (thread)
		stack_gap(tracer, thread, reason == PAUSE_CALLED ? GAP_STOPPED : GAP_PAUSED);
}

void pause_begin(struct tracer *tracer, enum pause_reason reason)
{
	if (!(tracer_lives(tracer) || tracer->forked) || tracer->paused & reason)
		return;
	tracer->paused |= reason;
	if (tracer->active)
		pause_note(tracer, reason);
	tracer_settle(tracer);
	pause_listen(tracer);
}

void pause_end(struct tracer *tracer, enum pause_reason reason, py_frame *frame)
{
	struct thread_state *thread;

	if (!(tracer->paused & reason))
		return;
	tracer->paused &= ~(unsigned)reason;
	if (tracer->forked) {
		fork_begin(tracer);
	} else if (!tracer->paused && tracer->resting) {
		tracer_settle(tracer);
		stack_forget(tracer);
		stream_go_on(&tracer->stream, tracer->paused_since_ns);
	}
	pause_listen(tracer);
	if (!tracer->active)
		return;
	thread = thread_get(&tracer->threads, _PyThreadState_GET());
	if (thread)
		stack_adopt(tracer, thread, frame);
}

bool pause_is_over(struct tracer *tracer, const py_frame *frame)
{
	if (!(tracer->paused & PAUSE_FLAGGED))
		return false;
	fork_begin(tracer);
	if (!tracer->stream.spool.header || stream_is_paused(&tracer->stream))
		return false;
	pause_end(tracer, PAUSE_FLAGGED, py_frame_previous(frame));
	return tracer->active;
}
