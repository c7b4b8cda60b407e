#include "web/python_parse.h"

#include "schemas/now.h"

#define LOOK_MICROSECONDS 10000 /* how often the time is looked at */
#define TEXT_BYTES (8u << 20)
#define WORDS_MAX 60000
#define WORDS_A_LINE 3 /* its end, and what indents and ends blocks */

/* Of the grammar (web/grammar/build), or one that gives NULL. */
const TSLanguage *tree_sitter_python(void);

const TSLanguage *python_language(void)
{
	return tree_sitter_python();
}

static bool is_letter(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_';
}

/* At least as many as there may be leaves of the tree. */
static size_t count_words(struct slice text)
{
	size_t words = 0;
	bool in_word = false;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.data[i];
		bool letter = is_letter(byte), follows = (byte & 0xc0) == 0x80;

		if (byte == '\n' || byte == '\r')
			words += WORDS_A_LINE;
		else if (byte > ' ' && !follows && !(letter && in_word))
			words++;
		in_word = letter;
	}
	return words;
}

TSTree *python_parse(struct slice text, int64_t cpu_ns)
{
	int64_t until_ns = thread_cpu_ns() + cpu_ns;
	TSParser *parser;
	TSTree *tree = NULL;

	if (!python_language() || text.len > TEXT_BYTES || count_words(text) > WORDS_MAX)
		return NULL;
	parser = ts_parser_new();
	if (ts_parser_set_language(parser, python_language())) {
		ts_parser_set_timeout_micros(parser, LOOK_MICROSECONDS);
		/* It goes on where it was interrupted. */
		do {
			tree = ts_parser_parse_string(
				parser, NULL, (const char *)text.data, (uint32_t)text.len);
		} while (!tree && thread_cpu_ns() < until_ns);
	}
	ts_parser_delete(parser);
	return tree;
}
