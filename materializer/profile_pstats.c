#include "materializer/profile_pstats.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/profile_text.h"

/* The type codes of Python/marshal.c that are needed here. */
#define TYPE_NULL '0'
#define TYPE_INT 'i'
#define TYPE_LONG 'l'
#define TYPE_BINARY_FLOAT 'g'
#define TYPE_UNICODE 'u'
#define TYPE_SMALL_TUPLE ')'
#define TYPE_DICT '{'

#define LONG_DIGIT_BITS 15

/* Functions by what pstats calls them: those of one label are next to each other. */
struct labels {
	const struct profile *profile;
	uint32_t *order;            /* functions, sorted by label */
	uint32_t *standing;         /* by function: the first of its label */
	struct profile_edge *edges; /* between the standing ones, sorted by callee and caller */
	size_t edge_count;
};

static void put_bytes(struct buf *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_byte(out, (uint8_t)(value >> (8 * i)));
}

static void put_long(struct buf *out, int64_t value)
{
	uint64_t left = (uint64_t)value;
	int digits = 0;

	if (value >= INT32_MIN && value <= INT32_MAX) {
		buf_byte(out, TYPE_INT);
		put_bytes(out, (uint64_t)value, 4);
		return;
	}
	for (uint64_t rest = left; rest; rest >>= LONG_DIGIT_BITS)
		digits++;
	buf_byte(out, TYPE_LONG);
	put_bytes(out, (uint64_t)digits, 4);
	for (; left; left >>= LONG_DIGIT_BITS)
		put_bytes(out, left & ((1 << LONG_DIGIT_BITS) - 1), 2);
}

static void put_seconds(struct buf *out, int64_t time_ns)
{
	double seconds = (double)time_ns / 1e9;
	uint64_t bits;

	memcpy(&bits, &seconds, sizeof(bits));
	buf_byte(out, TYPE_BINARY_FLOAT);
	put_bytes(out, bits, 8);
}

static void put_text(struct buf *out, struct slice text)
{
	buf_byte(out, TYPE_UNICODE);
	put_bytes(out, text.len, 4);
	buf_append(out, text.data, text.len);
}

static void put_tuple(struct buf *out, uint8_t count)
{
	buf_byte(out, TYPE_SMALL_TUPLE);
	buf_byte(out, count);
}

/* What a function is called in the file. */
static void put_label(struct buf *out, const struct profile_function *function)
{
	put_tuple(out, 3);
	put_text(out, profile_function_file(function));
	put_long(out, function->line);
	put_text(out, profile_function_name(function));
}

static void put_times(struct buf *out, const struct profile_times *times, bool primitive_first)
{
	put_long(out, primitive_first ? times->primitive_calls : times->calls);
	put_long(out, primitive_first ? times->calls : times->primitive_calls);
	put_seconds(out, times->self_ns);
	put_seconds(out, times->cumulative_ns);
}

static int compare_labels(const struct profile_function *a, const struct profile_function *b)
{
	int order = slice_compare(profile_function_file(a), profile_function_file(b));

	if (!order)
		order = (a->line > b->line) - (a->line < b->line);
	return order ? order : slice_compare(profile_function_name(a), profile_function_name(b));
}

static int by_label(const void *a, const void *b, void *context)
{
	const struct profile *profile = context;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	int order = compare_labels(&profile->functions[left], &profile->functions[right]);

	return order ? order : (left > right) - (left < right);
}

static int by_ends(const void *a, const void *b)
{
	const struct profile_edge *left = a, *right = b;

	if (left->callee != right->callee)
		return left->callee < right->callee ? -1 : 1;
	return (left->caller > right->caller) - (left->caller < right->caller);
}

static void add(struct profile_times *sum, const struct profile_times *times)
{
	sum->calls += times->calls;
	sum->primitive_calls += times->primitive_calls;
	sum->self_ns += times->self_ns;
	sum->cumulative_ns += times->cumulative_ns;
}

static bool labels_init(struct labels *labels, const struct profile *profile)
{
	size_t count = profile->function_count;

	*labels = (struct labels){
		.profile = profile,
		.order = calloc(count + 1, sizeof(uint32_t)),
		.standing = calloc(count + 1, sizeof(uint32_t)),
		.edges = calloc(profile->edge_count + 1, sizeof(struct profile_edge)),
	};
	if (!labels->order || !labels->standing || !labels->edges)
		return false;
	for (size_t i = 0; i < count; i++)
		labels->order[i] = (uint32_t)i;
	qsort_r(labels->order, count, sizeof(uint32_t), by_label, (void *)(uintptr_t)profile);
	for (size_t i = 0; i < count; i++) {
		uint32_t at = labels->order[i], last = i ? labels->order[i - 1] : at;
		bool same = i &&
			    compare_labels(&profile->functions[last], &profile->functions[at]) == 0;

		labels->standing[at] = same ? labels->standing[last] : at;
	}
	for (size_t i = 0; i < profile->edge_count; i++) {
		labels->edges[i] = profile->edges[i];
		labels->edges[i].caller = labels->standing[profile->edges[i].caller];
		labels->edges[i].callee = labels->standing[profile->edges[i].callee];
	}
	labels->edge_count = profile->edge_count;
	qsort(labels->edges, labels->edge_count, sizeof(*labels->edges), by_ends);
	return true;
}

static void labels_release(struct labels *labels)
{
	free(labels->order);
	free(labels->standing);
	free(labels->edges);
}

/* The callers of a standing function, from edge *at on, which goes behind them. */
static void put_callers(struct labels *labels, uint32_t callee, size_t *at, struct buf *out)
{
	buf_byte(out, TYPE_DICT);
	while (*at < labels->edge_count && labels->edges[*at].callee == callee) {
		struct profile_edge edge = labels->edges[(*at)++];

		while (*at < labels->edge_count && by_ends(&labels->edges[*at], &edge) == 0)
			add(&edge.times, &labels->edges[(*at)++].times);
		put_label(out, &labels->profile->functions[edge.caller]);
		put_tuple(out, 4);
		put_times(out, &edge.times, false);
	}
	buf_byte(out, TYPE_NULL);
}

static size_t first_caller(const struct labels *labels, uint32_t callee)
{
	size_t low = 0, high = labels->edge_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (labels->edges[middle].callee < callee)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int profile_pstats(const struct profile *profile, struct buf *out, struct err *err)
{
	struct labels labels;
	bool made = labels_init(&labels, profile);

	buf_byte(out, TYPE_DICT);
	for (size_t i = 0; made && i < profile->function_count;) {
		uint32_t at = labels.order[i];
		struct profile_times times = {0};
		size_t edge = first_caller(&labels, at);

		for (; i < profile->function_count && labels.standing[labels.order[i]] == at; i++)
			add(&times, &profile->functions[labels.order[i]].times);
		put_label(out, &profile->functions[at]);
		put_tuple(out, 5);
		put_times(out, &times, true);
		put_callers(&labels, at, &edge, out);
	}
	buf_byte(out, TYPE_NULL);
	labels_release(&labels);
	return made && !out->failed ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}
