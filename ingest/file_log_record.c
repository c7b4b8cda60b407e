#include "ingest/file_log_internal.h"

#include <endian.h>
#include <string.h>

#include <xxhash.h>

#define ERASED 1 /* in the byte that is zero in a record */

static uint32_t get_u32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

static uint64_t place_seed(struct record_place place)
{
	return place.segment * 0x9e3779b97f4a7c15u + place.offset;
}

static uint64_t get_checksum(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return le64toh(value);
}

static size_t get_key_len(const uint8_t *bytes)
{
	return (size_t)bytes[18] | (size_t)bytes[19] << 8;
}

size_t record_length(const uint8_t header[RECORD_HEADER_BYTES])
{
	size_t length = get_u32(header + 12);
	size_t key_len = get_key_len(header);

	if (get_u32(header + RECORD_MAGIC_AT) != RECORD_MAGIC || header[16] >= LOG_TOPICS ||
		header[17] != 0 || key_len > LOG_KEY_MAX_BYTES || length > RECORD_MAX_BYTES ||
		length < RECORD_HEADER_BYTES + key_len)
		return 0;
	return length;
}

/* Of the bytes behind it; `place` makes that of a record elsewhere another. */
static uint64_t checksum_of(const uint8_t *bytes, size_t length, struct record_place place)
{
	return XXH3_64bits_withSeed(bytes + 8, length - 8, place_seed(place));
}

static void put_checksum(uint8_t *bytes, size_t length, struct record_place place)
{
	uint64_t checksum = htole64(checksum_of(bytes, length, place));

	memcpy(bytes, &checksum, sizeof(checksum));
}

static void begin_header(uint8_t header[RECORD_HEADER_BYTES], uint32_t length)
{
	uint32_t magic = htole32(RECORD_MAGIC);
	uint32_t le_length = htole32(length);

	memset(header, 0, RECORD_HEADER_BYTES);
	memcpy(header + RECORD_MAGIC_AT, &magic, sizeof(magic));
	memcpy(header + 12, &le_length, sizeof(le_length));
}

/* Its checksum is of the header alone: what is behind it is gone. */
uint64_t record_erased(const uint8_t header[RECORD_HEADER_BYTES], struct record_place place)
{
	if (get_u32(header + RECORD_MAGIC_AT) != RECORD_MAGIC || header[17] != ERASED ||
		header[16] != 0 || get_key_len(header) != 0 ||
		checksum_of(header, RECORD_HEADER_BYTES, place) != get_checksum(header))
		return 0;
	return get_u32(header + 12);
}

void record_make_erased(
	uint8_t header[RECORD_HEADER_BYTES], struct record_place place, uint32_t length)
{
	begin_header(header, length);
	header[17] = ERASED;
	put_checksum(header, RECORD_HEADER_BYTES, place);
}

enum record_check record_check(
	const uint8_t *bytes, size_t len, struct record_place place, size_t *length)
{
	*length = RECORD_HEADER_BYTES;
	if (len < RECORD_HEADER_BYTES)
		return RECORD_SHORT;
	*length = record_length(bytes);
	if (*length == 0)
		return RECORD_BAD;
	if (len < *length)
		return RECORD_SHORT;
	if (checksum_of(bytes, *length, place) != get_checksum(bytes))
		return RECORD_BAD;
	return RECORD_GOOD;
}

void record_open(const uint8_t *bytes, size_t length, struct log_record *record)
{
	size_t key_len = get_key_len(bytes);
	const uint8_t *key = bytes + RECORD_HEADER_BYTES;

	record->topic = (enum log_topic)bytes[16];
	record->key = (struct slice){key, key_len};
	record->message = (struct slice){key + key_len, length - RECORD_HEADER_BYTES - key_len};
	record->skipped = record->lost = record->time_ns = 0;
}

void record_make(struct buf *out, struct record_place place, enum log_topic topic, struct slice key,
	struct slice message)
{
	size_t length = RECORD_HEADER_BYTES + key.len + message.len;
	uint8_t header[RECORD_HEADER_BYTES];
	uint8_t *record;

	begin_header(header, (uint32_t)length);
	header[16] = (uint8_t)topic;
	header[18] = (uint8_t)key.len;
	header[19] = (uint8_t)(key.len >> 8);
	if (buf_reserve(out, length) < 0)
		return;
	record = out->data + out->len;
	buf_append(out, header, sizeof(header));
	buf_append(out, key.data, key.len);
	buf_append(out, message.data, message.len);
	put_checksum(record, length, place);
}
