/* LCOV's trace file (geninfo(1)): how often each statement and function ran, and which did not, by
 * file: genhtml, Codecov, the gutters of editors. */
#include <inttypes.h>
#include <stdlib.h>

#include "web/line_state.h"
#include "web/statements.h"
#include "materializer/query_profile.h"

struct function_calls {
	int64_t file; /* at the end */
	int64_t code, calls;
};

struct lcov {
	struct line_state lines;
	struct function_calls *functions; /* by code number; at the end by file */
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
			grown[i] = (struct function_calls){.code = (int64_t)i};
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

static int by_file(const void *left, const void *right)
{
	const struct function_calls *a = left, *b = right;
	int64_t x = a->file != b->file ? a->file : a->code;
	int64_t y = a->file != b->file ? b->file : b->code;

	return (x > y) - (x < y);
}

/* Only those that were called, by file. */
static void sort_functions(const struct exporter *exporter)
{
	struct lcov *state = exporter->state;
	size_t kept = 0;

	for (size_t i = 0; i < state->count; i++) {
		struct function_calls called = state->functions[i];

		if (!called.calls)
			continue;
		called.file = code_table_file(exporter->codes, called.code);
		state->functions[kept++] = called;
	}
	state->count = kept;
	if (kept)
		qsort(state->functions, kept, sizeof(*state->functions), by_file);
}

/* Those of a file, once they are sorted. */
static const struct function_calls *called_in(const struct lcov *state, int64_t file, size_t *count)
{
	size_t first = 0, end;

	while (first < state->count && state->functions[first].file < file)
		first++;
	for (end = first; end < state->count && state->functions[end].file == file;)
		end++;
	*count = end - first;
	return *count ? state->functions + first : NULL;
}

/* The statements of a file; NULL: its source is not there or could not be read. */
static int read_statements(
	struct exporter *exporter, int64_t file, struct statements **statements, struct err *err)
{
	struct buf text = {0};
	int rc = 0;

	*statements = NULL;
	if (exporter->read_source)
		rc = exporter->read_source(exporter->read_context,
			code_table_file_path(exporter->codes, file), &text, err);
	if (rc == 1)
		*statements = statements_new(buf_slice(&text));
	buf_release(&text);
	return rc < 0 ? rc : 0;
}

/* By name the reader joins both records, so two of one name need their lines. */
static void put_function(struct exporter *exporter, int64_t line, struct slice name, int64_t calls)
{
	for (int counts = 0; counts < 2; counts++) {
		buf_printf(exporter->out, counts ? "FNDA:%" PRId64 "," : "FN:%" PRId64 ",",
			counts ? calls : line);
		exporter_line_text(exporter->out, name);
		buf_printf(exporter->out, ":%" PRId64 "\n", line);
	}
}

/* Was one of these called? Before Python 3.11 code objects have short names only. */
static bool was_called(const struct exporter *exporter, const struct function_calls *called,
	size_t count, const struct statement_function *function)
{
	for (size_t i = 0; i < count; i++) {
		struct code code = code_table_get(exporter->codes, called[i].code);

		if (code.line == function->line && slice_equal(profile_short_name(code.function),
							   profile_short_name(function->name)))
			return true;
	}
	return false;
}

static void put_functions(
	struct exporter *exporter, int64_t file, const struct statements *statements)
{
	size_t count, found;
	const struct function_calls *called = called_in(exporter->state, file, &count);

	found = count;
	for (size_t i = 0; i < count; i++) {
		struct code code = code_table_get(exporter->codes, called[i].code);

		put_function(exporter, code.line, code.function, called[i].calls);
	}
	for (size_t i = 0; statements && i < statements->function_count; i++) {
		const struct statement_function *function = &statements->functions[i];

		if (was_called(exporter, called, count, function))
			continue;
		put_function(exporter, function->line, function->name, 0);
		found++;
	}
	buf_printf(exporter->out, "FNF:%zu\nFNH:%zu\n", found, count);
}

struct totals {
	size_t found, hit;
};

static void put_line(struct exporter *exporter, int64_t line, int64_t hits, struct totals *totals)
{
	buf_printf(exporter->out, "DA:%" PRId64 ",%" PRId64 "\n", line, hits);
	totals->found++;
	totals->hit += hits > 0;
}

/* How often its first line ran, or, when an exception came before, any other of its lines. */
static int64_t hits_of(
	const struct statement *statement, const struct file_line *lines, size_t count)
{
	int64_t hits = 0;

	for (size_t i = 0; i < count && lines[i].line <= statement->last; i++) {
		if (lines[i].line == statement->first)
			return lines[i].hits;
		if (lines[i].hits > hits)
			hits = lines[i].hits;
	}
	return hits;
}

/* The lines that ran and the statements that did not, in one order. What ran but is part of no
 * statement is told as it is. */
static void put_lines(struct exporter *exporter, const struct file_line *lines, size_t count,
	const struct statements *statements)
{
	size_t statement_count = statements ? statements->count : 0, at = 0;
	struct totals totals = {0};

	for (size_t i = 0; i < count || at < statement_count;) {
		const struct statement *statement =
			at < statement_count ? &statements->list[at] : NULL;

		if (!statement || (i < count && lines[i].line < statement->first)) {
			put_line(exporter, lines[i].line, lines[i].hits, &totals);
			i++;
			continue;
		}
		if (statement->counts)
			put_line(exporter, statement->first,
				hits_of(statement, lines + i, count - i), &totals);
		while (i < count && lines[i].line <= statement->last)
			i++;
		at++;
	}
	buf_printf(exporter->out, "LF:%zu\nLH:%zu\nend_of_record\n", totals.found, totals.hit);
}

static int put_file(
	struct exporter *exporter, const struct file_line *lines, size_t count, struct err *err)
{
	struct statements *statements;
	int rc = read_statements(exporter, lines->file, &statements, err);

	if (rc)
		return rc;
	buf_text(exporter->out, "TN:\nSF:");
	exporter_line_text(exporter->out, code_table_file_path(exporter->codes, lines->file));
	buf_byte(exporter->out, '\n');
	put_functions(exporter, lines->file, statements);
	put_lines(exporter, lines, count, statements);
	statements_free(statements);
	return exporter_written(exporter, err);
}

static int finish(struct exporter *exporter, struct err *err)
{
	size_t count, end;
	struct file_line *lines = lines_of(exporter, &count);
	int rc = 0;

	if (!lines)
		return err_set(err, ERR_MEMORY, "out of memory");
	sort_functions(exporter);
	for (size_t first = 0; rc == 0 && first < count; first = end) {
		for (end = first + 1; end < count && lines[end].file == lines[first].file;)
			end++;
		rc = put_file(exporter, lines + first, end - first, err);
	}
	free(lines);
	return rc;
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
