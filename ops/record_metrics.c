#include "ops/record_metrics.h"

#include "materializer/store.h"
#include "ops/disk.h"
#include "ops/open_log.h"
#include "ops/recorder.h"
#include "schemas/now.h"
#include "schemas/spool_file.h"
#include "schemas/version.h"

#define NS 1e9

static void put_folding(const struct recorder *recorder, struct buf *out)
{
	struct materializer *m = recorder->materializer;
	int64_t aside = recorder->quarantined + (m ? materializer_quarantined(m) : 0);
	int64_t behind = recorder->behind_ns ? monotonic_ns() - recorder->behind_ns : 0;
	bool remote = log_is_remote(recorder->call->settings);
	uint64_t done = 0, total = 0;

	exporter_metric(out, "record_folded_records_total", "counter",
		"Records of the log that were folded.", (double)recorder->records);
	exporter_metric(out, "record_quarantined_records_total", "counter",
		"Records that could not be folded and were set aside.", (double)aside);
	exporter_metric(out, "record_retained_deletions_total", "counter",
		"Runs that --retain deleted.", (double)recorder->retainer.deleted);
	exporter_metric(out, "record_behind_seconds", "gauge",
		"For how long it has not been at the log's end; 0: it is.", (double)behind / NS);
	exporter_metric(out, "record_trouble", "gauge",
		"1: something keeps it from getting on, its log tells what.",
		recorder->obstacle.told.len > 0);
	if (m && materializer_progress(m, &done, &total) == 0)
		exporter_metric(out, remote ? "record_lag_records" : "record_lag_bytes", "gauge",
			"Of the log, not folded yet.", done < total ? (double)(total - done) : 0);
}

static void put_store(const struct recorder *recorder, struct buf *out)
{
	struct store_figures figures = {0};

	if (!recorder->materializer ||
		materializer_measure(recorder->materializer, &figures, NULL) < 0)
		return;
	exporter_metric(out, "record_store_table_bytes", "gauge", "Live table files of RocksDB.",
		(double)figures.file_bytes);
	exporter_metric(out, "record_store_memtable_bytes", "gauge",
		"Of RocksDB, not in tables yet.", (double)figures.memtable_bytes);
	exporter_metric(out, "record_store_write_stalls", "gauge",
		"1: RocksDB slows writes down just now, 2: they stand.",
		(double)figures.write_stalls);
}

static void put_disk(const struct recorder *recorder, struct buf *out)
{
	const struct database_paths *paths = recorder->paths;
	struct disk_space space;

	exporter_metric(out, "record_log_disk_bytes", "gauge", "What a log of files takes.",
		(double)disk_used(paths->log, NULL).bytes);
	exporter_metric(out, "record_store_disk_bytes", "gauge", "What the store takes.",
		(double)disk_used(paths->store, NULL).bytes);
	exporter_metric(out, "record_waiting_spools", "gauge",
		"Spools of programs that run on this host, or that nobody has picked up.",
		(double)disk_used(paths->spool, SPOOL_FILE_SUFFIX).files);
	if (disk_left(paths->root, &space))
		exporter_metric(out, "record_free_disk_bytes", "gauge",
			"Left on the database's file system.", (double)space.free_bytes);
}

void record_metrics_put(const struct recorder *recorder, struct buf *out)
{
	buf_text(out, "# HELP smiley_record_info What this is.\n"
		      "# TYPE smiley_record_info gauge\n"
		      "smiley_record_info{version=\"" SMILEY_VERSION "\"} 1\n");
	exporter_metric(out, "record_start_time_seconds", "gauge", "When it was started.",
		(double)recorder->started_ns / NS);
	put_folding(recorder, out);
	put_store(recorder, out);
	put_disk(recorder, out);
}
