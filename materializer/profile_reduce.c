#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/profile_text.h"
#include "schemas/avro.h"
#include "schemas/item.h"
#include "schemas/value.h"

/* A pattern that would take for ever does not match. */
#define STEPS_MAX 1000000
#define HEAP_KIB_MAX 4096

static void note_reduction(struct profile_list *list, size_t before, const char *restriction)
{
	if (list->count != before)
		buf_printf(&list->reductions,
			"   List reduced from %zu to %zu due to restriction <%s>\n", before,
			list->count, restriction);
}

static pcre2_code *compile(const char *pattern, struct err *err)
{
	PCRE2_UCHAR why[120];
	PCRE2_SIZE at;
	int code;
	pcre2_code *regex = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);

	if (!regex) {
		pcre2_get_error_message(code, why, sizeof(why));
		err_set(err, ERR_USAGE, "pattern %s: %s at its character %zu", pattern,
			(const char *)why, (size_t)at);
	}
	return regex;
}

static void keep_matches(struct profile_list *list, const pcre2_code *regex,
	pcre2_match_data *found, pcre2_match_context *limits)
{
	struct buf text = {0};
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		buf_clear(&text);
		profile_function_text(&list->profile->functions[list->functions[i]], &text);
		if (pcre2_match(regex, (PCRE2_SPTR)buf_string(&text), text.len, 0, 0, found,
			    limits) >= 0)
			list->functions[kept++] = list->functions[i];
	}
	list->count = kept;
	buf_release(&text);
}

/* As Python's repr() does. */
static void put_quoted(const char *pattern, struct buf *out)
{
	struct buf value = {0};

	avro_buf_long(&value, VALUE_STRING);
	avro_buf_bytes(&value, pattern, strlen(pattern));
	value_repr((struct value){.bytes = buf_slice(&value)}, out);
	buf_release(&value);
}

int profile_list_match(struct profile_list *list, const char *pattern, struct err *err)
{
	pcre2_code *regex = compile(pattern, err);
	pcre2_match_data *found = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	size_t before = list->count;
	struct buf text = {0};
	int rc = regex ? 0 : ERR_USAGE;

	if (rc == 0 && (!found || !limits))
		rc = err_set(err, ERR_MEMORY, "out of memory");
	if (rc == 0) {
		pcre2_set_match_limit(limits, STEPS_MAX);
		pcre2_set_heap_limit(limits, HEAP_KIB_MAX);
		keep_matches(list, regex, found, limits);
		put_quoted(pattern, &text);
		note_reduction(list, before, buf_string(&text));
	}
	buf_release(&text);
	pcre2_match_context_free(limits);
	pcre2_match_data_free(found);
	pcre2_code_free(regex);
	return rc;
}

/* As few digits as tell it from any other number: Python's repr(). */
static void put_share(double share, char *text, size_t size)
{
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, size, "%.*g", digits, share);
		if (strtod(text, NULL) == share)
			return;
	}
}

int profile_list_limit(struct profile_list *list, const char *limit, struct err *err)
{
	size_t before = list->count;
	double share;
	char text[32], *end;

	if (*limit && strspn(limit, "0123456789") == strlen(limit)) {
		unsigned long long count = strtoull(limit, NULL, 10);

		if (count < list->count)
			list->count = (size_t)count;
		snprintf(text, sizeof(text), "%llu", count);
	} else {
		share = strtod(limit, &end);
		if (strspn(limit, "0123456789.") != strlen(limit) || *end || end == limit ||
			!(share >= 0 && share <= 1))
			return err_set(err, ERR_USAGE,
				"--limit %s: neither a number of functions nor a part of them, "
				"from 0.0 to 1.0",
				limit);
		list->count = (size_t)((double)list->count * share + 0.5);
		put_share(share, text, sizeof(text));
	}
	note_reduction(list, before, text);
	return 0;
}
