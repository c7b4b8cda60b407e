/* LCOV's trace file (geninfo(1)): how often each line and function ran, by file: genhtml, Codecov,
 * the gutters of editors. */
#include <inttypes.h>
#include <stdlib.h>

#include "web/line_state.h"

struct lcov {
	struct line_state lines;
	struct function_calls {
		int64_t code, calls;
	} * functions; /* by code number */
	size_t count;
};

/* Counts what is called; a module's or class's body is one too. */
static int enter(void *context, struct walk_thread *thread, struct walk_call *call, bool resumed,
	bool joined, struct err *err)
{
	struct exporter *exporter = context;
	struct lcov *state = exporter->state;

	(void)thread;
	if (resumed)
		return 0;
	(void)joined;
	if ((size_t)call->code >= state->count) {
		size_t count = (size_t)call->code * 2 + 64;
		struct function_calls *grown = realloc(state->functions, count * sizeof(*grown));

		if (!grown)
			return err_set(err, ERR_MEMORY, "out of memory");
		for (size_t i = state->count; i < count; i++)
			grown[i] = (struct function_calls){(int64_t)i, 0};
		state->functions = grown;
		state->count = count;
	}
	state->functions[call->code].calls++;
	return 0;
}

/* A line of a file, whatever function ran it. */
struct file_line {
	int64_t file, line, hits;
};

static int by_place(const void *left, const void *right)
{
	const struct file_line *a = left, *b = right;
	int64_t x = a->file != b->file ? a->file : a->line;
	int64_t y = a->file != b->file ? b->file : b->line;

	return (x > y) - (x < y);
}

/* All lines by file and number, each once. NULL: out of memory. */
static struct file_line *lines_of(const struct exporter *exporter, size_t *count)
{
	const struct lcov *state = exporter->state;
	size_t all, kept = 0;
	const struct line_entry *entries = line_cost_lines(state->lines.cost, &all);
	struct file_line *lines = malloc((all + 1) * sizeof(*lines));

	*count = 0;
	if (!lines)
		return NULL;
	for (size_t i = 0; i < all; i++)
		lines[i] = (struct file_line){code_table_file(exporter->codes, entries[i].code),
			entries[i].line, entries[i].hits};
	qsort(lines, all, sizeof(*lines), by_place);
	for (size_t i = 0; i < all; i++) {
		if (!lines[i].hits)
			continue;
		if (kept && by_place(&lines[kept - 1], &lines[i]) == 0)
			lines[kept - 1].hits += lines[i].hits;
		else
			lines[kept++] = lines[i];
	}
	*count = kept;
	return lines;
}

static void put_functions(struct exporter *exporter, int64_t file)
{
	const struct lcov *state = exporter->state;
	size_t found = 0;

	for (size_t i = 0; i < state->count; i++) {
		struct code code;

		if (!state->functions[i].calls ||
			code_table_file(exporter->codes, (int64_t)i) != file)
			continue;
		code = code_table_get(exporter->codes, (int64_t)i);
		/* By name the reader joins both, so two of one name need their lines. */
		for (int counts = 0; counts < 2; counts++) {
			buf_printf(exporter->out, counts ? "FNDA:%" PRId64 "," : "FN:%" PRId64 ",",
				counts ? state->functions[i].calls : code.line);
			exporter_line_text(exporter->out, code.function);
			buf_printf(exporter->out, ":%" PRId64 "\n", code.line);
		}
		found++;
	}
	buf_printf(exporter->out, "FNF:%zu\nFNH:%zu\n", found, found);
}

static int finish(struct exporter *exporter, struct err *err)
{
	size_t count;
	struct file_line *lines = lines_of(exporter, &count);

	if (!lines)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0, first = 0; i < count; i++) {
		int64_t file = lines[i].file;

		if (i == first) {
			buf_text(exporter->out, "TN:\nSF:");
			exporter_line_text(
				exporter->out, code_table_file_path(exporter->codes, file));
			buf_byte(exporter->out, '\n');
			put_functions(exporter, file);
		}
		buf_printf(exporter->out, "DA:%" PRId64 ",%" PRId64 "\n", lines[i].line,
			lines[i].hits);
		if (i + 1 == count || lines[i + 1].file != file) {
			buf_printf(exporter->out, "LF:%zu\nLH:%zu\nend_of_record\n", i + 1 - first,
				i + 1 - first);
			first = i + 1;
		}
	}
	free(lines);
	return exporter_written(exporter, err);
}

static void release(struct exporter *exporter)
{
	struct lcov *state = exporter->state;

	line_state_release(exporter);
	free(state->functions);
}

const struct exporter_format exporter_lcov = {
	.name = "lcov",
	.state_bytes = sizeof(struct lcov),
	.begin = line_state_begin,
	.taker = {.enter = enter, .line = line_state_line},
	.finish = finish,
	.release = release,
};
