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

/* An event of which so much has been written, and a value that takes so much, are not near to where
 * texts are cut (capture.c): parts of a value are as in the whole. */
#define SPLICE_EVENT_MOST (64 * 1024)
#define SPLICE_VALUE_MOST (3 * 1024)

static void put_splice_item(struct tracer *tracer, uint32_t name, PyObject *value, int64_t length,
	const struct elements_change *change, int nodes)
{
	struct stream *stream = &tracer->stream;
	int each = PyDict_CheckExact(value) ? 2 : 1;

	stream_room(stream, 64);
	stream_put_tag(stream, ITEM_SPLICE);
	stream->at = avro_put_long(stream->at, name);
	stream->at = avro_put_long(stream->at, length);
	stream->at = avro_put_long(stream->at, each * change->at);
	stream->at = avro_put_long(stream->at, each * change->drop);
	capture_put_elements(tracer, value, change->at, change->come, nodes);
}

/* Writes what has changed of a list or dict of which the block has the value before, that had this
 * fingerprint. False: it must be written whole. */
static bool put_splice(
	struct tracer *tracer, struct name *name, PyObject *value, int64_t length, uint64_t before)
{
	struct stream *stream = &tracer->stream;
	const struct elements *known = elements_find(&tracer->elements, before);
	const struct elements *fresh = tracer->elements.fresh;
	struct elements_change change;
	struct stream_mark mark;
	uint64_t whole;
	ptrdiff_t bytes;
	uint32_t index;
	int nodes;

	if (!known || known->type != Py_TYPE(value) || known->count < 0 || fresh->count < 0 ||
		known->bytes > SPLICE_VALUE_MOST || stream->spilled ||
		stream->at - stream->event > SPLICE_EVENT_MOST)
		return false;
	whole = fresh->whole;
	change = elements_compare(known, fresh);
	if (change.drop == known->count)
		return false;
	nodes = change.come ? fresh->nodes[change.at] : 0;
	index = stream_name(stream, name);
	mark = stream_mark(stream);
	put_splice_item(tracer, index, value, length, &change, nodes);
	if (__builtin_expect(stream->undefined, 0)) {
		stream_rewind(stream, mark);
		capture_define(tracer, value, false);
		mark = stream_mark(stream);
		put_splice_item(tracer, index, value, length, &change, nodes);
	}
	bytes = known->bytes + (stream->at - stream->event - mark.at);
	if (bytes > SPLICE_VALUE_MOST) {
		stream_rewind(stream, mark);
		return false;
	}
	elements_keep(&tracer->elements, whole, bytes);
	return true;
}

/* Writes it whole. */
static void put_change(struct tracer *tracer, struct name *name, PyObject *value, bool secret)
{
	struct stream *stream = &tracer->stream;
	ptrdiff_t before = stream->at - stream->event;
	uint64_t whole = tracer->elements.fresh->whole;

	slot_put_item(tracer, ITEM_CHANGE, name, value, secret);
	if (value && !secret && (PyList_CheckExact(value) || PyDict_CheckExact(value)))
		elements_keep(&tracer->elements, whole, stream->at - stream->event - before);
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
	uint64_t hash = slot->hash;
	bool same, partly;

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
	/* The block has the value as it was. */
	partly = slot->changed_at != event && !restate && !secret && value;
	slot->hash = print.hash;
	slot->length = print.length;
	slot->version = print.shallow ? py_dict_version(value) : 0;
	if (!same) {
		slot->changed_at = event;
		if (partly && print.hash == hash)
			put_resize(tracer, name, print.length);
		else if (!partly || print.length < 0 ||
			 !put_splice(tracer, name, value, print.length, hash))
			put_change(tracer, name, value, secret);
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
