/* Collapsed ("folded") stacks: flamegraph.pl, speedscope, gprof2dot. A line a path: the thread's
 * name and those of the functions from the outermost in, then the nanoseconds spent in the last. */
#include <inttypes.h>

#include "web/exporter_internal.h"
#include "materializer/call_tree.h"

/* When there are so many paths, they are written and begun anew: readers add up. */
#define NODES_MAX 200000u

struct collapsed {
	struct call_tree tree;
	struct buf name;
};

static int begin(struct exporter *exporter, struct err *err)
{
	struct collapsed *state = exporter->state;

	return call_tree_init(&state->tree, NODES_MAX, err);
}

/* A thread is told like a function, one of no file. */
static int thread(void *context, struct walk_thread *thread, struct err *err)
{
	struct exporter *exporter = context;
	struct buf name = {0};
	struct code code;
	int64_t number;

	if (thread->name.len)
		buf_append(&name, thread->name.data, thread->name.len);
	else
		buf_printf(&name, "thread %" PRId64, thread->number);
	code = (struct code){.function = buf_slice(&name)};
	number = name.failed ? err_set(err, ERR_MEMORY, "out of memory")
			     : code_table_add(exporter->codes, &code, err);
	buf_release(&name);
	thread->mark = number + 1;
	return number < 0 ? (int)number : 0;
}

/* What separates stays out of names. */
static void put_name(struct exporter *exporter, struct slice text)
{
	struct collapsed *state = exporter->state;

	buf_clear(&state->name);
	exporter_line_text(&state->name, text);
	for (size_t i = 0; i < state->name.len; i++)
		if (state->name.data[i] == ';')
			state->name.data[i] = ':';
	buf_append(exporter->out, state->name.data, state->name.len);
}

static void put_stack(struct exporter *exporter, uint32_t leaf)
{
	const struct collapsed *state = exporter->state;
	const struct call_node *nodes = state->tree.nodes;
	uint32_t path[CALL_TREE_DEPTH + 1];
	size_t count = 0;

	for (uint32_t at = leaf; at; at = nodes[at].parent)
		path[count++] = at;
	while (count) {
		struct code code = code_table_get(exporter->codes, nodes[path[--count]].code);

		put_name(exporter, code.function);
		if (code.file.len) {
			buf_text(exporter->out, " (");
			put_name(exporter, code.file);
			buf_printf(exporter->out, ":%" PRId64 ")", code.line);
		}
		if (count)
			buf_byte(exporter->out, ';');
	}
	buf_printf(exporter->out, " %" PRId64 "\n", nodes[leaf].self_ns);
}

static void put_tree(struct exporter *exporter)
{
	const struct collapsed *state = exporter->state;

	for (uint32_t i = 1; i < state->tree.count; i++)
		if (state->tree.nodes[i].self_ns)
			put_stack(exporter, i);
}

static int spend(void *context, struct walk_thread *thread, struct walk_call *call, int64_t ns,
	struct err *err)
{
	struct exporter *exporter = context;
	struct collapsed *state = exporter->state;

	(void)call;
	/* Room for a whole stack that has to come back. */
	if (state->tree.count + CALL_TREE_DEPTH > NODES_MAX) {
		put_tree(exporter);
		call_tree_clear(&state->tree);
	}
	return call_tree_spend(&state->tree, thread, ns, err);
}

static int finish(struct exporter *exporter, struct err *err)
{
	put_tree(exporter);
	return exporter_written(exporter, err);
}

static void release(struct exporter *exporter)
{
	struct collapsed *state = exporter->state;

	call_tree_release(&state->tree);
	buf_release(&state->name);
}

const struct exporter_format exporter_collapsed = {
	.name = "collapsed",
	.state_bytes = sizeof(struct collapsed),
	.begin = begin,
	.taker = {.thread = thread, .spend = spend},
	.finish = finish,
	.release = release,
};
