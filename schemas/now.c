#include "schemas/now.h"

#include <stdio.h>

void now_text(char text[NOW_TEXT_BYTES])
{
	int64_t now = wall_ns();
	time_t seconds = (time_t)(now / 1000000000);
	struct tm parts;
	size_t len;

	gmtime_r(&seconds, &parts);
	len = strftime(text, NOW_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + len, NOW_TEXT_BYTES - len, ".%03dZ", (int)(now % 1000000000 / 1000000));
}
