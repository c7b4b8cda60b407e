#include "tracer/evaluator.h"

#if PY_BY_TRACE_FUNCTION

static struct {
	evaluator_look looks[EVALUATOR_USERS];
	_PyFrameEvalFunction next; /* what was in place before; NULL: ours is not */
} evaluator;

static PyObject *evaluate(PyThreadState *python, py_frame *frame, int throwing)
{
	_PyFrameEvalFunction next =
		evaluator.next ? evaluator.next : (_PyFrameEvalFunction)_PyEval_EvalFrameDefault;
	PyCodeObject *other = NULL;
	PyObject *result;

	for (int user = 0; user < EVALUATOR_USERS && !throwing && !other; user++)
		if (evaluator.looks[user])
			other = evaluator.looks[user](python, frame);
	if (!other)
		return next(python, frame, throwing);
	result = PyEval_EvalCode((PyObject *)other, frame->f_globals, frame->f_locals);
	Py_DECREF(other);
	return result;
}

void evaluator_watch(enum evaluator_user user, evaluator_look look)
{
	PyInterpreterState *interpreter = PyInterpreterState_Main();

	evaluator.looks[user] = look;
	if (evaluator.next)
		return;
	evaluator.next = _PyInterpreterState_GetEvalFrameFunc(interpreter);
	if (evaluator.next != evaluate)
		_PyInterpreterState_SetEvalFrameFunc(interpreter, evaluate);
	else
		evaluator.next = _PyEval_EvalFrameDefault;
}

void evaluator_unwatch(enum evaluator_user user)
{
	PyInterpreterState *interpreter = PyInterpreterState_Main();

	evaluator.looks[user] = NULL;
	for (int i = 0; i < EVALUATOR_USERS; i++)
		if (evaluator.looks[i])
			return;
	/* When somebody has put theirs before ours in the meantime, it stays and looks at nothing. */
	if (!evaluator.next || _PyInterpreterState_GetEvalFrameFunc(interpreter) != evaluate)
		return;
	_PyInterpreterState_SetEvalFrameFunc(interpreter, evaluator.next);
	evaluator.next = NULL;
}

#endif
