#include "web/highlight.h"

#include <stdlib.h>
#include <string.h>

#include "web/python_parse.h"

#define TEXT_BYTES (512u * 1024)
#define PARSE_CPU_NS 60000000 /* of the processor: on a busy machine sources have colours too */
#define SYMBOLS_MAX 1024
#define DEPTH_MAX 4096 /* of nodes: what is deeper has no colours */

/* What a kind of node is, by its name in the grammar. */
static const struct {
	const char *node;
	enum highlight_class class;
} nodes[] = {
	{"comment", HIGHLIGHT_COMMENT},
	{"string_start", HIGHLIGHT_STRING},
	{"string_content", HIGHLIGHT_STRING},
	{"string_end", HIGHLIGHT_STRING},
	{"escape_sequence", HIGHLIGHT_STRING},
	{"integer", HIGHLIGHT_NUMBER},
	{"float", HIGHLIGHT_NUMBER},
	{"true", HIGHLIGHT_CONSTANT},
	{"false", HIGHLIGHT_CONSTANT},
	{"none", HIGHLIGHT_CONSTANT},
	{"ellipsis", HIGHLIGHT_CONSTANT},
	{"@", HIGHLIGHT_DECORATOR},
};

/* What an identifier is, by the node that it is in and its field there; "": any. */
static const struct {
	const char *parent, *field;
	enum highlight_class class;
} identifiers[] = {
	{"function_definition", "name", HIGHLIGHT_FUNCTION},
	{"call", "function", HIGHLIGHT_FUNCTION},
	{"class_definition", "name", HIGHLIGHT_TYPE},
	{"type", "", HIGHLIGHT_TYPE},
	{"decorator", "", HIGHLIGHT_DECORATOR},
};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct walk {
	struct highlight *to;
	size_t cap;
	bool failed;
	TSTreeCursor cursor;
	enum highlight_class classes[SYMBOLS_MAX]; /* by symbol */
	TSSymbol parents[DEPTH_MAX];               /* of the nodes above */
	const TSLanguage *language;
	TSSymbol identifier;
};

static enum highlight_class class_of_symbol(const TSLanguage *language, TSSymbol symbol)
{
	const char *name = ts_language_symbol_name(language, symbol);
	bool is_word = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');

	for (size_t i = 0; i < COUNT(nodes); i++) {
		if (strcmp(name, nodes[i].node) == 0)
			return nodes[i].class;
	}
	return is_word && ts_language_symbol_type(language, symbol) == TSSymbolTypeAnonymous
		       ? HIGHLIGHT_KEYWORD
		       : HIGHLIGHT_NONE;
}

static enum highlight_class class_of_identifier(const struct walk *walk, size_t depth)
{
	const char *parent, *field;

	if (depth == 0)
		return HIGHLIGHT_NONE;
	parent = ts_language_symbol_name(walk->language, walk->parents[depth - 1]);
	field = ts_tree_cursor_current_field_name(&walk->cursor);
	for (size_t i = 0; i < COUNT(identifiers); i++) {
		if (strcmp(parent, identifiers[i].parent) == 0 &&
			(!*identifiers[i].field ||
				(field && strcmp(field, identifiers[i].field) == 0)))
			return identifiers[i].class;
	}
	return HIGHLIGHT_NONE;
}

static void add_span(struct walk *walk, TSNode node, enum highlight_class class)
{
	struct highlight *to = walk->to;
	struct highlight_span span = {ts_node_start_byte(node), ts_node_end_byte(node), class};
	struct highlight_span *spans;

	if (span.end <= span.start || walk->failed)
		return;
	if (to->count && to->spans[to->count - 1].class == class &&
		to->spans[to->count - 1].end == span.start) {
		to->spans[to->count - 1].end = span.end;
		return;
	}
	if (to->count == walk->cap) {
		size_t cap = walk->cap ? walk->cap * 2 : 256;

		spans = realloc(to->spans, cap * sizeof(*spans));
		if (!spans) {
			walk->failed = true;
			return;
		}
		to->spans = spans;
		walk->cap = cap;
	}
	to->spans[to->count++] = span;
}

/* Takes note of the node. True: there is nothing more to look for in it. */
static bool visit(struct walk *walk, size_t depth)
{
	TSNode node = ts_tree_cursor_current_node(&walk->cursor);
	TSSymbol symbol = ts_node_symbol(node);
	enum highlight_class class = symbol < SYMBOLS_MAX ? walk->classes[symbol] : HIGHLIGHT_NONE;

	if (depth >= DEPTH_MAX)
		return true;
	if (symbol == walk->identifier)
		class = class_of_identifier(walk, depth);
	walk->parents[depth] = symbol;
	if (class == HIGHLIGHT_NONE)
		return false;
	add_span(walk, node, class);
	return true;
}

static void walk_tree(struct walk *walk)
{
	size_t depth = 0;

	for (;;) {
		if (!visit(walk, depth) && ts_tree_cursor_goto_first_child(&walk->cursor)) {
			depth++;
			continue;
		}
		while (!ts_tree_cursor_goto_next_sibling(&walk->cursor)) {
			if (depth-- == 0 || !ts_tree_cursor_goto_parent(&walk->cursor))
				return;
		}
	}
}

static struct highlight *collect(const TSLanguage *language, TSTree *tree)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	struct highlight *highlight = calloc(1, sizeof(*highlight));
	uint32_t symbols = ts_language_symbol_count(language);

	if (!walk || !highlight) {
		free(walk);
		free(highlight);
		return NULL;
	}
	walk->to = highlight;
	walk->language = language;
	walk->identifier = ts_language_symbol_for_name(language, "identifier", 10, true);
	for (uint32_t i = 0; i < symbols && i < SYMBOLS_MAX; i++)
		walk->classes[i] = class_of_symbol(language, (TSSymbol)i);
	walk->cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
	walk_tree(walk);
	ts_tree_cursor_delete(&walk->cursor);
	free(walk);
	return highlight;
}

struct highlight *highlight_new(struct slice text)
{
	TSTree *tree = text.len && text.len <= TEXT_BYTES ? python_parse(text, PARSE_CPU_NS) : NULL;
	struct highlight *highlight = tree ? collect(python_language(), tree) : NULL;

	ts_tree_delete(tree);
	return highlight;
}

void highlight_free(struct highlight *highlight)
{
	if (!highlight)
		return;
	free(highlight->spans);
	free(highlight);
}

size_t highlight_find(const struct highlight *highlight, size_t offset)
{
	size_t low = 0, high = highlight->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (highlight->spans[middle].end > offset)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
