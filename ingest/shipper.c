#include "ingest/shipper.h"

#include "ingest/shipper_internal.h"
#include "schemas/now.h"
#include "schemas/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So that a program that writes faster than the log is no endless step. */
#define STEP_MAX_MESSAGES 256
#define WAIT_STEP_MS 20

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
	if (shipper->spool.header) {
		atomic_store(&shipper->spool.header->shipper_start,
			(uint32_t)process_start(shipper->heir));
		atomic_store(&shipper->spool.header->shipper_pid, shipper->heir);
	}
	spool_close(&shipper->spool);
	block_cursor_free(shipper->cursor);
	buf_release(&shipper->message);
	buf_release(&shipper->items);
	buf_release(&shipper->reaped);
	buf_release(&shipper->python);
	free(shipper->path);
	free(shipper);
}

int shipper_append(struct shipper *shipper, enum log_topic topic, struct err *err)
{
	return shipper_append_key(shipper, topic, slice_text(shipper->key), err);
}

int shipper_append_key(
	struct shipper *shipper, enum log_topic topic, struct slice key, struct err *err)
{
	int result;

	if (shipper->message.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	result = log_append(shipper->log, topic, key, buf_slice(&shipper->message), err);
	if (result < 0)
		return result;
	shipper->appended++;
	shipper->spool.appended = log_appended(shipper->log);
	spool_acknowledge(&shipper->spool, log_acknowledged(shipper->log));
	return 0;
}

int64_t shipper_seq(const struct shipper *shipper)
{
	return shipper->spool.seq;
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

/* After exec process id and start are the same: the lock that the writer took before tells. */
static bool is_replaced(const struct shipper *shipper)
{
	const struct spool_header *header = shipper->spool.header;
	uint32_t tries = atomic_load(&header->replacing);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

	return atomic_load(&header->end_known) == SPOOL_REPLACED &&
	       fcntl(shipper->spool.fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK &&
	       atomic_load(&header->end_known) == SPOOL_REPLACED &&
	       atomic_load(&header->replacing) == tries;
}

bool shipper_ended(const struct shipper *shipper, struct shipper_end *end)
{
	const struct spool_header *header = shipper->spool.header;
	bool replaced = is_replaced(shipper), known;

	if (!replaced && shipper_tracer_alive(shipper))
		return false;
	known = atomic_load(&header->end_known) == SPOOL_EXITED;
	*end = (struct shipper_end){
		.exit_status = known ? atomic_load(&header->exit_status) : -1,
		.lost = !known && !replaced && atomic_load(&header->state) != SPOOL_FINISHED,
	};
	return true;
}

bool shipper_next_reaped(struct shipper *shipper, struct reaped *reaped)
{
	if (shipper->reaped.len < sizeof(*reaped))
		return false;
	shipper->reaped.len -= sizeof(*reaped);
	memcpy(reaped, shipper->reaped.data + shipper->reaped.len, sizeof(*reaped));
	return true;
}

bool shipper_is_of(const struct shipper *shipper, int32_t pid)
{
	return atomic_load(&shipper->spool.header->tracer_pid) == pid;
}

bool shipper_is_zombie(const struct shipper *shipper)
{
	const struct spool_header *header = shipper->spool.header;
	uint64_t start = process_start(atomic_load(&header->tracer_pid));

	return start && start == atomic_load(&header->tracer_start) &&
	       !shipper_tracer_alive(shipper);
}

bool shipper_has_children(const struct shipper *shipper)
{
	return atomic_load(&shipper->spool.header->children) != 0;
}

void shipper_bequeath(struct shipper *shipper, int32_t pid)
{
	shipper->heir = pid;
}

static int ship_record(struct shipper *shipper, const struct spool_record *record, struct err *err)
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
	case RECORD_CHILD:
		return shipper_child(shipper, record->payload, err);
	case RECORD_REAPED:
		if (record->payload.len == sizeof(struct reaped))
			buf_append(&shipper->reaped, record->payload.data, sizeof(struct reaped));
		return 0;
	case RECORD_FAILURE: /* spool_skip() remembers where it is, until the end */
		return 0;
	}
	return 0;
}

/* As shipper_step(), but ERR_BUSY: the log takes no more now. No more than so many bytes of chunks
 * from the spool's beginning. */
static int ship_some(struct shipper *shipper, uint64_t bytes, size_t *moved, struct err *err)
{
	size_t before = shipper->appended;
	struct spool_record record;
	int result = 0;

	spool_acknowledge(&shipper->spool, log_acknowledged(shipper->log));
	while (shipper->appended - before < STEP_MAX_MESSAGES &&
		shipper->spool.left_bytes < bytes) {
		result = spool_peek(&shipper->spool, &record, err);
		if (result == ERR_FORMAT)
			shipper->damaged = true;
		if (result <= 0)
			break;
		if (spool_notes_room(&shipper->spool))
			result = ship_record(shipper, &record, err);
		else
			result = err_set(err, ERR_BUSY, "enough is on its way");
		if (result < 0 || !record.final)
			break;
		spool_skip(&shipper->spool, &record);
	}
	*moved = shipper->appended - before;
	return result < 0 ? result : 0;
}

int shipper_step(struct shipper *shipper, size_t *moved, struct err *err)
{
	int result = ship_some(shipper, UINT64_MAX, moved, err);

	return result == ERR_BUSY ? 0 : result;
}

/* How long to wait for the log. */
struct patience {
	int64_t deadline_ms;
	int renew_ms;          /* 0: that is all; else so long again with each acknowledgement */
	uint64_t acknowledged; /* of the log, when it was looked at last */
};

static struct patience patience_of(const struct shipper *shipper, int timeout_ms)
{
	return (struct patience){
		.deadline_ms = monotonic_ms() + timeout_ms,
		.renew_ms = shipper->waits_on ? timeout_ms : 0,
		.acknowledged = log_acknowledged(shipper->log),
	};
}

static int64_t time_left_ms(struct shipper *shipper, struct patience *patience)
{
	uint64_t acknowledged = log_acknowledged(shipper->log);
	int64_t now = monotonic_ms();

	if (patience->renew_ms && acknowledged != patience->acknowledged)
		patience->deadline_ms = now + patience->renew_ms;
	patience->acknowledged = acknowledged;
	return patience->deadline_ms - now;
}

/* Lets the log get on, a little at a time. 0: something may have been acknowledged. */
static int wait_log(struct shipper *shipper, struct patience *patience, struct err *err)
{
	int64_t left = time_left_ms(shipper, patience);
	int result;

	if (left < 0)
		left = 0;
	result = log_flush(shipper->log, left < WAIT_STEP_MS ? (int)left : WAIT_STEP_MS, err);
	return result == ERR_BUSY && left > 0 ? 0 : result;
}

static int wait_acknowledged(struct shipper *shipper, struct patience *patience, struct err *err)
{
	struct spool *spool = &shipper->spool;

	for (;;) {
		int result;

		spool_acknowledge(spool, log_acknowledged(shipper->log));
		if (spool->acknowledged >= spool->appended)
			return 0;
		result = wait_log(shipper, patience, err);
		if (result < 0)
			return result;
	}
}

/* Ships what there is, or, where that grows, so many bytes of chunks. */
static int ship_all(
	struct shipper *shipper, uint64_t bytes, struct patience *patience, struct err *err)
{
	for (;;) {
		size_t moved;
		int result = ship_some(shipper, bytes, &moved, err);

		if (result == ERR_BUSY)
			result = wait_log(shipper, patience, err);
		else if (result == 0 && moved == 0)
			return wait_acknowledged(shipper, patience, err);
		if (result < 0)
			return result;
	}
}

int shipper_drain(struct shipper *shipper, int timeout_ms, struct err *err)
{
	struct patience patience = patience_of(shipper, timeout_ms);
	uint64_t taken = atomic_load(&shipper->spool.header->taken_bytes);

	return ship_all(shipper, taken, &patience, err);
}

static int set_aside(struct shipper *shipper, struct err *err)
{
	struct buf bad = {0};

	spool_set_aside(shipper->path, &bad);
	buf_release(&bad);
	return err_wrap(err, "%s", shipper->path);
}

/* The run's last word, after all of its events. */
static int ship_end(struct shipper *shipper, const struct shipper_end *end,
	struct patience *patience, struct err *err)
{
	int result = shipper_started(shipper, err);

	if (result == 0 || result == ERR_BUSY)
		result = wait_acknowledged(shipper, patience, err);
	if (result == 0)
		result = shipper_last_gap(shipper, err);
	if (result == 0)
		result = wait_acknowledged(shipper, patience, err);
	if (result == 0)
		result = shipper_finished(shipper, end, err);
	if (result == 0)
		result = wait_acknowledged(shipper, patience, err);
	/* With others' appends on their way there is nothing that a sync would add. */
	if (result == 0 && log_acknowledged(shipper->log) == log_appended(shipper->log))
		result = log_sync(shipper->log, err);
	return result;
}

int shipper_finish_within(
	struct shipper *shipper, const struct shipper_end *end, int timeout_ms, struct err *err)
{
	struct patience patience = patience_of(shipper, timeout_ms);
	struct err damage = {0};
	int result;

	shipper->spool.writer_gone = true;
	result = ship_all(shipper, UINT64_MAX, &patience, &damage);
	if (result < 0 && !shipper->damaged) {
		if (err)
			*err = damage;
		return result;
	}
	result = ship_end(shipper, end, &patience, err);
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

int shipper_finish(struct shipper *shipper, const struct shipper_end *end, struct err *err)
{
	return shipper_finish_within(shipper, end, SHIPPER_FINISH_MS, err);
}
