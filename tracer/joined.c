#include "tracer/joined.h"

#if PY_BY_MONITORING

#define CALLS_FIRST 16 /* calls before that are looked at one by one, by cost.h as well */
#define CALLS_LAST (1 << 20)

static int opcode_at(PyObject *bytes, int unit)
{
	return (uint8_t)PyBytes_AS_STRING(bytes)[2 * unit];
}

/* Does a jump lead back to this place? */
static bool is_target(PyObject *bytes, int target)
{
	int units = (int)(PyBytes_GET_SIZE(bytes) / 2), extended = 0;

	for (int unit = 0; unit < units; unit++) {
		int opcode = opcode_at(bytes, unit);
		int oparg = extended | (uint8_t)PyBytes_AS_STRING(bytes)[2 * unit + 1];
		int to = unit + 1 - oparg;

		extended = opcode == EXTENDED_ARG ? oparg << 8 : 0;
		/* From 3.13 on it is counted from behind the jump's cache. */
		if ((opcode == JUMP_BACKWARD || opcode == JUMP_BACKWARD_NO_INTERRUPT) &&
			(to == target || to + 1 == target))
			return true;
	}
	return false;
}

/* Has the code's first line a place of its own, behind this one, which is told? */
static bool has_place(const struct plan *plan, PyCodeObject *code, int unit)
{
	PyObject *bytes = py_code_bytes(code);
	bool has = bytes && opcode_at(bytes, unit) == RESUME && unit + 1 < plan->unit_count &&
		   plan_unit_line(plan, unit + 1) >= 0 && py_code_tells_line(code, unit + 1) &&
		   !is_target(bytes, unit + 1);

	if (!bytes)
		PyErr_Clear();
	Py_XDECREF(bytes);
	return has;
}

/* Has a frame of the code been called, and its line not been told? At its call it gets its
 * code's first line. */
static bool is_awaited(const struct tracer *tracer, const struct plan *plan)
{
	for (const struct thread_state *thread = tracer->threads.first; thread;
		thread = thread->next)
		for (size_t i = 0; i < thread->depth; i++)
			if (thread->stack[i]->plan == plan &&
				thread->stack[i]->line == plan->first_line)
				return true;
	return false;
}

void joined_decide(struct tracer *tracer, struct plan *plan, PyCodeObject *code, int unit)
{
	uint32_t calls = plan->calls;

	if (calls >= CALLS_LAST)
		return;
	plan->calls = ++calls;
	/* Seldom: a deep stack takes its time. */
	if (calls < CALLS_FIRST || (calls & (calls - 1)) != 0 || cost_wants(&plan->cost) ||
		is_awaited(tracer, plan))
		return;
	plan->calls = CALLS_LAST;
	if (!has_place(plan, code, unit))
		return;
	plan->joined_line = plan_unit_line(plan, unit + 1);
	plan->joined_unit = unit + 1;
}

#endif
