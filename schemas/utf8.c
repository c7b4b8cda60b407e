#include "schemas/avro.h"
#include "schemas/message.h"

void utf8_append(struct buf *out, struct slice text)
{
	static const uint8_t replacement[] = {0xef, 0xbf, 0xbd};

	if (avro_utf8_valid(text)) {
		buf_append(out, text.data, text.len);
		return;
	}
	while (text.len > 0) {
		size_t length = avro_utf8_length(text);

		if (length == 0) {
			buf_append(out, replacement, sizeof(replacement));
			length = 1;
		} else {
			buf_append(out, text.data, length);
		}
		text.data += length;
		text.len -= length;
	}
}
