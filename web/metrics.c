#include "web/metrics.h"

#include <inttypes.h>

#define NS 1e9

static void put_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP smiley_%s %s\n# TYPE smiley_%s %s\n", name, help, name, type);
}

static void put_one(
	struct buf *out, const char *name, const char *type, const char *help, int64_t value)
{
	put_head(out, name, type, help);
	buf_printf(out, "smiley_%s %" PRId64 "\n", name, value);
}

static bool was_asked(const struct board_route *route)
{
	for (size_t i = 0; i < BOARD_STATUSES; i++) {
		if (route->statuses[i])
			return true;
	}
	return false;
}

static void put_requests(struct buf *out, const struct metrics *metrics)
{
	put_head(out, "http_requests_total", "counter",
		"Answers, by route and status (0: another), of all workers.");
	for (size_t i = 0; i < BOARD_ROUTES; i++) {
		const struct board_route *route = &metrics->board->routes[i];
		const char *method, *name = metrics->route_name(i, &method);

		for (size_t j = 0; name && j < BOARD_STATUSES; j++) {
			if (route->statuses[j])
				buf_printf(out,
					"smiley_http_requests_total{route=\"%s\",method=\"%s\","
					"status=\"%d\"} %" PRIu64 "\n",
					name, method, board_statuses[j], route->statuses[j]);
		}
	}
	put_head(out, "http_response_bytes_total", "counter", "Bytes of bodies, by route.");
	for (size_t i = 0; i < BOARD_ROUTES; i++) {
		const struct board_route *route = &metrics->board->routes[i];
		const char *method, *name = metrics->route_name(i, &method);

		if (name && was_asked(route))
			buf_printf(out,
				"smiley_http_response_bytes_total{route=\"%s\",method=\"%s\"} "
				"%" PRIu64 "\n",
				name, method, route->bytes);
	}
}

static void put_histogram(
	struct buf *out, const char *name, const char *method, const struct board_route *route)
{
	static const char metric[] = "smiley_http_request_duration_seconds";
	struct buf labels = {0};
	uint64_t sum = 0;

	buf_printf(&labels, "route=\"%s\",method=\"%s\"", name, method);
	for (size_t i = 0; i < BOARD_BUCKETS; i++) {
		sum += route->buckets[i];
		buf_printf(out, "%s_bucket{%s,le=\"%g\"} %" PRIu64 "\n", metric,
			buf_string(&labels), (double)board_buckets_ns[i] / NS, sum);
	}
	sum += route->buckets[BOARD_BUCKETS];
	buf_printf(
		out, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", metric, buf_string(&labels), sum);
	buf_printf(
		out, "%s_sum{%s} %.9f\n", metric, buf_string(&labels), (double)route->time_ns / NS);
	buf_printf(out, "%s_count{%s} %" PRIu64 "\n", metric, buf_string(&labels), sum);
	buf_release(&labels);
}

static void put_times(struct buf *out, const struct metrics *metrics)
{
	put_head(out, "http_request_duration_seconds", "histogram",
		"Time from the whole request to the whole answer, by route, of all workers.");
	for (size_t i = 0; i < BOARD_ROUTES; i++) {
		const char *method, *name = metrics->route_name(i, &method);

		if (name && was_asked(&metrics->board->routes[i]))
			put_histogram(out, name, method, &metrics->board->routes[i]);
	}
}

static void put_data(struct buf *out, const struct metrics *metrics)
{
	put_head(out, "runs", "gauge", "Runs in the databases, by state.");
	for (int state = RUN_RUNNING; state <= RUN_LOST; state++)
		buf_printf(out, "smiley_runs{state=\"%s\"} %" PRId64 "\n",
			run_state_name((enum run_state)state), metrics->runs[state]);
	put_one(out, "events", "gauge", "Events in the databases.", metrics->events);
	put_one(out, "quarantined_records", "gauge",
		"Records of the log that could not be folded and are kept aside.",
		metrics->quarantined);
	put_one(out, "gap_records", "gauge",
		"Records that retention had removed from the log before they were read.",
		metrics->removed_records);
	put_one(out, "damaged_records", "gauge",
		"Records that are damaged in the log's topics, and were passed over.",
		metrics->damaged_records);
	put_one(out, "gaps", "gauge",
		"Places in the runs where events are missing: a full spool, a pause, a limit.",
		metrics->lost.gaps);
	put_one(out, "gaps_uncounted", "gauge",
		"Those where nothing was lost: recording was off, by a pause or at a limit.",
		metrics->lost.uncounted);
	put_one(out, "lost_events", "gauge", "Events that the others of these stand for.",
		metrics->lost.events);
}

static void put_of_database(struct buf *out, const struct metrics *metrics, const char *name,
	const char *help, bool told, double (*value)(const struct freshness *freshness))
{
	put_head(out, name, "gauge", help);
	for (size_t i = 0; i < metrics->database_count; i++) {
		if (metrics->databases[i].at_hand || (metrics->databases[i].told && told))
			buf_printf(out, "smiley_%s{database=\"%zu\"} %.15g\n", name, i,
				value(&metrics->databases[i]));
	}
}

static double log_bytes(const struct freshness *freshness)
{
	return (double)freshness->log_bytes;
}

static double applied_bytes(const struct freshness *freshness)
{
	return (double)freshness->applied_bytes;
}

static double lag_records(const struct freshness *freshness)
{
	return (double)freshness->records;
}

static double lag_seconds(const struct freshness *freshness)
{
	return (double)freshness_lag_ns(freshness) / NS;
}

/* Of a log on Kafka bytes are not known here. */
static void put_freshness(struct buf *out, const struct metrics *metrics)
{
	struct buf text = {0};

	put_head(out, "applied_info", "gauge", "The place in the log up to which all is shown.");
	for (size_t i = 0; i < metrics->database_count; i++) {
		buf_clear(&text);
		position_text(&metrics->databases[i].applied, &text);
		buf_printf(out, "smiley_applied_info{database=\"%zu\",position=\"%s\"} 1\n", i,
			buf_string(&text));
	}
	buf_release(&text);
	put_of_database(out, metrics, "log_bytes", "Bytes of the file log.", false, log_bytes);
	put_of_database(out, metrics, "applied_log_bytes", "Bytes of the file log that are shown.",
		false, applied_bytes);
	put_of_database(out, metrics, "lag_records",
		"Records of the log that are not shown yet: of a file log counted up to 1000, of "
		"Kafka as who folds it told last.",
		true, lag_records);
	put_of_database(out, metrics, "lag_seconds",
		"For how long the first of these has been there, or since when nothing was told.",
		true, lag_seconds);
}

static void put_figure(
	struct buf *out, const struct metrics *metrics, const char *name, uint64_t value)
{
	buf_printf(out, "smiley_rocksdb_%s{worker=\"%d\"} %" PRIu64 "\n", name, metrics->worker,
		value);
}

static void put_store(struct buf *out, const struct metrics *metrics)
{
	const struct store_figures *store = &metrics->store;

	put_head(out, "rocksdb_estimated_keys", "gauge", "Keys, by column family.");
	for (int family = 0; family < STORE_FAMILIES; family++)
		buf_printf(out, "smiley_rocksdb_estimated_keys{family=\"%s\"} %" PRIu64 "\n",
			store_family_name((enum store_family)family), store->keys[family]);
	put_one(out, "rocksdb_file_bytes", "gauge", "Live table files.",
		(int64_t)store->file_bytes);
	put_head(out, "rocksdb_memtable_bytes", "gauge", "In the answering worker's memory.");
	put_figure(out, metrics, "memtable_bytes", store->memtable_bytes);
	put_head(out, "rocksdb_table_reader_bytes", "gauge",
		"Indexes and filters in the answering worker's memory.");
	put_figure(out, metrics, "table_reader_bytes", store->table_reader_bytes);
	put_head(out, "rocksdb_cache_bytes", "gauge", "Blocks cached by the answering worker.");
	put_figure(out, metrics, "cache_bytes", store->cache_bytes);
}

static void put_server(struct buf *out, const struct metrics *metrics)
{
	const struct board *board = metrics->board;

	put_head(out, "build_info", "gauge", "What this is.");
	buf_printf(out, "smiley_build_info{version=\"%s\"} 1\n", metrics->version);
	put_head(out, "start_time_seconds", "gauge", "When the server was started.");
	buf_printf(out, "smiley_start_time_seconds %.3f\n", (double)board->started_ns / NS);
	put_one(out, "failed_logins_total", "counter", "Wrong secrets.",
		(int64_t)board->failed_logins);
	put_head(out, "worker_starts_total", "counter",
		"Times that a worker was started; more than 1: it was killed.");
	for (int i = 0; i < BOARD_WORKERS; i++) {
		if (board->workers[i].pid)
			buf_printf(out, "smiley_worker_starts_total{worker=\"%d\"} %u\n", i,
				board->workers[i].starts);
	}
}

void metrics_put(struct buf *out, const struct metrics *metrics)
{
	put_server(out, metrics);
	put_requests(out, metrics);
	put_times(out, metrics);
	put_data(out, metrics);
	put_freshness(out, metrics);
	put_store(out, metrics);
}
