#include "schemas/parent.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RUN_BYTES (RUN_ID_TEXT_BYTES - 1)

/* Digits up to `end` or a colon, which is passed over. */
static bool get_number(const char **at, const char *end, int64_t *number)
{
	const char *start = *at;

	*number = 0;
	while (*at < end && **at != ':') {
		int digit = *(*at)++ - '0';

		if (digit < 0 || digit > 9 || *number > (INT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return *at > start;
}

bool parent_parse(struct parent *parent, struct slice text)
{
	const char *at, *end;

	*parent = (struct parent){0};
	if (text.len <= RUN_BYTES ||
		!run_id_parse(&parent->run, (struct slice){text.data, RUN_BYTES}))
		return false;
	at = (const char *)text.data + RUN_BYTES;
	end = (const char *)text.data + text.len;
	if (*at++ != ':' || !get_number(&at, end, &parent->seq) || at == end)
		return false;
	at++;
	if (!get_number(&at, end, &parent->time_ns) || parent->time_ns > PARENT_TIME_MAX_NS)
		return false;
	if (at < end)
		parent->group = (struct slice){(const uint8_t *)at + 1, (size_t)(end - at) - 1};
	return true;
}

size_t parent_format(const struct parent *parent, char *text, size_t room)
{
	char run[RUN_ID_TEXT_BYTES];
	int len = snprintf(text, room, "%s:%" PRId64 ":%" PRId64 "%s%.*s",
		run_id_format(&parent->run, run), parent->seq, parent->time_ns,
		parent->group.len ? ":" : "", (int)parent->group.len,
		parent->group.len ? (const char *)parent->group.data : "");

	return len < 0 ? 0 : (size_t)len;
}

int64_t parent_offset_ns(const struct parent *parent, int64_t now_ns)
{
	return parent->time_ns >= now_ns ? parent->time_ns + 1 - now_ns : 0;
}
