#include "tracer/slot_internal.h"

#include "tracer/capture_internal.h"

static inline void put_item(struct stream *stream, struct tracer *tracer, enum item_kind kind,
	uint32_t name, PyObject *value, bool secret)
{
	stream_room(stream, 64);
	stream_put_tag(stream, kind);
	stream->at = avro_put_long(stream->at, name);
	if (!value)
		*stream->at++ = VALUE_UNSET << 1;
	else if (secret)
		capture_put_secret(tracer, value);
	else
		capture_put(tracer, value);
}

static void put_again(struct tracer *tracer, struct stream_mark mark, enum item_kind kind,
	uint32_t name, PyObject *value, bool secret)
{
	stream_rewind(&tracer->stream, mark);
	capture_define(tracer, value, secret);
	put_item(&tracer->stream, tracer, kind, name, value, secret);
}

void slot_put_item(
	struct tracer *tracer, enum item_kind kind, struct name *name, PyObject *value, bool secret)
{
	struct stream *stream = &tracer->stream;
	uint32_t index = stream_name(stream, name);
	struct stream_mark mark = stream_mark(stream);

	put_item(stream, tracer, kind, index, value, secret);
	if (__builtin_expect(stream->undefined, 0))
		put_again(tracer, mark, kind, index, value, secret);
}

static void put_resize(struct tracer *tracer, struct name *name, int64_t length)
{
	struct stream *stream = &tracer->stream;
	uint32_t index = stream_name(stream, name);

	stream_room(stream, 64);
	stream_put_tag(stream, ITEM_RESIZE);
	stream->at = avro_put_long(stream->at, index);
	stream->at = avro_put_long(stream->at, length);
}

/* A dict that has not been touched, and shows nothing that can change by itself. */
static inline bool untouched(const struct slot *slot, PyObject *value)
{
	return slot->version && value && Py_TYPE(value) == &PyDict_Type &&
	       py_dict_version(value) == slot->version;
}

enum slot_watch slot_put_slow(struct tracer *tracer, struct slot *slot, struct name *name,
	PyObject *value, bool secret, bool restate)
{
	int64_t event = tracer->stream.seq + 1;
	struct print print;
	bool same, resized;

	if (!restate && untouched(slot, value)) {
		if (slot->watch == WATCH_LOADS && Py_REFCNT(value) != 1)
			slot->watch = WATCH_ALWAYS; /* it has got another holder */
		return slot->watch;
	}
	capture_print_slow(tracer, value, &print);
	if (print.hash == 0)
		value = NULL;
	same = print.hash == slot->hash && print.length == slot->length &&
	       slot->changed_at != event;
	resized = print.hash == slot->hash && slot->changed_at != event && !restate && !secret &&
		  print.hash != 0;
	slot->hash = print.hash;
	slot->length = print.length;
	slot->version = print.shallow ? py_dict_version(value) : 0;
	if (!same) {
		slot->changed_at = event;
		if (resized)
			put_resize(tracer, name, print.length);
		else
			slot_put_item(tracer, ITEM_CHANGE, name, value, secret);
	} else if (restate && value) {
		slot_put_item(tracer, ITEM_LOCAL, name, value, secret);
	}
	slot->watch = print.fixed ? WATCH_NEVER : print.private ? WATCH_LOADS : WATCH_ALWAYS;
	return slot->watch;
}

bool slot_state(struct tracer *tracer, const struct slot *slot, struct name *name, PyObject *value,
	bool secret)
{
	struct print print;

	capture_print(tracer, value, &print);
	if (print.hash != 0)
		slot_put_item(tracer, ITEM_LOCAL, name, value, secret);
	return print.hash == slot->hash && print.length == slot->length;
}
