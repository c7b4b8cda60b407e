/*
 * call_tree: calls by the path that led to them, with their number and the time in each. The
 * tree is bounded: what does not fit any more is counted with the call that it came from,
 * and calls deeper than CALL_TREE_DEPTH with the one at that depth.
 *
 * Nodes are in the order in which they came, so a parent is always before its children;
 * node 0 is the root, which is no call.
 */
#ifndef SMILEY_MATERIALIZER_CALL_TREE_H
#define SMILEY_MATERIALIZER_CALL_TREE_H

#include "materializer/call_walk.h"

#define CALL_TREE_DEPTH 1000

struct call_node {
	int64_t code; /* -1: the root */
	int64_t calls;
	int64_t self_ns;
	int64_t total_ns;                   /* once call_tree_sum() was called */
	uint32_t parent, first_child, next; /* 0: none */
	uint32_t depth;                     /* of the root 0 */
};

struct call_tree {
	struct call_node *nodes;
	uint32_t count, cap, max;
	uint32_t generation; /* of the marks that the walk's calls hold */
	bool cut;            /* something did not fit */
};

/* Up to `max` nodes. 0 or ERR_MEMORY. */
int call_tree_init(struct call_tree *tree, uint32_t max, struct err *err);
void call_tree_release(struct call_tree *tree);

/* Forgets all nodes; calls that are open come back with their paths. */
void call_tree_clear(struct call_tree *tree);

/* Of a walk that keeps its calls' marks for the tree. A thread's mark is 0, or what stands for the
 * thread at the bottom of its stacks: 1 + the number of a code. */
int call_tree_enter(struct call_tree *tree, struct walk_thread *thread, struct err *err);
int call_tree_spend(
	struct call_tree *tree, struct walk_thread *thread, int64_t ns, struct err *err);

/* Sets each node's total_ns. */
void call_tree_sum(struct call_tree *tree);

#endif
