#include "materializer/profile_diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/json.h"

#define SLACK 0.1         /* of a call's time */
#define NOISE_SHARE 0.001 /* of the run's */
#define NOISE_NS 1000.0

/* One function of one of the runs, in the order in which they are matched. */
struct entry {
	const struct profile_function *function;
	struct slice file;
};

static struct slice relative(struct slice file, struct slice cwd)
{
	if (cwd.len && file.len > cwd.len + 1 && memcmp(file.data, cwd.data, cwd.len) == 0 &&
		file.data[cwd.len] == '/')
		return (struct slice){file.data + cwd.len + 1, file.len - cwd.len - 1};
	return file;
}

static int compare_names(const struct entry *a, const struct entry *b)
{
	int order = slice_compare(a->file, b->file);

	return order ? order : slice_compare(a->function->name, b->function->name);
}

static int by_name(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int order = compare_names(left, right);

	if (order)
		return order;
	return (left->function->line > right->function->line) -
	       (left->function->line < right->function->line);
}

static struct entry *entries_of(
	const struct profile *profile, struct slice cwd, struct profile_times *sum)
{
	struct entry *entries = calloc(profile->function_count + 1, sizeof(*entries));

	for (size_t i = 0; entries && i < profile->function_count; i++)
		entries[i] = (struct entry){
			&profile->functions[i], relative(profile->functions[i].file, cwd)};
	if (entries)
		qsort(entries, profile->function_count, sizeof(*entries), by_name);
	*sum = (struct profile_times){
		.calls = profile->calls,
		.primitive_calls = profile->primitive_calls,
		.self_ns = profile->self_ns,
	};
	return entries;
}

static void add_change(
	struct profile_diff *diff, const struct entry *before, const struct entry *after)
{
	static const struct profile_times none;
	const struct profile_times *was = before ? &before->function->times : &none;
	const struct profile_times *is = after ? &after->function->times : &none;

	diff->changes[diff->count++] = (struct profile_change){
		.before = before ? before->function : NULL,
		.after = after ? after->function : NULL,
		.file = after ? after->file : before->file,
		.calls = is->calls - was->calls,
		.self_ns = is->self_ns - was->self_ns,
		.cumulative_ns = is->cumulative_ns - was->cumulative_ns,
	};
}

/* Both are sorted by name. */
static void match(struct profile_diff *diff, const struct entry *before, const struct entry *after)
{
	const struct entry *before_end = before + diff->before->function_count;
	const struct entry *after_end = after + diff->after->function_count;

	while (before < before_end || after < after_end) {
		int order = before == before_end ? 1
			    : after == after_end ? -1
						 : compare_names(before, after);

		add_change(diff, order <= 0 ? before : NULL, order >= 0 ? after : NULL);
		before += order <= 0;
		after += order >= 0;
	}
}

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

static int by_change(const void *a, const void *b)
{
	const struct profile_change *left = a, *right = b;
	int64_t one = magnitude(left->self_ns), other = magnitude(right->self_ns);

	if (one != other)
		return one > other ? -1 : 1;
	one = magnitude(left->calls);
	other = magnitude(right->calls);
	return (one < other) - (one > other);
}

int profile_diff_init(struct profile_diff *diff, const struct profile *before,
	struct slice before_cwd, const struct profile *after, struct slice after_cwd,
	struct err *err)
{
	struct entry *was, *is;
	bool made;

	*diff = (struct profile_diff){.before = before, .after = after};
	was = entries_of(before, before_cwd, &diff->sum_before);
	is = entries_of(after, after_cwd, &diff->sum_after);
	diff->changes =
		calloc(before->function_count + after->function_count + 1, sizeof(*diff->changes));
	made = was && is && diff->changes;
	if (made) {
		match(diff, was, is);
		qsort(diff->changes, diff->count, sizeof(*diff->changes), by_change);
	}
	free(was);
	free(is);
	return made ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

void profile_diff_release(struct profile_diff *diff)
{
	free(diff->changes);
	*diff = (struct profile_diff){0};
}

/* A function that was not seen to be called (it was running already) counts as called once. */
static double calls_of(const struct profile_times *times)
{
	return times->calls ? (double)times->calls : 1;
}

static double per_call(const struct profile_times *times)
{
	return (double)times->self_ns / calls_of(times);
}

/* What a function is slower or faster by must be seen in the longer run's time. */
static double noise_of(const struct profile_diff *diff)
{
	int64_t was = diff->sum_before.self_ns, is = diff->sum_after.self_ns;

	return (double)(was > is ? was : is) * NOISE_SHARE + NOISE_NS;
}

/* A call is compared with a call, for one run may have done more than the other. */
static const char *verdict(const struct profile_diff *diff, const struct profile_change *change)
{
	const struct profile_times *before, *after;
	double more, slack;

	if (!change->before)
		return "added";
	if (!change->after)
		return "gone";
	before = &change->before->times;
	after = &change->after->times;
	more = per_call(after) - per_call(before);
	slack = per_call(before) * SLACK;
	if (more * calls_of(after) > noise_of(diff) && more > slack)
		return "slower";
	if (-more * calls_of(before) > noise_of(diff) && -more > slack)
		return "faster";
	return change->calls > 0 ? "more calls" : change->calls < 0 ? "fewer calls" : "same";
}

static void put_side(const struct profile_function *function, struct buf *out)
{
	if (function)
		buf_printf(out, "%9" PRId64 " %9.6f %9.6f ", function->times.calls,
			(double)function->times.self_ns / 1e9, per_call(&function->times) / 1e9);
	else
		buf_printf(out, "%9s %9s %9s ", "-", "-", "-");
}

static void put_change(const struct profile_change *change, const char *what, struct buf *out)
{
	const struct profile_function *function = change->after ? change->after : change->before;
	struct slice name = function->name;

	put_side(change->before, out);
	put_side(change->after, out);
	buf_printf(out, "%+9.6f  %-11s ", (double)change->self_ns / 1e9, what);
	if (!function->builtin) {
		buf_append(out, change->file.data, change->file.len);
		buf_printf(out, ":%" PRId64 "(", function->line);
	}
	buf_append(out, name.data, name.len);
	buf_text(out, function->builtin ? "\n" : ")\n");
}

void profile_diff_text(const struct profile_diff *diff, int64_t limit, struct buf *out)
{
	int64_t shown = 0;

	buf_printf(out,
		"%" PRId64 " function calls in %.3f seconds before, %" PRId64 " in %.3f after\n\n",
		diff->sum_before.calls, (double)diff->sum_before.self_ns / 1e9,
		diff->sum_after.calls, (double)diff->sum_after.self_ns / 1e9);
	for (size_t i = 0; i < diff->count && shown < limit; i++) {
		const char *what = verdict(diff, &diff->changes[i]);

		if (strcmp(what, "same") == 0)
			continue;
		if (!shown++)
			buf_text(out, "   ncalls   tottime   percall    ncalls   tottime   percall "
				      "   change              filename:lineno(function)\n");
		put_change(&diff->changes[i], what, out);
	}
	if (!shown && limit > 0)
		buf_text(out, "No function differs in calls or time.\n");
}

static void json_side(struct json *json, const char *key, const struct profile_function *function)
{
	json_key(json, key);
	if (!function) {
		json_null(json);
		return;
	}
	json_object_begin(json);
	json_key(json, "line");
	json_long(json, function->line);
	json_key(json, "ncalls");
	json_long(json, function->times.calls);
	json_key(json, "primitive_calls");
	json_long(json, function->times.primitive_calls);
	json_key(json, "tottime");
	json_seconds(json, function->times.self_ns);
	json_key(json, "cumtime");
	json_seconds(json, function->times.cumulative_ns);
	json_object_end(json);
}

void profile_diff_json(const struct profile_diff *diff, struct buf *out)
{
	struct json json;

	json_init(&json, out, 0);
	json_object_begin(&json);
	json_key(&json, "functions");
	json_array_begin(&json);
	for (size_t i = 0; i < diff->count; i++) {
		const struct profile_change *change = &diff->changes[i];

		json_object_begin(&json);
		json_key(&json, "file");
		json_slice(&json, change->file);
		json_key(&json, "function");
		json_slice(&json, (change->after ? change->after : change->before)->name);
		json_key(&json, "verdict");
		json_text(&json, verdict(diff, change));
		json_side(&json, "before", change->before);
		json_side(&json, "after", change->after);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	buf_byte(out, '\n');
}
