#include "ingest/sha256.h"
#include "ingest/shipper_internal.h"
#include "schemas/now.h"

#include <inttypes.h>
#include <string.h>

#define PYTHON_MAX_BYTES 256
#define PATH_MAX_BYTES (64 * 1024)
#define ERROR_MAX_BYTES (64 * 1024)
/* Of a SourceFile, besides path and text. */
#define SOURCE_HEAD_BYTES 128

void shipper_read_started(const struct shipper *shipper, struct run_started *run)
{
	const struct spool_header *header = shipper->spool.header;
	struct slice message = {header->started, header->started_bytes};
	struct slice body;
	int id = ERR_FORMAT;

	/* What an older smiley left behind has its version. */
	if (message.len <= SPOOL_STARTED_BYTES)
		id = message_parse(message, &body, NULL);
	if ((id != SCHEMA_RUN_STARTED && id != SCHEMA_RUN_STARTED_V1) ||
		run_started_decode(body, run, NULL) < 0)
		*run = (struct run_started){.parent_seq = -1};
	run->run = header->run;
}

/* Its topic is another one than the events': only then is it before them. */
static int started_is_safe(const struct shipper *shipper, struct err *err)
{
	if (atomic_load(&shipper->spool.header->started_shipped) != 0)
		return 0;
	return err_set(err, ERR_BUSY, "the run's start is on its way");
}

int shipper_started(struct shipper *shipper, struct err *err)
{
	struct spool *spool = &shipper->spool;
	struct spool_header *header = spool->header;
	struct run_started run;
	int32_t pid = atomic_load(&header->tracer_pid);
	int result;

	if (spool->started != 0)
		return started_is_safe(shipper, err);
	shipper_read_started(shipper, &run);
	if (pid > 0)
		run.pid = pid;
	if (shipper->python.len)
		run.python = buf_slice(&shipper->python);
	buf_clear(&shipper->message);
	run_started_encode(&run, &shipper->message);
	result = shipper_append(shipper, LOG_RUNS, err);
	if (result < 0)
		return result;
	spool->started = 1;
	spool_note(spool, 0, 0);
	return started_is_safe(shipper, err);
}

static void hex(const uint8_t *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
}

int shipper_source(struct shipper *shipper, struct slice payload, struct err *err)
{
	struct source_file source = {.run = shipper->spool.header->run};
	char key[2 * SHA256_BYTES];
	struct buf path = {0};
	uint32_t path_bytes;
	int result = shipper_started(shipper, err);

	if (result < 0)
		return result;
	if (payload.len < sizeof(path_bytes))
		return 0;
	memcpy(&path_bytes, payload.data, sizeof(path_bytes));
	if (path_bytes > payload.len - sizeof(path_bytes) || path_bytes > PATH_MAX_BYTES)
		return 0;
	utf8_append(&path, (struct slice){payload.data + sizeof(path_bytes), path_bytes});
	source.path = buf_slice(&path);
	source.text = (struct slice){payload.data + sizeof(path_bytes) + path_bytes,
		payload.len - sizeof(path_bytes) - path_bytes};
	if (source.text.len > MESSAGE_MAX_BYTES - SOURCE_HEAD_BYTES - path.len)
		source.text.len = MESSAGE_MAX_BYTES - SOURCE_HEAD_BYTES - path.len;
	buf_clear(&shipper->message);
	if (!sha256(source.text.data, source.text.len, source.sha256))
		shipper->message.failed = true;
	source_file_encode(&source, &shipper->message);
	shipper->message.failed |= path.failed;
	buf_release(&path);
	if (shipper->message.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	hex(source.sha256, SHA256_BYTES, key);
	return shipper_append_key(
		shipper, LOG_SOURCES, (struct slice){(const uint8_t *)key, sizeof(key)}, err);
}

/* Puts what RECORD_FAILURE holds, which is the end of RunFinished's body, behind the
 * message without it; when that makes no RunFinished, the message stays as it is. */
static void add_failure(struct buf *message, struct slice failure)
{
	const size_t empty = 3; /* two empty strings and an empty array */
	struct run_finished run;
	struct slice body;
	struct buf whole = {0};

	buf_append(&whole, message->data, message->len - empty);
	buf_append(&whole, failure.data, failure.len);
	if (!whole.failed && message_parse(buf_slice(&whole), &body, NULL) >= 0 &&
		run_finished_decode(body, &run, NULL) == 0) {
		if (whole.len > MESSAGE_MAX_BYTES)
			run.traceback = (struct traceback){0};
		if (run.error_message.len > ERROR_MAX_BYTES)
			run.error_message.len = ERROR_MAX_BYTES;
		if (run.error_type.len > ERROR_MAX_BYTES)
			run.error_type.len = ERROR_MAX_BYTES;
		buf_clear(message);
		run_finished_encode(&run, message);
	}
	buf_release(&whole);
}

int shipper_finished(struct shipper *shipper, const struct shipper_end *end, struct err *err)
{
	struct spool *spool = &shipper->spool;
	struct run_started started;
	struct run_finished run = {
		.run = spool->header->run,
		.event_count = shipper_seq(shipper),
		.exit_status = end->exit_status,
		.signal = end->signal,
		.lost = end->lost,
	};
	struct buf failure = {0};
	int result;

	if (spool->started >= 2)
		return 0;
	shipper_read_started(shipper, &started);
	run.finished_ns = wall_ns() + started.clock_offset_ns;
	buf_clear(&shipper->message);
	run_finished_encode(&run, &shipper->message);
	if (spool_find_failure(spool, spool->failure, &failure))
		add_failure(&shipper->message, buf_slice(&failure));
	buf_release(&failure);
	result = shipper_append(shipper, LOG_RUNS, err);
	if (result < 0)
		return result;
	spool->started = 2;
	spool_note(spool, 0, 0);
	return 0;
}

int shipper_child(struct shipper *shipper, struct slice payload, struct err *err)
{
	struct child_untraced child;
	struct slice body;
	int result = shipper_started(shipper, err);

	if (result < 0)
		return result;
	if (message_parse(payload, &body, NULL) != SCHEMA_CHILD_UNTRACED ||
		child_untraced_decode(body, &child, NULL) < 0 ||
		!run_id_equal(&child.run, &shipper->spool.header->run))
		return 0;
	buf_clear(&shipper->message);
	buf_append(&shipper->message, payload.data, payload.len);
	return shipper_append(shipper, LOG_RUNS, err);
}
