#include "tracer/engine.h"

#include "tracer/evaluator.h"
#include "tracer/hook.h"
#include "tracer/install.h"
#include "tracer/instrument.h"
#include "tracer/record_internal.h"
#include "tracer/stack.h"
#include "tracer/tracer_internal.h"

#include <string.h>

#if PY_BY_SITES

#define REST_FRAMES 1000 /* looked through for one whose events must be told */

/* Does the interpreter leave the events of this thread to sites? */
static inline bool is_by_sites(const PyThreadState *python)
{
	return python->c_tracefunc == hook_event && !python->tracing && !python->c_profilefunc;
}

/* What a site's hook works with; thread is NULL when it has nothing to record. */
struct here {
	struct tracer *tracer;
	struct thread_state *thread;
	_PyCFrame *cframe;
	py_frame *frame;
};

static inline struct here here(void)
{
	PyThreadState *python = _PyThreadState_GET();
	struct here here = {hook_tracer(), NULL, python->cframe, python->cframe->current_frame};

	if (__builtin_expect(!is_by_sites(python), 0))
		return here;
	if (__builtin_expect(!here.tracer->active, 0) &&
		!tracer_wake(here.tracer, here.frame, PyTrace_LINE))
		return here;
	if (here.cframe->use_tracing) {
		if (here.tracer->engine_on)
			here.cframe->use_tracing = 0;
		return here;
	}
	stream_sample_begin(&here.tracer->stream);
	here.thread = thread_get(&here.tracer->threads, python);
	return here;
}

/* The event before this has been recorded here; the next ones are told. */
static inline void give_way(const struct here *here)
{
	if (__builtin_expect(!here->tracer->engine_on, 0))
		here->cframe->use_tracing = PY_TELL_ALL;
}

static struct plan *site_plan(struct tracer *tracer, struct site *site, const py_frame *frame)
{
	if (!site->plan || site->plan->process != tracer->process)
		site->plan = plan_of(tracer, frame->f_code);
	return site->plan && site->plan->recorded ? site->plan : NULL;
}

static __attribute__((noinline)) PyObject *on_any_line(int line)
{
	struct here at = here();

	if (!at.thread)
		return NULL;
	record_line(at.tracer, at.thread, at.frame, line);
	give_way(&at);
	return NULL;
}

static PyObject *on_line(PyObject *self)
{
	PyThreadState *python = _PyThreadState_GET();
	struct here at = {hook_tracer(), NULL, python->cframe, python->cframe->current_frame};
	int line = ((struct site *)self)->line;

	if (__builtin_expect(!is_by_sites(python) || at.cframe->use_tracing ||
				     !record_plain_line(at.tracer, python, at.frame, line),
		    0))
		return on_any_line(line);
	give_way(&at);
	return NULL;
}

/* Is it recorded, and has no twin? */
static bool is_bare(struct tracer *tracer, const py_frame *frame)
{
	struct plan *plan;

	if (instrument_original(frame->f_code))
		return false;
	plan = plan_of(tracer, frame->f_code);
	return plan && plan->recorded;
}

/* Records a call, or the way back into a generator. */
static void on_start(const struct here *at, struct site *site, struct plan *plan)
{
	struct frame_state *top = thread_top(at->thread);

	if ((!top || top->frame != at->frame->previous) && at->frame->previous &&
		is_bare(at->tracer, at->frame->previous))
		at->tracer->engine_on = false; /* it runs, and nobody has told */
	if (site->starts)
		record_call(at->tracer, at->thread, at->frame, plan);
	else
		record_resume(at->tracer, at->thread, at->frame, plan, site->line);
	top = thread_top(at->thread);
	if (top && top->frame == at->frame)
		top->by_site = true;
	give_way(at);
}

/* Nothing of the program's happens between a call and its first line, so that the line is recorded
 * with it (as joined.h does), and its site left out: when the call has been recorded as most are,
 * and no sample is being taken. */
static bool joins_line(const struct here *at, const struct site *site, const struct plan *plan)
{
	const struct stream *stream = &at->tracer->stream;

	return site->first_line >= 0 && stream->ready && stream->ready->frame == at->frame &&
	       stream->cost.until > 1 && !cost_wants(&plan->cost) && at->tracer->engine_on;
}

static PyObject *on_call(PyObject *self)
{
	struct site *site = (struct site *)self;
	struct here at = here();
	struct plan *plan = at.thread ? site_plan(at.tracer, site, at.frame) : NULL;

	if (plan)
		on_start(&at, site, plan);
	if (plan && joins_line(&at, site, plan)) {
		record_line_of_call(at.tracer, at.thread, at.frame, plan, site->first_line);
		return NULL;
	}
	return site->first_line < 0 ? NULL : Py_NewRef(Py_None); /* the line's site tells */
}

/* Does control go back, perhaps through code that is not recorded, to a frame whose events
 * must be told? A generator that is at a yield does not run: it stands in the chain while
 * its throw() or close() is passed on to the one that it awaits. */
static bool returns_to_bare(struct tracer *tracer, const py_frame *frame)
{
	for (frame = frame->previous; frame; frame = frame->previous) {
		if (instrument_original(frame->f_code)) {
			if (py_frame_is_generator(frame) && py_frame_at_yield(frame))
				continue;
			return false;
		}
		if (is_bare(tracer, frame))
			return true;
	}
	return false;
}

/* Most often the caller is the recorded frame below, of which a site has told: it has a twin, and
 * returns_to_bare() would say no. */
static inline bool returns_to_site(const struct thread_state *thread, const py_frame *frame)
{
	const struct frame_state *caller;

	if (thread->depth < 2)
		return false;
	caller = thread->stack[thread->depth - 2];
	return caller->by_site && caller->frame == frame->previous &&
	       caller->code == caller->frame->f_code &&
	       !(py_frame_is_generator(caller->frame) && py_frame_at_yield(caller->frame));
}

static inline void on_leaving(struct here *at, enum item_kind kind, int line, PyObject *value)
{
	if (!at->tracer->engine_on || (!returns_to_site(at->thread, at->frame) &&
					      returns_to_bare(at->tracer, at->frame))) {
		at->cframe->use_tracing = PY_TELL_ALL; /* of this, too */
		return;
	}
	record_leave(at->tracer, at->thread, at->frame, kind, line, value);
}

/* At RETURN_VALUE nothing but the value is on the stack. */
static PyObject *on_return(PyObject *self)
{
	PyThreadState *python = _PyThreadState_GET();
	struct here at;

	if (python->cframe->use_tracing)
		return NULL; /* is told */
	at = here();
	if (at.thread)
		on_leaving(&at, ITEM_RETURN, ((struct site *)self)->line,
			_PyFrame_Stackbase(at.frame)[0]);
	return NULL;
}

static int on_yield(PyObject *self, PyObject *value)
{
	PyThreadState *python = _PyThreadState_GET();
	struct here at;

	if (python->cframe->use_tracing)
		return 0;
	at = here();
	if (at.thread)
		on_leaving(&at, ITEM_YIELD, ((struct site *)self)->line, value);
	return 0;
}

static PyObject *on_exception_goes_on(PyObject *self)
{
	PyThreadState *python = _PyThreadState_GET();

	(void)self;
	if (python->c_tracefunc && !python->tracing)
		python->cframe->use_tracing = PY_TELL_ALL;
	return NULL;
}

static bool wanted(PyCodeObject *code)
{
	struct tracer *tracer = hook_tracer();

	if (!tracer->engine_on || !(tracer->active || tracer->paused) ||
		!plan_records(tracer, code))
		return false;
	tracer->twin_since_ns = stream_pause(&tracer->stream);
	return true;
}

static void made(void)
{
	stream_go_on(&hook_tracer()->stream, hook_tracer()->twin_since_ns);
}

static void failed(PyCodeObject *code)
{
	(void)code;
	hook_tracer()->engine_on = false;
}

void engine_begin(struct tracer *tracer)
{
	static const struct site_hooks hooks = {
		{[SITE_LINE] = on_line,
			[SITE_CALL] = on_call,
			[SITE_RETURN] = on_return,
			[SITE_LEAVE] = on_exception_goes_on},
		on_yield,
	};
	static const struct install install = {wanted, made, failed};

	instrument_set_hooks(&hooks);
	tracer->engine_on = install_begin(&install);
}

void engine_start(struct tracer *tracer)
{
	if (tracer->engine_on && (tracer->active || tracer->paused))
		install_functions();
}

/* Source text has become code, which runs now. */
static void on_exec(PyObject *arguments)
{
	PyObject *type, *value, *traceback;

	if (!PyTuple_Check(arguments) || PyTuple_GET_SIZE(arguments) < 1)
		return;
	PyErr_Fetch(&type, &value, &traceback);
	install_exec(PyTuple_GET_ITEM(arguments, 0));
	PyErr_Restore(type, value, traceback);
}

void engine_audit(struct tracer *tracer, const char *event, PyObject *arguments)
{
	if (!tracer->engine_on)
		return;
	if (strcmp(event, "exec") == 0)
		on_exec(arguments);
	else if (strcmp(event, "sys.settrace") == 0 || strcmp(event, "sys.setprofile") == 0)
		tracer->engine_on = false;
}

void engine_meets(struct tracer *tracer, const py_frame *frame)
{
	if (tracer->engine_on && !instrument_original(frame->f_code))
		tracer->engine_on = false; /* code that came to run in a way we do not know */
}

/* Does the frame, or one that called it, want to be told? When in doubt: yes. */
static bool wants_telling(struct tracer *tracer, const py_frame *frame)
{
	int seen = 0;

	for (; frame; frame = frame->previous)
		if (++seen > REST_FRAMES || is_bare(tracer, frame))
			return true;
	return false;
}

/* The thread is told nothing, if it need not be. */
static void rest(struct tracer *tracer, PyThreadState *python)
{
	if (tracer->engine_on && tracer->active && is_by_sites(python) &&
		!wants_telling(tracer, python->cframe->current_frame))
		python->cframe->use_tracing = 0;
}

static int rest_main(void *context)
{
	struct tracer *tracer = hook_tracer();

	(void)context;
	if (tracer) {
		tracer->rest_pending = false;
		rest(tracer, _PyThreadState_GET());
	}
	return 0;
}

/* Before the next call, whichever thread's: the one that is waited for is told of its own next one,
 * and asks again. */
static PyCodeObject *rest_at_frame(PyThreadState *python, const py_frame *frame)
{
	struct tracer *tracer = hook_tracer();

	evaluator_unwatch(EVALUATOR_REST);
	if (tracer && python->cframe->use_tracing && !is_bare(tracer, frame))
		rest(tracer, python);
	return NULL;
}

void engine_ignores(struct tracer *tracer)
{
	if (!tracer->engine_on || !tracer->active)
		return;
	if (PyThread_get_thread_ident() != tracer->main_ident)
		evaluator_watch(EVALUATOR_REST, rest_at_frame);
	else if (!tracer->rest_pending)
		tracer->rest_pending = Py_AddPendingCall(rest_main, NULL) == 0;
}

bool engine_hides(const py_frame *frame)
{
	return instrument_is_site(frame->f_code, py_frame_at(frame));
}

void engine_before_exception(
	struct tracer *tracer, struct thread_state *thread, py_frame *frame, int line)
{
	const struct frame_state *top = thread_top(thread);
	struct frame_state *state;
	struct plan *plan;
	bool thrown;

	if (!py_frame_is_generator(frame) || (top && top->frame == frame) ||
		!instrument_original(frame->f_code))
		return;
	plan = plan_of(tracer, frame->f_code);
	if (!plan || !plan->recorded)
		return;
	state = suspended_take(&tracer->suspended, frame);
	thrown = !state || state->yielded;
	if (state)
		suspended_add(&tracer->suspended, state);
	if (thrown)
		record_resume(tracer, thread, frame, plan, line);
}

#endif
