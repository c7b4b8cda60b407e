#include "materializer/quarantine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "materializer/query_internal.h"

static void put_number(struct buf *value, int64_t number)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_byte(value, (uint8_t)((uint64_t)number >> shift));
}

static void put_text(struct buf *value, struct slice text)
{
	put_number(value, (int64_t)text.len);
	buf_append(value, text.data, text.len);
}

void quarantine_encode(const struct quarantined *entry, struct buf *value)
{
	struct slice kept = entry->message;

	if (kept.len > QUARANTINE_BYTES)
		kept.len = QUARANTINE_BYTES;
	put_number(value, entry->time_ns);
	put_number(value, entry->bytes);
	put_text(value, entry->place);
	put_text(value, entry->reason);
	put_text(value, kept);
}

static bool take_number(struct slice *in, int64_t *number)
{
	uint64_t bits = 0;

	if (in->len < 8)
		return false;
	for (int i = 0; i < 8; i++)
		bits = bits << 8 | in->data[i];
	in->data += 8;
	in->len -= 8;
	*number = (int64_t)bits;
	return true;
}

static bool take_text(struct slice *in, struct slice *text)
{
	int64_t len;

	if (!take_number(in, &len) || len < 0 || (uint64_t)len > in->len)
		return false;
	*text = (struct slice){in->data, (size_t)len};
	in->data += len;
	in->len -= (size_t)len;
	return true;
}

bool quarantine_decode(struct slice value, struct quarantined *entry)
{
	*entry = (struct quarantined){0};
	return take_number(&value, &entry->time_ns) && take_number(&value, &entry->bytes) &&
	       take_text(&value, &entry->place) && take_text(&value, &entry->reason) &&
	       take_text(&value, &entry->message) && value.len == 0;
}

void quarantine_hash(struct slice place, uint8_t hash[KEY_HASH_BYTES])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, XXH3_128bits(place.data, place.len));
	memcpy(hash, canonical.digest, KEY_HASH_BYTES);
}

static int damaged(struct err *err)
{
	return err_set(
		err, ERR_FORMAT, "what was set aside is damaged, `smiley rebuild` makes it anew");
}

static int each_record(struct query *query,
	int (*each)(void *context, const struct quarantined *entry, struct err *err), void *context,
	struct err *err)
{
	struct key_parts parts = {0};
	struct store_iter *iter = query_iter(query, KEY_QUARANTINE, &parts, 0, err);
	struct quarantined entry;
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_QUARANTINE, store_iter_key(iter), &parts) ||
			!quarantine_decode(store_iter_value(iter), &entry)) {
			rc = damaged(err);
			break;
		}
		entry.run = parts.run;
		rc = each(context, &entry, err);
		if (rc != 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

static void put_loss(const struct quarantined *entry, char *text, size_t size)
{
	int64_t removed = entry->lost - entry->damaged;
	int len = snprintf(text, size, "%" PRId64 " record%s before it: ", entry->lost,
		entry->lost == 1 ? "" : "s");

	if (entry->damaged && removed)
		len += snprintf(text + len, size - (size_t)len, "%" PRId64 " damaged, %" PRId64 " ",
			entry->damaged, removed);
	snprintf(text + len, size - (size_t)len, "%s",
		removed ? "removed by retention before being read" : "damaged");
}

static int each_loss(struct query *query,
	int (*each)(void *context, const struct quarantined *entry, struct err *err), void *context,
	struct err *err)
{
	struct key_parts parts = {0};
	struct store_iter *iter = query_iter(query, KEY_LOST, &parts, 0, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		struct slice value = store_iter_value(iter);
		struct quarantined entry = {0};
		char reason[128];

		if (!key_decode(KEY_LOST, store_iter_key(iter), &parts) ||
			!take_number(&value, &entry.lost)) {
			rc = damaged(err);
			break;
		}
		if (value.len)
			take_number(&value, &entry.damaged);
		put_loss(&entry, reason, sizeof(reason));
		entry.place = parts.path;
		entry.reason = slice_text(reason);
		rc = each(context, &entry, err);
		if (rc != 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

int query_quarantine(struct query *query,
	int (*each)(void *context, const struct quarantined *entry, struct err *err), void *context,
	struct err *err)
{
	int rc = each_record(query, each, context, err);

	return rc ? rc : each_loss(query, each, context, err);
}
