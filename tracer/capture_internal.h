/*
 * capture_internal: writing of the commonest values, in line: None, small ints, instances of
 * the program's classes.
 */
#ifndef SMILEY_TRACER_CAPTURE_INTERNAL_H
#define SMILEY_TRACER_CAPTURE_INTERNAL_H

#include "tracer/capture.h"
#include "tracer/shape_internal.h"
#include "tracer/tracer_internal.h"

static inline struct name *type_name(struct tracer *tracer, PyTypeObject *type)
{
	const struct type_entry *entry = types_entry(&tracer->types, type);

	if (entry->type == type && entry->tp_name == type->tp_name &&
		entry->qualname == types_qualname(type))
		return entry->full;
	return type_name_slow(tracer, type);
}

static inline void capture_put_name(struct stream *stream, struct name *name)
{
	if (__builtin_expect(!name || name->block != stream->block, 0)) {
		stream->undefined |= name != NULL;
		stream_put_long(stream, 0);
		return;
	}
	stream_put_long(stream, name->index);
}

static inline void capture_put_instance(struct tracer *tracer, PyObject *value)
{
	struct stream *stream = &tracer->stream;

	stream_room(stream, 64);
	*stream->at++ = VALUE_OBJECT << 1;
	*stream->at++ = OBJECT_INSTANCE << 1;
	capture_put_name(stream, type_name(tracer, Py_TYPE(value)));
	stream->at = avro_put_long(stream->at, (int64_t)(uintptr_t)value);
}

static inline void capture_put(struct tracer *tracer, PyObject *value)
{
	struct stream *stream = &tracer->stream;
	PyTypeObject *type = Py_TYPE(value);

	if (type == &PyLong_Type && shape_is_small_int(value)) {
		stream_room(stream, 64);
		*stream->at++ = VALUE_LONG << 1;
		stream->at = avro_put_long(stream->at, shape_small_int(value));
	} else if (value == Py_None) {
		*stream_room(stream, 1) = VALUE_NULL << 1;
		stream->at++;
	} else if (shape_is_instance(type)) {
		capture_put_instance(tracer, value);
	} else {
		capture_put_slow(tracer, value);
	}
}

#endif
