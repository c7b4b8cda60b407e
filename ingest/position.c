#include "ingest/log.h"

#include "ingest/file_log_internal.h"
#include "ingest/log_internal.h"

#include <inttypes.h>
#include <string.h>

bool position_is_remote(const struct position *position)
{
	return position->len > 0 && position->bytes[0] == KAFKA_POSITION_BYTE;
}

/* The file log writes positions so that their bytes sort as the log does. */
int position_compare(const struct position *a, const struct position *b)
{
	size_t common = a->len < b->len ? a->len : b->len;
	int order = common ? memcmp(a->bytes, b->bytes, common) : 0;

	if (order == 0 && a->len == b->len)
		return 0;
	if (position_is_remote(a) ? position_is_remote(b) || b->len == 0
				  : position_is_remote(b) && a->len == 0)
		return kafka_position_compare(a, b);
	if (position_is_remote(a) || position_is_remote(b))
		return -1;
	if (order == 0)
		order = a->len > b->len ? 1 : -1;
	return order < 0 ? -1 : 1;
}

void position_text(const struct position *position, struct buf *out)
{
	uint64_t segment, offset;

	if (position->len == 0)
		buf_text(out, "start");
	else if (position_is_remote(position))
		kafka_position_text(position, out);
	else if (file_position_get(position, &segment, &offset, NULL) == 0)
		buf_printf(out, "segment %" PRIu64 " at %" PRIu64, segment, offset);
}
