/* links: ingest schemas */
/*
 * drive_fleet LOG BROKERS PREFIX SEED RUNS OPEN HOSTS RATE: a fleet of hosts, for benches. Reads the
 * records of the one run in the file log LOG, and tells them to the topics (BROKERS is `-`: to the
 * file log PREFIX) as those of RUNS runs,
 * OPEN of them at once, on HOSTS hosts in turn: ids, hosts, pids and times are each run's own, all
 * else is what the tracer wrote. In each turn every open run sends its next block; one that is at
 * its end gives its place to the next. The first ones end early, each at another block, so that
 * ends are spread. RATE: events a second, 0: as fast as it goes. One SEED, the same run ids.
 *
 * Prints `opened SECONDS` once OPEN runs are, and at the end, when all is acknowledged,
 * `sent RUNS runs BLOCKS blocks EVENTS events BYTES bytes in SECONDS`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ingest/kafka.h"
#include "schemas/block.h"
#include "schemas/message.h"
#include "schemas/now.h"

#define BLOCKS_MAX 256

/* What each run tells; all slices are of copies that live as long as the program. */
static struct {
	struct run_started started;
	struct source_file source;
	bool has_source;
	struct run_finished finished;
	struct block_head blocks[BLOCKS_MAX];
	int count;
} model;

struct slot {
	long number; /* of its run; -1: none */
	int next, length;
	int64_t begun_ns;
	int64_t events;
};

static struct fleet {
	struct log *log;
	long seed, runs, begun, hosts, rate;
	int64_t start_ns, blocks, events, bytes;
	struct buf message;
} fleet;

static struct slice keep(struct slice bytes)
{
	uint8_t *copy = malloc(bytes.len + 1);

	if (!copy)
		abort();
	memcpy(copy, bytes.data, bytes.len);
	return (struct slice){copy, bytes.len};
}

static int take(int schema, struct slice body, struct err *err)
{
	switch (schema) {
	case SCHEMA_RUN_STARTED:
		return run_started_decode(body, &model.started, err);
	case SCHEMA_RUN_FINISHED:
		return run_finished_decode(body, &model.finished, err);
	case SCHEMA_SOURCE_FILE:
		model.has_source = true;
		return source_file_decode(body, &model.source, err);
	case SCHEMA_TRACE_BLOCK:
		if (model.count == BLOCKS_MAX)
			return 0;
		return block_head_parse(body, &model.blocks[model.count++], err);
	default:
		return 0;
	}
}

static int load(const char *path, struct err *err)
{
	struct log_reader *reader = NULL;
	struct log_record record;
	struct log *log = NULL;
	struct slice body;
	int rc = file_log_open(path, false, &log, err);

	rc = rc ? rc : log_reader_open(log, LOG_FROM_START, &reader, err);
	while (rc == 0 && (rc = log_reader_next(reader, 0, &record, err)) == 1) {
		rc = message_parse(keep(record.message), &body, err);
		rc = rc < 0 ? rc : take(rc, body, err);
	}
	log_reader_close(reader);
	log_close(log);
	if (rc == 0 && model.count == 0)
		rc = err_set(err, ERR_NOT_FOUND, "no run in %s", path);
	return rc;
}

/* Scattered over all bytes, as random ids are, so over the partitions too. */
static struct run_id run_number(long number)
{
	struct run_id run;
	uint64_t halves[2];

	for (uint64_t i = 0; i < 2; i++) {
		uint64_t mixed = ((uint64_t)fleet.seed << 40) + (uint64_t)number * 2 + i;

		mixed = (mixed + 1) * 0x9e3779b97f4a7c15;
		mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
		mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
		halves[i] = mixed ^ mixed >> 31;
	}
	memcpy(run.bytes, halves, sizeof(run.bytes));
	return run;
}

static int put(enum log_topic topic, struct slice key, struct err *err)
{
	int rc;

	while ((rc = log_append(fleet.log, topic, key, buf_slice(&fleet.message), err)) == ERR_BUSY)
		log_flush(fleet.log, 5, NULL);
	fleet.bytes += (int64_t)fleet.message.len;
	buf_clear(&fleet.message);
	return rc;
}

static int put_source(const struct run_id *run, struct err *err)
{
	struct source_file source = model.source;
	char key[2 * sizeof(source.sha256) + 1];

	for (size_t i = 0; i < sizeof(source.sha256); i++)
		snprintf(key + 2 * i, 3, "%02x", source.sha256[i]);
	source.run = *run;
	source_file_encode(&source, &fleet.message);
	return put(LOG_SOURCES, slice_text(key), err);
}

static int begin(struct slot *slot, const struct run_id *run, struct slice key, struct err *err)
{
	struct run_started started = model.started;
	char host[48];
	int rc;

	slot->begun_ns = wall_ns();
	snprintf(host, sizeof(host), "host-%05ld.example.org", slot->number % fleet.hosts);
	started.run = *run;
	started.host = slice_text(host);
	started.pid = 1000 + slot->number / fleet.hosts;
	started.started_ns = slot->begun_ns;
	run_started_encode(&started, &fleet.message);
	rc = put(LOG_RUNS, key, err);
	return rc == 0 && model.has_source ? put_source(run, err) : rc;
}

static int finish(struct slot *slot, const struct run_id *run, struct slice key, struct err *err)
{
	struct run_finished finished = model.finished;

	finished.run = *run;
	finished.finished_ns = wall_ns();
	finished.event_count = slot->events;
	run_finished_encode(&finished, &fleet.message);
	return put(LOG_RUNS, key, err);
}

static int send_block(
	struct slot *slot, const struct run_id *run, struct slice key, struct err *err)
{
	struct block_head head = model.blocks[slot->next++];

	head.run = *run;
	head.base_ns += slot->begun_ns - model.started.started_ns;
	block_encode(&head, &fleet.message);
	slot->events += head.event_count;
	fleet.events += head.event_count;
	fleet.blocks++;
	return put(LOG_EVENTS, key, err);
}

static void keep_pace(void)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	while (fleet.rate && (double)fleet.events / (double)fleet.rate >
				     (double)(wall_ns() - fleet.start_ns) / 1e9) {
		log_acknowledged(fleet.log);
		nanosleep(&moment, NULL);
	}
}

static int turn(struct slot *slot, struct err *err)
{
	struct run_id run = run_number(slot->number);
	char text[RUN_ID_TEXT_BYTES];
	struct slice key = slice_text(run_id_format(&run, text));
	int rc = slot->next ? 0 : begin(slot, &run, key, err);

	rc = rc ? rc : send_block(slot, &run, key, err);
	if (rc || slot->next < slot->length)
		return rc;
	rc = finish(slot, &run, key, err);
	*slot = (struct slot){.number = -1, .length = model.count};
	if (fleet.begun < fleet.runs)
		slot->number = fleet.begun++;
	return rc;
}

static double since_start(void)
{
	return (double)(wall_ns() - fleet.start_ns) / 1e9;
}

static int send_all(struct slot *slots, long open, struct err *err)
{
	bool opened = false, busy = true;
	int rc = 0;

	for (long i = 0; i < open; i++)
		slots[i] = (struct slot){fleet.begun++, 0, 1 + (int)(i % model.count), 0, 0};
	while (rc == 0 && busy) {
		busy = false;
		for (long i = 0; rc == 0 && i < open; i++) {
			if (slots[i].number < 0)
				continue;
			busy = true;
			rc = turn(&slots[i], err);
			keep_pace();
		}
		if (!opened)
			printf("opened %.3f\n", since_start());
		opened = true;
		fflush(stdout);
	}
	while (rc == 0 && log_acknowledged(fleet.log) < log_appended(fleet.log)) {
		rc = log_flush(fleet.log, 500, err);
		rc = rc == ERR_BUSY ? 0 : rc;
	}
	return rc;
}

static int open_log(const struct kafka_settings *settings, struct err *err)
{
	if (strcmp(settings->brokers, "-") == 0)
		return file_log_open(settings->topic_prefix, true, &fleet.log, err);
	return kafka_log_open(settings, &fleet.log, err);
}

int main(int argc, char **argv)
{
	struct kafka_settings settings = {0};
	struct slot *slots = NULL;
	struct err err = {0};
	long open;
	int rc;

	if (argc != 9)
		return 2;
	settings.brokers = argv[2];
	settings.topic_prefix = argv[3];
	fleet.seed = atol(argv[4]);
	fleet.runs = atol(argv[5]);
	open = atol(argv[6]);
	fleet.hosts = atol(argv[7]);
	fleet.rate = atol(argv[8]);
	if (open < 1 || fleet.runs < open || fleet.hosts < 1)
		return 2;
	rc = load(argv[1], &err);
	rc = rc ? rc : open_log(&settings, &err);
	slots = rc ? NULL : calloc((size_t)open, sizeof(*slots));
	fleet.start_ns = wall_ns();
	if (slots)
		rc = send_all(slots, open, &err);
	if (rc)
		fprintf(stderr, "drive_fleet: %s\n", err.message);
	else
		printf("sent %ld runs %lld blocks %lld events %lld bytes in %.3f\n", fleet.begun,
			(long long)fleet.blocks, (long long)fleet.events, (long long)fleet.bytes,
			since_start());
	free(slots);
	log_close(fleet.log);
	buf_release(&fleet.message);
	return rc != 0;
}
