/* Callgrind's profile format, version 1 (valgrind.org/docs/manual/cl-format.html): KCachegrind,
 * QCachegrind, callgrind_annotate, speedscope. Costs of a line: nanoseconds, times that it ran. */
#include <inttypes.h>

#include "web/line_state.h"
#include "schemas/version.h"

struct callgrind {
	struct line_state lines;
	struct buf named_files, named_codes; /* a byte each: was it given its name? */
};

static int begin(struct exporter *exporter, struct err *err)
{
	struct buf *out = exporter->out;

	buf_text(out, "# callgrind format\nversion: 1\ncreator: smiley " SMILEY_VERSION "\n");
	buf_printf(out, "pid: %" PRId64 "\ncmd: ", exporter->pid);
	exporter_line_text(out, buf_slice(&exporter->command));
	buf_text(out, "\npart: 1\n\npositions: line\n"
		      "event: ns : Time in nanoseconds\nevent: Lines : Lines run\n"
		      "events: ns Lines\n");
	return line_state_begin(exporter, err);
}

/* "(3) name" the first time, "(3)" from then on. */
static void put_name(struct buf *out, struct buf *named, int64_t number, struct slice name)
{
	buf_printf(out, "(%" PRId64 ")", number + 1);
	if (number >= (int64_t)named->len || !named->data[number]) {
		while ((int64_t)named->len <= number && !named->failed)
			buf_byte(named, 0);
		if (!named->failed)
			named->data[number] = 1;
		buf_byte(out, ' ');
		exporter_line_text(out, name);
	}
	buf_byte(out, '\n');
}

/* Functions of one name in one file are told apart by their lines. */
static void put_function(
	struct exporter *exporter, const char *file_key, const char *key, int64_t number)
{
	struct callgrind *state = exporter->state;
	struct code code = code_table_get(exporter->codes, number);
	struct buf name = {0};

	buf_text(exporter->out, file_key);
	put_name(exporter->out, &state->named_files, code_table_file(exporter->codes, number),
		code.file);
	buf_append(&name, code.function.data, code.function.len);
	buf_printf(&name, ":%" PRId64, code.line);
	buf_text(exporter->out, key);
	put_name(exporter->out, &state->named_codes, number, buf_slice(&name));
	buf_release(&name);
}

static void put_call(struct exporter *exporter, const struct line_call *call)
{
	put_function(exporter, "cfi=", "cfn=", call->callee);
	buf_printf(exporter->out, "calls=%" PRId64 " %" PRId64 "\n", call->calls,
		code_table_get(exporter->codes, call->callee).line);
	buf_printf(exporter->out, "%" PRId64 " %" PRId64 " %" PRId64 "\n", call->line, call->ns,
		call->hits);
}

static int finish(struct exporter *exporter, struct err *err)
{
	struct callgrind *state = exporter->state;
	size_t line_count, call_count, at = 0;
	const struct line_entry *lines = line_cost_lines(state->lines.cost, &line_count);
	const struct line_call *calls = line_cost_calls(state->lines.cost, &call_count);
	int64_t code = -1, ns = 0, hits = 0;

	for (size_t i = 0; i < line_count; i++) {
		ns += lines[i].ns;
		hits += lines[i].hits;
	}
	buf_printf(exporter->out, "summary: %" PRId64 " %" PRId64 "\n", ns, hits);
	for (size_t i = 0; i < line_count || at < call_count;) {
		int64_t next = i < line_count ? lines[i].code : INT64_MAX;

		if (at < call_count && calls[at].code < next)
			next = calls[at].code;
		if (next != code) {
			buf_byte(exporter->out, '\n');
			put_function(exporter, "fl=", "fn=", next);
		}
		code = next;
		for (; i < line_count && lines[i].code == code; i++)
			buf_printf(exporter->out, "%" PRId64 " %" PRId64 " %" PRId64 "\n",
				lines[i].line, lines[i].ns, lines[i].hits);
		for (; at < call_count && calls[at].code == code; at++)
			put_call(exporter, &calls[at]);
	}
	return exporter_written(exporter, err);
}

static void release(struct exporter *exporter)
{
	struct callgrind *state = exporter->state;

	line_state_release(exporter);
	buf_release(&state->named_files);
	buf_release(&state->named_codes);
}

const struct exporter_format exporter_callgrind = {
	.name = "callgrind",
	.state_bytes = sizeof(struct callgrind),
	.begin = begin,
	.taker = {.enter = line_state_enter,
		.leave = line_state_leave,
		.spend = line_state_spend,
		.line = line_state_line},
	.finish = finish,
	.release = release,
};
