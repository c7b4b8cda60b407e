#include "tracer/capture.h"

#include "tracer/capture_internal.h"
#include "tracer/print_internal.h"
#include "tracer/shape_internal.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include <string.h>

/* Behind so many bytes of a value, or of its event, texts are written as lengths only: no
 * value fills a block, no event a message. */
#define VALUE_MOST (4 * 1024)
#define EVENT_MOST (200 * 1024)

static struct name *shape_name(struct tracer *tracer, enum shape shape, PyObject *value)
{
	switch (shape) {
	case SHAPE_CLASS:
		return type_name(tracer, (PyTypeObject *)value);
	case SHAPE_ROUTINE:
		return routine_name(tracer, value);
	case SHAPE_CONSTANT:
		return value == Py_Ellipsis ? names_intern(&tracer->names, "Ellipsis", 8)
					    : names_intern(&tracer->names, "NotImplemented", 14);
	default:
		return type_name(tracer, Py_TYPE(value));
	}
}

/* Is the value of this key of a dict to be redacted? The answer is kept by the key's
 * address and hash, which every key of a dict has. */
static bool secret_key(struct tracer *tracer, PyObject *key)
{
	struct key_entry *entry = &tracer->keys[((uintptr_t)key >> 5) & (KEY_CACHE - 1)];
	char text[SECRET_NAME_BYTES + 1];
	Py_hash_t hash;
	size_t len;

	if (!PyUnicode_CheckExact(key) || !tracer->options.redact || !PyUnicode_IS_READY(key) ||
		PyUnicode_GET_LENGTH(key) > SECRET_NAME_BYTES)
		return false;
	hash = ((PyASCIIObject *)key)->hash;
	if (entry->key == key && entry->hash == hash && hash != -1)
		return entry->secret;
	len = unicode_copy(key, text, sizeof(text));
	*entry = (struct key_entry){key, hash,
		secret_name((struct slice){(const uint8_t *)text, len}, &tracer->secrets)};
	return entry->secret;
}

static void prepare(struct tracer *tracer, struct walk *walk, PyObject *value);

static void prepare_items(struct tracer *tracer, struct walk *walk, struct items items)
{
	PyObject *item;

	walk->path[walk->depth++] = items.container;
	while ((item = items_next(walk, &items))) {
		prepare(tracer, walk, item);
		if (items.value && secret_key(tracer, item))
			capture_define(tracer, items.value, true);
	}
	walk->depth--;
}

static void define(struct tracer *tracer, struct name *name)
{
	if (name)
		stream_name(&tracer->stream, name);
}

static void prepare(struct tracer *tracer, struct walk *walk, PyObject *value)
{
	enum shape shape = shape_of(value);

	walk->nodes--;
	if (shape < SHAPE_LIST)
		return;
	if (shape >= SHAPE_ERROR)
		define(tracer, shape_name(tracer, shape, value));
	if (shape == SHAPE_ERROR) {
		value = ((PyBaseExceptionObject *)value)->args;
		if (!value || !PyTuple_CheckExact(value))
			return;
		shape = SHAPE_TUPLE;
	}
	if (shape_is_container(shape) && !walk_has(walk, value))
		prepare_items(tracer, walk, items_begin(walk, shape, value));
}

void capture_define(struct tracer *tracer, PyObject *value, bool secret)
{
	struct walk walk;

	if (secret) {
		define(tracer, type_name(tracer, Py_TYPE(value)));
		return;
	}
	walk_begin(&walk, &tracer->options);
	prepare(tracer, &walk, value);
}

static void put_tag(struct stream *stream, enum value_kind kind)
{
	*stream_room(stream, 1) = (uint8_t)(kind << 1);
	stream->at++;
}

static void put_text(struct stream *stream, const void *data, size_t len)
{
	stream->at = avro_put_bytes(stream_room(stream, len + AVRO_LONG_MAX_BYTES), data, len);
}

static size_t bounded(const struct walk *walk, const struct stream *stream, Py_ssize_t length)
{
	ptrdiff_t at = stream->at - stream->event;

	if (at > EVENT_MOST || at - walk->start > VALUE_MOST)
		return 0;
	return (size_t)(length < walk->limits->max_string ? length : walk->limits->max_string);
}

static void put_str(struct stream *stream, const struct walk *walk, PyObject *value)
{
	size_t length = (size_t)PyUnicode_GET_LENGTH(value);
	size_t chars = bounded(walk, stream, (Py_ssize_t)length), surrogates, len;
	uint8_t *text;

	if (!PyUnicode_IS_READY(value))
		chars = length = 0;
	if (chars == length && PyUnicode_IS_ASCII(value)) {
		put_tag(stream, VALUE_STRING);
		put_text(stream, PyUnicode_DATA(value), chars);
		return;
	}
	/* Behind the room for the head that its length needs: moved there afterwards. */
	text = stream_room(stream, chars * UTF8_MOST + 64) + 32;
	len = unicode_put(value, chars, text, &surrogates);
	if (chars == length && !surrogates) {
		put_tag(stream, VALUE_STRING);
	} else {
		put_tag(stream, VALUE_TEXT);
		stream->at = avro_put_long(stream->at, (int64_t)length);
	}
	stream->at = avro_put_long(stream->at, (int64_t)len);
	memmove(stream->at, text, len);
	stream->at += len;
}

static void put_bytes(struct stream *stream, const struct walk *walk, enum blob_kind kind,
	const char *data, Py_ssize_t length)
{
	size_t len = bounded(walk, stream, length);

	if (kind == BLOB_BYTES && len == (size_t)length) {
		put_tag(stream, VALUE_BYTES);
	} else {
		put_tag(stream, VALUE_BLOB);
		stream_put_long(stream, kind);
		stream_put_long(stream, length);
	}
	put_text(stream, data, len);
}

/* Bits that max_string decimal digits hold: log2(10) < 3.33. */
static size_t most_bits(const struct walk *walk)
{
	return (size_t)walk->limits->max_string * 333 / 100;
}

static void put_big(struct stream *stream, const struct walk *walk, PyObject *value)
{
	size_t bits = _PyLong_NumBits(value);
	size_t len = bits / 8 + 1;
	uint8_t digits[512];

	put_tag(stream, VALUE_BIGINT);
	stream_put_long(stream, (int64_t)bits);
	if (bits > most_bits(walk) || len > sizeof(digits) ||
		py_int_bytes(value, digits, len) < 0) {
		PyErr_Clear();
		len = 0;
	}
	put_text(stream, digits, len);
}

static void put_int(struct stream *stream, const struct walk *walk, PyObject *value)
{
	Py_ssize_t size = py_int_size(value);
	int64_t result = 0;
	int overflow = 0;

	if (size >= -1 && size <= 1)
		result = size * (int64_t)(size ? py_int_digits(value)[0] : 0);
	else
		result = PyLong_AsLongLongAndOverflow(value, &overflow);
	if (overflow) {
		put_big(stream, walk, value);
		return;
	}
	put_tag(stream, VALUE_LONG);
	stream_put_long(stream, result);
}

static void put_double(struct stream *stream, double value)
{
	stream->at = avro_put_double(stream_room(stream, 8), value);
}

static void put(struct tracer *tracer, struct walk *walk, PyObject *value);

static int64_t put_array(
	struct tracer *tracer, struct walk *walk, PyObject *container, PyObject **array)
{
	int most = walk->depth <= walk->limits->max_depth ? walk->limits->max_items : 0;
	int64_t count = Py_SIZE(container) < most ? Py_SIZE(container) : most, i;

	for (i = 0; i < count && walk->nodes > 0; i++)
		put(tracer, walk, array[i]);
	return i;
}

static int64_t put_each(struct tracer *tracer, struct walk *walk, struct items *items)
{
	int64_t count = 0;
	PyObject *item;

	if (items->shape == SHAPE_LIST)
		return put_array(tracer, walk, items->container,
			((PyListObject *)items->container)->ob_item);
	if (items->shape == SHAPE_TUPLE)
		return put_array(tracer, walk, items->container,
			((PyTupleObject *)items->container)->ob_item);
	for (; (item = items_next(walk, items)); count++) {
		put(tracer, walk, item);
		if (items->value && secret_key(tracer, item)) {
			PyObject *hidden = items_next(walk, items);

			walk_skip(walk, hidden);
			capture_put_secret(tracer, hidden);
			count++;
		}
	}
	return count;
}

/* An Avro array in one block: the count comes first, and is known last. One byte is kept
 * for it; the rare longer one moves the items. */
static void put_items(struct tracer *tracer, struct walk *walk, struct items items)
{
	struct stream *stream = &tracer->stream;
	size_t start = (size_t)(stream_room(stream, 1) - stream->event);
	uint8_t head[AVRO_LONG_MAX_BYTES];
	size_t head_len, len;
	int64_t count;

	stream->at++;
	walk->path[walk->depth++] = items.container;
	count = put_each(tracer, walk, &items);
	walk->depth--;
	stream_room(stream, 2 * AVRO_LONG_MAX_BYTES);
	len = (size_t)(stream->at - stream->event);
	if (stream->lost || len <= start)
		return; /* the event did not fit anywhere: it is given up */
	head_len = (size_t)(avro_put_long(head, count) - head);
	memmove(stream->event + start + head_len, stream->event + start + 1, len - start - 1);
	memcpy(stream->event + start, head, head_len);
	stream->at += head_len - 1;
	if (count > 0)
		*stream->at++ = 0;
}

static const uint8_t container_kinds[] = {
	[SHAPE_LIST] = CONTAINER_LIST,
	[SHAPE_TUPLE] = CONTAINER_TUPLE,
	[SHAPE_SET] = CONTAINER_SET,
	[SHAPE_FROZENSET] = CONTAINER_FROZENSET,
	[SHAPE_DICT] = CONTAINER_DICT,
	[SHAPE_RANGE] = CONTAINER_RANGE,
	[SHAPE_SLICE] = CONTAINER_SLICE,
};

static void put_container(
	struct tracer *tracer, struct walk *walk, enum shape shape, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	bool itself = walk_has(walk, value);

	put_tag(stream, VALUE_CONTAINER);
	stream_put_long(stream, container_kinds[shape]);
	stream_put_long(stream, itself ? -1 : items_length(shape, value));
	if (itself || stream->at - stream->event > EVENT_MOST)
		stream_put_long(stream, 0);
	else
		put_items(tracer, walk, items_begin(walk, shape, value));
}

static void put_error(struct tracer *tracer, struct walk *walk, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	PyObject *args = ((PyBaseExceptionObject *)value)->args;

	put_tag(stream, VALUE_ERROR);
	capture_put_name(stream, shape_name(tracer, SHAPE_ERROR, value));
	stream_put_long(stream, (int64_t)(uintptr_t)value);
	if (!args || !PyTuple_CheckExact(args)) {
		stream_put_long(stream, 0);
		stream_put_long(stream, 0);
		return;
	}
	stream_put_long(stream, Py_SIZE(args));
	if (walk_has(walk, args))
		stream_put_long(stream, 0);
	else
		put_items(tracer, walk, items_begin(walk, SHAPE_TUPLE, args));
}

static void put_object(struct tracer *tracer, enum shape shape, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	enum object_kind kind = OBJECT_INSTANCE;
	bool placed = true;

	if (shape == SHAPE_CLASS) {
		kind = OBJECT_CLASS;
		placed = false;
	} else if (shape == SHAPE_CONSTANT) {
		kind = OBJECT_CONSTANT;
		placed = false;
	} else if (shape == SHAPE_ROUTINE) {
		kind = PyFunction_Check(value) ? OBJECT_FUNCTION
		       : PyMethod_Check(value) ? OBJECT_METHOD
		       : PyModule_Check(value) ? OBJECT_MODULE
					       : OBJECT_BUILTIN;
		placed = kind != OBJECT_MODULE;
	}
	put_tag(stream, VALUE_OBJECT);
	stream_put_long(stream, kind);
	capture_put_name(stream, shape_name(tracer, shape, value));
	stream_put_long(stream, placed ? (int64_t)(uintptr_t)value : 0);
}

static void put(struct tracer *tracer, struct walk *walk, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	enum shape shape = shape_of(value);

	walk->nodes--;
	switch (shape) {
	case SHAPE_NONE:
		put_tag(stream, VALUE_NULL);
		break;
	case SHAPE_BOOL:
		put_tag(stream, VALUE_BOOLEAN);
		*stream_room(stream, 1) = value == Py_True;
		stream->at++;
		break;
	case SHAPE_INT:
		put_int(stream, walk, value);
		break;
	case SHAPE_FLOAT:
		put_tag(stream, VALUE_DOUBLE);
		put_double(stream, PyFloat_AS_DOUBLE(value));
		break;
	case SHAPE_COMPLEX:
		put_tag(stream, VALUE_COMPLEX);
		put_double(stream, ((PyComplexObject *)value)->cval.real);
		put_double(stream, ((PyComplexObject *)value)->cval.imag);
		break;
	case SHAPE_STR:
		put_str(stream, walk, value);
		break;
	case SHAPE_BYTES:
		put_bytes(stream, walk, BLOB_BYTES, PyBytes_AS_STRING(value), Py_SIZE(value));
		break;
	case SHAPE_BYTEARRAY:
		put_bytes(
			stream, walk, BLOB_BYTEARRAY, PyByteArray_AS_STRING(value), Py_SIZE(value));
		break;
	case SHAPE_ERROR:
		put_error(tracer, walk, value);
		break;
	case SHAPE_CLASS:
	case SHAPE_ROUTINE:
	case SHAPE_CONSTANT:
	case SHAPE_OBJECT:
		put_object(tracer, shape, value);
		break;
	default:
		put_container(tracer, walk, shape, value);
	}
}

void capture_put_slow(struct tracer *tracer, PyObject *value)
{
	struct walk walk;

	walk_begin(&walk, &tracer->options);
	walk.start = tracer->stream.at - tracer->stream.event;
	put(tracer, &walk, value);
}

static void put_pairs(struct tracer *tracer, struct walk *walk, PyObject *dict, int at, int count)
{
	PyObject *key, *value;
	Py_ssize_t place = 0;

	while (at-- > 0)
		PyDict_Next(dict, &place, &key, &value);
	while (count-- > 0 && PyDict_Next(dict, &place, &key, &value)) {
		put(tracer, walk, key);
		if (secret_key(tracer, key)) {
			walk_skip(walk, value);
			capture_put_secret(tracer, value);
		} else {
			put(tracer, walk, value);
		}
	}
}

void capture_put_elements(struct tracer *tracer, PyObject *value, int at, int count, int nodes)
{
	struct stream *stream = &tracer->stream;
	bool pairs = PyDict_CheckExact(value);
	struct walk walk;

	walk_begin(&walk, &tracer->options);
	walk.start = stream->at - stream->event;
	walk.nodes = nodes;
	walk.path[walk.depth++] = value;
	stream_put_long(stream, pairs ? 2 * count : count);
	if (pairs)
		put_pairs(tracer, &walk, value, at, count);
	else
		for (int i = at; i < at + count; i++)
			put(tracer, &walk, PyList_GET_ITEM(value, i));
	if (count > 0) {
		*stream_room(stream, 1) = 0;
		stream->at++;
	}
}

void capture_put_secret(struct tracer *tracer, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	struct print print;
	uint64_t hash;

	capture_print(tracer, value, &print);
	hash = (print.hash ^ tracer->redact_key) * 0x9e3779b97f4a7c15u;
	put_tag(stream, VALUE_REDACTED);
	capture_put_name(stream, type_name(tracer, Py_TYPE(value)));
	stream_put_long(stream, (int64_t)(hash >> 48));
}
