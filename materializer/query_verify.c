#include "materializer/query.h"

#include <inttypes.h>
#include <string.h>

#include <xxhash.h>

#include "materializer/query_internal.h"
#include "materializer/run_order.h"

/* The ranges of events that are missing, in words; the first few of them. */
#define MISSING_SHOWN 4

struct missing {
	struct buf ranges;
	size_t count;
};

static void note_missing(struct missing *missing, int64_t from_seq, int64_t behind_seq)
{
	if (missing->count++ < MISSING_SHOWN)
		buf_printf(&missing->ranges, "%s%" PRId64 " to %" PRId64,
			missing->count > 1 ? ", " : "", from_seq, behind_seq - 1);
}

static int tell_missing(struct missing *missing, struct err *err)
{
	if (missing->count > MISSING_SHOWN)
		buf_printf(&missing->ranges, " and in %zu more places",
			missing->count - MISSING_SHOWN);
	return err_set(err, ERR_FORMAT, "events %s are missing, the others are all right",
		buf_string(&missing->ranges));
}

static int check_block(struct query *query, struct store_iter *iter, int64_t *next_seq,
	struct missing *missing, struct err *err)
{
	struct key_parts parts;
	struct block_head head;
	int rc;

	if (!key_decode(KEY_BLOCK, store_iter_key(iter), &parts))
		return err_set(err, ERR_FORMAT, "behind event %" PRId64 ": a key that is none",
			*next_seq - 1);
	if (parts.number > *next_seq) {
		note_missing(missing, *next_seq, parts.number);
		*next_seq = parts.number;
	}
	rc = block_check(query->cursor, store_iter_value(iter), &head, err);
	if (rc < 0)
		return err_wrap(err, "events from %" PRId64, *next_seq);
	if (parts.number != *next_seq || !run_id_equal(&head.run, &parts.run) ||
		head.first_seq > *next_seq || head.first_seq + head.event_count <= *next_seq)
		return err_set(err, ERR_FORMAT, "events from %" PRId64 ": the block is of others",
			*next_seq);
	*next_seq = head.first_seq + head.event_count;
	return 0;
}

static int check_blocks(struct query *query, const struct run_id *id, int64_t *next_seq,
	struct missing *missing, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_BLOCK, &parts, 1, err);
	int rc;

	*next_seq = 0;
	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		rc = check_block(query, iter, next_seq, missing, err);
		if (rc < 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

static int check_sources(struct query *query, const struct run_id *id, struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_RUN_FILE, &parts, 1, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_RUN_FILE, store_iter_key(iter), &parts)) {
			rc = err_set(err, ERR_FORMAT, "a file's key that is none");
			break;
		}
		rc = query_get(query, KEY_SOURCE, &parts, &query->value, err);
		if (rc == 0)
			rc = err_set(err, ERR_FORMAT, "the source of %.*s is missing",
				(int)parts.path.len, (const char *)parts.path.data);
		if (rc < 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

static int sum_events(void *context, const struct thread_info *info, struct err *err)
{
	int64_t *sum = context;

	(void)err;
	*sum += info->event_count;
	return 0;
}

/* Events of a gap may be of no thread, so the sum may be less. */
static int check_threads(
	struct query *query, const struct run_id *id, int64_t events, struct err *err)
{
	int64_t sum = 0;
	int rc = query_threads(query, id, sum_events, &sum, err);

	if (rc == 0 && sum > events)
		rc = err_set(err, ERR_FORMAT,
			"its threads have %" PRId64 " events, the run only %" PRId64, sum, events);
	return rc;
}

int query_verify(struct query *query, const struct run_id *id, int64_t *events, struct err *err)
{
	char text[RUN_ID_TEXT_BYTES];
	struct missing missing = {0};
	struct run_info info;
	int rc = query_run(query, id, &info, err);

	*events = 0;
	if (rc < 0)
		return rc;
	rc = check_blocks(query, id, events, &missing, err);
	if (rc == 0 && info.has_finished && info.event_count != *events)
		rc = err_set(err, ERR_FORMAT,
			"it finished with %" PRId64 " events, %" PRId64 " are here",
			info.event_count, *events);
	if (rc == 0)
		rc = check_sources(query, id, err);
	if (rc == 0)
		rc = check_threads(query, id, *events, err);
	if (rc == 0 && missing.count)
		rc = tell_missing(&missing, err);
	if (rc == 0 && info.headless)
		rc = err_set(err, ERR_FORMAT, "its beginning (RunStarted) is not in the log");
	buf_release(&missing.ranges);
	run_info_release(&info);
	return rc < 0 ? err_wrap(err, "run %s", run_id_format(id, text)) : 0;
}

static void hash_bytes(XXH3_state_t *hash, struct slice bytes)
{
	uint64_t len = bytes.len;

	XXH3_128bits_update(hash, &len, sizeof(len));
	XXH3_128bits_update(hash, bytes.data, bytes.len);
}

/* Where a log was read, and what it had lost then, is no part of what it says. */
static int hash_family(
	struct query *query, enum store_family family, XXH3_state_t *hash, struct err *err)
{
	struct store_iter *iter = store_iter_new(query->store, family, (struct slice){0});
	struct key_parts parts;
	int rc;

	if (!iter)
		return err_set(err, ERR_MEMORY, "out of memory");
	hash_bytes(hash, slice_text(store_family_name(family)));
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		struct slice key = store_iter_key(iter);

		if (family == STORE_META && (key_decode(KEY_POSITION, key, &parts) ||
						    key_decode(KEY_LOST, key, &parts)))
			continue;
		hash_bytes(hash, key);
		hash_bytes(hash, store_iter_value(iter));
	}
	store_iter_free(iter);
	return rc;
}

static int hash_database(struct query *query, XXH3_state_t *hash, struct err *err)
{
	int rc = 0;

	if (!query->store)
		rc = err_set(err, ERR_STATE, "store %s is not open", query->store_dir);
	for (int i = 0; i < STORE_FAMILIES && rc == 0; i++)
		rc = hash_family(query, (enum store_family)i, hash, err);
	return rc;
}

int query_digest(struct query *query, struct digest *digest, struct err *err)
{
	XXH3_state_t *hash = XXH3_createState();
	XXH128_canonical_t canonical;
	struct query *database;
	int rc = 0;

	if (!hash)
		return err_set(err, ERR_MEMORY, "out of memory");
	XXH3_128bits_reset(hash);
	for (size_t i = 0; rc == 0 && (database = query_database(query, i)); i++)
		rc = hash_database(database, hash, err);
	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hash));
	XXH3_freeState(hash);
	memcpy(digest->bytes, canonical.digest, sizeof(digest->bytes));
	return rc < 0 ? err_wrap(err, "digest") : 0;
}
