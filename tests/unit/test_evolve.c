/* links: schemas ingest materializer */
/*
 * A log whose records are of the oldest version of each schema, byte for byte as they were
 * first written (tests/golden/avro), read as one of today.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "materializer/follow.h"
#include "materializer/log_replay.h"
#include "tests/lib/help_database.h"
#include "tests/lib/help_dir.h"

#define RUN "00112233-4455-4677-8899-aabbccddeeff"
/* The block is from the middle of a run: the rest is missing. */
#define TOLD                                                               \
	"start h\xc3\xb6st 4711 nightly parent_seq=-1 boot_id= offset=0\n" \
	"0 gap 0\n4096 line 13\n4097 line 10\n4098 line 10\n4099 gap 0\nend 123456\n"

static void append_golden(struct fixture *f, enum log_topic topic, const char *name)
{
	const char *root = getenv("SMILEY_ROOT");
	struct buf hex = {0}, message = {0};
	char path[4096];
	unsigned byte;
	int used;

	snprintf(path, sizeof(path), "%s/tests/golden/avro/%s.hex", root ? root : ".", name);
	file_read(path, &hex);
	for (const char *at = buf_string(&hex); sscanf(at, " %2x%n", &byte, &used) == 1; at += used)
		buf_byte(&message, (uint8_t)byte);
	good(f, log_append(f->log, topic, slice_text(RUN), buf_slice(&message), &f->err));
	buf_release(&hex);
	buf_release(&message);
}

static int setup(void **state)
{
	struct fixture *f;

	database_setup(state);
	f = *state;
	append_golden(f, LOG_RUNS, "run_started_v1");
	append_golden(f, LOG_EVENTS, "block_lines_v1");
	append_golden(f, LOG_RUNS, "run_finished");
	return 0;
}

static struct run_id the_run(void)
{
	struct run_id run;

	assert_true(run_id_parse(&run, slice_text(RUN)));
	return run;
}

static int tell_started(void *context, const struct run_started *run, struct err *err)
{
	(void)err;
	buf_printf(context, "start %.*s %" PRId64 " %.*s parent_seq=%" PRId64, (int)run->host.len,
		run->host.data, run->pid, (int)run->group.len, run->group.data, run->parent_seq);
	buf_printf(context, " boot_id=%.*s offset=%" PRId64 "\n", (int)run->boot_id.len,
		run->boot_id.data, run->clock_offset_ns);
	return 0;
}

static int tell_event(void *context, const struct event *event, struct err *err)
{
	(void)err;
	buf_printf(context, "%" PRId64 " %s %" PRId64 "\n", event->seq,
		event_kind_name(event->kind), event->line);
	return 0;
}

static int tell_finished(void *context, const struct run_finished *run, struct err *err)
{
	(void)err;
	buf_printf(context, "end %" PRId64 "\n", run->event_count);
	return 0;
}

static struct event_sink teller(struct fixture *f)
{
	buf_clear(&f->out);
	return (struct event_sink){&f->out, tell_started, NULL, tell_event, tell_finished};
}

static void the_oldest_versions_fold(void **state)
{
	struct event_range range = {.to_seq = INT64_MAX};
	struct fixture *f = *state;
	struct event_sink sink = teller(f);
	struct run_id run = the_run();
	struct run_info info;

	publish(f);
	good(f, query_run(f->query, &run, &info, &f->err));
	assert_int_equal(info.state, RUN_FAILED);
	assert_true(slice_equal(info.started.cwd, slice_text("/home/doug")));
	run_info_release(&info);
	good(f, query_replay(f->query, &run, &range, &sink, &f->err));
	assert_string_equal(buf_string(&f->out), TOLD);
}

static void the_oldest_versions_are_replayed_from_the_log(void **state)
{
	struct event_range range = {.to_seq = INT64_MAX};
	struct fixture *f = *state;
	struct event_sink sink = teller(f);
	struct run_id run = the_run();

	good(f, log_replay(f->log, 0, &run, &range, &sink, &f->err));
	assert_string_equal(buf_string(&f->out), TOLD);
}

static void the_oldest_versions_are_followed(void **state)
{
	struct fixture *f = *state;
	struct event_sink sink = teller(f);
	struct follow_options options = {.paths = &f->paths, .from_start = true};
	struct log_reader *reader;
	struct log_record record;
	struct follow *follow;
	int rc;

	good(f, follow_new(&sink, &options, &follow, &f->err));
	good(f, log_reader_open(f->log, LOG_FROM_START, &reader, &f->err));
	while ((rc = log_reader_next(reader, 0, &record, &f->err)) > 0)
		good(f, follow_record(follow, &record, &f->err));
	good(f, rc);
	good(f, follow_idle(follow, &f->err));
	follow_free(follow);
	log_reader_close(reader);
	assert_string_equal(buf_string(&f->out), TOLD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, database_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_oldest_versions_fold),
		TEST(the_oldest_versions_are_replayed_from_the_log),
		TEST(the_oldest_versions_are_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
