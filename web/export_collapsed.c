/* Collapsed ("folded") stacks: flamegraph.pl, speedscope, gprof2dot. A line a path: names from
 * the outermost in, then the nanoseconds spent in the last. */
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
		buf_text(exporter->out, " (");
		put_name(exporter, code.file);
		buf_printf(exporter->out, ":%" PRId64 ")%s", code.line, count ? ";" : "");
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
	.taker = {.spend = spend},
	.finish = finish,
	.release = release,
};
