/*
 * json_tree: reads JSON (RFC 8259) from outside: all of it is checked before any of it is
 * seen. Nesting goes to JSON_TREE_MAX_DEPTH; who gives the text bounds its length.
 */
#ifndef SMILEY_WEB_JSON_TREE_H
#define SMILEY_WEB_JSON_TREE_H

#include "schemas/buf.h"
#include "schemas/err.h"

#define JSON_TREE_MAX_DEPTH 64

enum json_kind {
	JSON_NULL,
	JSON_BOOLEAN, /* text: "true" or "false" */
	JSON_NUMBER,  /* text: as it was written */
	JSON_STRING,  /* text: decoded, UTF-8; lone surrogates are U+FFFD */
	JSON_ARRAY,
	JSON_OBJECT,
};

/* Owned by the tree. */
struct json_node {
	enum json_kind kind;
	struct slice name; /* of an object's member */
	struct slice text;
	const struct json_node *first; /* item or member */
	const struct json_node *next;
};

struct json_tree;

/* ERR_FORMAT: not one JSON value, with the byte where that shows; ERR_MEMORY. */
int json_tree_parse(struct slice text, struct json_tree **tree, struct err *err);
void json_tree_free(struct json_tree *tree);

const struct json_node *json_tree_root(const struct json_tree *tree);

/* The object's member of that name, the first of them; NULL: none, or no object. */
const struct json_node *json_member(const struct json_node *object, const char *name);

/* The text of a member that is a string; false when there is no such member. */
bool json_member_text(const struct json_node *object, const char *name, struct slice *text);

#endif
