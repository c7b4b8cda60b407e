#include "tracer/slot_internal.h"

#include "tracer/print_internal.h"
#include "tracer/tracer_internal.h"

static void put_variable(
	struct tracer *tracer, enum item_kind kind, struct variable variable, bool plain)
{
	struct stream *stream = &tracer->stream;
	uint32_t name = stream_name(stream, variable.name);

	if (variable.value && variable.secret)
		capture_prepare_secret(tracer, variable.value);
	else if (variable.value && !plain)
		capture_prepare(tracer, variable.value);
	stream_room(stream, 64);
	stream_put_tag(stream, kind);
	stream->at = avro_put_long(stream->at, name);
	if (!variable.value)
		*stream->at++ = VALUE_UNSET << 1;
	else if (variable.secret)
		capture_put_secret(tracer, variable.value);
	else
		capture_put(tracer, variable.value);
}

static void put_resize(struct tracer *tracer, struct variable variable, int64_t length)
{
	struct stream *stream = &tracer->stream;
	uint32_t name = stream_name(stream, variable.name);

	stream_room(stream, 64);
	stream_put_tag(stream, ITEM_RESIZE);
	stream->at = avro_put_long(stream->at, name);
	stream->at = avro_put_long(stream->at, length);
}

/* A dict that has not been touched, and shows nothing that can change by itself. */
static inline bool untouched(const struct slot *slot, PyObject *value)
{
	return slot->version && value && Py_TYPE(value) == &PyDict_Type &&
	       py_dict_version(value) == slot->version;
}

enum slot_watch slot_put(
	struct tracer *tracer, struct slot *slot, struct variable variable, bool restate)
{
	int64_t event = tracer->stream.seq + 1;
	struct print print;
	bool same, resized;

	if (!restate && untouched(slot, variable.value)) {
		if (slot->watch == WATCH_LOADS && Py_REFCNT(variable.value) != 1)
			slot->watch = WATCH_ALWAYS; /* it has got another holder */
		return slot->watch;
	}
	print = capture_print(tracer, variable.value);
	if (print.hash == 0)
		variable.value = NULL;
	same = print.hash == slot->hash && print.length == slot->length &&
	       slot->changed_at != event;
	resized = print.hash == slot->hash && slot->changed_at != event && !restate &&
		  !variable.secret && print.hash != 0;
	slot->hash = print.hash;
	slot->length = print.length;
	slot->version = print.shallow ? py_dict_version(variable.value) : 0;
	if (!same) {
		slot->changed_at = event;
		if (resized)
			put_resize(tracer, variable, print.length);
		else
			put_variable(tracer, ITEM_CHANGE, variable, print.plain);
	} else if (restate && variable.value) {
		put_variable(tracer, ITEM_LOCAL, variable, print.plain);
	}
	slot->watch = print.fixed ? WATCH_NEVER : print.private ? WATCH_LOADS : WATCH_ALWAYS;
	return slot->watch;
}

bool slot_state(struct tracer *tracer, const struct slot *slot, struct variable variable)
{
	struct print print = capture_print(tracer, variable.value);

	if (print.hash != 0)
		put_variable(tracer, ITEM_LOCAL, variable, print.plain);
	return print.hash == slot->hash && print.length == slot->length;
}
