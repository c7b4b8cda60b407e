#include "tests/lib/help_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#define TURN 7
#define FIRST_LINE 10

struct run_id told_run(uint8_t number)
{
	struct run_id run = {{0}};

	for (size_t i = 0; i < sizeof(run.bytes); i++)
		run.bytes[i] = (uint8_t)(number * 17 + i);
	run.bytes[0] = number;
	return run;
}

static struct told_record *add(struct told *told, enum log_topic topic)
{
	struct told_record *list = reallocarray(told->list, told->count + 1, sizeof(*list));

	if (!list)
		abort();
	told->list = list;
	list[told->count] = (struct told_record){.topic = topic};
	snprintf(list[told->count].place, sizeof(list->place), "told %zu", told->count);
	return &list[told->count++];
}

static struct told_record *add_of_run(struct told *told, enum log_topic topic, uint8_t run)
{
	struct told_record *record = add(told, topic);
	struct run_id id = told_run(run);

	run_id_format(&id, record->key);
	return record;
}

void told_started(struct told *told, uint8_t run)
{
	struct run_started started = {
		.run = told_run(run),
		.started_ns = TOLD_START_NS + run,
		.host = slice_text("host"),
		.pid = 100 + run,
		.user = slice_text("user"),
		.cwd = slice_text("/src"),
		.python = slice_text("3.11.2"),
		.tracer = slice_text("1"),
	};
	struct buf argv = {0};

	text_list_add(&argv, &started.argv.count, slice_text("app.py"));
	started.argv.items = buf_slice(&argv);
	run_started_encode(&started, &add_of_run(told, LOG_RUNS, run)->message);
	buf_release(&argv);
}

void told_finished(struct told *told, uint8_t run, int64_t event_count)
{
	struct run_finished finished = {
		.run = told_run(run),
		.finished_ns = TOLD_START_NS + 1000 * event_count,
		.event_count = event_count,
	};

	run_finished_encode(&finished, &add_of_run(told, LOG_RUNS, run)->message);
}

void told_deleted(struct told *told, uint8_t run)
{
	struct run_deleted deleted = {.run = told_run(run), .deleted_ns = 7};

	run_deleted_encode(&deleted, &add_of_run(told, LOG_RUNS, run)->message);
}

void told_source(struct told *told, uint8_t run, const char *path, const char *text)
{
	struct source_file source = {
		.run = told_run(run),
		.path = slice_text(path),
		.text = slice_text(text),
	};
	struct told_record *record = add(told, LOG_SOURCES);

	SHA256(source.text.data, source.text.len, source.sha256);
	for (size_t i = 0; i < sizeof(source.sha256); i++)
		sprintf(record->key + 2 * i, "%02x", source.sha256[i]);
	source_file_encode(&source, &record->message);
}

void told_message(struct told *told, enum log_topic topic, uint8_t run, struct slice message)
{
	buf_append(&add_of_run(told, topic, run)->message, message.data, message.len);
}

static int64_t thread_of(int64_t seq)
{
	return seq / TURN % 2;
}

static int64_t line_of(int64_t seq)
{
	return seq % TURN == 1 && seq < 2 * TURN ? FIRST_LINE : FIRST_LINE + seq % 5;
}

/* The event of the same thread before this one: its turns are one turn apart. */
static int64_t event_before(int64_t seq)
{
	return seq % TURN ? seq - 1 : seq - TURN - 1;
}

static void put_thread(struct build *build, int64_t seq, int64_t code, bool stated[2])
{
	static const char *const names[2] = {"MainThread", "worker"};
	int64_t thread = thread_of(seq);
	int64_t begin = thread * TURN;

	if (stated[thread]) {
		if (seq % TURN == 0)
			build_switch(build, thread);
		return;
	}
	stated[thread] = true;
	build_thread(build, thread, 1000 + thread, build_name(build, names[thread]), 0);
	if (seq > begin + 1)
		build_frame(build, begin + 1, code, line_of(event_before(seq)), false);
}

void told_block(struct told *told, uint8_t run, int64_t first_seq, int64_t count)
{
	struct build build = {.head = {.run = told_run(run),
				      .first_seq = first_seq,
				      .base_ns = TOLD_START_NS + first_seq * 10}};
	bool stated[2] = {false, false};
	int64_t file = build_name(&build, TOLD_FILE);
	int64_t code = build_code(&build, file, build_name(&build, "f"), FIRST_LINE);

	for (int64_t seq = first_seq; seq < first_seq + count; seq++) {
		int64_t dt = seq == first_seq ? 0 : 10;

		put_thread(&build, seq, code, stated);
		if (seq < 2 * TURN && seq % TURN == 0)
			build_thread_start(&build, dt);
		else if (seq < 2 * TURN && seq % TURN == 1)
			build_call(&build, dt, code);
		else
			build_line(&build, dt, line_of(seq) - line_of(event_before(seq)));
	}
	block_encode(build_head(&build), &add_of_run(told, LOG_EVENTS, run)->message);
	build_release(&build);
}

void told_blocks(struct told *told, uint8_t run, int64_t count, int64_t size)
{
	for (int64_t seq = 0; seq < count; seq += size)
		told_block(told, run, seq, count - seq < size ? count - seq : size);
}

void told_all(struct told *told, uint8_t run, int64_t count)
{
	told_started(told, run);
	told_source(told, run, TOLD_FILE, "def f():\n\tpass\n");
	told_blocks(told, run, count, 10);
	told_finished(told, run, count);
}

void told_release(struct told *told)
{
	for (size_t i = 0; i < told->count; i++)
		buf_release(&told->list[i].message);
	free(told->list);
	*told = (struct told){0};
}

struct log_record told_record(const struct told *told, size_t index)
{
	const struct told_record *record = &told->list[index];

	return (struct log_record){
		.topic = record->topic,
		.key = slice_text(record->key),
		.message = buf_slice(&record->message),
		.place = slice_text(record->place),
	};
}

int told_append(const struct told *told, struct log *log, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < told->count; i++) {
		struct log_record record = told_record(told, i);

		rc = log_append(log, record.topic, record.key, record.message, err);
	}
	return rc;
}

static bool same_key(const struct told_record *a, const struct told_record *b)
{
	return a->topic == b->topic && strcmp(a->key, b->key) == 0;
}

/* Any order, then each key's records take that key's places in their order. */
void told_shuffle(struct told *told, struct random *random)
{
	struct told_record *from = told->list;
	struct told_record *to = calloc(told->count, sizeof(*to));
	size_t *order = calloc(told->count, sizeof(*order));
	bool *used = calloc(told->count, sizeof(*used));

	if (!to || !order || !used)
		abort();
	for (size_t i = 0; i < told->count; i++) {
		size_t j = (size_t)random_below(random, (int64_t)i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	for (size_t i = 0; i < told->count; i++) {
		size_t j = 0;

		while (used[j] || !same_key(&from[j], &from[order[i]]))
			j++;
		used[j] = true;
		to[i] = from[j];
	}
	free(order);
	free(used);
	free(from);
	told->list = to;
}
