#include "web/code.h"

#include <stdbool.h>

#define LINE_BYTES 400
#define IDLE_SHOWN 3 /* lines that did not run, on either side of those left out */

static struct slice stripped(struct slice line)
{
	while (line.len && (*line.data == ' ' || *line.data == '\t' || *line.data == '\f'))
		line = (struct slice){line.data + 1, line.len - 1};
	return line;
}

int64_t code_comment_start(struct source_text *source, int64_t line)
{
	int64_t start = line;
	int blank = 0;

	for (int64_t at = line - 1; at >= 1; at--) {
		struct slice text = stripped(source_text_line(source, at));

		if (text.len && *text.data == '#')
			start = at;
		else if (text.len || start < line || ++blank > 1)
			break;
	}
	return start;
}

/* By class; none for what has no colour. */
static const struct markup openings[HIGHLIGHT_CLASSES] = {
	[HIGHLIGHT_KEYWORD] = MARKUP_INIT("<span class=\"t k\">"),
	[HIGHLIGHT_STRING] = MARKUP_INIT("<span class=\"t s\">"),
	[HIGHLIGHT_COMMENT] = MARKUP_INIT("<span class=\"t c\">"),
	[HIGHLIGHT_NUMBER] = MARKUP_INIT("<span class=\"t n\">"),
	[HIGHLIGHT_CONSTANT] = MARKUP_INIT("<span class=\"t n\">"),
	[HIGHLIGHT_FUNCTION] = MARKUP_INIT("<span class=\"t f\">"),
	[HIGHLIGHT_TYPE] = MARKUP_INIT("<span class=\"t f\">"),
	[HIGHLIGHT_DECORATOR] = MARKUP_INIT("<span class=\"t k\">"),
};

/* A line that is at `offset` in the whole text. */
static void put_coloured(
	struct html *html, const struct highlight *colours, struct slice line, size_t offset)
{
	size_t at = 0;

	for (size_t i = highlight_find(colours, offset); at < line.len; i++) {
		const struct highlight_span *span = i < colours->count ? &colours->spans[i] : NULL;
		size_t start = span && span->start > offset ? span->start - offset : 0;
		size_t end = span ? span->end - offset : 0;

		if (!span || start >= line.len)
			break;
		end = end < line.len ? end : line.len;
		html_text(html, (struct slice){line.data + at, start - at});
		html_put(html, openings[span->class]);
		html_text(html, (struct slice){line.data + start, end - start});
		html_put(html, MARKUP("</span>"));
		at = end;
	}
	html_text(html, (struct slice){line.data + at, line.len - at});
}

void code_line(struct html *html, const struct source_code *code, int64_t line, bool plain)
{
	struct slice text = source_text_line(code->text, line);

	if (plain || !code->colours || text.len > LINE_BYTES)
		html_text_cut(html, text, LINE_BYTES);
	else
		put_coloured(html, code->colours, text,
			(size_t)(text.data - source_text_whole(code->text).data));
}

struct statement {
	struct html *html;
	const struct source_code *code;
	bool marks; /* some line between did not run */
	size_t limit;
};

static void put_line(const struct statement *statement, int64_t line, bool ran)
{
	struct html *html = statement->html;

	if (statement->marks)
		html_put(html, ran ? MARKUP("<span class=\"ran\">") : MARKUP("<span>"));
	else
		html_put(html, ran ? MARKUP("<span>") : MARKUP("<span class=\"idle\">"));
	code_line(html, statement->code, line, html->out->len > statement->limit);
	html_put(html, MARKUP("</span>\n"));
}

static void put_left_out(struct html *html, int64_t count)
{
	html_put(html, MARKUP("<span class=\"cut\">\xe2\x80\xa6 "));
	html_number(html, count);
	html_put(html, MARKUP(" lines</span>\n"));
}

/* Lines [from, to) that did not run. */
static void put_idle(const struct statement *statement, int64_t from, int64_t to)
{
	bool many = to - from > 2 * IDLE_SHOWN + 1;

	for (int64_t line = from; line < to; line++) {
		if (many && line == from + IDLE_SHOWN) {
			put_left_out(statement->html, to - from - 2 * IDLE_SHOWN);
			line = to - IDLE_SHOWN;
		}
		put_line(statement, line, false);
	}
}

void code_statement(struct html *html, const struct source_code *code, const int64_t *lines,
	size_t count, size_t limit)
{
	struct statement statement = {html, code, false, limit};
	struct source_text *source = code->text;
	int64_t next, last;

	html_put(html, MARKUP("<pre class=\"code\"><code>"));
	last = source_text_count(source);
	if (count && lines[0] >= 1 && lines[0] <= last) {
		next = code_comment_start(source, lines[0]);
		statement.marks = next < lines[0] || lines[count - 1] - lines[0] >= (int64_t)count;
		for (size_t i = 0; i < count && lines[i] <= last; i++) {
			if (html->out->len > limit) {
				put_left_out(html, lines[count - 1] - next + 1);
				break;
			}
			put_idle(&statement, next, lines[i]);
			put_line(&statement, lines[i], true);
			next = lines[i] + 1;
		}
	}
	html_put(html, MARKUP("</code></pre>"));
}
