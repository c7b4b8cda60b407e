/* links: schemas ingest materializer */
/*
 * drive_runs DATABASE COUNT: fills a database with so many short runs, by turns of six hosts,
 * one of fifty still running, one of ten with an error: what lists of runs are measured on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/materialize.h"
#include "schemas/avro.h"
#include "schemas/block.h"
#include "schemas/item.h"
#include "schemas/message.h"

#define START_NS 1790000000000000000
#define SECOND_NS INT64_C(1000000000)
#define EVENTS 12

/* Scattered, so that the order of ids is not that of starts. */
static struct run_id run_number(int number)
{
	uint64_t high = (uint64_t)(number + 1) * 0x9e3779b97f4a7c15, low = ~high;
	struct run_id run;

	memcpy(run.bytes, &high, sizeof(high));
	memcpy(run.bytes + sizeof(high), &low, sizeof(low));
	return run;
}

static int put(struct log *log, enum log_topic topic, const struct run_id *run, struct buf *message,
	struct err *err)
{
	char key[RUN_ID_TEXT_BYTES];
	int rc = log_append(
		log, topic, slice_text(run_id_format(run, key)), buf_slice(message), err);

	buf_clear(message);
	return rc;
}

static void started(int number, struct buf *message)
{
	struct run_started started = {.run = run_number(number),
		.started_ns = START_NS + number * SECOND_NS,
		.pid = 1000 + number,
		.user = slice_text("user"),
		.cwd = slice_text("/home/user/project"),
		.python = slice_text("3.11.2"),
		.tracer = slice_text("1")};
	struct buf argv = {0};
	char host[32], word[32];

	snprintf(host, sizeof(host), "host-%d.example.org", number % 6);
	snprintf(word, sizeof(word), "--number=%d", number * 7919 % 10007);
	started.host = slice_text(host);
	text_list_add(&argv, &started.argv.count, slice_text("manage.py"));
	text_list_add(&argv, &started.argv.count, slice_text(word));
	started.argv.items = buf_slice(&argv);
	run_started_encode(&started, message);
	buf_release(&argv);
}

static void finished(int number, struct buf *message)
{
	struct run_finished finished = {.run = run_number(number),
		.finished_ns = START_NS + number * SECOND_NS + number * SECOND_NS % 99991 * 1000,
		.event_count = EVENTS};

	if (number % 10 == 3) {
		finished.exit_status = 1;
		finished.error_type = slice_text("ValueError");
		finished.error_message = slice_text("no such number");
	}
	run_finished_encode(&finished, message);
}

static void item(struct block_head *head, struct buf *items, const int64_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		avro_buf_long(items, numbers[i]);
	head->item_count++;
}

static void name(struct block_head *head, struct buf *items, const char *text)
{
	item(head, items, (const int64_t[]){ITEM_NAME}, 1);
	avro_buf_bytes(items, text, strlen(text));
}

static void block(int number, struct buf *message)
{
	struct block_head head = {.run = run_number(number),
		.base_ns = START_NS + number * SECOND_NS,
		.event_count = EVENTS};
	struct buf items = {0};

	name(&head, &items, "/home/user/project/manage.py");
	name(&head, &items, "<module>");
	name(&head, &items, "MainThread");
	item(&head, &items, (const int64_t[]){ITEM_THREAD, 0, 1, 2, 0}, 5);
	item(&head, &items, (const int64_t[]){ITEM_CODE, 0, 1, 1}, 4);
	item(&head, &items, (const int64_t[]){ITEM_CALL, 1, 0}, 3);
	for (int line = 1; line < EVENTS; line++)
		item(&head, &items, (const int64_t[]){ITEM_LINE, 1000, 1}, 3);
	head.items = buf_slice(&items);
	block_encode(&head, message);
	buf_release(&items);
}

static int tell(struct log *log, int count, struct err *err)
{
	struct buf message = {0};
	int rc = 0;

	for (int i = 0; rc == 0 && i < count; i++) {
		struct run_id run = run_number(i);

		started(i, &message);
		rc = put(log, LOG_RUNS, &run, &message, err);
		block(i, &message);
		rc = rc ? rc : put(log, LOG_EVENTS, &run, &message, err);
		if (i % 50)
			finished(i, &message);
		if (rc == 0 && i % 50)
			rc = put(log, LOG_RUNS, &run, &message, err);
	}
	buf_release(&message);
	return rc;
}

int main(int argc, char **argv)
{
	struct database_paths paths = {0};
	struct err err = {0};
	struct log *log = NULL;
	int rc;

	if (argc != 3)
		return 2;
	rc = database_paths_init(&paths, argv[1], true, &err);
	rc = rc ? rc : file_log_open(paths.log, true, &log, &err);
	rc = rc ? rc : tell(log, atoi(argv[2]), &err);
	rc = rc ? rc : materialize_now(&paths, log, NULL, &err);
	if (rc)
		fprintf(stderr, "drive_runs: %s\n", err.message);
	log_close(log);
	database_paths_release(&paths);
	return rc != 0;
}
