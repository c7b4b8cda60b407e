#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "materializer/quarantine.h"
#include "ops/cmd.h"
#include "ops/opened.h"
#include "materializer/run_text.h"
#include "ops/term.h"

#define DUMP_BYTES 16

static const struct lister_column columns[] = {
	{"place", false},
	{"reason", false},
	{"size", false},
	{"time", false},
	{"run", true},
	{"lost", true},
};

static void run_text(const struct run_id *run, char text[RUN_ID_TEXT_BYTES])
{
	static const struct run_id none;

	text[0] = '\0';
	if (!run_id_equal(run, &none))
		run_id_format(run, text);
}

static int add_entry(void *context, const struct quarantined *entry, struct err *err)
{
	struct lister *lister = context;
	char run[RUN_ID_TEXT_BYTES];
	struct buf time = {0};

	(void)err;
	run_text(&entry->run, run);
	lister_text(lister, entry->place);
	lister_text(lister, entry->reason);
	lister_number(lister, entry->bytes);
	time_text(entry->time_ns, &time);
	lister_text(lister, buf_slice(&time));
	lister_text(lister, slice_text(run));
	lister_number(lister, entry->lost);
	buf_release(&time);
	return 0;
}

static int list(const struct call *call, const struct opened *opened, struct err *err)
{
	struct lister *lister = lister_new(columns, sizeof(columns) / sizeof(columns[0]));
	int rc = 0;

	if (!lister)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (opened->query)
		rc = query_quarantine(opened->query, add_entry, lister, err);
	if (rc)
		lister_free(lister);
	else
		rc = lister_finish(lister, call, err);
	return rc;
}

struct showing {
	struct slice place;
	struct buf out;
};

/* As hexdump -C does. */
static void dump(struct slice bytes, struct buf *out)
{
	for (size_t at = 0; at < bytes.len; at += DUMP_BYTES) {
		size_t behind = at + DUMP_BYTES < bytes.len ? at + DUMP_BYTES : bytes.len;

		buf_printf(out, "%08zx ", at);
		for (size_t i = at; i < at + DUMP_BYTES; i++) {
			if (i < behind)
				buf_printf(out, " %02x", bytes.data[i]);
			else
				buf_text(out, "   ");
		}
		buf_text(out, "  ");
		for (size_t i = at; i < behind; i++)
			buf_byte(out,
				bytes.data[i] >= ' ' && bytes.data[i] < 127 ? bytes.data[i] : '.');
		buf_byte(out, '\n');
	}
}

static int show_entry(void *context, const struct quarantined *entry, struct err *err)
{
	struct showing *showing = context;

	(void)err;
	if (!slice_equal(entry->place, showing->place))
		return 0;
	buf_printf(&showing->out, "%.*s: %.*s, %lld bytes\n", (int)entry->place.len,
		entry->place.data, (int)entry->reason.len, entry->reason.data,
		(long long)entry->bytes);
	dump(entry->message, &showing->out);
	return 0;
}

static int show(const struct call *call, const struct opened *opened, struct err *err)
{
	struct showing showing = {.place = slice_text(call->argv[1])};
	int rc = 0;

	if (opened->query)
		rc = query_quarantine(opened->query, show_entry, &showing, err);
	if (!rc && !showing.out.len)
		rc = err_set(err, ERR_NOT_FOUND, "nothing was set aside at %s", call->argv[1]);
	rc = rc ? rc : term_write(buf_slice(&showing.out), err);
	buf_release(&showing.out);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	bool lists = call->argc == 1 && strcmp(call->argv[0], "list") == 0;
	bool shows = call->argc == 2 && strcmp(call->argv[0], "show") == 0;
	struct opened opened;
	int rc;

	if (!lists && !shows)
		return err_set(err, ERR_USAGE, "try: smiley quarantine list, or show PLACE");
	rc = opened_init(&opened, call, err);
	if (rc)
		return rc;
	rc = lists ? list(call, &opened, err) : show(call, &opened, err);
	opened_release(&opened);
	return rc;
}

const struct command cmd_quarantine = {
	.name = "quarantine",
	.arguments = "list | show PLACE",
	.summary = "show what the log has and no run got",
	.details =
		"Messages of others, without a value, of an unknown schema, damaged ones, and how many "
		"records retention removed before they were read, or are damaged: each with its place in the log "
		"(TOPIC[PARTITION]@OFFSET), the reason, its size and time. json has the run "
		"that it names as well.",
	.min_arguments = 1,
	.max_arguments = 2,
	.run = run,
};
