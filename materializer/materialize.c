#include "materializer/materialize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "materializer/applied.h"
#include "materializer/deleted.h"
#include "materializer/fold.h"
#include "materializer/key.h"
#include "materializer/lag.h"
#include "materializer/lock.h"
#include "materializer/materialize_internal.h"
#include "schemas/now.h"

#define TELL_LAG_NS 500000000

struct materializer {
	int lock_fd;
	bool publish;
	struct applied applied;
	char *applied_path; /* NULL: not published */
	struct lag lag;     /* as told last; of a log on Kafka */
	struct store *store;
	struct fold *fold;
	struct log *log; /* borrowed */
	struct log_reader *reader;
	struct position position; /* behind the last record folded */
	bool failed;              /* the last step failed: begin again from what is committed */
	struct buf key, value;
};

/* 1, 0 or an error: the value of a key of meta that has no fields. */
static int get_meta(struct materializer *m, enum key_kind kind, struct err *err)
{
	struct slice key = key_encode(kind, &(struct key_parts){0}, &m->key);

	return store_get(m->store, STORE_META, key, &m->value, err);
}

static void put_meta(struct materializer *m, enum key_kind kind, struct slice value)
{
	struct slice key = key_encode(kind, &(struct key_parts){0}, &m->key);

	store_put(m->store, STORE_META, key, value);
}

static int check_version(struct materializer *m, struct err *err)
{
	static const uint8_t version = STORE_VERSION;
	int rc = get_meta(m, KEY_VERSION, err);

	if (rc < 0)
		return rc;
	if (rc == 0) {
		put_meta(m, KEY_VERSION, (struct slice){&version, 1});
		return store_commit(m->store, err);
	}
	if (m->value.len != 1 || m->value.data[0] != version)
		return err_set(err, ERR_FORMAT,
			"the store has another version's format, `smiley rebuild` makes it anew "
			"from the log");
	return 0;
}

static int other_log(int rc, struct err *err)
{
	if (rc == ERR_STATE || rc == ERR_FORMAT)
		err_wrap(err, "the store was made from another log than the one there now "
			      "(`smiley rebuild` makes it anew from what is there)");
	return rc;
}

/* Reads the position of what is committed and opens the log there. */
static int open_reader(struct materializer *m, struct err *err)
{
	int rc = get_meta(m, KEY_POSITION, err);

	if (rc < 0)
		return rc;
	if (m->value.len > POSITION_MAX_BYTES)
		return err_set(err, ERR_FORMAT,
			"the store's place in the log is damaged, `smiley rebuild` makes it anew");
	m->position.len = rc == 1 ? m->value.len : 0;
	if (m->position.len)
		memcpy(m->position.bytes, m->value.data, m->value.len);
	rc = m->position.len ? log_reader_open_at(m->log, &m->position, &m->reader, err)
			     : log_reader_open(m->log, LOG_FROM_START, &m->reader, err);
	return other_log(rc, err);
}

static int open_parts(struct materializer *m, const struct database_paths *paths,
	const char *store_dir, struct err *err)
{
	int rc = 0;

	if (access(store_dir, F_OK) < 0)
		rc = store_create(store_dir, err);
	if (rc == 0)
		rc = store_open(store_dir, &m->store, err);
	if (rc == 0 && !m->publish)
		store_bulk(m->store);
	if (rc == 0)
		rc = check_version(m, err);
	if (rc == 0)
		rc = open_reader(m, err);
	if (rc == 0)
		rc = fold_new(m->store, &m->fold, err);
	if (rc == 0 && m->publish) {
		rc = applied_open(&m->applied, paths->applied, err);
		if (rc == 0)
			rc = applied_write(&m->applied, &m->position, err);
		m->applied_path = strdup(paths->applied);
	}
	return rc;
}

int materializer_start(const struct database_paths *paths, const char *store_dir, bool publish,
	int lock_fd, struct log *log, struct materializer **materializer, struct err *err)
{
	struct materializer *m = calloc(1, sizeof(*m));
	int rc;

	*materializer = NULL;
	if (!m) {
		lock_release(lock_fd);
		return err_set(err, ERR_MEMORY, "database %s: out of memory", paths->root);
	}
	m->lock_fd = lock_fd;
	m->log = log;
	m->publish = publish;
	m->applied.fd = -1;
	rc = open_parts(m, paths, store_dir, err);
	if (rc < 0) {
		materializer_close(m);
		return err_wrap(err, "database %s", paths->root);
	}
	*materializer = m;
	return 0;
}

int store_asides_clear(
	const struct database_paths *paths, struct store_asides *asides, struct err *err)
{
	int made = snprintf(asides->made, sizeof(asides->made), "%s.new", paths->store);
	int old = snprintf(asides->old, sizeof(asides->old), "%s.old", paths->store);
	int rc;

	if (made >= (int)sizeof(asides->made) || old >= (int)sizeof(asides->old))
		return err_set(err, ERR_USAGE, "path too long: %s", paths->store);
	rc = store_remove(asides->made, err);
	return rc < 0 ? rc : store_remove(asides->old, err);
}

int materializer_open(const struct database_paths *paths, struct log *log,
	struct materializer **materializer, struct err *err)
{
	struct store_asides asides;
	int lock_fd;
	int rc = lock_take(paths->lock, &lock_fd, err);

	*materializer = NULL;
	if (rc == 0) {
		rc = store_asides_clear(paths, &asides, err);
		if (rc < 0)
			lock_release(lock_fd);
	}
	if (rc < 0)
		return err_wrap(err, "database %s", paths->root);
	return materializer_start(paths, paths->store, true, lock_fd, log, materializer, err);
}

int materializer_settle(struct materializer *materializer, struct err *err)
{
	return store_settle(materializer->store, err);
}

int materializer_take_lock(struct materializer *materializer)
{
	int fd = materializer->lock_fd;

	materializer->lock_fd = -1;
	return fd;
}

const struct position *materializer_position(const struct materializer *materializer)
{
	return &materializer->position;
}

static int commit(struct materializer *m, struct err *err)
{
	int rc;

	put_meta(m, KEY_POSITION, (struct slice){m->position.bytes, m->position.len});
	rc = store_commit(m->store, err);
	if (rc < 0)
		return rc;
	fold_committed(m->fold);
	return m->publish ? applied_write(&m->applied, &m->position, err) : 0;
}

static int fold_one(struct materializer *m, const struct log_record *record, struct err *err)
{
	int rc = fold_record(m->fold, record, err);

	if (rc == FOLD_COMMIT_FIRST) {
		rc = commit(m, err);
		if (rc == 0)
			rc = fold_record(m->fold, record, err);
	}
	if (rc == 0)
		log_reader_position(m->reader, &m->position);
	return rc;
}

/* Kafka's offsets may go on without a record. */
static bool has_moved(struct materializer *m)
{
	struct position position;

	log_reader_position(m->reader, &position);
	if (position.len == m->position.len &&
		memcmp(position.bytes, m->position.bytes, position.len) == 0)
		return false;
	m->position = position;
	return true;
}

static int step(
	struct materializer *m, size_t max_bytes, int wait_ms, size_t *records, struct err *err)
{
	struct log_record record;
	size_t bytes = 0;
	int rc;

	do {
		rc = log_reader_next(m->reader, wait_ms, &record, err);
		if (rc != 1) {
			other_log(rc, err); /* Kafka's tells only when it has been asked */
			break;
		}
		wait_ms = 0;
		if (record.time_ns)
			m->lag.newest_ns = record.time_ns;
		rc = fold_one(m, &record, err);
		if (rc < 0)
			break;
		bytes += record.message.len;
		++*records;
	} while (bytes < max_bytes);
	if (rc < 0 || (*records == 0 && !has_moved(m)))
		return rc;
	return commit(m, err);
}

/* After a failed step (a full disk) the batch is gone: begin where the store is. */
static int begin_again(struct materializer *m, struct err *err)
{
	int rc;

	fold_free(m->fold);
	m->fold = NULL;
	log_reader_close(m->reader);
	m->reader = NULL;
	rc = fold_new(m->store, &m->fold, err);
	if (rc == 0)
		rc = open_reader(m, err);
	m->failed = rc < 0;
	return rc;
}

/* What the broker's answers said of the log's end. While none answers nothing is told, and what
 * was told grows old. */
static void tell_lag(struct materializer *m)
{
	uint64_t done, total;
	int64_t now_ns = wall_ns(), records;

	if (!m->applied_path || !position_is_remote(&m->position) || log_trouble(m->log) ||
		log_reader_progress(m->reader, &done, &total) < 0 || total == 0)
		return;
	records = (int64_t)(total - done);
	if (now_ns - m->lag.told_ns < TELL_LAG_NS && (records == 0) == (m->lag.records == 0))
		return;
	m->lag.told_ns = now_ns;
	m->lag.records = records;
	lag_write(m->applied_path, &m->lag);
}

int materializer_step(
	struct materializer *materializer, size_t max_bytes, size_t *records, struct err *err)
{
	return materializer_wait(materializer, max_bytes, 0, records, err);
}

int materializer_wait(struct materializer *materializer, size_t max_bytes, int wait_ms,
	size_t *records, struct err *err)
{
	int rc = materializer->failed ? begin_again(materializer, err) : 0;

	*records = 0;
	if (rc == 0)
		rc = step(materializer, max_bytes, wait_ms, records, err);
	if (rc < 0) {
		store_batch_clear(materializer->store);
		materializer->failed = true;
		err_wrap(err, "fold the log");
	} else {
		tell_lag(materializer);
	}
	return rc < 0 ? rc : 0;
}

int64_t materializer_quarantined(const struct materializer *materializer)
{
	return materializer->fold ? fold_quarantined(materializer->fold) : 0;
}

bool materializer_has_deleted(const struct materializer *materializer)
{
	return materializer->fold && fold_has_deleted(materializer->fold);
}

int materializer_give_back(struct materializer *materializer, struct err *err)
{
	struct deleted_runs deleted;
	uint64_t bytes = 0;
	int rc = deleted_runs_load(materializer->store, &deleted, err);

	if (rc == 0)
		rc = log_erase(materializer->log, &materializer->position, deleted_runs_doom,
			&deleted, &bytes, err);
	deleted_runs_release(&deleted);
	if (materializer_has_deleted(materializer))
		fold_give_back(materializer->fold);
	return rc < 0 ? err_wrap(err, "give back the space of deleted runs") : 0;
}

int materializer_measure(
	struct materializer *materializer, struct store_figures *figures, struct err *err)
{
	return store_measure(materializer->store, figures, err);
}

int materializer_progress(struct materializer *materializer, uint64_t *done, uint64_t *total)
{
	if (!materializer->reader)
		return ERR_STATE;
	return log_reader_progress(materializer->reader, done, total);
}

void materializer_close(struct materializer *materializer)
{
	if (!materializer)
		return;
	if (materializer_has_deleted(materializer))
		fold_give_back(materializer->fold);
	if (materializer->store)
		store_settle(materializer->store, NULL);
	fold_free(materializer->fold);
	log_reader_close(materializer->reader);
	store_close(materializer->store);
	applied_close(&materializer->applied);
	free(materializer->applied_path);
	lock_release(materializer->lock_fd);
	buf_release(&materializer->key);
	buf_release(&materializer->value);
	free(materializer);
}

int materializer_applied(
	const struct database_paths *paths, struct position *position, struct err *err)
{
	return applied_read(paths->applied, position, err);
}
