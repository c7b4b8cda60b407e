/*
 * item: the numbers that the union branches of trace_block.avsc have on the wire.
 * A branch is never renumbered; a new one goes behind the last, with a new schema id.
 */
#ifndef SMILEY_SCHEMAS_ITEM_H
#define SMILEY_SCHEMAS_ITEM_H

enum item_kind {
	ITEM_LINE,
	ITEM_CHANGE,
	ITEM_LOCAL,
	ITEM_RESIZE,
	ITEM_CALL,
	ITEM_RETURN,
	ITEM_YIELD,
	ITEM_RESUME,
	ITEM_EXCEPTION,
	ITEM_UNWIND,
	ITEM_THREAD_START,
	ITEM_TASK,
	ITEM_GAP,
	ITEM_NAME,
	ITEM_CODE,
	ITEM_THREAD,
	ITEM_SWITCH,
	ITEM_FRAME,
	/* Since schema 8. */
	ITEM_COST,
	ITEM_PAUSE,
	ITEM_BUILTIN,
	ITEM_THROUGH,
	/* Since schema 9. */
	ITEM_PACE,
	/* Since schema 10. */
	ITEM_SPLICE,
	ITEM_KINDS
};

enum value_kind {
	VALUE_NULL,
	VALUE_BOOLEAN,
	VALUE_LONG,
	VALUE_DOUBLE,
	VALUE_STRING,
	VALUE_BYTES,
	VALUE_BIGINT,
	VALUE_TEXT,
	VALUE_BLOB,
	VALUE_COMPLEX,
	VALUE_CONTAINER,
	VALUE_OBJECT,
	VALUE_ERROR,
	VALUE_REDACTED,
	VALUE_UNSET,
	VALUE_KINDS
};

enum container_kind {
	CONTAINER_LIST,
	CONTAINER_TUPLE,
	CONTAINER_SET,
	CONTAINER_FROZENSET,
	CONTAINER_DICT,
	CONTAINER_DEQUE,
	CONTAINER_RANGE,
	CONTAINER_SLICE,
	CONTAINER_KINDS
};

enum blob_kind {
	BLOB_BYTES,
	BLOB_BYTEARRAY,
	BLOB_KINDS
};

enum object_kind {
	OBJECT_INSTANCE,
	OBJECT_CLASS,
	OBJECT_FUNCTION,
	OBJECT_BUILTIN,
	OBJECT_METHOD,
	OBJECT_MODULE,
	OBJECT_CONSTANT,
	OBJECT_KINDS
};

/* Nesting of containers that a decoder accepts; the tracer's own limit is below it. */
#define VALUE_MAX_DEPTH 16

/* Ids of the schemas that this build reads, as the 4 bytes of the wire header. It writes the
 * newest version of each, the one without _V in its name. An id is never reused; every
 * version ever written stays in schemas/history/ and is read for ever. */
enum schema_id {
	SCHEMA_TRACE_BLOCK_V1 = 1,
	SCHEMA_RUN_STARTED_V1 = 2,
	SCHEMA_RUN_FINISHED = 3,
	SCHEMA_SOURCE_FILE = 4,
	SCHEMA_RUN_DELETED = 5,
	SCHEMA_RUN_STARTED = 6,
	SCHEMA_CHILD_UNTRACED = 7,
	SCHEMA_TRACE_BLOCK_V2 = 8,
	SCHEMA_TRACE_BLOCK_V3 = 9,
	SCHEMA_TRACE_BLOCK = 10,
};
#define SCHEMA_LAST SCHEMA_TRACE_BLOCK

/* A message is 0x00, the schema id (4 bytes, big-endian), the Avro body. */
#define MESSAGE_HEADER_BYTES 5

/* No message is larger: Kafka's default limit of 1 MiB less room for its own headers. A
 * source file that would be is stored up to this size. */
#define MESSAGE_MAX_BYTES (1000 * 1024)

#endif
