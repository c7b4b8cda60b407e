#include "web/html.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "schemas/escape.h"
#include "schemas/text.h"

#define NS INT64_C(1000000000)

void html_put(struct html *html, struct markup markup)
{
	buf_append(html->out, markup.bytes, markup.len);
}

static void put_visible(struct buf *out, int32_t c)
{
	if (c > 0xff)
		buf_printf(out, "\\u%04x", (unsigned)c);
	else
		buf_printf(out, "\\x%02x", (unsigned)c);
}

/* U+FEFF at the front of a text would be taken for a mark of its encoding; U+061C turns
 * direction as well; U+FFFE and U+FFFF are no characters of HTML. */
static bool put_special(struct buf *out, int32_t c)
{
	switch (c) {
	case '&':
		buf_text(out, "&amp;");
		return true;
	case '<':
		buf_text(out, "&lt;");
		return true;
	case '>':
		buf_text(out, "&gt;");
		return true;
	case '"':
		buf_text(out, "&quot;");
		return true;
	case '\'':
		buf_text(out, "&#39;");
		return true;
	case '\n':
	case '\t':
		return false;
	default:
		if (!escape_is_control(c) && c != 0xfeff && c != 0x61c && (c & 0xfffe) != 0xfffe &&
			!(c >= 0xfdd0 && c <= 0xfdef))
			return false;
		put_visible(out, c);
		return true;
	}
}

void html_text(struct html *html, struct slice text)
{
	static const bool special[ESCAPE_SPECIALS] = {
		['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true};
	static const struct escape_rules rules = {special, put_special};

	escape_text(html->out, text, &rules);
}

void html_word(struct html *html, const char *text)
{
	html_text(html, slice_text(text));
}

void html_number(struct html *html, int64_t number)
{
	buf_printf(html->out, "%" PRId64, number);
}

void html_count(struct html *html, int64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, number);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
			buf_text(html->out, "\xe2\x80\xaf");
		buf_byte(html->out, (uint8_t)digits[i]);
	}
}

bool html_text_cut(struct html *html, struct slice text, size_t max)
{
	if (text.len <= max) {
		html_text(html, text);
		return false;
	}
	text.len = max;
	while (text.len && (text.data[text.len] & 0xc0) == 0x80)
		text.len--;
	html_text(html, text);
	html_put(html, MARKUP("<span class=\"cut\">\xe2\x80\xa6</span>"));
	return true;
}

bool html_parts_cut(struct html *html, struct slice name, char behind, size_t max)
{
	size_t from = 0;

	for (size_t at = 0; at + 1 < name.len && at + 1 < max; at++) {
		if (name.data[at] != (uint8_t)behind)
			continue;
		html_text(html, (struct slice){name.data + from, at + 1 - from});
		html_put(html, MARKUP("<wbr>"));
		from = at + 1;
	}
	return html_text_cut(html, (struct slice){name.data + from, name.len - from}, max - from);
}

/* The local date and time; false: there is none. */
static bool local_time(int64_t time_ns, struct tm *local, int *milliseconds)
{
	int64_t seconds = time_ns / NS - (time_ns % NS < 0);
	time_t at = (time_t)seconds;

	*milliseconds = (int)((time_ns - seconds * NS) / 1000000);
	return time_ns && localtime_r(&at, local);
}

static void put_time(struct html *html, int64_t time_ns, bool with_date)
{
	char text[64], zone[64], machine[64];
	struct tm local;
	int milliseconds;

	if (!local_time(time_ns, &local, &milliseconds) ||
		!strftime(
			text, sizeof(text), with_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &local) ||
		!strftime(machine, sizeof(machine), "%Y-%m-%dT%H:%M:%S", &local) ||
		!strftime(zone, sizeof(zone), "%z", &local))
		return;
	buf_printf(html->out, "<time datetime=\"%s.%03d%s\">%s.%03d</time>", machine, milliseconds,
		zone, text, milliseconds);
}

void html_time(struct html *html, int64_t time_ns)
{
	put_time(html, time_ns, true);
}

void html_time_after(struct html *html, int64_t time_ns, int64_t other_ns)
{
	struct tm time, other;
	int milliseconds;
	bool same = local_time(time_ns, &time, &milliseconds) &&
		    local_time(other_ns, &other, &milliseconds) && time.tm_yday == other.tm_yday &&
		    time.tm_year == other.tm_year;

	put_time(html, time_ns, !same);
}

void html_since(struct html *html, int64_t since_ns)
{
	int64_t us = since_ns / 1000;
	bool before = us < 0;

	us = before ? -us : us;
	buf_printf(html->out, "%c%" PRId64 ".%06d s", before ? '-' : '+', us / 1000000,
		(int)(us % 1000000));
}

void html_duration(struct html *html, int64_t duration_ns)
{
	text_duration(html->out, duration_ns);
}

void html_url_text(struct html *html, struct slice text)
{
	static const char plain[] = "-._~/";

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			(c && strchr(plain, c)))
			buf_byte(html->out, c);
		else
			buf_printf(html->out, "%%%02X", c);
	}
}
