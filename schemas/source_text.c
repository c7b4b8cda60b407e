#include "schemas/source_text.h"

#include "schemas/message.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"
#define ENCODING_MAX_BYTES 40

struct source_text {
	struct buf bytes;  /* as they came; then as UTF-8 */
	size_t *line_ends; /* line_ends[i]: offset behind line i + 1, its end included */
	size_t line_count;
	bool split;
};

struct source_text *source_text_new(struct slice bytes)
{
	struct source_text *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	buf_append(&source->bytes, bytes.data, bytes.len);
	if (source->bytes.failed) {
		source_text_free(source);
		return NULL;
	}
	return source;
}

void source_text_free(struct source_text *source)
{
	if (!source)
		return;
	buf_release(&source->bytes);
	free(source->line_ends);
	free(source);
}

/* Offset behind the line that begins at `start`, its end included. */
static size_t line_end(struct slice text, size_t start)
{
	size_t at = start;

	while (at < text.len && text.data[at] != '\n' && text.data[at] != '\r')
		at++;
	if (at + 1 < text.len && text.data[at] == '\r' && text.data[at + 1] == '\n')
		return at + 2;
	return at < text.len ? at + 1 : at;
}

static bool is_name_byte(uint8_t byte)
{
	return isalnum(byte) || byte == '-' || byte == '_' || byte == '.';
}

/* Finds [ \t\f]*#.*?coding[:=][ \t]*([-\w.]+) in a line. */
static bool find_cookie(struct slice line, struct slice *name)
{
	static const char word[] = "coding";
	size_t at = 0;

	while (at < line.len && strchr(" \t\f", line.data[at]) && line.data[at])
		at++;
	if (at == line.len || line.data[at] != '#')
		return false;
	for (; at + sizeof(word) <= line.len; at++) {
		size_t start = at + sizeof(word) - 1;
		size_t end;

		if (memcmp(line.data + at, word, sizeof(word) - 1) != 0 ||
			(line.data[start] != ':' && line.data[start] != '='))
			continue;
		for (start++;
			start < line.len && (line.data[start] == ' ' || line.data[start] == '\t');
			start++)
			;
		for (end = start; end < line.len && is_name_byte(line.data[end]); end++)
			;
		if (end > start) {
			*name = (struct slice){line.data + start, end - start};
			return true;
		}
	}
	return false;
}

/* Only a blank or comment line may stand above the declaration. */
static bool is_blank_or_comment(struct slice line)
{
	size_t at = 0;

	while (at < line.len && strchr(" \t\f", line.data[at]) && line.data[at])
		at++;
	return at == line.len || strchr("#\r\n", line.data[at]);
}

void source_text_encoding(struct slice bytes, struct buf *name)
{
	struct slice found = slice_text("utf-8");
	size_t first = line_end(bytes, 0);
	size_t second = line_end(bytes, first);

	if (bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0) {
		buf_text(name, "utf-8");
		return;
	}
	if (!find_cookie((struct slice){bytes.data, first}, &found) &&
		is_blank_or_comment((struct slice){bytes.data, first}))
		(void)find_cookie((struct slice){bytes.data + first, second - first}, &found);
	for (size_t i = 0; i < found.len; i++)
		buf_byte(name, found.data[i] == '_' ? '-' : (uint8_t)tolower(found.data[i]));
}

/* Names that Python's codecs and iconv do not have in common, without their hyphens. */
static const char *iconv_name(const char *python_name)
{
	static const struct {
		const char *python;
		const char *iconv;
	} table[] = {
		{"latin-1", "ISO-8859-1"},
		{"iso-latin-1", "ISO-8859-1"},
		{"latin1", "ISO-8859-1"},
		{"8859", "ISO-8859-1"},
		{"iso8859", "ISO-8859-1"},
		{"l1", "ISO-8859-1"},
		{"latin-9", "ISO-8859-15"},
		{"iso8859-1", "ISO-8859-1"},
		{"iso8859-15", "ISO-8859-15"},
		{"mac-roman", "MACINTOSH"},
		{"macroman", "MACINTOSH"},
		{"mac-cyrillic", "MAC-CYRILLIC"},
		{"shift-jis", "SHIFT_JIS"},
		{"sjis", "SHIFT_JIS"},
		{"s-jis", "SHIFT_JIS"},
		{"euc-jp", "EUC-JP"},
		{"eucjp", "EUC-JP"},
		{"ujis", "EUC-JP"},
		{"euc-kr", "EUC-KR"},
		{"euckr", "EUC-KR"},
		{"gb2312", "EUC-CN"},
		{"windows-1252", "CP1252"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].python, python_name) == 0)
			return table[i].iconv;
	}
	return python_name;
}

static bool is_utf8_name(const char *name)
{
	return strncmp(name, "utf-8", 5) == 0 || strcmp(name, "utf8") == 0 ||
	       strcmp(name, "u8") == 0 || strcmp(name, "ascii") == 0 ||
	       strcmp(name, "us-ascii") == 0;
}

/* Appends `bytes` as UTF-8 by an open conversion; a byte that it refuses is replaced. */
static void convert(iconv_t conversion, struct slice bytes, struct buf *out)
{
	char *in = (char *)(uintptr_t)bytes.data; /* iconv() does not write there */
	size_t in_left = bytes.len;

	while (in_left > 0 && !out->failed) {
		char piece[4096];
		char *end = piece;
		size_t room = sizeof(piece);
		size_t result = iconv(conversion, &in, &in_left, &end, &room);

		buf_append(out, piece, sizeof(piece) - room);
		if (result == (size_t)-1 && errno != E2BIG && in_left > 0) {
			buf_text(out, REPLACEMENT);
			in++;
			in_left--;
		}
	}
}

/* Replaces the bytes by their UTF-8. Left as they are when memory runs out. */
static void decode(struct source_text *source)
{
	struct buf name = {0};
	struct buf out = {0};
	struct slice bytes = buf_slice(&source->bytes);
	iconv_t conversion = (iconv_t)-1;

	if (bytes.len == 0)
		return;
	source_text_encoding(bytes, &name);
	if (name.len <= ENCODING_MAX_BYTES && !is_utf8_name(buf_string(&name)))
		conversion = iconv_open("UTF-8", iconv_name(buf_string(&name)));
	if (conversion != (iconv_t)-1) {
		convert(conversion, bytes, &out);
		iconv_close(conversion);
	} else {
		if (bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
			bytes = (struct slice){bytes.data + 3, bytes.len - 3};
		utf8_append(&out, bytes);
	}
	if (!out.failed) {
		buf_release(&source->bytes);
		source->bytes = out;
	} else {
		buf_release(&out);
	}
	buf_release(&name);
}

static void split(struct source_text *source)
{
	struct slice text;
	size_t room = 0;

	source->split = true;
	decode(source);
	text = buf_slice(&source->bytes);
	for (size_t at = 0; at < text.len; at = source->line_ends[source->line_count++]) {
		if (source->line_count == room) {
			size_t more = room ? room * 2 : 64;
			size_t *ends = realloc(source->line_ends, more * sizeof(*ends));

			if (!ends)
				return;
			source->line_ends = ends;
			room = more;
		}
		source->line_ends[source->line_count] = line_end(text, at);
	}
}

struct slice source_text_line(struct source_text *source, int64_t line)
{
	size_t start;
	size_t end;

	if (!source->split)
		split(source);
	if (line < 1 || (uint64_t)line > source->line_count)
		return slice_text("");
	start = line > 1 ? source->line_ends[line - 2] : 0;
	end = source->line_ends[line - 1];
	while (end > start &&
		(source->bytes.data[end - 1] == '\n' || source->bytes.data[end - 1] == '\r'))
		end--;
	return (struct slice){source->bytes.data + start, end - start};
}

struct slice source_text_whole(struct source_text *source)
{
	if (!source->split)
		split(source);
	return buf_slice(&source->bytes);
}

int64_t source_text_count(struct source_text *source)
{
	if (!source->split)
		split(source);
	return (int64_t)source->line_count;
}
