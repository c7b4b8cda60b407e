#include "ops/monitor.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "ingest/kafka.h"
#include "materializer/origin.h"
#include "materializer/query.h"
#include "ops/open_log.h"
#include "ops/when.h"
#include "schemas/now.h"

#define DATABASE_EVERY_MS 50
/* How far Kafka's partitions may be apart before what one lacks counts as missing. */
#define PATIENCE_MS 500

/* Who starts a program after this line misses nothing of it. */
static void say_listening(const struct call *call, const char *where, const char *more)
{
	if (call->verbosity >= 0)
		fprintf(stderr, "smiley: monitor: listening %s %s%s\n",
			log_is_remote(call->settings) ? "to" : "in", where, more);
}

/* With brokers the log is there or is waited for; a database is only good for looking up runs
 * that began earlier. */
static int open_remote(const struct call *call, struct monitor *monitor, struct err *err)
{
	const char *dir = settings_text(call->settings, OPTION_DATABASE);
	struct origin wanted;
	int rc = origin_of_kafka(
		&wanted, settings_text(call->settings, OPTION_TOPIC_PREFIX), NULL, err);

	rc = rc ? rc : open_log(call->settings, &monitor->paths, false, &monitor->log, err);
	if (rc || database_paths_init(&monitor->paths, dir, false, NULL))
		return rc;
	monitor->has_database = !origin_check(&monitor->paths, &wanted, NULL);
	return 0;
}

/* Waits for the database and its log to be made; *waited says that they were not there, so
 * that everything in them is new. */
static int open_local(const struct call *call, struct monitor *monitor, bool (*enough)(void),
	bool *waited, struct err *err)
{
	const char *dir = settings_text(call->settings, OPTION_DATABASE);

	for (;;) {
		int rc = open_place(call->settings, PLACE_ASK, &monitor->paths, err);

		if (!rc) {
			rc = open_log(call->settings, &monitor->paths, false, &monitor->log, err);
			if (!rc)
				return 0;
			database_paths_release(&monitor->paths);
		}
		if (rc != ERR_NOT_FOUND)
			return rc;
		if (!*waited)
			say_listening(call, dir, " (not there yet)");
		*waited = true;
		monitor->interrupted = enough();
		if (monitor->interrupted)
			return err_set(err, ERR_STATE, "interrupted");
		err_clear(err);
		poll(NULL, 0, DATABASE_EVERY_MS);
	}
}

/* The run that --run names: a whole id needs no database, which may know nothing of it yet. */
static int find_run(const struct call *call, struct monitor *monitor, struct err *err)
{
	const char *run = settings_text(call->settings, OPTION_RUN);
	struct query *query;
	int rc;

	if (!run)
		return 0;
	monitor->has_run = true;
	if (run_id_parse(&monitor->run, slice_text(run)))
		return 0;
	if (!monitor->has_database)
		return err_set(err, ERR_NOT_FOUND,
			"run %s: without a database that knows it, its whole id is needed", run);
	rc = query_open(&monitor->paths, &query, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND, "no run %s: nothing has been recorded yet", run);
	if (rc)
		return rc;
	rc = query_resolve(query, run, &monitor->run, err);
	query_close(query);
	return rc;
}

static int from_when(const struct call *call, struct follow_options *options, struct err *err)
{
	const char *from = settings_text(call->settings, OPTION_MONITOR_FROM);

	options->from_start = strcmp(from, "start") == 0;
	if (options->from_start || strcmp(from, "now") == 0)
		return 0;
	return when_parse(from, wall_ns(), &options->from_ns, err);
}

/* A file log has no index of times: it is read from its start. */
static int open_reader(const struct call *call, struct monitor *monitor,
	const struct follow_options *options, struct err *err)
{
	bool all = options->from_start || options->from_ns;

	if (options->from_ns && log_is_remote(call->settings))
		return kafka_reader_open_at_time(
			monitor->log, options->from_ns, &monitor->reader, err);
	return log_reader_open(
		monitor->log, all ? LOG_FROM_START : LOG_FROM_NOW, &monitor->reader, err);
}

static int open_printer(const struct call *call, struct monitor *monitor, struct err *err)
{
	const char *name = settings_text(call->settings, OPTION_TO_TOPIC);
	int rc = printer_init(&monitor->printer, call,
		monitor->has_run ? PRINTER_ONE_RUN : PRINTER_MIXED_RUNS, err);

	if (rc || !name)
		return rc;
	monitor->printer.write = text_topic_write;
	monitor->printer.write_context = monitor->topic;
	return 0;
}

int monitor_open(
	struct monitor *monitor, const struct call *call, bool (*enough)(void), struct err *err)
{
	bool remote = log_is_remote(call->settings);
	struct follow_options options = {
		.group = settings_text(call->settings, OPTION_MONITOR_GROUP),
		.patience_ms = remote ? PATIENCE_MS : 0,
	};
	struct event_sink sink;
	bool waited = false;
	int rc = from_when(call, &options, err);

	if (rc)
		return rc;
	monitor->call = call;
	monitor->has_database = !remote;
	rc = text_topic_open(&monitor->topic, call->settings, err);
	if (rc)
		return rc;
	rc = remote ? open_remote(call, monitor, err)
		    : open_local(call, monitor, enough, &waited, err);
	rc = rc ? rc : find_run(call, monitor, err);
	options.from_start |= waited;
	rc = rc ? rc : open_reader(call, monitor, &options, err);
	if (!rc && !waited)
		say_listening(call,
			remote ? settings_text(call->settings, OPTION_BROKERS)
			       : monitor->paths.root,
			"");
	rc = rc ? rc : open_printer(call, monitor, err);
	if (rc)
		return rc;
	options.run = monitor->has_run ? &monitor->run : NULL;
	options.paths = monitor->has_database ? &monitor->paths : NULL;
	sink = printer_sink(&monitor->printer);
	return follow_new(&sink, &options, &monitor->follow, err);
}

void monitor_release(struct monitor *monitor)
{
	follow_free(monitor->follow);
	printer_release(&monitor->printer);
	obstacle_release(&monitor->obstacle);
	text_topic_close(monitor->topic);
	log_reader_close(monitor->reader);
	log_close(monitor->log);
	database_paths_release(&monitor->paths);
}

int monitor_step(struct monitor *monitor, int wait_ms, struct err *err)
{
	struct log_record record;
	int rc = log_reader_next(monitor->reader, 0, &record, err);

	if (rc == 0) {
		rc = follow_idle(monitor->follow, err);
		rc = rc ? rc : printer_flush(&monitor->printer, err);
		rc = rc ? rc : log_reader_next(monitor->reader, wait_ms, &record, err);
		if (rc >= 0)
			obstacle_tell(&monitor->obstacle, monitor->call,
				rc ? NULL : log_trouble(monitor->log));
	}
	if (rc > 0)
		rc = follow_record(monitor->follow, &record, err);
	return rc;
}
