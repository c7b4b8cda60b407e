/* links: web materializer ingest schemas */
/* A profile's pictures: what is left out, what zooms, what Graphviz is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/flame.h"
#include "web/graph_layout.h"
#include "web/line_time.h"

#define NODES 4000

/* A root that has called NODES - 1 functions, the first as long as all others. */
static struct profile_node *many_nodes(void)
{
	struct profile_node *nodes = calloc(NODES, sizeof(*nodes));

	assert_non_null(nodes);
	nodes[0] = (struct profile_node){PROFILE_NONE, 0, 0, 1, 0, 2 * (NODES - 2)};
	for (uint32_t i = 1; i < NODES; i++)
		nodes[i] = (struct profile_node){0, 0, 0, 1, 1, i == 1 ? NODES - 2 : 1};
	return nodes;
}

static void narrow_boxes_are_left_out(void **state)
{
	struct profile profile = {.nodes = many_nodes(), .node_count = NODES};
	struct flame flame;

	(void)state;
	assert_int_equal(flame_init(&flame, &profile, PROFILE_NONE, NULL), 0);
	assert_true(flame.cut);
	assert_int_equal(flame.count, 3); /* everything, the root, the first */
	assert_int_equal(flame.levels, 3);
	assert_float_equal(flame.boxes[2].width, 0.5, 1e-9);
	flame_release(&flame);
	assert_int_equal(flame_init(&flame, &profile, 1, NULL), 0);
	assert_int_equal(flame.count, 1);
	assert_float_equal(flame.boxes[0].width, 1, 1e-9);
	assert_false(flame.cut);
	flame_release(&flame);
	free(profile.nodes);
}

static void children_are_side_by_side_inside_their_parent(void **state)
{
	struct profile_node nodes[] = {{PROFILE_NONE, 0, 0, 1, 10, 100}, {0, 1, 0, 1, 30, 30},
		{0, 2, 0, 1, 20, 60}, {2, 3, 0, 1, 40, 40}};
	struct profile profile = {.nodes = nodes, .node_count = 4};
	uint32_t zooms[FLAME_ZOOMS_MAX];
	struct flame flame;

	(void)state;
	assert_int_equal(flame_init(&flame, &profile, PROFILE_NONE, NULL), 0);
	assert_int_equal(flame.count, 5);
	assert_float_equal(flame.boxes[2].x, 0, 1e-9);
	assert_float_equal(flame.boxes[3].x, 0.3, 1e-9);
	assert_float_equal(flame.boxes[4].x, 0.3, 1e-9);
	assert_float_equal(flame.boxes[4].width, 0.4, 1e-9);
	assert_int_equal(flame.boxes[4].level, 3);
	flame_release(&flame);
	assert_int_equal(flame_zooms(&profile, zooms), 2);
	assert_int_equal(zooms[0], 0);
	assert_int_equal(zooms[1], 2);
}

static void the_largest_zoom(void **state)
{
	struct profile profile = {.node_count = 200};
	uint32_t zooms[FLAME_ZOOMS_MAX];

	(void)state;
	profile.nodes = calloc(200, sizeof(*profile.nodes));
	assert_non_null(profile.nodes);
	for (uint32_t i = 0; i < 200; i++)
		profile.nodes[i] =
			(struct profile_node){PROFILE_NONE, 0, 0, 1, 0, (i * 37) % 200 + 1};
	assert_int_equal(flame_zooms(&profile, zooms), FLAME_ZOOMS_MAX);
	for (size_t i = 0; i < FLAME_ZOOMS_MAX; i++)
		assert_int_equal(profile.nodes[zooms[i]].cumulative_ns, 200 - i);
	free(profile.nodes);
}

static void a_profile_without_time_has_a_picture(void **state)
{
	struct profile_node node = {PROFILE_NONE, 0, 0, 1, 0, 0};
	struct profile profile = {.nodes = &node, .node_count = 1};
	struct flame flame;

	(void)state;
	assert_int_equal(flame_init(&flame, &profile, PROFILE_NONE, NULL), 0);
	assert_int_equal(flame.count, 1);
	flame_release(&flame);
}

static void times_of_one_line_are_one(void **state)
{
	struct profile_function functions[] = {{.file = slice_text("/a.py")},
		{.file = slice_text("/b.py")}, {.file = slice_text("/a.py")}};
	struct profile_line lines[] = {{0, 7, 1, 5}, {1, 7, 1, 100}, {2, 3, 1, 1}, {2, 7, 1, 6}};
	struct profile profile = {
		.functions = functions, .function_count = 3, .lines = lines, .line_count = 4};
	struct line_times times;

	(void)state;
	assert_int_equal(line_times_init(&times, &profile, slice_text("/a.py"), NULL), 0);
	assert_int_equal(times.count, 2);
	assert_int_equal(times.lines[0].line, 3);
	assert_int_equal(times.lines[1].ns, 11);
	assert_int_equal(times.most_ns, 11);
	line_times_release(&times);
}

/* All call all, and themselves: as much as a page asks for. */
static void a_dense_graph_is_laid_out_inside_its_frame(void **state)
{
	enum {
		COUNT = 100,
		CALLS = 200
	};
	struct graph_node nodes[COUNT];
	struct graph_edge edges[CALLS];
	size_t chars[COUNT];
	struct call_graph graph = {
		.nodes = nodes, .node_count = COUNT, .edges = edges, .edge_count = CALLS};
	struct graph_layout layout;

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		nodes[i] = (struct graph_node){.function = i};
		chars[i] = 10 + i % 30;
	}
	for (uint32_t i = 0; i < CALLS; i++)
		edges[i] = (struct graph_edge){i % COUNT, (i * 7 + i / COUNT * 3) % COUNT, 0, 1};
	assert_int_equal(graph_layout_init(&layout, &graph, chars, 8, NULL), 0);
	for (size_t i = 0; i < COUNT; i++) {
		const struct layout_node *node = &layout.nodes[i];

		assert_true(node->at.x - node->width / 2 >= 0 &&
			    node->at.x + node->width / 2 <= layout.width);
		assert_true(node->at.y - node->height / 2 >= 0 &&
			    node->at.y + node->height / 2 <= layout.height);
	}
	for (size_t i = 0; i < CALLS; i++)
		assert_true(layout.edges[i].count % 3 == 1);
	graph_layout_release(&layout);
}

static void an_empty_graph_is_laid_out(void **state)
{
	struct call_graph graph = {0};
	struct graph_layout layout;

	(void)state;
	assert_int_equal(graph_layout_init(&layout, &graph, NULL, 8, NULL), 0);
	graph_layout_release(&layout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(narrow_boxes_are_left_out),
		cmocka_unit_test(children_are_side_by_side_inside_their_parent),
		cmocka_unit_test(the_largest_zoom),
		cmocka_unit_test(a_profile_without_time_has_a_picture),
		cmocka_unit_test(times_of_one_line_are_one),
		cmocka_unit_test(a_dense_graph_is_laid_out_inside_its_frame),
		cmocka_unit_test(an_empty_graph_is_laid_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
