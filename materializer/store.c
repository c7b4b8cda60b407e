#include "materializer/store.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rocksdb/c.h>
#include <xxhash.h>

#include "materializer/key.h"
#include "materializer/packed.h"

/* Sizes for a laptop (measured in the design's storage notes): the memory of a writer
 * stays some 50 MiB whatever the length of a run. */
#define CACHE_BYTES (16u << 20)
#define BLOCKS_BUFFER_BYTES (12u << 20)
#define OTHER_BUFFER_BYTES (4u << 20)
#define ALL_BUFFERS_BYTES (24u << 20)
#define WAL_BYTES (24u << 20)
#define FILE_BYTES (128u << 20)
/* More write-ahead log than this is not left to the next open. */
#define SETTLE_FILES 8
#define SETTLE_BYTES (4u << 20)
/* Of RocksDB's InfoLogLevel. */
#define FATAL_LEVEL 4
#define TABLE_BLOCK_BYTES (32u << 10)

static const char *const family_names[STORE_FAMILIES] = {
	[STORE_META] = "default", /* RocksDB always has this one: it holds meta */
	[STORE_BLOCKS] = "blocks",
	[STORE_ROWS] = "rows",
	[STORE_RUNS] = "runs",
	[STORE_RUNS_BY_TIME] = "runs_by_time",
	[STORE_SOURCES] = "sources",
	[STORE_RUN_FILES] = "run_files",
	[STORE_PROFILES] = "profiles",
	[STORE_THREADS] = "threads",
	[STORE_INDEX] = "index",
	[STORE_QUARANTINE] = "quarantine",
};

typedef void (*terminate_handler)(void);

/* std::set_terminate(): RocksDB's C interface lets exceptions through. */
terminate_handler set_terminate(terminate_handler handler) __asm__("_ZSt13set_terminatePFvvE");

struct store {
	rocksdb_t *db;
	char *dir;
	bool reader;
	bool bulk; /* the write-ahead log has nothing of what was committed */
	rocksdb_column_family_handle_t *families[STORE_FAMILIES];
	rocksdb_options_t *options[STORE_FAMILIES];
	rocksdb_block_based_table_options_t *table;
	rocksdb_cache_t *cache;
	rocksdb_readoptions_t *read;
	rocksdb_writeoptions_t *write;
	rocksdb_writebatch_t *batch;
	struct buf packed;
	bool lacks; /* the batch: a value for which there was no memory */
};

struct store_iter {
	struct store *store;
	rocksdb_iterator_t *iter;
	rocksdb_readoptions_t *read;
	struct buf lower, upper; /* RocksDB borrows the bounds */
	bool packed;
	struct buf room; /* for the value, if it is packed */
	struct slice value;
};

void store_on_exhaustion(void (*told)(void))
{
	set_terminate(told);
}

const char *store_family_name(enum store_family family)
{
	return family == STORE_META ? "meta" : family_names[family];
}

/* Blocks are most of what is written, and so are packed before RocksDB has them: its log, its
 * memory and its files then have half as much to take. It packs what else there is. */
static bool is_packed(enum store_family family)
{
	return family == STORE_BLOCKS;
}

/* What a reader is told whose CURRENT names a MANIFEST that is not there: a writer may just have
 * made another, but hardly OPEN_TRIES times in a row. */
#define SWITCHED "switched to a new MANIFEST"
#define OPEN_TRIES 5

/* Turns RocksDB's message, which it consumes, into ours. */
static int store_error(const char *dir, char *message, struct err *err)
{
	int code = ERR_STORE;

	if (strstr(message, "Corruption")) {
		code = err_set(err, ERR_FORMAT,
			"store %s is damaged, `smiley rebuild` makes it anew from the log: %s", dir,
			message);
	} else if (strstr(message, "lock file") || strstr(message, "lock hold")) {
		code = err_set(
			err, ERR_BUSY, "store %s is open in another process: %s", dir, message);
	} else if (strstr(message, "No such file") || strstr(message, SWITCHED)) {
		code = err_set(err, ERR_FORMAT,
			"store %s lacks files, `smiley rebuild` makes it anew from the log: %s",
			dir, message);
	} else {
		code = err_set(err, ERR_STORE, "store %s: %s", dir, message);
	}
	rocksdb_free(message);
	return code;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path) < 0 && errno != ENOENT ? errno : 0;
}

int store_remove(const char *dir, struct err *err)
{
	int rc = nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);

	if (rc < 0 && errno != ENOENT)
		return err_set_errno(err, errno, "remove %s", dir);
	if (rc > 0)
		return err_set_errno(err, rc, "remove %s", dir);
	return 0;
}

static rocksdb_options_t *family_options(struct store *store, enum store_family family)
{
	rocksdb_options_t *options = rocksdb_options_create();
	size_t buffer = family == STORE_BLOCKS ? BLOCKS_BUFFER_BYTES : OTHER_BUFFER_BYTES;

	rocksdb_options_set_block_based_table_factory(options, store->table);
	rocksdb_options_set_write_buffer_size(options, buffer);
	rocksdb_options_set_max_write_buffer_number(options, 3);
	rocksdb_options_set_target_file_size_base(options, FILE_BYTES);
	rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
	/* zstd would save a quarter of the store for twice the time: the log has no compression
	 * at all, and is the larger part. */
	rocksdb_options_set_compression(
		options, is_packed(family) ? rocksdb_no_compression : rocksdb_lz4_compression);
	return options;
}

/* What concerns the database as a whole goes into the options of the default family. */
static void database_options(rocksdb_options_t *options)
{
	rocksdb_options_set_paranoid_checks(options, 1);
	rocksdb_options_set_max_open_files(options, -1);
	rocksdb_options_set_max_file_opening_threads(options, 1);
	rocksdb_options_set_db_write_buffer_size(options, ALL_BUFFERS_BYTES);
	rocksdb_options_set_max_total_wal_size(options, WAL_BYTES);
	rocksdb_options_set_max_background_jobs(options, 2);
	/* Tables only: a write-ahead log mostly is gone before anybody has to write it out. */
	rocksdb_options_set_bytes_per_sync(options, 1u << 20);
	rocksdb_options_set_info_log_level(options, FATAL_LEVEL);
	rocksdb_options_set_stats_dump_period_sec(options, 0);
}

/* Recovery that writes no tables makes an open cheap; store_settle() sees to it that
 * there is never much to recover. The C interface has no setter for this one. */
static int recovery_options(struct store *store, struct err *err)
{
	rocksdb_options_t *options = rocksdb_options_create();
	char *message = NULL;

	rocksdb_get_options_from_string(
		store->options[STORE_META], "avoid_flush_during_recovery=true", options, &message);
	if (message) {
		rocksdb_options_destroy(options);
		return store_error(store->dir, message, err);
	}
	rocksdb_options_destroy(store->options[STORE_META]);
	store->options[STORE_META] = options;
	return 0;
}

static struct store *store_new(const char *dir, struct err *err)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store)
		store->dir = strdup(dir);
	if (!store || !store->dir) {
		free(store);
		err_set(err, ERR_MEMORY, "store %s: out of memory", dir);
		return NULL;
	}
	store->cache = rocksdb_cache_create_lru(CACHE_BYTES);
	store->table = rocksdb_block_based_options_create();
	rocksdb_block_based_options_set_block_cache(store->table, store->cache);
	rocksdb_block_based_options_set_block_size(store->table, TABLE_BLOCK_BYTES);
	rocksdb_block_based_options_set_format_version(store->table, 5);
	for (int i = 0; i < STORE_FAMILIES; i++)
		store->options[i] = family_options(store, (enum store_family)i);
	database_options(store->options[STORE_META]);
	store->read = rocksdb_readoptions_create();
	rocksdb_readoptions_set_verify_checksums(store->read, 1);
	store->write = rocksdb_writeoptions_create();
	store->batch = rocksdb_writebatch_create();
	if (recovery_options(store, err) < 0) {
		store_close(store);
		return NULL;
	}
	return store;
}

/* Handles go before the database: RocksDB as packaged asserts on it. */
void store_close(struct store *store)
{
	if (!store)
		return;
	for (int i = 0; i < STORE_FAMILIES; i++) {
		if (store->families[i])
			rocksdb_column_family_handle_destroy(store->families[i]);
	}
	if (store->db)
		rocksdb_close(store->db);
	for (int i = 0; i < STORE_FAMILIES; i++)
		rocksdb_options_destroy(store->options[i]);
	rocksdb_block_based_options_destroy(store->table);
	rocksdb_cache_destroy(store->cache);
	rocksdb_readoptions_destroy(store->read);
	rocksdb_writeoptions_destroy(store->write);
	rocksdb_writebatch_destroy(store->batch);
	buf_release(&store->packed);
	free(store->dir);
	free(store);
}

/* A store without CURRENT would be silently replaced by an empty one. */
static int check_present(const char *dir, struct err *err)
{
	char path[4096];

	if (access(dir, F_OK) < 0)
		return err_set(err, ERR_NOT_FOUND, "no store %s", dir);
	if (snprintf(path, sizeof(path), "%s/CURRENT", dir) >= (int)sizeof(path))
		return err_set(err, ERR_USAGE, "path too long: %s", dir);
	if (access(path, F_OK) < 0)
		return err_set(err, ERR_FORMAT,
			"store %s is damaged (no CURRENT), `smiley rebuild` makes it anew from "
			"the log",
			dir);
	return 0;
}

/* A new directory below base, its path on the heap; NULL with errno set. */
static char *temp_dir_make(const char *base, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s-XXXXXX", base, name) < 0)
		return NULL;
	if (!mkdtemp(path)) {
		free(path);
		return NULL;
	}
	return path;
}

static const char *temp_base(void)
{
	const char *base = getenv("TMPDIR");

	return base && *base ? base : "/tmp";
}

/* The writer's directory for RocksDB's log is named after the store, so that what a killed
 * one leaves is used again, and removed, by the next. NULL when it cannot be had. */
static char *named_log_dir(const char *store_dir)
{
	struct stat status;
	char *path;

	if (asprintf(&path, "/dev/shm/smiley-log-%u-%016llx", (unsigned)geteuid(),
		    (unsigned long long)XXH3_64bits(store_dir, strlen(store_dir))) < 0)
		return NULL;
	if (mkdir(path, 0700) == 0)
		return path;
	if (errno == EEXIST && lstat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
		status.st_uid == geteuid() && (status.st_mode & 0077) == 0)
		return path;
	free(path);
	return NULL;
}

/* RocksDB as packaged aborts the process when its own log meets a full disk, and does not
 * open without one. So that log goes to memory, where it ends when the store is open: from
 * then on it is an unnamed file that nothing is written to. */
static char *log_dir_make(struct store *store)
{
	char *dir = store->reader ? NULL : named_log_dir(store->dir);

	if (!dir)
		dir = temp_dir_make("/dev/shm", "smiley-log");
	if (!dir)
		dir = temp_dir_make(temp_base(), "smiley-log");
	if (dir)
		rocksdb_options_set_db_log_dir(store->options[STORE_META], dir);
	return dir;
}

static void log_dir_remove(char *dir)
{
	if (dir)
		store_remove(dir, NULL);
	free(dir);
}

static int open_writer(struct store *store, struct err *err)
{
	char *log_dir = log_dir_make(store);
	char *message = NULL;

	store->db = rocksdb_open_column_families(store->options[STORE_META], store->dir,
		STORE_FAMILIES, family_names, (const rocksdb_options_t *const *)store->options,
		store->families, &message);
	log_dir_remove(log_dir);
	return message ? store_error(store->dir, message, err) : 0;
}

int store_create(const char *dir, struct err *err)
{
	struct store *store;
	char aside[4096];
	int rc;

	if (snprintf(aside, sizeof(aside), "%s.making", dir) >= (int)sizeof(aside))
		return err_set(err, ERR_USAGE, "path too long: %s", dir);
	rc = store_remove(aside, err);
	if (rc < 0)
		return rc;
	store = store_new(aside, err);
	if (!store)
		return ERR_MEMORY;
	rocksdb_options_set_create_if_missing(store->options[STORE_META], 1);
	rocksdb_options_set_create_missing_column_families(store->options[STORE_META], 1);
	rc = open_writer(store, err);
	store_close(store);
	if (rc == 0 && rename(aside, dir) < 0)
		rc = err_set_errno(err, errno, "rename %s to %s", aside, dir);
	return rc;
}

/* Returns RocksDB's message; NULL: it is open. */
static char *open_secondary(struct store *store, const char *log_dir)
{
	const rocksdb_options_t *const *options = (const rocksdb_options_t *const *)store->options;
	char *message = NULL;

	for (int i = 0; i == 0 || (i < OPEN_TRIES && message && strstr(message, SWITCHED)); i++) {
		rocksdb_free(message);
		message = NULL;
		store->db = rocksdb_open_as_secondary_column_families(store->options[STORE_META],
			store->dir, log_dir, STORE_FAMILIES, family_names, options, store->families,
			&message);
	}
	return message;
}

/* As a secondary instance, or strictly: as a writer would, and so with every table looked at, but
 * nothing is written. The directory beside is for RocksDB's own log alone. */
static int open_to_read(struct store *store, bool strictly, struct err *err)
{
	const rocksdb_options_t *const *options = (const rocksdb_options_t *const *)store->options;
	char *message = NULL;
	char *log_dir;

	store->reader = true;
	log_dir = log_dir_make(store);
	if (!log_dir)
		return err_set_errno(err, errno, "make a directory in %s", temp_base());
	if (strictly)
		store->db = rocksdb_open_for_read_only_column_families(store->options[STORE_META],
			store->dir, STORE_FAMILIES, family_names, options, store->families, 0,
			&message);
	else
		message = open_secondary(store, log_dir);
	log_dir_remove(log_dir);
	return message ? store_error(store->dir, message, err) : 0;
}

static int open_reader(struct store *store, struct err *err)
{
	return open_to_read(store, false, err);
}

static int open_strictly(struct store *store, struct err *err)
{
	return open_to_read(store, true, err);
}

static int open_checked(const char *dir, int (*open_as)(struct store *store, struct err *err),
	struct store **store, struct err *err)
{
	int rc = check_present(dir, err);

	*store = NULL;
	if (rc < 0)
		return rc;
	*store = store_new(dir, err);
	if (!*store)
		return ERR_MEMORY;
	rc = open_as(*store, err);
	if (rc < 0) {
		store_close(*store);
		*store = NULL;
	}
	return rc;
}

int store_open(const char *dir, struct store **store, struct err *err)
{
	return open_checked(dir, open_writer, store, err);
}

int store_open_reader(const char *dir, struct store **store, struct err *err)
{
	return open_checked(dir, open_reader, store, err);
}

int store_check(const char *dir, struct err *err)
{
	struct store *store;
	int rc = open_checked(dir, open_strictly, &store, err);

	store_close(store);
	return rc;
}

int store_catch_up(struct store *store, struct err *err)
{
	char *message = NULL;

	rocksdb_try_catch_up_with_primary(store->db, &message);
	return message ? store_error(store->dir, message, err) : 0;
}

uint64_t store_version(const struct store *store)
{
	return rocksdb_get_latest_sequence_number(store->db);
}

/* Through an iterator: in a reader that lags, get may go on showing an old value of a key
 * that was overwritten or deleted, an iterator does not. */
static int reader_get(struct store *store, enum store_family family, struct slice key,
	struct buf *value, struct err *err)
{
	struct store_iter *iter = store_iter_new(store, family, key);
	int rc;

	if (!iter)
		return err_set(err, ERR_MEMORY, "store %s: out of memory", store->dir);
	rc = store_iter_first(iter, err);
	if (rc == 1 && slice_equal(store_iter_key(iter), key)) {
		struct slice found = store_iter_value(iter);

		buf_append(value, found.data, found.len);
	} else if (rc == 1) {
		rc = 0;
	}
	store_iter_free(iter);
	return rc;
}

/* Why a packed value could not be opened. */
static int value_error(const struct store *store, const struct buf *room, struct err *err)
{
	if (room->failed)
		return err_set(err, ERR_MEMORY, "store %s: out of memory", store->dir);
	return err_set(err, ERR_FORMAT,
		"store %s is damaged (a packed value), `smiley rebuild` makes it anew from the log",
		store->dir);
}

static int writer_get(struct store *store, enum store_family family, struct slice key,
	struct buf *value, struct err *err)
{
	rocksdb_pinnableslice_t *pinned;
	struct buf room = {0};
	struct slice found;
	char *message = NULL;
	const char *data;
	size_t len;
	int rc = 1;

	pinned = rocksdb_get_pinned_cf(store->db, store->read, store->families[family],
		(const char *)key.data, key.len, &message);
	if (message)
		return store_error(store->dir, message, err);
	if (!pinned)
		return 0;
	data = rocksdb_pinnableslice_value(pinned, &len);
	found = (struct slice){(const uint8_t *)data, len};
	if (is_packed(family) && !packed_open(found, &room, &found))
		rc = value_error(store, &room, err);
	else
		buf_append(value, found.data, found.len);
	buf_release(&room);
	rocksdb_pinnableslice_destroy(pinned);
	return rc;
}

int store_get(struct store *store, enum store_family family, struct slice key, struct buf *value,
	struct err *err)
{
	int rc;

	buf_clear(value);
	rc = store->reader ? reader_get(store, family, key, value, err)
			   : writer_get(store, family, key, value, err);
	if (rc == 1 && value->failed)
		return err_set(err, ERR_MEMORY, "store %s: out of memory", store->dir);
	return rc;
}

void store_put(struct store *store, enum store_family family, struct slice key, struct slice value)
{
	if (is_packed(family)) {
		packed_make(value, &store->packed);
		store->lacks |= store->packed.failed;
		value = buf_slice(&store->packed);
	}
	rocksdb_writebatch_put_cf(store->batch, store->families[family], (const char *)key.data,
		key.len, (const char *)value.data, value.len);
}

void store_delete(struct store *store, enum store_family family, struct slice key)
{
	rocksdb_writebatch_delete_cf(
		store->batch, store->families[family], (const char *)key.data, key.len);
}

void store_delete_prefix(struct store *store, enum store_family family, struct slice prefix)
{
	struct buf end = {0};

	key_prefix_end(prefix, &end);
	if (end.len) {
		rocksdb_writebatch_delete_range_cf(store->batch, store->families[family],
			(const char *)prefix.data, prefix.len, (const char *)end.data, end.len);
	}
	buf_release(&end);
}

void store_batch_clear(struct store *store)
{
	rocksdb_writebatch_clear(store->batch);
	store->lacks = false;
}

bool store_batch_empty(const struct store *store)
{
	return rocksdb_writebatch_count(store->batch) == 0;
}

int store_commit(struct store *store, struct err *err)
{
	char *message = NULL;
	bool lacks = store->lacks;

	if (!lacks)
		rocksdb_write(store->db, store->write, store->batch, &message);
	store_batch_clear(store);
	if (lacks)
		return err_set(err, ERR_MEMORY, "store %s: out of memory", store->dir);
	return message ? store_error(store->dir, message, err) : 0;
}

static int flush(struct store *store, struct err *err)
{
	rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
	char *message = NULL;

	rocksdb_flushoptions_set_wait(options, 1);
	for (int i = 0; i < STORE_FAMILIES && !message; i++)
		rocksdb_flush_cf(store->db, options, store->families[i], &message);
	rocksdb_flushoptions_destroy(options);
	return message ? store_error(store->dir, message, err) : 0;
}

/* Write-ahead logs: how many files, how many bytes. */
static void logs_measure(const char *dir, size_t *files, uint64_t *bytes)
{
	DIR *listing = opendir(dir);
	struct dirent *entry;
	struct stat status;

	*files = 0;
	*bytes = 0;
	while (listing && (entry = readdir(listing))) {
		size_t len = strlen(entry->d_name);

		if (len < 4 || strcmp(entry->d_name + len - 4, ".log") != 0 ||
			fstatat(dirfd(listing), entry->d_name, &status, 0) < 0)
			continue;
		++*files;
		*bytes += (uint64_t)status.st_size;
	}
	if (listing)
		closedir(listing);
}

int store_settle(struct store *store, struct err *err)
{
	uint64_t bytes;
	size_t files;

	logs_measure(store->dir, &files, &bytes);
	return store->bulk || files > SETTLE_FILES || bytes > SETTLE_BYTES ? flush(store, err) : 0;
}

void store_bulk(struct store *store)
{
	store->bulk = true;
	rocksdb_writeoptions_disable_WAL(store->write, 1);
}

void store_compact_prefix(struct store *store, enum store_family family, struct slice prefix)
{
	struct buf end = {0};

	key_prefix_end(prefix, &end);
	rocksdb_compact_range_cf(store->db, store->families[family], (const char *)prefix.data,
		prefix.len, end.len ? (const char *)end.data : NULL, end.len);
	buf_release(&end);
}

static void add_figure(
	struct store *store, enum store_family family, const char *name, uint64_t *sum)
{
	uint64_t value = 0;

	if (rocksdb_property_int_cf(store->db, store->families[family], name, &value) == 0)
		*sum += value;
}

int store_measure(struct store *store, struct store_figures *figures, struct err *err)
{
	uint64_t delayed = 0, stopped = 0;

	if (!store)
		return err_set(err, ERR_STATE, "the store is not open");
	for (enum store_family family = 0; family < STORE_FAMILIES; family++) {
		add_figure(store, family, "rocksdb.estimate-num-keys", &figures->keys[family]);
		add_figure(store, family, "rocksdb.live-sst-files-size", &figures->file_bytes);
		add_figure(
			store, family, "rocksdb.cur-size-all-mem-tables", &figures->memtable_bytes);
		add_figure(store, family, "rocksdb.estimate-table-readers-mem",
			&figures->table_reader_bytes);
	}
	/* Of the whole database: the rate that writes are slowed down to, 0: they are not. */
	add_figure(store, STORE_META, "rocksdb.actual-delayed-write-rate", &delayed);
	add_figure(store, STORE_META, "rocksdb.is-write-stopped", &stopped);
	figures->write_stalls += (delayed > 0) + (stopped > 0);
	/* One cache for all. */
	add_figure(store, STORE_META, "rocksdb.block-cache-usage", &figures->cache_bytes);
	return 0;
}

struct store_iter *store_iter_new(
	struct store *store, enum store_family family, struct slice prefix)
{
	struct store_iter *iter = calloc(1, sizeof(*iter));

	if (!iter)
		return NULL;
	buf_append(&iter->lower, prefix.data, prefix.len);
	key_prefix_end(prefix, &iter->upper);
	if (iter->lower.failed || iter->upper.failed) {
		buf_release(&iter->lower);
		buf_release(&iter->upper);
		free(iter);
		return NULL;
	}
	iter->store = store;
	iter->packed = is_packed(family);
	iter->read = rocksdb_readoptions_create();
	rocksdb_readoptions_set_verify_checksums(iter->read, 1);
	if (iter->lower.len) {
		rocksdb_readoptions_set_iterate_lower_bound(
			iter->read, (const char *)iter->lower.data, iter->lower.len);
	}
	if (iter->upper.len) {
		rocksdb_readoptions_set_iterate_upper_bound(
			iter->read, (const char *)iter->upper.data, iter->upper.len);
	}
	iter->iter = rocksdb_create_iterator_cf(store->db, iter->read, store->families[family]);
	return iter;
}

void store_iter_free(struct store_iter *iter)
{
	if (!iter)
		return;
	rocksdb_iter_destroy(iter->iter);
	rocksdb_readoptions_destroy(iter->read);
	buf_release(&iter->lower);
	buf_release(&iter->upper);
	buf_release(&iter->room);
	free(iter);
}

static int iter_open(struct store_iter *iter, struct err *err)
{
	size_t len;
	const char *data = rocksdb_iter_value(iter->iter, &len);

	iter->value = (struct slice){(const uint8_t *)data, len};
	if (!iter->packed || packed_open(iter->value, &iter->room, &iter->value))
		return 1;
	return value_error(iter->store, &iter->room, err);
}

/* An iterator that meets damage just ends: its error has to be asked for. */
static int iter_state(struct store_iter *iter, struct err *err)
{
	char *message = NULL;

	if (rocksdb_iter_valid(iter->iter))
		return iter_open(iter, err);
	rocksdb_iter_get_error(iter->iter, &message);
	return message ? store_error(iter->store->dir, message, err) : 0;
}

int store_iter_first(struct store_iter *iter, struct err *err)
{
	rocksdb_iter_seek_to_first(iter->iter);
	return iter_state(iter, err);
}

int store_iter_last(struct store_iter *iter, struct err *err)
{
	rocksdb_iter_seek_to_last(iter->iter);
	return iter_state(iter, err);
}

int store_iter_seek(struct store_iter *iter, struct slice key, struct err *err)
{
	rocksdb_iter_seek(iter->iter, (const char *)key.data, key.len);
	return iter_state(iter, err);
}

int store_iter_seek_back(struct store_iter *iter, struct slice key, struct err *err)
{
	rocksdb_iter_seek_for_prev(iter->iter, (const char *)key.data, key.len);
	return iter_state(iter, err);
}

int store_iter_next(struct store_iter *iter, struct err *err)
{
	rocksdb_iter_next(iter->iter);
	return iter_state(iter, err);
}

int store_iter_previous(struct store_iter *iter, struct err *err)
{
	rocksdb_iter_prev(iter->iter);
	return iter_state(iter, err);
}

struct slice store_iter_key(const struct store_iter *iter)
{
	size_t len;
	const char *data = rocksdb_iter_key(iter->iter, &len);

	return (struct slice){(const uint8_t *)data, len};
}

struct slice store_iter_value(const struct store_iter *iter)
{
	return iter->value;
}
