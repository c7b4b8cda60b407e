#include "tracer/calibrate.h"

#include "tracer/instrument.h"
#include "tracer/tracer_internal.h"

#if PY_BY_SITES

#define TURNS 200    /* of a loop */
#define ROUNDS 4     /* the quickest counts */
#define LONG_NS 5000 /* another process ran */

/* Four lines a turn; and three lines, a call and a return. */
static const char text[] = "def lines(turns):\n"
			   "    for turn in turns:\n"
			   "        a = turn\n"
			   "        b = turn\n"
			   "        c = turn\n"
			   "def calls(turns):\n"
			   "    for turn in turns:\n"
			   "        empty()\n"
			   "def empty():\n"
			   "    return\n";

/* Between the events: by the kind of the first of two. */
static struct probe {
	const struct stream *stream;
	enum cost_kind kind;
	int64_t ended_ns; /* 0: none has */
	int64_t sum_ns[COST_KINDS], count[COST_KINDS];
} probe;

/* What a function's turn takes, and a mean gap; INT64_MAX: not known. */
struct found {
	int64_t turn_ns, gap_ns[COST_KINDS];
};

static inline void note(enum cost_kind kind)
{
	int64_t passed_ns = stream_pause(probe.stream) - probe.ended_ns;

	if (probe.ended_ns && passed_ns < LONG_NS) {
		probe.sum_ns[probe.kind] += passed_ns;
		probe.count[probe.kind]++;
	}
	probe.kind = kind;
	probe.ended_ns = stream_pause(probe.stream);
}

static PyObject *on_line(PyObject *self)
{
	(void)self;
	note(COST_LINE);
	return NULL;
}

static PyObject *on_call(PyObject *self)
{
	(void)self;
	note(COST_ENTER);
	return NULL;
}

static PyObject *on_return(PyObject *self)
{
	(void)self;
	note(COST_LEAVE);
	return NULL;
}

static PyObject *on_nothing(PyObject *self)
{
	(void)self;
	return NULL;
}

static int on_yield(PyObject *self, PyObject *value)
{
	(void)self;
	(void)value;
	return 0;
}

static int on_traced(PyObject *self, PyFrameObject *frame, int what, PyObject *argument)
{
	(void)self;
	(void)frame;
	(void)argument;
	note(what == PyTrace_CALL ? COST_ENTER : what == PyTrace_RETURN ? COST_LEAVE : COST_LINE);
	return 0;
}

static void least(int64_t *to, int64_t ns)
{
	if (ns < *to)
		*to = ns;
}

static bool run(PyObject *globals, const char *name, struct found *found)
{
	PyObject *function = PyDict_GetItemString(globals, name);
	PyObject *turns = PyTuple_New(TURNS);

	*found = (struct found){INT64_MAX, {INT64_MAX, INT64_MAX, INT64_MAX}};
	for (int i = 0; turns && i < TURNS; i++)
		PyTuple_SET_ITEM(turns, i, Py_NewRef(Py_None));
	for (int round = 0; function && turns && round < ROUNDS; round++) {
		int64_t since_ns = stream_pause(probe.stream);
		PyObject *result;

		probe = (struct probe){.stream = probe.stream};
		result = PyObject_CallOneArg(function, turns);
		if (!result)
			break;
		Py_DECREF(result);
		least(&found->turn_ns, (stream_pause(probe.stream) - since_ns) / TURNS);
		for (int kind = 0; kind < COST_KINDS; kind++) {
			if (probe.count[kind])
				least(&found->gap_ns[kind], probe.sum_ns[kind] / probe.count[kind]);
		}
	}
	Py_XDECREF(turns);
	return found->turn_ns != INT64_MAX;
}

/* The functions above, as they are or as twins. */
static PyObject *define(bool twins)
{
	static const char *const names[] = {"lines", "calls", "empty"};
	PyObject *globals = PyDict_New();
	PyObject *code = Py_CompileString(text, "<smiley>", Py_file_input);
	PyObject *done = NULL;

	if (globals && code &&
		PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins()) == 0)
		done = PyEval_EvalCode(code, globals, globals);
	for (size_t i = 0; done && twins && i < sizeof(names) / sizeof(names[0]); i++) {
		PyObject *twin = (PyObject *)instrument_code((PyCodeObject *)PyFunction_GET_CODE(
			PyDict_GetItemString(globals, names[i])));
		PyObject *function = twin ? PyFunction_New(twin, globals) : NULL;

		if (!function || PyDict_SetItemString(globals, names[i], function) < 0)
			Py_CLEAR(done);
		Py_XDECREF(twin);
		Py_XDECREF(function);
	}
	Py_XDECREF(code);
	if (!done)
		Py_CLEAR(globals);
	Py_XDECREF(done);
	return globals;
}

static int32_t above_zero(int64_t ns)
{
	return (int32_t)(ns > 0 ? ns : 0);
}

/* What is between two events beyond what the program does there. Between a call and the first
 * line it does next to nothing. */
static void compare(const struct found *lines, const struct found *calls, PyObject *told,
	int32_t ns[COST_KINDS])
{
	struct found told_lines, told_calls;
	int64_t all;

	if (!run(told, "lines", &told_lines) || !run(told, "calls", &told_calls) ||
		told_calls.gap_ns[COST_LEAVE] == INT64_MAX)
		return;
	all = 3 * told_calls.gap_ns[COST_LINE] + told_calls.gap_ns[COST_ENTER] +
	      told_calls.gap_ns[COST_LEAVE];
	ns[COST_LINE] = above_zero(told_lines.gap_ns[COST_LINE] - lines->turn_ns / 4);
	ns[COST_ENTER] = above_zero(told_calls.gap_ns[COST_ENTER]);
	ns[COST_LEAVE] = above_zero(all - calls->turn_ns - 3 * ns[COST_LINE] - ns[COST_ENTER]);
}

static void compare_both(struct tracer *tracer, PyObject *plain, PyObject *twins)
{
	PyThreadState *python = _PyThreadState_GET();
	struct cost_sampler *sampler = &tracer->stream.cost;
	struct found lines, calls;

	if (!run(plain, "lines", &lines) || !run(plain, "calls", &calls))
		return;
	if (twins)
		compare(&lines, &calls, twins, sampler->site_ns);
	py_thread_trace(python, on_traced);
	compare(&lines, &calls, plain, sampler->traced_ns);
	py_thread_trace(python, NULL);
}

/* Functions refer to their globals: nothing of them is left for the collector. */
static void let_go(PyObject *globals)
{
	if (globals)
		PyDict_Clear(globals);
	Py_XDECREF(globals);
}

void calibrate(struct tracer *tracer)
{
	static const struct site_hooks hooks = {
		{[SITE_LINE] = on_line,
			[SITE_CALL] = on_call,
			[SITE_RETURN] = on_return,
			[SITE_LEAVE] = on_nothing},
		on_yield,
	};
	PyObject *plain, *twins;

	probe.stream = &tracer->stream;
	instrument_set_hooks(&hooks);
	plain = define(false);
	twins = plain && tracer->options.instrument ? define(true) : NULL;
	if (plain)
		compare_both(tracer, plain, twins);
	let_go(twins);
	let_go(plain);
	PyErr_Clear();
	tracer->stream.cost.sites = &tracer->engine_on;
}

#endif
