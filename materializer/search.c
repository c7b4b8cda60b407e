#include "materializer/search.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/search_internal.h"
#include "schemas/text.h"
#include "schemas/value.h"

static bool has(struct slice text, const struct term *term)
{
	return text.len >= term->word_len &&
	       memmem(text.data, text.len, term->word, term->word_len) != NULL;
}

static struct slice show(struct search *search, struct value value)
{
	buf_clear(&search->shown);
	value_repr(value, &search->shown);
	return buf_slice(&search->shown);
}

/* As it is shown; a text also without quotes, an exception by its type. */
static bool is_equal(struct slice shown, const struct term *term)
{
	struct slice word = {(const uint8_t *)term->word, term->word_len};
	const uint8_t *type_end;

	if (slice_equal(shown, word))
		return true;
	if (shown.len >= 2 && (shown.data[0] == '\'' || shown.data[0] == '"') &&
		shown.data[shown.len - 1] == shown.data[0])
		return slice_equal((struct slice){shown.data + 1, shown.len - 2}, word);
	if (term->kind != EVENT_EXCEPTION)
		return false;
	type_end = memchr(shown.data, '(', shown.len);
	return type_end &&
	       slice_equal((struct slice){shown.data, (size_t)(type_end - shown.data)}, word);
}

static bool is_ordered(struct slice shown, const struct term *term)
{
	char digits[64], *end;
	double number;

	if (shown.len == 0 || shown.len >= sizeof(digits))
		return false;
	memcpy(digits, shown.data, shown.len);
	digits[shown.len] = 0;
	number = strtod(digits, &end);
	if (*end)
		return false;
	switch (term->comparison) {
	case COMPARE_LESS:
		return number < term->number;
	case COMPARE_LESS_EQUAL:
		return number <= term->number;
	case COMPARE_MORE:
		return number > term->number;
	default:
		return number >= term->number;
	}
}

static bool compare(struct search *search, struct value value, const struct term *term)
{
	struct slice shown;

	if (term->comparison == COMPARE_NOT)
		return true;
	shown = show(search, value);
	switch (term->comparison) {
	case COMPARE_EQUAL:
		return is_equal(shown, term);
	case COMPARE_UNEQUAL:
		return !is_equal(shown, term);
	case COMPARE_HAS:
		return has(shown, term);
	case COMPARE_MATCHES:
		return pcre2_match(term->regex, shown.data ? shown.data : (PCRE2_SPTR) "",
			       shown.len, 0, 0, search->matched, search->limits) >= 0;
	default:
		return is_ordered(shown, term);
	}
}

static bool meets_variable(struct search *search, const struct event *event,
	const struct term *term, struct search_match *match)
{
	for (size_t i = 0; event->frame && i < event->frame->local_count; i++) {
		const struct local *local = &event->frame->locals[i];

		if (!local->changed || !slice_equal(local->name, term->name))
			continue;
		if (!compare(search, local->value, term))
			return false;
		match->local = local;
		return true;
	}
	return false;
}

/* Anything that the row of an event shows. */
static bool meets_word(struct search *search, const struct event *event, struct slice source,
	const struct term *term, struct search_match *match)
{
	for (size_t i = 0; event->frame && i < event->frame->local_count; i++) {
		const struct local *local = &event->frame->locals[i];

		if (!local->changed || !text_local_shown(local))
			continue;
		if (has(local->name, term) || has(show(search, local->value), term)) {
			match->local = local;
			return true;
		}
	}
	if (event->kind == EVENT_LINE && has(source, term))
		return true;
	if (event->kind == EVENT_CALL && event->frame && has(event->frame->code.function, term))
		return true;
	if (event->value.bytes.len && has(show(search, event->value), term))
		return true;
	return has(event->text, term);
}

/* Names that are to be matched come from blocks: without a NUL behind them. */
static bool is_like(struct search *search, struct slice name, const struct term *term)
{
	const char *text;

	buf_clear(&search->shown);
	buf_append(&search->shown, name.data, name.len);
	text = buf_string(&search->shown);
	return fnmatch(term->pattern + 2, text, 0) == 0 || fnmatch(term->pattern, text, 0) == 0;
}

static bool meets(struct search *search, const struct event *event, struct slice source,
	const struct term *term, struct search_match *match)
{
	switch (term->subject) {
	case SUBJECT_VARIABLE:
		return meets_variable(search, event, term, match);
	case SUBJECT_VALUE:
		return event->kind == term->kind && compare(search, event->value, term);
	case SUBJECT_FUNCTION:
		return event->frame && is_like(search, event->frame->code.function, term);
	case SUBJECT_FILE:
		return event->frame && is_like(search, event->frame->code.file, term);
	case SUBJECT_LINE:
		return event->frame && (double)event->line == term->number;
	case SUBJECT_KIND:
		return event->kind == term->kind;
	case SUBJECT_ANY:
	default:
		return meets_word(search, event, source, term, match);
	}
}

bool search_meets(struct search *search, const struct event *event, struct slice source,
	struct search_match *match)
{
	match->local = NULL;
	for (size_t i = 0; i < search->count; i++)
		if (!meets(search, event, source, &search->terms[i], match))
			return false;
	return true;
}

bool search_reads_source(const struct search *search)
{
	for (size_t i = 0; i < search->count; i++)
		if (search->terms[i].subject == SUBJECT_ANY)
			return true;
	return false;
}

/* A block decodes alone, so that it has every name that an event of it can have. */
bool search_may_meet(const struct search *search, struct slice block)
{
	for (size_t i = 0; i < search->count; i++) {
		const struct term *term = &search->terms[i];

		if (term->subject == SUBJECT_VARIABLE &&
			!memmem(block.data, block.len, term->name.data, term->name.len))
			return false;
		if ((term->subject == SUBJECT_FUNCTION || term->subject == SUBJECT_FILE) &&
			!strpbrk(term->word, "*?[\\") &&
			!memmem(block.data, block.len, term->word, term->word_len))
			return false;
	}
	return true;
}

enum event_kind search_kind(const struct search *search)
{
	for (size_t i = 0; i < search->count; i++)
		if (search->terms[i].subject == SUBJECT_VALUE ||
			search->terms[i].subject == SUBJECT_KIND)
			return search->terms[i].kind;
	return EVENT_KINDS;
}
