#include "ingest/shipper.h"

#include "ingest/shipper_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So that a program that writes faster than the log is no endless step. */
#define STEP_MAX_MESSAGES 256

int shipper_open(const char *spool_path, struct log *log, struct shipper **shipper, struct err *err)
{
	struct shipper *self = calloc(1, sizeof(*self));
	int result;

	if (self) {
		self->spool.fd = -1;
		self->path = strdup(spool_path);
		self->cursor = block_cursor_new();
	}
	if (!self || !self->path || !self->cursor) {
		shipper_close(self);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	result = spool_open(&self->spool, spool_path, err);
	if (result < 0) {
		shipper_close(self);
		return result;
	}
	self->log = log;
	self->waiting_seq = -1;
	run_id_format(&self->spool.header->run, self->key);
	atomic_store(&self->spool.header->shipper_start, (uint32_t)process_start(getpid()));
	atomic_store(&self->spool.header->shipper_pid, (int32_t)getpid());
	*shipper = self;
	return 0;
}

void shipper_close(struct shipper *shipper)
{
	if (!shipper)
		return;
	if (shipper->spool.header)
		atomic_store(&shipper->spool.header->shipper_pid, 0);
	spool_close(&shipper->spool);
	block_cursor_free(shipper->cursor);
	buf_release(&shipper->message);
	buf_release(&shipper->items);
	buf_release(&shipper->python);
	free(shipper->path);
	free(shipper);
}

int shipper_append(struct shipper *shipper, enum log_topic topic, struct err *err)
{
	int result;

	if (shipper->message.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	result = log_append(
		shipper->log, topic, slice_text(shipper->key), buf_slice(&shipper->message), err);
	shipper->appended += result == 0;
	return result;
}

int64_t shipper_seq(const struct shipper *shipper)
{
	return atomic_load(&shipper->spool.header->shipped_seq);
}

int64_t shipper_events(const struct shipper *shipper)
{
	return shipper_seq(shipper);
}

void shipper_let_drop(struct shipper *shipper)
{
	volatile uint32_t *policy_drop = &shipper->spool.header->policy_drop;

	*policy_drop = 1;
}

void shipper_expect(struct shipper *shipper, int32_t pid)
{
	struct spool_header *header = shipper->spool.header;

	if (atomic_load(&header->tracer_pid) != 0)
		return;
	atomic_store(&header->tracer_start, process_start(pid));
	atomic_store(&header->tracer_pid, pid);
}

bool shipper_tracer_alive(const struct shipper *shipper)
{
	const struct spool_header *header = shipper->spool.header;

	return process_alive(
		atomic_load(&header->tracer_pid), atomic_load(&header->tracer_start), UINT64_MAX);
}

static int ship_record(struct shipper *shipper, struct spool_record *record, struct err *err)
{
	switch (record->kind) {
	case RECORD_BLOCK:
		return shipper_block(shipper, record, err);
	case RECORD_SOURCE:
		return shipper_source(shipper, record->payload, err);
	case RECORD_PYTHON:
		buf_clear(&shipper->python);
		buf_append(&shipper->python, record->payload.data, record->payload.len);
		return shipper_started(shipper, err);
	case RECORD_FAILURE: /* spool_skip() remembers where it is, until the end */
		return 0;
	}
	return 0;
}

int shipper_step(struct shipper *shipper, size_t *moved, struct err *err)
{
	size_t before = shipper->appended;
	struct spool_record record;
	int result = 0;

	*moved = 0;
	while (shipper->appended - before < STEP_MAX_MESSAGES) {
		result = spool_peek(&shipper->spool, &record, err);
		if (result == ERR_FORMAT)
			shipper->damaged = true;
		if (result <= 0)
			break;
		result = ship_record(shipper, &record, err);
		if (result < 0 || !record.final)
			break;
		spool_skip(&shipper->spool, &record);
	}
	*moved = shipper->appended - before;
	return result < 0 ? result : 0;
}

static int ship_all(struct shipper *shipper, struct err *err)
{
	size_t moved;
	int result;

	do
		result = shipper_step(shipper, &moved, err);
	while (result == 0 && moved > 0);
	return result;
}

/* Out of the way, but kept for who wants to know. */
static int set_aside(struct shipper *shipper, struct err *err)
{
	struct buf bad = {0};

	buf_printf(&bad, "%s.bad", shipper->path);
	if (!bad.failed)
		rename(shipper->path, buf_string(&bad));
	buf_release(&bad);
	return err_wrap(err, "%s", shipper->path);
}

int shipper_finish(struct shipper *shipper, const struct shipper_end *end, struct err *err)
{
	struct err damage = {0};
	int result;

	shipper->spool.writer_gone = true;
	result = ship_all(shipper, &damage);
	if (result < 0 && !shipper->damaged) {
		if (err)
			*err = damage;
		return result;
	}
	result = shipper_started(shipper, err);
	if (result == 0)
		result = shipper_finished(shipper, end, err);
	if (result == 0)
		result = log_sync(shipper->log, err);
	if (result < 0)
		return result;
	if (shipper->damaged) {
		if (err)
			*err = damage;
		set_aside(shipper, err);
		return ERR_FORMAT;
	}
	if (unlink(shipper->path) < 0 && errno != ENOENT)
		return err_set_errno(err, errno, "remove spool %s", shipper->path);
	return 0;
}
