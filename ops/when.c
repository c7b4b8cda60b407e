#include "ops/when.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_NS 1000000000ll
/* A hundred years: what is more is a mistake. */
#define AGO_MAX_S (100ll * 366 * 86400)

/* "10m" */
static bool parse_ago(const char *text, int64_t *seconds)
{
	char *end;
	long long count = *text >= '0' && *text <= '9' ? strtoll(text, &end, 10) : -1;
	long long unit;

	if (count < 0 || !*end || end[1])
		return false;
	switch (*end) {
	case 's':
		unit = 1;
		break;
	case 'm':
		unit = 60;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'd':
		unit = 86400;
		break;
	default:
		return false;
	}
	if (count > AGO_MAX_S / unit)
		return false;
	*seconds = count * unit;
	return true;
}

/* Reads by the format; *rest is behind it. */
static bool parse_by(const char *text, const char *format, struct tm *tm, const char **rest)
{
	const char *end = strptime(text, format, tm);

	if (end)
		*rest = end;
	return end != NULL;
}

/* "20:30:05", "20:30" */
static bool parse_clock(const char *text, struct tm *tm, const char **rest)
{
	return parse_by(text, "%H:%M:%S", tm, rest) || parse_by(text, "%H:%M", tm, rest);
}

static bool parse_date(const char *text, struct tm *tm, const char **rest)
{
	if (!parse_by(text, "%Y-%m-%d", tm, rest))
		return false;
	if (**rest != 'T' && **rest != ' ')
		return true;
	return parse_clock(*rest + 1, tm, rest);
}

int when_parse(const char *text, int64_t now_ns, int64_t *time_ns, struct err *err)
{
	time_t now = (time_t)(now_ns / SECOND_NS), parsed;
	struct tm tm = {0}, today;
	const char *rest = text;
	int64_t ago;

	if (parse_ago(text, &ago)) {
		*time_ns = now_ns - ago * SECOND_NS;
		return 0;
	}
	if (!parse_date(text, &tm, &rest)) {
		localtime_r(&now, &today);
		tm = (struct tm){
			.tm_year = today.tm_year, .tm_mon = today.tm_mon, .tm_mday = today.tm_mday};
		if (!parse_clock(text, &tm, &rest))
			rest = NULL;
	}
	if (!rest || (*rest && strcmp(rest, "Z") != 0))
		return err_set(err, ERR_USAGE,
			"%s is no time: write 2026-11-22T20:30:05 (Z behind it: UTC), 20:30 or 10m "
			"(ago; s, m, h, d)",
			text);
	tm.tm_isdst = -1;
	parsed = *rest ? timegm(&tm) : mktime(&tm);
	if (__builtin_mul_overflow((int64_t)parsed, SECOND_NS, time_ns))
		return err_set(err, ERR_USAGE, "%s is not between the years 1678 and 2261", text);
	return 0;
}
