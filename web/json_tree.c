#include "web/json_tree.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/message.h"

#define CHUNK_NODES 64

struct chunk {
	struct chunk *next;
	size_t used;
	struct json_node nodes[CHUNK_NODES];
};

struct json_tree {
	struct buf text; /* a copy, in which strings are decoded: none grows by that */
	struct chunk *chunks;
	struct json_node *root;
};

struct parser {
	struct json_tree *tree;
	uint8_t *at, *end;
	int depth;
	struct err *err;
};

static int bad(struct parser *parser, const char *what)
{
	return err_set(parser->err, ERR_FORMAT, "JSON: %s at byte %zu", what,
		(size_t)(parser->at - parser->tree->text.data));
}

static struct json_node *node_new(struct json_tree *tree, enum json_kind kind)
{
	struct chunk *chunk = tree->chunks;

	if (!chunk || chunk->used == CHUNK_NODES) {
		chunk = calloc(1, sizeof(*chunk));
		if (!chunk)
			return NULL;
		chunk->next = tree->chunks;
		tree->chunks = chunk;
	}
	chunk->nodes[chunk->used].kind = kind;
	return &chunk->nodes[chunk->used++];
}

static void skip_space(struct parser *parser)
{
	while (parser->at < parser->end && memchr(" \t\r\n", *parser->at, 4))
		parser->at++;
}

static bool take(struct parser *parser, char byte)
{
	skip_space(parser);
	if (parser->at == parser->end || *parser->at != byte)
		return false;
	parser->at++;
	return true;
}

/* The four digits behind \u; -1: they are none. */
static int32_t hex_unit(const struct parser *parser)
{
	int32_t unit = 0;

	if (parser->end - parser->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef";
		const char *digit = strchr(digits, parser->at[i] | 0x20);

		if (!digit || !*digit || parser->at[i] < '0')
			return -1;
		unit = unit << 4 | (int32_t)(digit - digits);
	}
	return unit;
}

static uint8_t *put_utf8(uint8_t *out, int32_t c)
{
	if (c < 0x80) {
		*out++ = (uint8_t)c;
	} else if (c < 0x800) {
		*out++ = (uint8_t)(0xc0 | c >> 6);
		*out++ = (uint8_t)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (uint8_t)(0xe0 | c >> 12);
		*out++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*out++ = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		*out++ = (uint8_t)(0xf0 | c >> 18);
		*out++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		*out++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		*out++ = (uint8_t)(0x80 | (c & 0x3f));
	}
	return out;
}

/* What stands behind "\u": one or two units of UTF-16. */
static int read_unicode(struct parser *parser, uint8_t **out)
{
	int32_t c = hex_unit(parser), low;

	if (c < 0)
		return bad(parser, "\\u without four digits");
	parser->at += 4;
	if (c >= 0xd800 && c < 0xdc00 && parser->end - parser->at >= 6 && parser->at[0] == '\\' &&
		parser->at[1] == 'u') {
		parser->at += 2;
		low = hex_unit(parser);
		if (low >= 0xdc00 && low < 0xe000) {
			parser->at += 4;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		} else {
			parser->at -= 2;
		}
	}
	if (c >= 0xd800 && c < 0xe000)
		c = 0xfffd;
	*out = put_utf8(*out, c);
	return 0;
}

static int read_escape(struct parser *parser, uint8_t **out)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (parser->at == parser->end)
		return bad(parser, "a string without an end");
	if (*parser->at == 'u') {
		parser->at++;
		return read_unicode(parser, out);
	}
	found = memchr(escapes, *parser->at, sizeof(escapes) - 1);
	if (!found)
		return bad(parser, "an unknown escape");
	parser->at++;
	*(*out)++ = (uint8_t)meanings[found - escapes];
	return 0;
}

/* Behind its first quote. */
static int read_string(struct parser *parser, struct slice *text)
{
	uint8_t *start = parser->at, *out = start;

	while (parser->at < parser->end && *parser->at != '"') {
		if (*parser->at < 0x20)
			return bad(parser, "a control character in a string");
		if (*parser->at != '\\') {
			*out++ = *parser->at++;
			continue;
		}
		parser->at++;
		if (read_escape(parser, &out) < 0)
			return ERR_FORMAT;
	}
	if (parser->at == parser->end)
		return bad(parser, "a string without an end");
	parser->at++;
	*text = (struct slice){start, (size_t)(out - start)};
	return 0;
}

static size_t read_digits(struct parser *parser)
{
	const uint8_t *start = parser->at;

	while (parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9')
		parser->at++;
	return (size_t)(parser->at - start);
}

static int read_number(struct parser *parser, struct slice *text)
{
	const uint8_t *start = parser->at;

	if (*parser->at == '-')
		parser->at++;
	if (parser->at < parser->end && *parser->at == '0')
		parser->at++;
	else if (!read_digits(parser))
		return bad(parser, "not a value");
	if (parser->at < parser->end && *parser->at == '.') {
		parser->at++;
		if (!read_digits(parser))
			return bad(parser, "a number that is none");
	}
	if (parser->at < parser->end && (*parser->at | 0x20) == 'e') {
		parser->at++;
		if (parser->at < parser->end && (*parser->at == '+' || *parser->at == '-'))
			parser->at++;
		if (!read_digits(parser))
			return bad(parser, "a number that is none");
	}
	*text = (struct slice){start, (size_t)(parser->at - start)};
	return 0;
}

static bool take_word(struct parser *parser, const char *word, struct slice *text)
{
	size_t len = strlen(word);

	if ((size_t)(parser->end - parser->at) < len || memcmp(parser->at, word, len) != 0)
		return false;
	*text = (struct slice){parser->at, len};
	parser->at += len;
	return true;
}

static int read_value(struct parser *parser, struct json_node **node);

static int read_name(struct parser *parser, struct slice *name)
{
	if (!take(parser, '"'))
		return bad(parser, "a member without a name");
	if (read_string(parser, name) < 0)
		return ERR_FORMAT;
	return take(parser, ':') ? 0 : bad(parser, "a member without ':'");
}

/* Items or members up to `close`, behind the bracket that opened them. */
static int read_inside(struct parser *parser, struct json_node *node, char close)
{
	const struct json_node **link = &node->first;
	struct slice name = {0};
	struct json_node *inside;
	int rc = 0;

	if (take(parser, close))
		return 0;
	if (parser->depth == JSON_TREE_MAX_DEPTH)
		return bad(parser, "nesting beyond all measure");
	parser->depth++;
	do {
		if (node->kind == JSON_OBJECT)
			rc = read_name(parser, &name);
		rc = rc ? rc : read_value(parser, &inside);
		if (rc)
			return rc;
		inside->name = name;
		*link = inside;
		link = &inside->next;
	} while (take(parser, ','));
	parser->depth--;
	return take(parser, close) ? 0 : bad(parser, "neither ',' nor an end");
}

static int read_scalar(struct parser *parser, struct json_node *node)
{
	if (*parser->at == '"') {
		parser->at++;
		node->kind = JSON_STRING;
		return read_string(parser, &node->text);
	}
	if (take_word(parser, "true", &node->text) || take_word(parser, "false", &node->text)) {
		node->kind = JSON_BOOLEAN;
		return 0;
	}
	if (take_word(parser, "null", &node->text)) {
		node->kind = JSON_NULL;
		return 0;
	}
	node->kind = JSON_NUMBER;
	return read_number(parser, &node->text);
}

static int read_value(struct parser *parser, struct json_node **node)
{
	*node = node_new(parser->tree, JSON_NULL);
	if (!*node)
		return err_set(parser->err, ERR_MEMORY, "out of memory");
	if (take(parser, '{')) {
		(*node)->kind = JSON_OBJECT;
		return read_inside(parser, *node, '}');
	}
	if (take(parser, '[')) {
		(*node)->kind = JSON_ARRAY;
		return read_inside(parser, *node, ']');
	}
	if (parser->at == parser->end)
		return bad(parser, "cut short");
	return read_scalar(parser, *node);
}

int json_tree_parse(struct slice text, struct json_tree **tree, struct err *err)
{
	struct parser parser = {.err = err};
	int rc;

	*tree = calloc(1, sizeof(**tree));
	if (!*tree)
		return err_set(err, ERR_MEMORY, "out of memory");
	/* Behind this there are only valid bytes to copy. */
	utf8_append(&(*tree)->text, text);
	if ((*tree)->text.failed || buf_reserve(&(*tree)->text, 1) < 0) {
		rc = err_set(err, ERR_MEMORY, "out of memory");
	} else {
		parser.tree = *tree;
		parser.at = (*tree)->text.data;
		parser.end = parser.at + (*tree)->text.len;
		rc = read_value(&parser, &(*tree)->root);
		skip_space(&parser);
		if (!rc && parser.at != parser.end)
			rc = bad(&parser, "more than one value");
	}
	if (rc) {
		json_tree_free(*tree);
		*tree = NULL;
	}
	return rc;
}

void json_tree_free(struct json_tree *tree)
{
	if (!tree)
		return;
	while (tree->chunks) {
		struct chunk *chunk = tree->chunks;

		tree->chunks = chunk->next;
		free(chunk);
	}
	buf_release(&tree->text);
	free(tree);
}

const struct json_node *json_tree_root(const struct json_tree *tree)
{
	return tree->root;
}

const struct json_node *json_member(const struct json_node *object, const char *name)
{
	const struct json_node *member = object->kind == JSON_OBJECT ? object->first : NULL;

	while (member && !slice_equal(member->name, slice_text(name)))
		member = member->next;
	return member;
}

bool json_member_text(const struct json_node *object, const char *name, struct slice *text)
{
	const struct json_node *member = json_member(object, name);

	if (!member || member->kind != JSON_STRING)
		return false;
	*text = member->text;
	return true;
}
