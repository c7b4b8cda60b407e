#include "materializer/profile_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/json.h"

enum field {
	FIELD_END,
	FIELD_PRIMITIVE,
	FIELD_CALLS,
	FIELD_SELF,
	FIELD_CUMULATIVE,
	FIELD_FILE,
	FIELD_LINE,
	FIELD_NAME,
	FIELD_STANDARD
};

#define FIELDS_MAX 4

/* Counts and times go from the largest down, the others up: as pstats has it. */
static const struct row {
	struct profile_sort sort;
	enum field fields[FIELDS_MAX];
} rows[] = {
	{{"calls", "call count"}, {FIELD_CALLS}},
	{{"cumtime", "cumulative time"}, {FIELD_CUMULATIVE}},
	{{"cumulative", "cumulative time"}, {FIELD_CUMULATIVE}},
	{{"file", "file name"}, {FIELD_FILE}},
	{{"filename", "file name"}, {FIELD_FILE}},
	{{"line", "line number"}, {FIELD_LINE}},
	{{"module", "file name"}, {FIELD_FILE}},
	{{"name", "function name"}, {FIELD_NAME}},
	{{"ncalls", "call count"}, {FIELD_CALLS}},
	{{"nfl", "name/file/line"}, {FIELD_NAME, FIELD_FILE, FIELD_LINE}},
	{{"pcalls", "primitive call count"}, {FIELD_PRIMITIVE}},
	{{"stdname", "standard name"}, {FIELD_STANDARD}},
	{{"time", "internal time"}, {FIELD_SELF}},
	{{"tottime", "internal time"}, {FIELD_SELF}},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct profile_sort *profile_sort_find(const char *key)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].sort.key, key) == 0)
			return &rows[i].sort;
	}
	return NULL;
}

const struct profile_sort *profile_sort_at(size_t number)
{
	return number < ROWS ? &rows[number].sort : NULL;
}

const char *profile_gap(const struct profile *profile)
{
	if (profile->lost_events == 0)
		return NULL;
	return profile->lost_events < 0 ? "recording was off for a time" : "events were lost";
}

struct slice profile_function_file(const struct profile_function *function)
{
	return function->builtin ? slice_text("~") : function->file;
}

struct slice profile_function_name(const struct profile_function *function)
{
	return function->builtin ? function->name : profile_short_name(function->name);
}

void profile_function_text(const struct profile_function *function, struct buf *out)
{
	struct slice name = profile_short_name(function->name);

	if (!function->builtin) {
		buf_append(out, function->file.data, function->file.len);
		buf_printf(out, ":%" PRId64 "(", function->line);
		buf_append(out, name.data, name.len);
		buf_byte(out, ')');
		return;
	}
	name = function->name;
	if (name.len >= 2 && name.data[0] == '<' && name.data[name.len - 1] == '>') {
		buf_byte(out, '{');
		buf_append(out, name.data + 1, name.len - 2);
		buf_byte(out, '}');
	} else {
		buf_append(out, name.data, name.len);
	}
}

static int compare_numbers(int64_t left, int64_t right)
{
	return (left > right) - (left < right);
}

static int compare_standard(const struct profile_function *a, const struct profile_function *b)
{
	struct buf left = {0}, right = {0};
	int order;

	profile_function_text(a, &left);
	profile_function_text(b, &right);
	order = slice_compare(buf_slice(&left), buf_slice(&right));
	buf_release(&left);
	buf_release(&right);
	return order;
}

static int compare_field(
	enum field field, const struct profile_function *a, const struct profile_function *b)
{
	switch (field) {
	case FIELD_PRIMITIVE:
		return compare_numbers(b->times.primitive_calls, a->times.primitive_calls);
	case FIELD_CALLS:
		return compare_numbers(b->times.calls, a->times.calls);
	case FIELD_SELF:
		return compare_numbers(b->times.self_ns, a->times.self_ns);
	case FIELD_CUMULATIVE:
		return compare_numbers(b->times.cumulative_ns, a->times.cumulative_ns);
	case FIELD_FILE:
		return slice_compare(profile_function_file(a), profile_function_file(b));
	case FIELD_LINE:
		return compare_numbers(a->line, b->line);
	case FIELD_NAME:
		return slice_compare(profile_function_name(a), profile_function_name(b));
	case FIELD_STANDARD:
		return compare_standard(a, b);
	case FIELD_END:
		break;
	}
	return 0;
}

static int compare(const void *a, const void *b, void *context)
{
	const struct profile_list *list = context;
	const struct row *row = (const struct row *)(const void *)list->sort;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	for (size_t i = 0; i < FIELDS_MAX && row->fields[i] != FIELD_END; i++) {
		int order = compare_field(row->fields[i], &list->profile->functions[left],
			&list->profile->functions[right]);

		if (order)
			return order;
	}
	return compare_numbers(left, right);
}

int profile_list_init(struct profile_list *list, const struct profile *profile,
	const struct profile_sort *sort, struct err *err)
{
	*list = (struct profile_list){.profile = profile, .sort = sort};
	list->functions = calloc(profile->function_count + 1, sizeof(*list->functions));
	if (!list->functions)
		return err_set(err, ERR_MEMORY, "out of memory");
	list->count = profile->function_count;
	for (size_t i = 0; i < list->count; i++)
		list->functions[i] = (uint32_t)i;
	qsort_r(list->functions, list->count, sizeof(*list->functions), compare, list);
	return 0;
}

void profile_list_release(struct profile_list *list)
{
	free(list->functions);
	buf_release(&list->reductions);
	*list = (struct profile_list){0};
}

static void put_seconds(struct buf *out, double seconds)
{
	buf_printf(out, "%8.3f ", seconds);
}

static void put_quotient(struct buf *out, int64_t time_ns, int64_t calls)
{
	if (calls)
		put_seconds(out, (double)time_ns / 1e9 / (double)calls);
	else
		buf_printf(out, "%8s ", "");
}

static void put_function(const struct profile_function *function, struct buf *out)
{
	const struct profile_times *times = &function->times;
	char calls[48];

	snprintf(calls, sizeof(calls), "%" PRId64, times->calls);
	if (times->calls != times->primitive_calls)
		snprintf(calls, sizeof(calls), "%" PRId64 "/%" PRId64, times->calls,
			times->primitive_calls);
	buf_printf(out, "%9s ", calls);
	put_seconds(out, (double)times->self_ns / 1e9);
	put_quotient(out, times->self_ns, times->calls);
	put_seconds(out, (double)times->cumulative_ns / 1e9);
	put_quotient(out, times->cumulative_ns, times->primitive_calls);
	profile_function_text(function, out);
	buf_byte(out, '\n');
}

void profile_list_text(const struct profile_list *list, struct buf *out)
{
	const struct profile *profile = list->profile;

	buf_printf(out, "         %" PRId64 " function calls ", profile->calls);
	if (profile->calls != profile->primitive_calls)
		buf_printf(out, "(%" PRId64 " primitive calls) ", profile->primitive_calls);
	buf_printf(out, "in %.3f seconds\n\n", (double)profile->self_ns / 1e9);
	if (!list->count)
		return;
	buf_printf(out, "   Ordered by: %s\n", list->sort->words);
	buf_append(out, list->reductions.data, list->reductions.len);
	buf_text(out, "\n   ncalls  tottime  percall  cumtime  percall "
		      "filename:lineno(function)\n");
	for (size_t i = 0; i < list->count; i++)
		put_function(&profile->functions[list->functions[i]], out);
	buf_text(out, "\n\n");
}

static void json_times(struct json *json, const struct profile_times *times)
{
	json_key(json, "ncalls");
	json_long(json, times->calls);
	json_key(json, "primitive_calls");
	json_long(json, times->primitive_calls);
	json_key(json, "tottime");
	json_seconds(json, times->self_ns);
	json_key(json, "cumtime");
	json_seconds(json, times->cumulative_ns);
}

static void json_name(struct json *json, const struct profile_function *function)
{
	json_key(json, "file");
	json_slice(json, profile_function_file(function));
	json_key(json, "line");
	json_long(json, function->line);
	json_key(json, "function");
	json_slice(json, function->name);
}

static void json_function(struct json *json, const struct profile *profile, uint32_t number)
{
	const struct profile_function *function = &profile->functions[number];
	size_t count, first = profile_callers(profile, number, &count);

	json_object_begin(json);
	json_name(json, function);
	json_key(json, "builtin");
	json_boolean(json, function->builtin);
	json_times(json, &function->times);
	json_key(json, "callers");
	json_array_begin(json);
	for (size_t i = first; i < first + count; i++) {
		json_object_begin(json);
		json_name(json, &profile->functions[profile->edges[i].caller]);
		json_times(json, &profile->edges[i].times);
		json_object_end(json);
	}
	json_array_end(json);
	json_object_end(json);
}

void profile_list_json(const struct profile_list *list, struct buf *out)
{
	const struct profile *profile = list->profile;
	struct json json;

	json_init(&json, out, 0);
	json_object_begin(&json);
	json_key(&json, "state");
	json_text(&json, run_state_name(profile->state));
	json_key(&json, "events");
	json_long(&json, profile->event_count);
	json_key(&json, "lost_events");
	json_long(&json, profile->lost_events);
	json_key(&json, "open_calls");
	json_long(&json, profile->open_calls);
	json_key(&json, "calls");
	json_long(&json, profile->calls);
	json_key(&json, "primitive_calls");
	json_long(&json, profile->primitive_calls);
	json_key(&json, "total_time");
	json_seconds(&json, profile->self_ns);
	json_key(&json, "program_time");
	json_seconds(&json, profile->program_ns);
	json_key(&json, "traced_time");
	json_seconds(&json, profile->traced_ns);
	json_key(&json, "functions");
	json_array_begin(&json);
	for (size_t i = 0; i < list->count; i++)
		json_function(&json, profile, list->functions[i]);
	json_array_end(&json);
	json_object_end(&json);
	buf_byte(out, '\n');
}
