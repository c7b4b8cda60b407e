#include "materializer/call_tree.h"

#include <stdlib.h>

int call_tree_init(struct call_tree *tree, uint32_t max, struct err *err)
{
	*tree = (struct call_tree){.max = max, .cap = 64};
	tree->nodes = malloc(tree->cap * sizeof(*tree->nodes));
	if (!tree->nodes)
		return err_set(err, ERR_MEMORY, "out of memory");
	call_tree_clear(tree);
	return 0;
}

void call_tree_release(struct call_tree *tree)
{
	free(tree->nodes);
	*tree = (struct call_tree){0};
}

void call_tree_clear(struct call_tree *tree)
{
	tree->nodes[0] = (struct call_node){.code = -1};
	tree->count = 1;
	tree->cut = false;
	tree->generation++;
}

static int64_t mark_of(const struct call_tree *tree, uint32_t node)
{
	return (int64_t)((uint64_t)tree->generation << 32 | node);
}

static bool is_current(const struct call_tree *tree, const struct walk_call *call)
{
	return (uint64_t)call->mark >> 32 == tree->generation;
}

/* A child that was found comes to the front: the next search is for it again, as a rule. */
static uint32_t find(struct call_tree *tree, uint32_t parent, int64_t code)
{
	struct call_node *nodes = tree->nodes;
	uint32_t before = 0;

	for (uint32_t at = nodes[parent].first_child; at; before = at, at = nodes[at].next) {
		if (nodes[at].code != code)
			continue;
		if (before) {
			nodes[before].next = nodes[at].next;
			nodes[at].next = nodes[parent].first_child;
			nodes[parent].first_child = at;
		}
		return at;
	}
	return 0;
}

/* The parent itself when there is no room. */
static int child_of(
	struct call_tree *tree, uint32_t parent, int64_t code, uint32_t *child, struct err *err)
{
	*child = find(tree, parent, code);
	if (*child)
		return 0;
	if (tree->count == tree->max || tree->nodes[parent].depth == CALL_TREE_DEPTH) {
		tree->cut = true;
		*child = parent;
		return 0;
	}
	if (tree->count == tree->cap) {
		struct call_node *nodes =
			realloc(tree->nodes, 2 * (size_t)tree->cap * sizeof(*nodes));

		if (!nodes)
			return err_set(err, ERR_MEMORY, "out of memory");
		tree->nodes = nodes;
		tree->cap *= 2;
	}
	*child = tree->count++;
	tree->nodes[*child] = (struct call_node){
		.code = code,
		.parent = parent,
		.next = tree->nodes[parent].first_child,
		.depth = tree->nodes[parent].depth + 1,
	};
	tree->nodes[parent].first_child = *child;
	return 0;
}

/* The node of the innermost call. When its mark is current, so are those of all below it. */
static int node_of(
	struct call_tree *tree, struct walk_thread *thread, uint32_t *node, struct err *err)
{
	size_t from = thread->count;
	int rc = 0;

	while (from && !is_current(tree, &thread->calls[from - 1]))
		from--;
	*node = from ? (uint32_t)thread->calls[from - 1].mark : 0;
	if (!from && thread->mark)
		rc = child_of(tree, 0, thread->mark - 1, node, err);
	for (; rc == 0 && from < thread->count; from++) {
		rc = child_of(tree, *node, thread->calls[from].code, node, err);
		thread->calls[from].mark = mark_of(tree, *node);
	}
	return rc;
}

int call_tree_enter(struct call_tree *tree, struct walk_thread *thread, struct err *err)
{
	uint32_t node;
	int rc = node_of(tree, thread, &node, err);

	if (rc == 0)
		tree->nodes[node].calls++;
	return rc;
}

int call_tree_spend(struct call_tree *tree, struct walk_thread *thread, int64_t ns, struct err *err)
{
	uint32_t node;
	int rc = node_of(tree, thread, &node, err);

	if (rc == 0)
		tree->nodes[node].self_ns += ns;
	return rc;
}

void call_tree_sum(struct call_tree *tree)
{
	for (uint32_t i = 0; i < tree->count; i++)
		tree->nodes[i].total_ns = tree->nodes[i].self_ns;
	for (uint32_t i = tree->count - 1; i > 0; i--)
		tree->nodes[tree->nodes[i].parent].total_ns += tree->nodes[i].total_ns;
}
