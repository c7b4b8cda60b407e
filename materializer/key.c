#include "materializer/key.h"

#include <string.h>

enum field {
	FIELD_END,
	FIELD_RUN,
	FIELD_NUMBER,
	FIELD_THREAD,
	FIELD_LEVEL,
	FIELD_PATH,
	FIELD_SHA256,
	FIELD_HASH
};

#define FIELDS_MAX 4

/* The table. A tag is one byte that keeps kinds of one family apart; it stands first, or
 * last where all keys of a run are to lie together. */
static const struct layout {
	enum store_family family;
	char tag_first;
	enum field fields[FIELDS_MAX];
	char tag_last;
} layouts[KEY_KINDS] = {
	[KEY_BLOCK] = {STORE_BLOCKS, 0, {FIELD_RUN, FIELD_NUMBER}, 0},
	[KEY_RUN_STARTED] = {STORE_RUNS, 0, {FIELD_RUN}, 's'},
	[KEY_RUN_FINISHED] = {STORE_RUNS, 0, {FIELD_RUN}, 'f'},
	[KEY_RUN_BY_TIME] = {STORE_RUNS_BY_TIME, 0, {FIELD_NUMBER, FIELD_RUN}, 0},
	[KEY_SOURCE] = {STORE_SOURCES, 0, {FIELD_SHA256}, 0},
	[KEY_RUN_FILE] = {STORE_RUN_FILES, 'r', {FIELD_RUN, FIELD_PATH, FIELD_SHA256}, 0},
	[KEY_SOURCE_RUN] = {STORE_RUN_FILES, 's', {FIELD_SHA256, FIELD_RUN}, 0},
	[KEY_ROW] = {STORE_ROWS, 0, {FIELD_RUN, FIELD_THREAD, FIELD_NUMBER}, 0},
	[KEY_THREAD] = {STORE_THREADS, 0, {FIELD_RUN, FIELD_NUMBER}, 0},
	[KEY_DELETED] = {STORE_META, 'd', {FIELD_RUN}, 0},
	[KEY_POSITION] = {STORE_META, 'p', {FIELD_END}, 0},
	[KEY_VERSION] = {STORE_META, 'v', {FIELD_END}, 0},
	[KEY_QUARANTINE] = {STORE_QUARANTINE, 0, {FIELD_RUN, FIELD_HASH}, 0},
	[KEY_LOST] = {STORE_META, 'l', {FIELD_PATH}, 0},
	[KEY_HEADLESS] = {STORE_META, 'h', {FIELD_RUN}, 0},
	[KEY_HITS] = {STORE_INDEX, 0, {FIELD_RUN, FIELD_LEVEL, FIELD_NUMBER}, 0},
	[KEY_PROFILE] = {STORE_PROFILES, 0, {FIELD_RUN, FIELD_NUMBER}, 0},
	[KEY_CHILD] = {STORE_RUNS, 0, {FIELD_RUN, FIELD_NUMBER, FIELD_HASH}, 'u'},
};

enum store_family key_family(enum key_kind kind)
{
	return layouts[kind].family;
}

static void put_big_endian(struct buf *key, uint64_t value, int bytes)
{
	for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
		buf_byte(key, (uint8_t)(value >> shift));
}

static void put_signed(struct buf *key, int64_t value)
{
	put_big_endian(key, (uint64_t)value ^ (UINT64_C(1) << 63), 8);
}

static void put_field(struct buf *key, enum field field, const struct key_parts *parts)
{
	switch (field) {
	case FIELD_END:
		break;
	case FIELD_RUN:
		buf_append(key, parts->run.bytes, sizeof(parts->run.bytes));
		break;
	case FIELD_NUMBER:
		put_signed(key, parts->number);
		break;
	case FIELD_THREAD:
		put_signed(key, parts->thread);
		break;
	case FIELD_LEVEL:
		buf_byte(key, (uint8_t)parts->level);
		break;
	case FIELD_PATH:
		put_big_endian(key, parts->path.len, 4);
		buf_append(key, parts->path.data, parts->path.len);
		break;
	case FIELD_SHA256:
		buf_append(key, parts->sha256, sizeof(parts->sha256));
		break;
	case FIELD_HASH:
		buf_append(key, parts->hash, sizeof(parts->hash));
		break;
	}
}

struct slice key_prefix(
	enum key_kind kind, const struct key_parts *parts, size_t fields, struct buf *key)
{
	const struct layout *layout = &layouts[kind];

	buf_clear(key);
	if (layout->tag_first)
		buf_byte(key, (uint8_t)layout->tag_first);
	for (size_t i = 0; i < fields && i < FIELDS_MAX; i++)
		put_field(key, layout->fields[i], parts);
	return buf_slice(key);
}

struct slice key_encode(enum key_kind kind, const struct key_parts *parts, struct buf *key)
{
	key_prefix(kind, parts, FIELDS_MAX, key);
	if (layouts[kind].tag_last)
		buf_byte(key, (uint8_t)layouts[kind].tag_last);
	return buf_slice(key);
}

/* Takes the next len bytes off the front; NULL when there are fewer. */
static const uint8_t *take(struct slice *in, size_t len)
{
	const uint8_t *data = in->data;

	if (in->len < len)
		return NULL;
	in->data += len;
	in->len -= len;
	return data;
}

static bool take_bytes(struct slice *in, void *value, size_t len)
{
	const uint8_t *data = take(in, len);

	if (data)
		memcpy(value, data, len);
	return data != NULL;
}

static bool take_big_endian(struct slice *in, int bytes, uint64_t *value)
{
	const uint8_t *data = take(in, (size_t)bytes);

	if (!data)
		return false;
	*value = 0;
	for (int i = 0; i < bytes; i++)
		*value = *value << 8 | data[i];
	return true;
}

static bool take_signed(struct slice *in, int64_t *value)
{
	uint64_t bits;

	if (!take_big_endian(in, 8, &bits))
		return false;
	*value = (int64_t)(bits ^ (UINT64_C(1) << 63));
	return true;
}

static bool take_field(struct slice *in, enum field field, struct key_parts *parts)
{
	uint64_t bits;

	switch (field) {
	case FIELD_END:
		return true;
	case FIELD_RUN:
		return take_bytes(in, parts->run.bytes, sizeof(parts->run.bytes));
	case FIELD_NUMBER:
		return take_signed(in, &parts->number);
	case FIELD_THREAD:
		return take_signed(in, &parts->thread);
	case FIELD_LEVEL:
		if (!take_big_endian(in, 1, &bits))
			return false;
		parts->level = (int)bits;
		return true;
	case FIELD_PATH:
		if (!take_big_endian(in, 4, &bits))
			return false;
		parts->path.len = (size_t)bits;
		parts->path.data = take(in, parts->path.len);
		return parts->path.data != NULL;
	case FIELD_SHA256:
		return take_bytes(in, parts->sha256, sizeof(parts->sha256));
	case FIELD_HASH:
		return take_bytes(in, parts->hash, sizeof(parts->hash));
	}
	return false;
}

static bool take_tag(struct slice *in, char tag)
{
	const uint8_t *byte;

	if (!tag)
		return true;
	byte = take(in, 1);
	return byte && *byte == (uint8_t)tag;
}

bool key_decode(enum key_kind kind, struct slice key, struct key_parts *parts)
{
	const struct layout *layout = &layouts[kind];

	*parts = (struct key_parts){0};
	if (!take_tag(&key, layout->tag_first))
		return false;
	for (size_t i = 0; i < FIELDS_MAX; i++) {
		if (!take_field(&key, layout->fields[i], parts))
			return false;
	}
	return take_tag(&key, layout->tag_last) && key.len == 0;
}

void key_prefix_end(struct slice prefix, struct buf *end)
{
	buf_clear(end);
	while (prefix.len && prefix.data[prefix.len - 1] == 0xff)
		prefix.len--;
	buf_append(end, prefix.data, prefix.len);
	if (end->len)
		end->data[end->len - 1]++;
}
