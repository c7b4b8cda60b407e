#include "web/line_state.h"

static struct line_cost *cost_of(void *context)
{
	const struct exporter *exporter = context;
	const struct line_state *state = exporter->state;

	return state->cost;
}

int line_state_begin(struct exporter *exporter, struct err *err)
{
	struct line_state *state = exporter->state;

	state->cost = line_cost_new();
	return state->cost ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

void line_state_release(struct exporter *exporter)
{
	line_cost_free(cost_of(exporter));
}

int line_state_enter(void *context, struct walk_thread *thread, struct walk_call *call,
	bool resumed, bool joined, struct err *err)
{
	(void)context;
	(void)resumed;
	(void)joined;
	(void)err;
	line_cost_enter(thread, call);
	return 0;
}

int line_state_leave(
	void *context, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	return line_cost_leave(cost_of(context), thread, call, err);
}

int line_state_spend(void *context, struct walk_thread *thread, struct walk_call *call, int64_t ns,
	struct err *err)
{
	(void)thread;
	return line_cost_spend(cost_of(context), call, ns, err);
}

int line_state_line(
	void *context, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	return line_cost_line(cost_of(context), thread, call, err);
}
