/*
 * plain_internal: variables whose values one word tells: small ints, floats, None, booleans,
 * short ASCII text, instances of the program's classes. Compared and written in one go, with
 * the place in the stream in a register: nearly all changes are such.
 */
#ifndef SMILEY_TRACER_PLAIN_INTERNAL_H
#define SMILEY_TRACER_PLAIN_INTERNAL_H

#include "tracer/capture_internal.h"
#include "tracer/frame.h"
#include "tracer/print_internal.h"

/* What one such variable takes at most. */
#define PLAIN_MOST 64

/* Begins the item of a variable with a value of this fingerprint; NULL: nothing is to be
 * written, since it is as it was. */
static inline uint8_t *plain_head(struct stream *stream, struct slot *slot, uint64_t hash,
	const struct name *name, bool restate, uint8_t *at)
{
	int64_t event = stream->seq + 1;

	if (hash == slot->hash && slot->length == -1 && slot->changed_at != event) {
		if (!restate)
			return NULL;
		*at = ITEM_LOCAL << 1;
	} else {
		slot->hash = hash;
		slot->length = -1;
		slot->version = 0;
		slot->changed_at = event;
		*at = ITEM_CHANGE << 1;
	}
	stream->event_counts += FILLED_ITEM;
	return avro_put_long(at + 1, name->index);
}

static inline bool plain_long(struct stream *stream, struct slot *slot, const struct name *name,
	PyObject *value, bool restate)
{
	int64_t number = shape_small_int(value);
	uint8_t *at = plain_head(stream, slot, print_int(number), name, restate, stream->at);

	if (at) {
		*at = VALUE_LONG << 1;
		stream->at = avro_put_long(at + 1, number);
	}
	return true;
}

static inline bool plain_double(struct stream *stream, struct slot *slot, const struct name *name,
	PyObject *value, bool restate)
{
	uint8_t *at = plain_head(stream, slot, print_double(value), name, restate, stream->at);

	if (at) {
		*at = VALUE_DOUBLE << 1;
		stream->at = avro_put_double(at + 1, PyFloat_AS_DOUBLE(value));
	}
	return true;
}

/* Up to 16 bytes, as two words that may overlap. */
static inline void plain_copy(uint8_t *to, const uint8_t *from, size_t len)
{
	if (len >= 8) {
		memcpy(to + len - 8, from + len - 8, 8);
		memcpy(to, from, 8);
	} else if (len >= 4) {
		memcpy(to + len - 4, from + len - 4, 4);
		memcpy(to, from, 4);
	} else if (len) {
		to[0] = from[0];
		to[len / 2] = from[len / 2];
		to[len - 1] = from[len - 1];
	}
}

static inline bool plain_text(struct stream *stream, struct slot *slot, const struct name *name,
	PyObject *value, bool restate)
{
	size_t length = (size_t)((PyASCIIObject *)value)->length;
	const uint8_t *text = (uint8_t *)((PyASCIIObject *)value + 1);
	uint8_t *at = plain_head(stream, slot, print_text(text, length), name, restate, stream->at);

	if (at) {
		*at++ = VALUE_STRING << 1;
		*at++ = (uint8_t)(length << 1);
		plain_copy(at, text, length);
		stream->at = at + length;
	}
	return true;
}

static inline bool plain_instance(struct tracer *tracer, struct slot *slot, const struct name *name,
	PyObject *value, bool restate)
{
	struct stream *stream = &tracer->stream;
	struct name *type = type_name(tracer, Py_TYPE(value));
	uint8_t *at;

	if (!type || type->block != stream->block)
		return false;
	at = plain_head(stream, slot, print_instance(value), name, restate, stream->at);
	if (at) {
		*at++ = VALUE_OBJECT << 1;
		*at++ = OBJECT_INSTANCE << 1;
		at = avro_put_long(at, type->index);
		stream->at = avro_put_long(at, (int64_t)(uintptr_t)value);
	}
	return true;
}

static inline bool plain_constant(struct stream *stream, struct slot *slot, const struct name *name,
	PyObject *value, bool restate)
{
	uint8_t *at = plain_head(stream, slot, print_constant(value), name, restate, stream->at);

	if (at) {
		*at++ = value == Py_None ? VALUE_NULL << 1 : VALUE_BOOLEAN << 1;
		*at = value == Py_True;
		stream->at = at + (value != Py_None);
	}
	return true;
}

/* Writes a Change when the variable's value differs from what the slot knows, a Local when it
 * does not and restate is set. False: the value, or the block, is not plain, and nothing has been
 * done. */
static inline bool plain_put(struct tracer *tracer, struct slot *slot, const struct name *name,
	PyObject *value, bool restate)
{
	struct stream *stream = &tracer->stream;
	PyTypeObject *type;

	if (__builtin_expect(
		    !value || name->block != stream->block || stream->end - stream->at < PLAIN_MOST,
		    0))
		return false;
	type = Py_TYPE(value);
	if (type == &PyLong_Type)
		return shape_is_small_int(value) && plain_long(stream, slot, name, value, restate);
	if (type == &PyUnicode_Type)
		return print_is_text(value, tracer->options.max_string) &&
		       plain_text(stream, slot, name, value, restate);
	if (type == &PyFloat_Type)
		return plain_double(stream, slot, name, value, restate);
	if (shape_is_instance(type))
		return plain_instance(tracer, slot, name, value, restate);
	return (value == Py_None || type == &PyBool_Type) &&
	       plain_constant(stream, slot, name, value, restate);
}

#endif
