#include "materializer/search_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TERM_BYTES_MAX 4096
#define REGEX_BYTES_MAX 512
/* What one value may cost: a bad expression on a long value ends as one that does not match. */
#define REGEX_STEPS_MAX 100000
#define REGEX_KIB_MAX 1024

static const struct operator_text {
	const char *text;
	enum comparison comparison;
} operators[] = {
	/* A longer one first. */
	{"!=", COMPARE_UNEQUAL},
	{"<=", COMPARE_LESS_EQUAL},
	{">=", COMPARE_MORE_EQUAL},
	{"=", COMPARE_EQUAL},
	{"<", COMPARE_LESS},
	{">", COMPARE_MORE},
	{"~", COMPARE_HAS},
};

static bool is_name_byte(uint8_t byte, bool first)
{
	return byte == '_' || ((byte | 32) >= 'a' && (byte | 32) <= 'z') || byte >= 0x80 ||
	       (!first && byte >= '0' && byte <= '9');
}

/* How long the name is that the text begins with. Names of comprehensions' variables are ".0". */
static size_t name_length(const char *text)
{
	size_t len = text[0] == '.';

	while (is_name_byte((uint8_t)text[len], len == 0))
		len++;
	if (text[0] == '.')
		for (len = 1; text[len] >= '0' && text[len] <= '9';)
			len++;
	return len;
}

static int compile(struct term *term, struct err *err)
{
	PCRE2_UCHAR why[120];
	PCRE2_SIZE at;
	int code;

	if (term->word_len > REGEX_BYTES_MAX)
		return err_set(
			err, ERR_USAGE, "an expression of more than %d bytes", REGEX_BYTES_MAX);
	term->regex = pcre2_compile((PCRE2_SPTR)term->word, term->word_len,
		PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
	if (term->regex)
		return 0;
	pcre2_get_error_message(code, why, sizeof(why));
	return err_set(err, ERR_USAGE, "/%s/: %s at its character %zu", term->word,
		(const char *)why, (size_t)at);
}

/* What stands behind the operator. */
static int read_word(struct term *term, char *word, struct err *err)
{
	size_t len = strlen(word);
	char *end;

	if (term->comparison == COMPARE_HAS && len > 2 && word[0] == '/' && word[len - 1] == '/') {
		word[len - 1] = 0;
		term->comparison = COMPARE_MATCHES;
		word++;
		len -= 2;
	}
	term->word = word;
	term->word_len = len;
	if (term->comparison == COMPARE_MATCHES)
		return compile(term, err);
	if (term->comparison >= COMPARE_LESS && term->comparison <= COMPARE_MORE_EQUAL) {
		term->number = strtod(word, &end);
		if (len == 0 || *end || isnan(term->number))
			return err_set(
				err, ERR_USAGE, "%s: < and > compare with a number", term->text);
	}
	if (term->comparison == COMPARE_HAS && len == 0)
		return err_set(err, ERR_USAGE, "%s: nothing stands behind ~", term->text);
	return 0;
}

/* NAME, an operator, a word. 0: it is not of that form. */
static int read_comparison(struct term *term, struct err *err)
{
	size_t len = name_length(term->text);
	char *at = term->text + len;
	int rc;

	for (size_t i = 0; len && i < sizeof(operators) / sizeof(operators[0]); i++) {
		const struct operator_text *operator= & operators[i];

		if (strncmp(at, operator->text, strlen(operator->text)) != 0)
			continue;
		term->name = (struct slice){(uint8_t *)term->text, len};
		term->comparison = operator->comparison;
		term->subject = SUBJECT_VALUE;
		if (slice_equal(term->name, slice_text("return")))
			term->kind = EVENT_RETURN;
		else if (slice_equal(term->name, slice_text("yield")))
			term->kind = EVENT_YIELD;
		else if (slice_equal(term->name, slice_text("raise")))
			term->kind = EVENT_EXCEPTION;
		else
			term->subject = SUBJECT_VARIABLE;
		rc = read_word(term, at + strlen(operator->text), err);
		return rc ? rc : 1;
	}
	return 0;
}

static int read_kind(struct term *term, const char *word, struct err *err)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		if (strcmp(word, event_kind_name((enum event_kind)kind)) == 0) {
			term->kind = (enum event_kind)kind;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE,
		"kind:%s: there are call, line, return, yield, resume, exception, unwind, thread, "
		"task, gap",
		word);
}

static int read_line(struct term *term, const char *word, struct err *err)
{
	char *end;

	term->number = (double)strtol(word, &end, 10);
	if (end == word || *end || term->number < 1)
		return err_set(err, ERR_USAGE, "line:%s: which line?", word);
	return 0;
}

/* The end of a name will do: a pattern of its last part, or parts, and one of any before. */
static int read_pattern(struct term *term, const char *word, char between, struct err *err)
{
	size_t room = strlen(word) + 3;

	term->word = word;
	term->word_len = strlen(word);
	term->pattern = malloc(room);
	if (!term->pattern)
		return err_set(err, ERR_MEMORY, "out of memory");
	term->pattern[0] = '*';
	term->pattern[1] = between;
	memcpy(term->pattern + 2, word, room - 2);
	return 0;
}

static int read_variable(struct term *term, char *word, struct err *err)
{
	size_t len = name_length(word);

	term->name = (struct slice){(uint8_t *)word, len};
	return len && !word[len] ? 0 : err_set(err, ERR_USAGE, "var:%s: that is no variable", word);
}

/* 0: not a key that is known, so that "http://x" is a word. */
static int read_key(struct term *term, struct err *err)
{
	static const struct {
		const char *key;
		enum subject subject;
	} keys[] = {{"var:", SUBJECT_VARIABLE}, {"in:", SUBJECT_FUNCTION}, {"file:", SUBJECT_FILE},
		{"line:", SUBJECT_LINE}, {"kind:", SUBJECT_KIND}};
	char *word = NULL;
	int rc;

	for (size_t i = 0; !word && i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strncmp(term->text, keys[i].key, strlen(keys[i].key)) == 0) {
			word = term->text + strlen(keys[i].key);
			term->subject = keys[i].subject;
		}
	}
	if (!word)
		return 0;
	if (!*word)
		return err_set(err, ERR_USAGE, "nothing stands behind %s", term->text);
	switch (term->subject) {
	case SUBJECT_VARIABLE:
		rc = read_variable(term, word, err);
		break;
	case SUBJECT_FUNCTION:
		rc = read_pattern(term, word, '.', err);
		break;
	case SUBJECT_FILE:
		rc = read_pattern(term, word, '/', err);
		break;
	case SUBJECT_LINE:
		rc = read_line(term, word, err);
		break;
	default:
		rc = read_kind(term, word, err);
	}
	return rc ? rc : 1;
}

static int add_term(struct search *search, struct slice text, struct err *err)
{
	struct term *term = &search->terms[search->count];
	int rc;

	if (search->count == TERMS_MAX)
		return err_set(err, ERR_USAGE, "more than %d terms", TERMS_MAX);
	if (text.len > TERM_BYTES_MAX || memchr(text.data, 0, text.len))
		return err_set(err, ERR_USAGE, "a term of more than %d bytes, or with a NUL",
			TERM_BYTES_MAX);
	*term = (struct term){.kind = EVENT_KINDS, .text = malloc(text.len + 1)};
	if (!term->text)
		return err_set(err, ERR_MEMORY, "out of memory");
	search->count++;
	memcpy(term->text, text.data, text.len);
	term->text[text.len] = 0;
	rc = read_key(term, err);
	if (rc == 0)
		rc = read_comparison(term, err);
	if (rc == 0) {
		term->word = term->text;
		term->word_len = text.len;
	}
	return rc < 0 ? rc : 0;
}

static struct search *new_search(void)
{
	struct search *search = calloc(1, sizeof(*search));

	if (!search)
		return NULL;
	search->matched = pcre2_match_data_create(1, NULL);
	search->limits = pcre2_match_context_create(NULL);
	if (!search->matched || !search->limits) {
		search_free(search);
		return NULL;
	}
	pcre2_set_match_limit(search->limits, REGEX_STEPS_MAX);
	pcre2_set_heap_limit(search->limits, REGEX_KIB_MAX);
	return search;
}

static int finish(struct search *made, int rc, struct search **search, struct err *err)
{
	if (rc == 0 && made->count == 0)
		rc = err_set(err, ERR_USAGE, "what is looked for? Try a variable, as total=7");
	if (rc < 0)
		search_free(made);
	else
		*search = made;
	return rc;
}

int search_of(char *const *terms, size_t count, struct search **search, struct err *err)
{
	struct search *made = new_search();
	int rc = made ? 0 : err_set(err, ERR_MEMORY, "out of memory");

	for (size_t i = 0; i < count && rc == 0; i++)
		if (terms[i][0])
			rc = add_term(made, slice_text(terms[i]), err);
	return finish(made, rc, search, err);
}

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Appends the next term without its quotes; *words goes behind it. A quote that nobody closes
 * is a character as others are. */
static void next_term(struct slice *words, struct buf *term)
{
	uint8_t quote = 0;

	while (words->len && (quote || !is_space(words->data[0]))) {
		uint8_t byte = words->data[0];

		words->data++;
		words->len--;
		if (quote && byte == quote)
			quote = 0;
		else if (!quote && (byte == '"' || byte == '\'') &&
			 memchr(words->data, byte, words->len))
			quote = byte;
		else
			buf_byte(term, byte);
	}
}

int search_parse(struct slice words, struct search **search, struct err *err)
{
	struct search *made = new_search();
	struct buf term = {0};
	int rc = made ? 0 : err_set(err, ERR_MEMORY, "out of memory");

	while (rc == 0) {
		while (words.len && is_space(words.data[0])) {
			words.data++;
			words.len--;
		}
		if (words.len == 0)
			break;
		buf_clear(&term);
		next_term(&words, &term);
		if (term.failed)
			rc = err_set(err, ERR_MEMORY, "out of memory");
		else if (term.len)
			rc = add_term(made, buf_slice(&term), err);
	}
	buf_release(&term);
	return finish(made, rc, search, err);
}

void search_free(struct search *search)
{
	if (!search)
		return;
	for (size_t i = 0; i < search->count; i++) {
		pcre2_code_free(search->terms[i].regex);
		free(search->terms[i].text);
		free(search->terms[i].pattern);
	}
	pcre2_match_data_free(search->matched);
	pcre2_match_context_free(search->limits);
	buf_release(&search->shown);
	free(search);
}
