#include "web/statements.h"

#include <stdlib.h>
#include <string.h>

#include "web/python_parse.h"

#define PARSE_CPU_NS 2000000000 /* of the processor */
#define NESTING_MAX 100         /* of blocks: CPython's own limit */

/* How control leaves a statement. */
#define ENDS 1   /* nothing behind it in its block can run */
#define BREAKS 2 /* a break of the loop that it is in is part of it */

struct walk {
	struct statements *to;
	size_t cap, function_cap;
	struct slice text;
	struct buf path; /* of names: "Class.method.<locals>." */
	bool in_function, failed;
	int nesting;
};

static int block_of(struct walk *walk, TSNode node, bool has_docstring);

static bool is(TSNode node, const char *type)
{
	return strcmp(ts_node_type(node), type) == 0;
}

static struct slice text_of(const struct walk *walk, TSNode node)
{
	uint32_t start = ts_node_start_byte(node);

	return (struct slice){walk->text.data + start, ts_node_end_byte(node) - start};
}

static TSNode field_of(TSNode node, const char *name)
{
	return ts_node_child_by_field_name(node, name, (uint32_t)strlen(name));
}

/* The list with room for one more; NULL: out of memory. */
static void *with_room(struct walk *walk, void *list, size_t count, size_t *cap, size_t bytes)
{
	size_t more = *cap ? *cap * 2 : 64;

	if (count < *cap)
		return list;
	list = reallocarray(list, more, bytes);
	if (list)
		*cap = more;
	walk->failed |= !list;
	return list;
}

/* The line that begins with the one behind a statement goes on with it: "if x: y", "a; b". */
static void add_line(struct walk *walk, uint32_t first, uint32_t last, bool counts)
{
	struct statements *to = walk->to;
	struct statement *list;

	if (to->count && to->list[to->count - 1].last >= first) {
		if (last > to->list[to->count - 1].last)
			to->list[to->count - 1].last = last;
		return;
	}
	list = with_room(walk, to->list, to->count, &walk->cap, sizeof(*list));
	if (!list)
		return;
	to->list = list;
	to->list[to->count++] = (struct statement){first, last, counts};
}

static void add_node(struct walk *walk, TSNode node, bool counts)
{
	uint32_t first = ts_node_start_point(node).row + 1;
	TSPoint end = ts_node_end_point(node);
	/* A node that ends with its line's end ends on that line. */
	uint32_t last = end.row + (end.column ? 1 : 0);

	/* One that the parser has made up has no text. */
	add_line(walk, first, last < first ? first : last, counts);
}

/* A compound statement's line: up to its colon. */
static void add_header(struct walk *walk, TSNode node)
{
	uint32_t first = ts_node_start_point(node).row + 1, last = first;

	for (uint32_t i = 0; i < ts_node_child_count(node); i++) {
		TSNode child = ts_node_child(node, i);

		if (!is(child, ":"))
			continue;
		last = ts_node_end_point(child).row + 1;
		break;
	}
	add_line(walk, first, last, true);
}

static void add_function(struct walk *walk, uint32_t line)
{
	struct statements *to = walk->to;
	struct statement_function *list = with_room(
		walk, to->functions, to->function_count, &walk->function_cap, sizeof(*list));
	struct slice name = {NULL, walk->path.len};

	if (!list)
		return;
	to->functions = list;
	name.data = malloc(name.len + 1);
	if (!name.data) {
		walk->failed = true;
		return;
	}
	memcpy((void *)(uintptr_t)name.data, walk->path.data, name.len);
	to->functions[to->function_count++] = (struct statement_function){line, name};
}

/* A def or a class, which begins at `line`, that of its first decorator. */
static void add_definition(struct walk *walk, TSNode node, uint32_t line)
{
	bool was_in_function = walk->in_function;
	size_t path_len = walk->path.len;
	struct slice name = text_of(walk, field_of(node, "name"));

	add_header(walk, node);
	buf_append(&walk->path, name.data, name.len);
	walk->in_function = is(node, "function_definition");
	if (walk->in_function) {
		add_function(walk, line);
		buf_text(&walk->path, ".<locals>");
	}
	buf_byte(&walk->path, '.');
	block_of(walk, node, true);
	walk->in_function = was_in_function;
	if (!walk->path.failed)
		walk->path.len = path_len;
}

static int add_undecorated(struct walk *walk, TSNode node)
{
	add_definition(walk, node, ts_node_start_point(node).row + 1);
	return 0;
}

static int add_decorated(struct walk *walk, TSNode node)
{
	uint32_t line = ts_node_start_point(node).row + 1;

	for (uint32_t i = 0; i < ts_node_named_child_count(node); i++) {
		TSNode child = ts_node_named_child(node, i);

		if (is(child, "decorator"))
			add_node(walk, child, true);
		else if (is(child, "function_definition") || is(child, "class_definition"))
			add_definition(walk, child, line);
	}
	return 0;
}

/* 1: always true, 0: always false, -1: nobody knows before it runs. */
static int constant_of_operand(const struct walk *walk, TSNode operand)
{
	struct slice text = text_of(walk, operand);

	if (is(operand, "true") || slice_equal(text, slice_text("__debug__")))
		return 1;
	if (is(operand, "false") || is(operand, "none"))
		return 0;
	if (is(operand, "integer"))
		return slice_equal(text, slice_text("0")) ? 0 : 1;
	return -1;
}

/* The same of a condition: "0 and x", "1 or x" are known by what they begin with. */
static int constant_of(const struct walk *walk, TSNode condition)
{
	TSNode left;
	bool is_or;
	int known;

	if (ts_node_is_null(condition))
		return -1;
	if (!is(condition, "boolean_operator"))
		return constant_of_operand(walk, condition);
	left = field_of(condition, "left");
	is_or = slice_equal(text_of(walk, field_of(condition, "operator")), slice_text("or"));
	if (ts_node_is_null(left))
		return -1;
	known = constant_of_operand(walk, left);
	return known == is_or ? known : -1;
}

static int add_if(struct walk *walk, TSNode node)
{
	int known = constant_of(walk, field_of(node, "condition"));
	int ends = ENDS, breaks = 0, how;
	bool has_else = false;

	add_header(walk, node);
	if (known != 0) {
		how = block_of(walk, node, false);
		ends &= how;
		breaks |= how & BREAKS;
	}
	for (uint32_t i = 0; known != 1 && i < ts_node_named_child_count(node); i++) {
		TSNode child = ts_node_named_child(node, i);
		bool is_elif = is(child, "elif_clause");

		if (!is_elif && !is(child, "else_clause"))
			continue;
		if (is_elif)
			add_header(walk, child);
		known = is_elif ? constant_of(walk, field_of(child, "condition")) : 1;
		has_else |= known == 1;
		if (known == 0)
			continue;
		how = block_of(walk, child, false);
		ends &= how;
		breaks |= how & BREAKS;
	}
	return (has_else || known == 1 ? ends : 0) | breaks;
}

/* for, while: only a break goes behind it when it never ends or its else does not go on. */
static int add_loop(struct walk *walk, TSNode node)
{
	int known =
		is(node, "while_statement") ? constant_of(walk, field_of(node, "condition")) : -1;
	int how, behind = 0;
	bool breaks;

	add_header(walk, node);
	how = known == 0 ? 0 : block_of(walk, node, false);
	breaks = how & BREAKS;
	for (uint32_t i = 0; known != 1 && i < ts_node_named_child_count(node); i++) {
		TSNode child = ts_node_named_child(node, i);

		if (is(child, "else_clause"))
			behind = block_of(walk, child, false);
	}
	return (!breaks && (known == 1 || (behind & ENDS)) ? ENDS : 0) | (behind & BREAKS);
}

static int add_try(struct walk *walk, TSNode node)
{
	int body, ends, handled = ENDS, finally = 0, breaks;

	add_header(walk, node);
	body = block_of(walk, node, false);
	ends = body & ENDS;
	breaks = body & BREAKS;
	for (uint32_t i = 0; i < ts_node_named_child_count(node); i++) {
		TSNode child = ts_node_named_child(node, i);
		bool handles = is(child, "except_clause") || is(child, "except_group_clause");
		int how;

		if (handles)
			add_header(walk, child);
		else if (!is(child, "finally_clause") && !is(child, "else_clause"))
			continue;
		if (is(child, "else_clause") && (body & ENDS))
			continue;
		how = block_of(walk, child, false);
		breaks |= how & BREAKS;
		if (handles)
			handled &= how;
		else if (is(child, "else_clause"))
			ends = how & ENDS;
		else
			finally = how & ENDS;
	}
	return (ends & handled) | finally | breaks;
}

/* Its cases; one that takes anything comes last. */
static int add_match(struct walk *walk, TSNode node)
{
	TSNode body = field_of(node, "body");
	int ends = ENDS, breaks = 0;
	bool any = false;

	add_header(walk, node);
	for (uint32_t i = 0; !ts_node_is_null(body) && i < ts_node_named_child_count(body); i++) {
		TSNode child = ts_node_named_child(body, i);
		int how;

		if (!is(child, "case_clause"))
			continue;
		add_header(walk, child);
		how = block_of(walk, child, false);
		ends &= how;
		breaks |= how & BREAKS;
		any = ts_node_is_null(field_of(child, "guard")) &&
		      slice_equal(text_of(walk, ts_node_named_child(child, 0)), slice_text("_"));
	}
	return (any ? ends : 0) | breaks;
}

/* A with may swallow what its block raises, so it always goes on behind. */
static int add_with(struct walk *walk, TSNode node)
{
	add_header(walk, node);
	return block_of(walk, node, false) & BREAKS;
}

static int add_nothing(struct walk *walk, TSNode node)
{
	(void)walk;
	(void)node;
	return 0;
}

/* "x: int" of a function's own variable compiles to nothing. */
static int add_expression(struct walk *walk, TSNode node)
{
	TSNode inside = ts_node_named_child(node, 0);

	if (walk->in_function && ts_node_named_child_count(node) == 1 && is(inside, "assignment") &&
		ts_node_is_null(field_of(inside, "right")) &&
		is(field_of(inside, "left"), "identifier"))
		return 0;
	add_node(walk, node, true);
	return 0;
}

static int add_end(struct walk *walk, TSNode node)
{
	add_node(walk, node, true);
	return is(node, "break_statement") ? ENDS | BREAKS : ENDS;
}

static const struct {
	const char *type;
	int (*add)(struct walk *walk, TSNode node);
} kinds[] = {
	{"expression_statement", add_expression},
	{"return_statement", add_end},
	{"raise_statement", add_end},
	{"break_statement", add_end},
	{"continue_statement", add_end},
	{"if_statement", add_if},
	{"for_statement", add_loop},
	{"while_statement", add_loop},
	{"try_statement", add_try},
	{"with_statement", add_with},
	{"match_statement", add_match},
	{"function_definition", add_undecorated},
	{"class_definition", add_undecorated},
	{"decorated_definition", add_decorated},
	{"comment", add_nothing},
	{"global_statement", add_nothing},
	{"nonlocal_statement", add_nothing},
	{"ERROR", add_nothing},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int add_statement(struct walk *walk, TSNode node)
{
	for (size_t i = 0; i < KINDS; i++)
		if (is(node, kinds[i].type))
			return kinds[i].add(walk, node);
	add_node(walk, node, true);
	return 0;
}

static bool is_docstring(const struct walk *walk, TSNode node)
{
	TSNode string = ts_node_named_child(node, 0);
	struct slice text;

	if (!is(node, "expression_statement") || ts_node_named_child_count(node) != 1)
		return false;
	if (is(string, "concatenated_string"))
		string = ts_node_named_child(string, 0);
	if (!is(string, "string"))
		return false;
	text = text_of(walk, string);
	for (size_t i = 0; i < text.len && text.data[i] != '"' && text.data[i] != '\''; i++)
		if (strchr("bBfF", text.data[i]))
			return false;
	return true;
}

/* The statements in a node, a block or a module. What follows one that ends it is not
 * compiled. */
static int add_block(struct walk *walk, TSNode block, bool has_docstring)
{
	int how = 0;

	if (walk->nesting == NESTING_MAX)
		return 0;
	walk->nesting++;
	for (uint32_t i = 0; !(how & ENDS) && i < ts_node_named_child_count(block); i++) {
		TSNode child = ts_node_named_child(block, i);

		if (is(child, "comment"))
			continue;
		if (has_docstring && is_docstring(walk, child))
			add_node(walk, child, false);
		else
			how = (how & BREAKS) | add_statement(walk, child);
		has_docstring = false;
	}
	walk->nesting--;
	return how;
}

static int block_of(struct walk *walk, TSNode node, bool has_docstring)
{
	for (uint32_t i = 0; i < ts_node_named_child_count(node); i++) {
		TSNode child = ts_node_named_child(node, i);

		if (is(child, "block"))
			return add_block(walk, child, has_docstring);
	}
	return 0;
}

static struct statements *collect(struct slice text, TSTree *tree)
{
	struct walk walk = {.to = calloc(1, sizeof(*walk.to)), .text = text};

	if (!walk.to)
		return NULL;
	add_block(&walk, ts_tree_root_node(tree), true);
	walk.failed |= walk.path.failed;
	buf_release(&walk.path);
	if (walk.failed) {
		statements_free(walk.to);
		return NULL;
	}
	return walk.to;
}

struct statements *statements_new(struct slice text)
{
	TSTree *tree = python_parse(text, PARSE_CPU_NS);
	struct statements *statements = tree ? collect(text, tree) : NULL;

	ts_tree_delete(tree);
	return statements;
}

void statements_free(struct statements *statements)
{
	if (!statements)
		return;
	for (size_t i = 0; i < statements->function_count; i++)
		free((void *)(uintptr_t)statements->functions[i].name.data);
	free(statements->functions);
	free(statements->list);
	free(statements);
}
