#include "schemas/value.h"

#include "schemas/avro.h"
#include "schemas/value_internal.h"

#include <inttypes.h>

/* One walk over a value: what is left of its bytes, and where its text goes. */
struct repr {
	struct avro_in in;
	const struct name_table *names;
	struct buf *out;
	int depth;
};

static bool repr_any(struct repr *repr);

/* "" for an index out of range: value_skip() has refused those. */
static struct slice name_at(const struct name_table *names, int64_t index)
{
	if (!names || index < 0 || (uint64_t)index >= names->count)
		return slice_text("");
	return names->names[index];
}

static bool get_name(struct repr *repr, struct slice *name)
{
	int64_t index;

	if (!avro_get_long(&repr->in, &index))
		return false;
	*name = name_at(repr->names, index);
	return true;
}

/* Names come from the traced program as well: nothing raw of them may reach a terminal. */
static void put_name(struct repr *repr, struct slice name)
{
	const uint8_t *at = name.data;
	const uint8_t *end = at + name.len;

	while (at < end) {
		const uint8_t *start = at;
		int32_t c = utf8_next(&at, end);

		if (c >= 0 && code_point_printable((uint32_t)c))
			buf_append(repr->out, start, (size_t)(at - start));
		else
			buf_printf(repr->out, c > 0xff ? "\\u%04x" : "\\x%02x",
				c < 0 ? (unsigned)*start : (unsigned)c);
	}
}

static bool repr_bigint(struct repr *repr)
{
	int64_t bits;
	struct slice digits;

	if (!avro_get_long(&repr->in, &bits) || !avro_get_bytes(&repr->in, &digits))
		return false;
	bigint_repr(digits, bits, repr->out);
	return true;
}

static bool repr_text(struct repr *repr)
{
	int64_t length;
	struct slice text;

	if (!avro_get_long(&repr->in, &length) || !avro_get_bytes(&repr->in, &text))
		return false;
	if (string_repr(text, repr->out) < length)
		buf_printf(repr->out, "... (%" PRId64 " chars)", length);
	return true;
}

static bool repr_blob(struct repr *repr)
{
	int64_t kind;
	int64_t length;
	struct slice data;

	if (!avro_get_long(&repr->in, &kind) || !avro_get_long(&repr->in, &length) ||
		!avro_get_bytes(&repr->in, &data))
		return false;
	if (kind == BLOB_BYTEARRAY)
		bytearray_repr(data, repr->out);
	else
		bytes_repr(data, repr->out);
	if ((int64_t)data.len < length)
		buf_printf(repr->out, "... (%" PRId64 " bytes)", length);
	return true;
}

static bool repr_complex(struct repr *repr)
{
	double real;
	double imag;

	if (!avro_get_double(&repr->in, &real) || !avro_get_double(&repr->in, &imag))
		return false;
	complex_repr(real, imag, repr->out);
	return true;
}

/* Starts the next run of items of an Avro array: 0 at its end. */
static bool get_item_count(struct avro_in *in, int64_t *count)
{
	int64_t bytes;

	if (!avro_get_long(in, count))
		return false;
	if (*count >= 0)
		return true;
	if (*count == INT64_MIN || !avro_get_long(in, &bytes))
		return false;
	*count = -*count;
	return true;
}

/* The items with commas between them, a dict's as pairs; *shown is how many there were. */
static bool repr_items(struct repr *repr, bool pairs, int64_t *shown)
{
	int64_t count;

	*shown = 0;
	while (get_item_count(&repr->in, &count)) {
		if (count == 0)
			return true;
		for (; count > 0; count--, (*shown)++) {
			if (pairs && *shown % 2)
				buf_text(repr->out, ": ");
			else if (*shown)
				buf_text(repr->out, ", ");
			if (!repr_any(repr))
				return false;
		}
	}
	return false;
}

static void put_more(struct repr *repr, int64_t shown, int64_t length)
{
	if (shown < length)
		buf_printf(repr->out, "%s... %" PRId64 " more", shown ? ", " : "", length - shown);
}

/* How each kind begins and ends, when it is empty, and when it is inside itself. */
static const struct container_form {
	const char *open;
	const char *close;
	const char *empty;
	const char *itself;
} container_forms[CONTAINER_KINDS] = {
	[CONTAINER_LIST] = {"[", "]", "[]", "[...]"},
	[CONTAINER_TUPLE] = {"(", ")", "()", "(...)"},
	[CONTAINER_SET] = {"{", "}", "set()", "set(...)"},
	[CONTAINER_FROZENSET] = {"frozenset({", "})", "frozenset()", "frozenset(...)"},
	[CONTAINER_DICT] = {"{", "}", "{}", "{...}"},
	[CONTAINER_DEQUE] = {"deque([", "])", "deque([])", "[...]"},
	[CONTAINER_RANGE] = {"range(", ")", "range(...)", "range(...)"},
	[CONTAINER_SLICE] = {"slice(", ")", "slice(...)", "slice(...)"},
};

/* range(a, b, 1) is range(a, b) to Python. The third item must be the long 1 to go. */
static void drop_step_of_one(struct buf *out, size_t start)
{
	static const char step[] = ", 1";
	size_t len = sizeof(step) - 1;

	if (out->len - start > len && memcmp(out->data + out->len - len, step, len) == 0)
		out->len -= len;
}

static bool repr_container(struct repr *repr)
{
	const struct container_form *form;
	size_t start = repr->out->len;
	size_t inside;
	int64_t kind;
	int64_t length;
	int64_t shown;

	if (!avro_get_long(&repr->in, &kind) || kind < 0 || kind >= CONTAINER_KINDS ||
		!avro_get_long(&repr->in, &length))
		return false;
	form = &container_forms[kind];
	buf_text(repr->out, form->open);
	inside = repr->out->len;
	if (!repr_items(repr, kind == CONTAINER_DICT, &shown))
		return false;
	if (length < 0 || (shown == 0 && length == 0)) {
		repr->out->len = start;
		buf_text(repr->out, length < 0 ? form->itself : form->empty);
		return true;
	}
	if (kind == CONTAINER_RANGE && shown == 3)
		drop_step_of_one(repr->out, inside);
	if (kind == CONTAINER_TUPLE && shown == 1 && length <= 1)
		buf_byte(repr->out, ',');
	if (kind != CONTAINER_RANGE && kind != CONTAINER_SLICE)
		put_more(repr, kind == CONTAINER_DICT ? (shown + 1) / 2 : shown, length);
	else if (shown == 0)
		buf_text(repr->out, "...");
	buf_text(repr->out, form->close);
	return true;
}

static bool repr_object(struct repr *repr)
{
	static const struct {
		const char *before;
		const char *after; /* an address follows when this ends in 'x' */
	} forms[OBJECT_KINDS] = {
		[OBJECT_INSTANCE] = {"<", " object at 0x"},
		[OBJECT_CLASS] = {"<class '", "'>"},
		[OBJECT_FUNCTION] = {"<function ", " at 0x"},
		[OBJECT_BUILTIN] = {"<built-in function ", ">"},
		[OBJECT_METHOD] = {"<bound method ", ">"},
		[OBJECT_MODULE] = {"<module '", "'>"},
		[OBJECT_CONSTANT] = {"", ""},
	};
	struct slice name;
	int64_t kind;
	int64_t address;

	if (!avro_get_long(&repr->in, &kind) || kind < 0 || kind >= OBJECT_KINDS ||
		!get_name(repr, &name) || !avro_get_long(&repr->in, &address))
		return false;
	buf_text(repr->out, forms[kind].before);
	put_name(repr, name);
	buf_text(repr->out, forms[kind].after);
	if (kind == OBJECT_INSTANCE || kind == OBJECT_FUNCTION)
		buf_printf(repr->out, "%" PRIx64 ">", (uint64_t)address);
	return true;
}

/* BaseException.__repr__() shows the type's name without what it is in. */
static struct slice last_part(struct slice name)
{
	for (size_t i = name.len; i > 0; i--) {
		if (name.data[i - 1] == '.')
			return (struct slice){name.data + i, name.len - i};
	}
	return name;
}

static bool repr_error(struct repr *repr)
{
	struct slice name;
	int64_t address;
	int64_t length;
	int64_t shown;

	if (!get_name(repr, &name) || !avro_get_long(&repr->in, &address) ||
		!avro_get_long(&repr->in, &length))
		return false;
	put_name(repr, last_part(name));
	buf_byte(repr->out, '(');
	if (!repr_items(repr, false, &shown))
		return false;
	put_more(repr, shown, length);
	buf_byte(repr->out, ')');
	return true;
}

static bool repr_redacted(struct repr *repr)
{
	struct slice type;
	int32_t tag;

	if (!get_name(repr, &type) || !avro_get_int(&repr->in, &tag))
		return false;
	buf_text(repr->out, "<redacted ");
	put_name(repr, type);
	buf_printf(repr->out, " #%04x>", (unsigned)tag & 0xffff);
	return true;
}

static bool repr_atom(struct repr *repr, int64_t kind)
{
	struct slice bytes;
	int64_t number;
	double real;
	bool truth;

	switch (kind) {
	case VALUE_NULL:
		buf_text(repr->out, "None");
		return true;
	case VALUE_BOOLEAN:
		if (!avro_get_boolean(&repr->in, &truth))
			return false;
		buf_text(repr->out, truth ? "True" : "False");
		return true;
	case VALUE_LONG:
		if (!avro_get_long(&repr->in, &number))
			return false;
		long_repr(number, 0, repr->out);
		return true;
	case VALUE_DOUBLE:
		if (!avro_get_double(&repr->in, &real))
			return false;
		double_repr(real, repr->out);
		return true;
	case VALUE_STRING:
		if (!avro_get_bytes(&repr->in, &bytes))
			return false;
		string_repr(bytes, repr->out);
		return true;
	default:
		if (!avro_get_bytes(&repr->in, &bytes))
			return false;
		bytes_repr(bytes, repr->out);
		return true;
	}
}

static bool repr_kind(struct repr *repr, int64_t kind)
{
	switch (kind) {
	case VALUE_NULL:
	case VALUE_BOOLEAN:
	case VALUE_LONG:
	case VALUE_DOUBLE:
	case VALUE_STRING:
	case VALUE_BYTES:
		return repr_atom(repr, kind);
	case VALUE_BIGINT:
		return repr_bigint(repr);
	case VALUE_TEXT:
		return repr_text(repr);
	case VALUE_BLOB:
		return repr_blob(repr);
	case VALUE_COMPLEX:
		return repr_complex(repr);
	case VALUE_CONTAINER:
		return repr_container(repr);
	case VALUE_OBJECT:
		return repr_object(repr);
	case VALUE_ERROR:
		return repr_error(repr);
	case VALUE_REDACTED:
		return repr_redacted(repr);
	case VALUE_UNSET:
		buf_text(repr->out, "<unset>");
		return true;
	default:
		return false;
	}
}

static bool repr_any(struct repr *repr)
{
	int64_t kind;
	bool good;

	if (repr->depth > VALUE_MAX_DEPTH || !avro_get_long(&repr->in, &kind))
		return false;
	repr->depth++;
	good = repr_kind(repr, kind);
	repr->depth--;
	return good;
}

static struct avro_in value_in(struct value value)
{
	if (!value.bytes.len)
		return (struct avro_in){NULL, NULL};
	return (struct avro_in){value.bytes.data, value.bytes.data + value.bytes.len};
}

void value_repr(struct value value, struct buf *out)
{
	struct repr repr = {.in = value_in(value), .names = value.names, .out = out};

	if (!repr_any(&repr))
		buf_text(out, "<not a value>");
}

enum value_kind value_kind(struct value value)
{
	struct avro_in in = value_in(value);
	int64_t kind;

	if (!avro_get_long(&in, &kind) || kind < 0 || kind >= VALUE_KINDS)
		return VALUE_UNSET;
	return (enum value_kind)kind;
}

int64_t value_address(struct value value)
{
	struct avro_in in = value_in(value);
	int64_t kind;
	int64_t skipped;
	int64_t address;

	if (!avro_get_long(&in, &kind) || (kind != VALUE_OBJECT && kind != VALUE_ERROR))
		return 0;
	if (kind == VALUE_OBJECT && !avro_get_long(&in, &skipped))
		return 0;
	if (!avro_get_long(&in, &skipped) || !avro_get_long(&in, &address))
		return 0;
	return address;
}

bool value_is_routine(struct value value)
{
	struct avro_in in = value_in(value);
	int64_t kind;
	int64_t object;
	int64_t name;

	if (!avro_get_long(&in, &kind) || kind != VALUE_OBJECT || !avro_get_long(&in, &object) ||
		!avro_get_long(&in, &name))
		return false;
	if (object == OBJECT_INSTANCE)
		return slice_equal(name_at(value.names, name), slice_text("__future__._Feature"));
	return object == OBJECT_FUNCTION || object == OBJECT_BUILTIN || object == OBJECT_METHOD ||
	       object == OBJECT_MODULE;
}
