#include "web/jump.h"

#include <string.h>
#include <time.h>

#define NS INT64_C(1000000000)
#define DIGITS_MAX 15
#define SECONDS_MAX (INT64_MAX / NS / 4)

/* What is left of the text. */
struct words {
	const uint8_t *at, *end;
};

static bool take(struct words *words, char c)
{
	if (words->at == words->end || *words->at != (uint8_t)c)
		return false;
	words->at++;
	return true;
}

static bool take_word(struct words *words, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(words->end - words->at) != len || memcmp(words->at, word, len) != 0)
		return false;
	words->at += len;
	return true;
}

static bool is_digit(const struct words *words)
{
	return words->at < words->end && *words->at >= '0' && *words->at <= '9';
}

static bool take_number(struct words *words, int64_t *number)
{
	int digits = 0;

	for (*number = 0; is_digit(words) && digits <= DIGITS_MAX; digits++)
		*number = *number * 10 + (*words->at++ - '0');
	return digits > 0 && digits <= DIGITS_MAX;
}

/* ".25", in ns; 0 when there is none. */
static bool take_fraction(struct words *words, int64_t *fraction_ns)
{
	int64_t unit = NS / 10;

	*fraction_ns = 0;
	if (!take(words, '.'))
		return true;
	if (!is_digit(words))
		return false;
	for (; is_digit(words); unit /= 10)
		*fraction_ns += (*words->at++ - '0') * unit;
	return true;
}

static bool at_end(const struct words *words)
{
	return words->at == words->end;
}

static bool parse_event(struct words words, struct jump *jump)
{
	jump->kind = JUMP_EVENT;
	take(&words, '#');
	return take_number(&words, &jump->seq) && at_end(&words);
}

static bool parse_since(struct words words, int64_t started_ns, struct jump *jump)
{
	static const struct {
		const char *word;
		int64_t ns;
	} units[] = {{"", NS}, {"s", NS}, {" s", NS}, {"ms", NS / 1000}, {" ms", NS / 1000},
		{"us", 1000}, {" us", 1000}, {"min", 60 * NS}, {" min", 60 * NS}, {"h", 3600 * NS},
		{" h", 3600 * NS}};
	int64_t number, fraction;

	jump->kind = JUMP_TIME;
	take(&words, '+');
	if (!take_number(&words, &number) || !take_fraction(&words, &fraction))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t unit = units[i].ns;

		if (!take_word(&words, units[i].word))
			continue;
		if (number > SECONDS_MAX / (unit > NS ? unit / NS : 1))
			return false;
		jump->time_ns = started_ns + number * unit + fraction / 1000 * unit / (NS / 1000);
		return true;
	}
	return false;
}

/* The first such time from the start on, by the clock that pages show. */
static bool parse_clock(struct words words, int64_t started_ns, struct jump *jump)
{
	time_t started = (time_t)(started_ns / NS);
	int64_t hour, minute, second = 0, fraction = 0;
	struct tm local;

	jump->kind = JUMP_TIME;
	if (!take_number(&words, &hour) || !take(&words, ':') || !take_number(&words, &minute))
		return false;
	if (take(&words, ':') &&
		(!take_number(&words, &second) || !take_fraction(&words, &fraction)))
		return false;
	if (!at_end(&words) || hour > 23 || minute > 59 || second > 60 ||
		!localtime_r(&started, &local))
		return false;
	for (int day = 0; day < 2; day++) {
		struct tm then = local;

		then.tm_mday += day;
		then.tm_hour = (int)hour;
		then.tm_min = (int)minute;
		then.tm_sec = (int)second;
		then.tm_isdst = -1;
		jump->time_ns = (int64_t)mktime(&then) * NS + fraction;
		/* A second that was not given to its end is the whole of it. */
		if (jump->time_ns + (fraction ? 0 : NS - 1) >= started_ns)
			return true;
	}
	return true;
}

/* Digits alone are a time that is none. */
static bool parse_line(struct words words, struct jump *jump)
{
	const uint8_t *colon = words.end;
	bool named = false;

	while (colon > words.at && colon[-1] != ':')
		colon--;
	if (colon == words.at)
		return false;
	jump->kind = JUMP_LINE;
	jump->file = (struct slice){words.at, (size_t)(colon - 1 - words.at)};
	for (size_t i = 0; i < jump->file.len; i++)
		named |= jump->file.data[i] != ':' &&
			 (jump->file.data[i] < '0' || jump->file.data[i] > '9');
	words.at = colon;
	return named && take_number(&words, &jump->line) && at_end(&words);
}

int jump_parse(struct slice text, int64_t started_ns, struct jump *jump, struct err *err)
{
	struct words words;

	while (text.len && text.data[0] == ' ')
		text = (struct slice){text.data + 1, text.len - 1};
	while (text.len && text.data[text.len - 1] == ' ')
		text.len--;
	words = (struct words){text.data, text.data + text.len};
	if (!text.len)
		words.end = words.at = (const uint8_t *)"";
	*jump = (struct jump){0};
	if (parse_event(words, jump) || parse_since(words, started_ns, jump) ||
		parse_clock(words, started_ns, jump) || parse_line(words, jump))
		return 0;
	return err_set(err, ERR_USAGE,
		"where to go is the number of an event (120), a time since the start (1.5s, "
		"250ms), a time of the day (10:31:07) or a line (app.py:12)");
}

bool jump_names_file(struct slice wanted, struct slice path)
{
	if (wanted.len > 2 && wanted.data[0] == '.' && wanted.data[1] == '/')
		wanted = (struct slice){wanted.data + 2, wanted.len - 2};
	if (!wanted.len || wanted.len > path.len ||
		memcmp(path.data + path.len - wanted.len, wanted.data, wanted.len) != 0)
		return false;
	return wanted.len == path.len || path.data[path.len - wanted.len - 1] == '/';
}
