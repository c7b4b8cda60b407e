#include "materializer/packed.h"

#include <endian.h>
#include <string.h>

#include <lz4.h>

#include "schemas/item.h"

#define PACKED_PLAIN 0
#define PACKED_LZ4 1
#define LZ4_HEAD_BYTES 5
/* Nothing is gained by packing less. */
#define PACK_MIN_BYTES 64

static bool pack(struct slice value, struct buf *packed)
{
	uint32_t len = htole32((uint32_t)value.len);
	int bound = LZ4_compressBound((int)value.len), made;

	if (buf_reserve(packed, LZ4_HEAD_BYTES + (size_t)bound) < 0)
		return false;
	made = LZ4_compress_default((const char *)value.data, (char *)packed->data + LZ4_HEAD_BYTES,
		(int)value.len, bound);
	if (made <= 0 || LZ4_HEAD_BYTES + (size_t)made > value.len)
		return false;
	packed->data[0] = PACKED_LZ4;
	memcpy(packed->data + 1, &len, sizeof(len));
	packed->len = LZ4_HEAD_BYTES + (size_t)made;
	return true;
}

void packed_make(struct slice value, struct buf *packed)
{
	buf_clear(packed);
	if (value.len >= PACK_MIN_BYTES && value.len <= MESSAGE_MAX_BYTES && pack(value, packed))
		return;
	buf_clear(packed);
	buf_byte(packed, PACKED_PLAIN);
	buf_append(packed, value.data, value.len);
}

bool packed_open(struct slice packed, struct buf *room, struct slice *value)
{
	uint32_t len;
	int made;

	if (packed.len && packed.data[0] == PACKED_PLAIN) {
		*value = (struct slice){packed.data + 1, packed.len - 1};
		return true;
	}
	if (packed.len < LZ4_HEAD_BYTES || packed.len > INT32_MAX || packed.data[0] != PACKED_LZ4)
		return false;
	memcpy(&len, packed.data + 1, sizeof(len));
	len = le32toh(len);
	buf_clear(room);
	if (len > MESSAGE_MAX_BYTES || buf_reserve(room, len) < 0)
		return false;
	made = LZ4_decompress_safe((const char *)packed.data + LZ4_HEAD_BYTES, (char *)room->data,
		(int)(packed.len - LZ4_HEAD_BYTES), (int)len);
	room->len = made > 0 ? (size_t)made : 0;
	*value = buf_slice(room);
	return made == (int)len;
}
