/* Perfetto's trace format, track events (perfetto.proto has what of it is written): a packet an
 * event, each function's name and place once. */
#include <string.h>

#include "web/exporter_internal.h"
#include "web/perfetto.pb-c.h"
#include "schemas/value.h"

#define SEQUENCE 1 /* packets of one writer */
#define INCREMENTAL_STATE_CLEARED 1
#define NEEDS_INCREMENTAL_STATE 2
#define TRACK_PROCESS 1
#define PACKET_TAG 0x0a /* field 1 of Trace, length-delimited */
#define VALUE_CHARS 200

struct perfetto {
	ProtobufCBuffer buffer; /* appends to out */
	struct buf *out;
	int64_t interned; /* codes below this were named */
	bool begun;       /* a packet was written */
};

static void append(ProtobufCBuffer *buffer, size_t len, const uint8_t *data)
{
	const struct perfetto *state = (const struct perfetto *)(void *)buffer;

	buf_append(state->out, data, len);
}

static ProtobufCBinaryData bytes(struct slice text)
{
	return (ProtobufCBinaryData){text.len, (uint8_t *)(uintptr_t)text.data};
}

static void put_packet(struct exporter *exporter, Perfetto__TracePacket *packet)
{
	struct perfetto *state = exporter->state;
	size_t len;

	packet->has_trusted_packet_sequence_id = true;
	packet->trusted_packet_sequence_id = SEQUENCE;
	packet->has_sequence_flags = true;
	packet->sequence_flags = state->begun ? NEEDS_INCREMENTAL_STATE : INCREMENTAL_STATE_CLEARED;
	state->begun = true;
	buf_byte(exporter->out, PACKET_TAG);
	for (len = perfetto__trace_packet__get_packed_size(packet); len >= 0x80; len >>= 7)
		buf_byte(exporter->out, (uint8_t)(len | 0x80));
	buf_byte(exporter->out, (uint8_t)len);
	perfetto__trace_packet__pack_to_buffer(packet, &state->buffer);
}

static int begin(struct exporter *exporter, struct err *err)
{
	struct perfetto *state = exporter->state;
	Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
	Perfetto__TrackDescriptor track = PERFETTO__TRACK_DESCRIPTOR__INIT;
	Perfetto__ProcessDescriptor process = PERFETTO__PROCESS_DESCRIPTOR__INIT;

	state->buffer.append = append;
	state->out = exporter->out;
	process.has_pid = true;
	process.pid = (int32_t)exporter->pid;
	process.has_process_name = true;
	process.process_name = bytes(buf_slice(&exporter->command));
	track.has_uuid = true;
	track.uuid = TRACK_PROCESS;
	track.process = &process;
	packet.track_descriptor = &track;
	put_packet(exporter, &packet);
	return exporter_written(exporter, err);
}

static uint64_t track_of(const struct walk_thread *thread)
{
	return (uint64_t)thread->number + TRACK_PROCESS + 1;
}

/* Threads are told apart by tid, and the first one's is the pid; the system's own numbers are
 * used again within a run. */
static int begin_thread(void *context, struct walk_thread *thread, struct err *err)
{
	struct exporter *exporter = context;
	Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
	Perfetto__TrackDescriptor track = PERFETTO__TRACK_DESCRIPTOR__INIT;
	Perfetto__ThreadDescriptor descriptor = PERFETTO__THREAD_DESCRIPTOR__INIT;

	descriptor.has_pid = true;
	descriptor.pid = (int32_t)exporter->pid;
	descriptor.has_tid = true;
	descriptor.tid = exporter->pid + thread->number;
	descriptor.has_thread_name = true;
	descriptor.thread_name = bytes(thread->name);
	track.has_uuid = true;
	track.uuid = track_of(thread);
	track.has_parent_uuid = true;
	track.parent_uuid = TRACK_PROCESS;
	track.thread = &descriptor;
	packet.track_descriptor = &track;
	put_packet(exporter, &packet);
	return exporter_written(exporter, err);
}

static void put_event(struct exporter *exporter, const struct walk_thread *thread,
	Perfetto__TrackEvent *event, Perfetto__InternedData *interned)
{
	Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;

	event->has_type = true;
	event->has_track_uuid = true;
	event->track_uuid = track_of(thread);
	packet.has_timestamp = true;
	packet.timestamp = (uint64_t)thread->now_ns;
	packet.track_event = event;
	packet.interned_data = interned;
	put_packet(exporter, &packet);
}

static void put_begin(struct exporter *exporter, const struct walk_thread *thread, int64_t number,
	const char *category)
{
	struct perfetto *state = exporter->state;
	struct code code = code_table_get(exporter->codes, number);
	uint64_t iid = (uint64_t)number + 1;
	Perfetto__TrackEvent event = PERFETTO__TRACK_EVENT__INIT;
	Perfetto__InternedData interned = PERFETTO__INTERNED_DATA__INIT;
	Perfetto__EventName name = PERFETTO__EVENT_NAME__INIT, *names = &name;
	Perfetto__SourceLocation place = PERFETTO__SOURCE_LOCATION__INIT, *places = &place;
	ProtobufCBinaryData categories = bytes(slice_text(category));
	bool is_new = number >= state->interned;

	event.type = PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN;
	event.has_name_iid = event.has_source_location_iid = true;
	event.name_iid = event.source_location_iid = iid;
	event.n_categories = 1;
	event.categories = &categories;
	if (is_new) {
		name.has_iid = name.has_name = true;
		name.iid = place.iid = iid;
		name.name = place.function_name = bytes(code.function);
		place.has_iid = place.has_file_name = place.has_function_name = true;
		place.has_line_number = true;
		place.file_name = bytes(code.file);
		place.line_number = (uint32_t)code.line;
		interned.n_event_names = interned.n_source_locations = 1;
		interned.event_names = &names;
		interned.source_locations = &places;
		state->interned = number + 1;
	}
	put_event(exporter, thread, &event, is_new ? &interned : NULL);
}

static int enter(void *context, struct walk_thread *thread, struct walk_call *call, bool resumed,
	bool joined, struct err *err)
{
	(void)err;
	put_begin(context, thread, call->code, joined ? "open" : (resumed ? "resume" : "call"));
	return 0;
}

static int leave(void *context, struct walk_thread *thread, struct walk_call *call, struct err *err)
{
	Perfetto__TrackEvent event = PERFETTO__TRACK_EVENT__INIT;

	(void)call;
	(void)err;
	event.type = PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_END;
	put_event(context, thread, &event, NULL);
	return 0;
}

static int mark(void *context, struct walk_thread *thread, struct walk_call *call,
	const struct event *what, struct err *err)
{
	Perfetto__TrackEvent event = PERFETTO__TRACK_EVENT__INIT;
	ProtobufCBinaryData category = bytes(slice_text("exception"));
	struct buf text = {0};

	(void)err;
	if (what->kind != EVENT_EXCEPTION || !call)
		return 0;
	value_repr(what->value, &text);
	if (text.len > VALUE_CHARS)
		text.len = VALUE_CHARS;
	event.type = PERFETTO__TRACK_EVENT__TYPE__TYPE_INSTANT;
	event.has_name = true;
	event.name = bytes(buf_slice(&text));
	event.n_categories = 1;
	event.categories = &category;
	put_event(context, thread, &event, NULL);
	buf_release(&text);
	return 0;
}

const struct exporter_format exporter_perfetto = {
	.name = "perfetto",
	.state_bytes = sizeof(struct perfetto),
	.begin = begin,
	.taker = {.thread = begin_thread, .enter = enter, .leave = leave, .other = mark},
};
