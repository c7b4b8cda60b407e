#include "schemas/run_id.h"

#include "schemas/err.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

int run_id_new(struct run_id *id)
{
	if (getrandom(id->bytes, sizeof(id->bytes), 0) != (ssize_t)sizeof(id->bytes))
		return ERR_IO;
	id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | 0x40);
	id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80);
	return 0;
}

char *run_id_format(const struct run_id *id, char text[RUN_ID_TEXT_BYTES])
{
	static const char hex[] = "0123456789abcdef";
	char *out = text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[id->bytes[i] >> 4];
		*out++ = hex[id->bytes[i] & 15];
	}
	*out = '\0';
	return text;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool run_id_parse(struct run_id *id, struct slice text)
{
	size_t at = 0;

	if (text.len != RUN_ID_TEXT_BYTES - 1)
		return false;
	for (int i = 0; i < 16; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && text.data[at++] != '-')
			return false;
		high = hex_digit(text.data[at]);
		low = hex_digit(text.data[at + 1]);
		if (high < 0 || low < 0)
			return false;
		id->bytes[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	return true;
}

bool run_id_equal(const struct run_id *a, const struct run_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
