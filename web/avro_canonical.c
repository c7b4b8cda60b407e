#include "web/avro_canonical.h"

#include <string.h>

#include "schemas/json.h"
#include "web/json_tree.h"

static int put_schema(
	const struct json_node *node, struct slice space, struct buf *out, struct err *err);

static int bad(const char *what, struct err *err)
{
	return err_set(err, ERR_FORMAT, "Avro schema: %s", what);
}

static bool is_primitive(struct slice name)
{
	static const char *const names[] = {
		"null", "boolean", "int", "long", "float", "double", "bytes", "string"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (slice_equal(name, slice_text(names[i])))
			return true;
	}
	return false;
}

static bool has_dot(struct slice name)
{
	return name.len && memchr(name.data, '.', name.len);
}

static void put_name(struct slice name, struct slice space, struct buf *out)
{
	struct buf full = {0};

	if (!has_dot(name) && space.len) {
		buf_append(&full, space.data, space.len);
		buf_byte(&full, '.');
	}
	buf_append(&full, name.data, name.len);
	out->failed |= full.failed;
	json_string(out, buf_slice(&full));
	buf_release(&full);
}

/* {"name": ..., "type": KIND of a named type; *space becomes that of what is inside. */
static int put_named(const struct json_node *node, struct slice kind, struct slice *space,
	struct buf *out, struct err *err)
{
	struct slice name, own;

	if (!json_member_text(node, "name", &name) || !name.len)
		return bad("a type without a name", err);
	if (has_dot(name)) {
		own = (struct slice){name.data,
			(size_t)((const uint8_t *)memrchr(name.data, '.', name.len) - name.data)};
		*space = own;
	} else if (json_member_text(node, "namespace", &own)) {
		*space = own;
	}
	buf_text(out, "{\"name\":");
	put_name(name, *space, out);
	buf_text(out, ",\"type\":");
	json_string(out, kind);
	return 0;
}

static int put_fields(
	const struct json_node *node, struct slice space, struct buf *out, struct err *err)
{
	const struct json_node *fields = json_member(node, "fields"), *type;
	const char *comma = "";
	struct slice name;
	int rc;

	if (!fields || fields->kind != JSON_ARRAY)
		return bad("a record without fields", err);
	buf_text(out, ",\"fields\":[");
	for (const struct json_node *field = fields->first; field; field = field->next) {
		type = json_member(field, "type");
		if (!type || !json_member_text(field, "name", &name))
			return bad("a field without name or type", err);
		buf_text(out, comma);
		buf_text(out, "{\"name\":");
		json_string(out, name);
		buf_text(out, ",\"type\":");
		rc = put_schema(type, space, out, err);
		if (rc)
			return rc;
		buf_byte(out, '}');
		comma = ",";
	}
	buf_byte(out, ']');
	return 0;
}

static int put_symbols(const struct json_node *node, struct buf *out, struct err *err)
{
	const struct json_node *symbols = json_member(node, "symbols");
	const char *comma = "";

	if (!symbols || symbols->kind != JSON_ARRAY)
		return bad("an enum without symbols", err);
	buf_text(out, ",\"symbols\":[");
	for (const struct json_node *symbol = symbols->first; symbol; symbol = symbol->next) {
		if (symbol->kind != JSON_STRING)
			return bad("a symbol that is no text", err);
		buf_text(out, comma);
		json_string(out, symbol->text);
		comma = ",";
	}
	buf_byte(out, ']');
	return 0;
}

static int put_size(const struct json_node *node, struct buf *out, struct err *err)
{
	const struct json_node *size = json_member(node, "size");

	if (!size || size->kind != JSON_NUMBER)
		return bad("a fixed without size", err);
	buf_text(out, ",\"size\":");
	buf_append(out, size->text.data, size->text.len);
	return 0;
}

/* An array's items, a map's values. */
static int put_inner(const struct json_node *node, const char *kind, const char *member,
	struct slice space, struct buf *out, struct err *err)
{
	const struct json_node *inner = json_member(node, member);

	if (!inner)
		return bad("an array or map of nothing", err);
	buf_printf(out, "{\"type\":\"%s\",\"%s\":", kind, member);
	return put_schema(inner, space, out, err);
}

static int put_object(
	const struct json_node *node, struct slice space, struct buf *out, struct err *err)
{
	const struct json_node *type = json_member(node, "type");
	struct slice kind;
	int rc;

	if (!type)
		return bad("an object without type", err);
	kind = type->text;
	if (type->kind != JSON_STRING)
		return put_schema(type, space, out, err);
	if (slice_equal(kind, slice_text("record")) || slice_equal(kind, slice_text("error"))) {
		rc = put_named(node, kind, &space, out, err);
		rc = rc ? rc : put_fields(node, space, out, err);
	} else if (slice_equal(kind, slice_text("enum"))) {
		rc = put_named(node, kind, &space, out, err);
		rc = rc ? rc : put_symbols(node, out, err);
	} else if (slice_equal(kind, slice_text("fixed"))) {
		rc = put_named(node, kind, &space, out, err);
		rc = rc ? rc : put_size(node, out, err);
	} else if (slice_equal(kind, slice_text("array"))) {
		rc = put_inner(node, "array", "items", space, out, err);
	} else if (slice_equal(kind, slice_text("map"))) {
		rc = put_inner(node, "map", "values", space, out, err);
	} else {
		return put_schema(type, space, out, err);
	}
	if (!rc)
		buf_byte(out, '}');
	return rc;
}

/* Recursion goes as deep as the JSON, which its reader has bounded. */
static int put_schema(
	const struct json_node *node, struct slice space, struct buf *out, struct err *err)
{
	const char *comma = "";
	int rc;

	switch (node->kind) {
	case JSON_STRING:
		if (!node->text.len)
			return bad("a type without a name", err);
		if (is_primitive(node->text))
			json_string(out, node->text);
		else
			put_name(node->text, space, out);
		return 0;
	case JSON_ARRAY:
		buf_byte(out, '[');
		for (const struct json_node *branch = node->first; branch; branch = branch->next) {
			buf_text(out, comma);
			rc = put_schema(branch, space, out, err);
			if (rc)
				return rc;
			comma = ",";
		}
		buf_byte(out, ']');
		return 0;
	case JSON_OBJECT:
		return put_object(node, space, out, err);
	default:
		return bad("neither text, array nor object", err);
	}
}

int avro_canonical(struct slice schema, struct buf *out, struct err *err)
{
	struct json_tree *tree;
	int rc = json_tree_parse(schema, &tree, err);

	if (rc)
		return rc;
	rc = put_schema(json_tree_root(tree), (struct slice){0}, out, err);
	json_tree_free(tree);
	return !rc && out->failed ? err_set(err, ERR_MEMORY, "out of memory") : rc;
}

bool avro_schema_same(struct slice a, struct slice b)
{
	struct buf one = {0}, other = {0};
	bool same = avro_canonical(a, &one, NULL) == 0 && avro_canonical(b, &other, NULL) == 0 &&
		    slice_equal(buf_slice(&one), buf_slice(&other));

	buf_release(&one);
	buf_release(&other);
	return same;
}
