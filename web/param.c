#include "web/param.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "web/http.h"
#include "web/pager.h"

#define PAGE_MOST 1000000000000000

const struct param params[] = {
	{.name = "format", .kind = PARAM_WORD, .words = "html|json"},
	{.name = "page", .kind = PARAM_PAGE, .words = "last", .least = 1, .most = PAGE_MOST},
	{.name = "per_page", .kind = PARAM_PAGE, .least = 1, .most = PER_PAGE_MAX},
	{.name = "thread_id", .kind = PARAM_TEXT},
	{.name = "q", .kind = PARAM_TEXT},
	{.name = "host", .kind = PARAM_TEXT},
	{.name = "group", .kind = PARAM_TEXT},
	{.name = "state", .kind = PARAM_WORD, .words = "running|finished|failed|killed|lost"},
	{.name = "to", .kind = PARAM_TEXT},
	{.name = "seq", .kind = PARAM_NUMBER, .least = 0, .most = PAGE_MOST},
	{.name = "order",
		.kind = PARAM_WORD,
		.words = "start|id|description|host|state|end|duration|events|error|-start|-id|"
			 "-description|-host|-state|-end|-duration|-events|-error"},
	{.name = "kind", .kind = PARAM_WORD, .words = "line|call"},
	{.name = "var", .kind = PARAM_TEXT},
	{.name = "direction", .kind = PARAM_WORD, .words = "forward|backward"},
	{.name = "next", .kind = PARAM_TEXT},
	{.name = "from", .kind = PARAM_NUMBER, .least = -2, .most = PAGE_MOST},
	{.name = "threads", .kind = PARAM_NUMBER, .least = 0, .most = PAGE_MOST},
	{.name = "sort",
		.kind = PARAM_WORD,
		.words = "calls|cumtime|cumulative|file|filename|line|module|name|ncalls|nfl|"
			 "pcalls|stdname|time|tottime"},
	{.name = "node_percent", .kind = PARAM_TEXT},
	{.name = "edge_percent", .kind = PARAM_TEXT},
	{.name = "size", .kind = PARAM_WORD, .words = "fit|full"},
	{.name = "view", .kind = PARAM_WORD, .words = "flame|icicle"},
	{.name = "node", .kind = PARAM_NUMBER, .least = 0, .most = PAGE_MOST},
	{.name = "version", .kind = PARAM_TEXT},
	{0},
};

static const struct param *find(struct slice name)
{
	for (const struct param *param = params; param->name; param++) {
		if (slice_equal(slice_text(param->name), name))
			return param;
	}
	return NULL;
}

static bool has_word(const char *words, struct slice word)
{
	struct slice left = slice_text(words);

	while (left.len) {
		const uint8_t *bar = memchr(left.data, '|', left.len);
		size_t len = bar ? (size_t)(bar - left.data) : left.len;

		if (slice_equal((struct slice){left.data, len}, word))
			return true;
		left.data += bar ? len + 1 : len;
		left.len -= bar ? len + 1 : len;
	}
	return false;
}

static bool is_number(struct buf *value, int64_t least, int64_t most)
{
	char *end;
	long long number;

	if (value->len > 18 || memchr(value->data, 0, value->len))
		return false;
	for (size_t i = least < 0 && value->data[0] == '-' ? 1 : 0; i < value->len; i++) {
		if (value->data[i] < '0' || value->data[i] > '9')
			return false;
	}
	number = strtoll(buf_string(value), &end, 10);
	return number >= least && number <= most;
}

static bool has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < ' ' || text.data[i] == 0x7f)
			return true;
	}
	return false;
}

/* The parameter's value is not repeated: it may be anything. */
static int check_value(const struct param *param, struct buf *value, bool strict, struct err *err)
{
	if (value->len == 0)
		return 0;
	switch (param->kind) {
	case PARAM_TEXT:
		if (value->len > PARAM_TEXT_BYTES)
			return err_set(err, ERR_USAGE, "%s is longer than %d bytes", param->name,
				PARAM_TEXT_BYTES);
		if (has_control(buf_slice(value)))
			return err_set(err, ERR_USAGE, "%s holds a control character", param->name);
		return 0;
	case PARAM_WORD:
		return has_word(param->words, buf_slice(value))
			       ? 0
			       : err_set(err, ERR_USAGE, "%s is one of %s", param->name,
					 param->words);
	case PARAM_PAGE:
		if (!strict || (param->words && has_word(param->words, buf_slice(value))))
			return 0;
		/* fallthrough */
	case PARAM_NUMBER:
	default:
		return is_number(value, param->least, param->most)
			       ? 0
			       : err_set(err, ERR_USAGE,
					 "%s is a whole number from %" PRId64 " to %" PRId64,
					 param->name, param->least, param->most);
	}
}

static int check_one(struct slice pair, bool strict, struct err *err)
{
	const uint8_t *equals = memchr(pair.data, '=', pair.len);
	struct slice name = {pair.data, equals ? (size_t)(equals - pair.data) : pair.len};
	const struct param *param = find(name);
	struct buf value = {0};
	int rc;

	if (!param)
		return strict ? err_set(err, ERR_USAGE, "there is no parameter of that name") : 0;
	if (!equals)
		return 0;
	http_query_get(pair, param->name, &value);
	rc = value.failed ? err_set(err, ERR_MEMORY, "out of memory")
			  : check_value(param, &value, strict, err);
	buf_release(&value);
	return rc;
}

int param_check(struct slice query, bool strict, struct err *err)
{
	size_t at = 0, count = 0;
	int rc = 0;

	while (rc == 0 && at < query.len) {
		size_t end = at;

		while (end < query.len && query.data[end] != '&')
			end++;
		if (++count > PARAMS_MAX)
			return err_set(
				err, ERR_USAGE, "there are more than %d parameters", PARAMS_MAX);
		if (end > at)
			rc = check_one((struct slice){query.data + at, end - at}, strict, err);
		at = end + 1;
	}
	return rc;
}
