/* links: schemas ingest materializer */
/*
 * drive_fold DATABASE INTO: folds the log of a database into a new one, INTO, and prints
 * what that costs: events, CPU nanoseconds an event (all threads, closing included), bytes
 * an event in the log and in the store.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "materializer/materialize.h"
#include "materializer/query.h"

static int64_t cpu_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
	       (int64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

static int64_t dir_bytes(const char *dir)
{
	DIR *listing = opendir(dir);
	struct dirent *entry;
	struct stat status;
	int64_t bytes = 0;

	while (listing && (entry = readdir(listing))) {
		if (fstatat(dirfd(listing), entry->d_name, &status, 0) == 0 &&
			S_ISREG(status.st_mode))
			bytes += status.st_size;
	}
	if (listing)
		closedir(listing);
	return bytes;
}

static int add_events(void *context, const struct run_info *info, struct err *err)
{
	int64_t *events = context;

	(void)err;
	*events += info->event_count;
	return 0;
}

static int fold_all(const struct database_paths *paths, struct log *log, struct err *err)
{
	struct materializer *m;
	size_t records = 1;
	int rc = materializer_open(paths, log, &m, err);

	while (rc == 0 && records)
		rc = materializer_step(m, 1u << 20, &records, err);
	if (rc == 0)
		materializer_close(m);
	return rc;
}

static int drive(
	const struct database_paths *from, const struct database_paths *to, struct err *err)
{
	struct query *query;
	struct log *log;
	int64_t events = 0, spent;
	int rc = file_log_open(from->log, false, &log, err);

	if (rc < 0)
		return rc;
	spent = cpu_ns();
	rc = fold_all(to, log, err);
	spent = cpu_ns() - spent;
	log_close(log);
	if (rc == 0)
		rc = query_open(to, &query, err);
	if (rc < 0)
		return rc;
	rc = query_runs(query, add_events, &events, err);
	query_close(query);
	if (rc == 0 && events)
		printf("%" PRId64
		       " events, fold %.0f ns, log %.1f bytes, store %.1f bytes an event\n",
			events, (double)spent / (double)events,
			(double)dir_bytes(from->log) / (double)events,
			(double)dir_bytes(to->store) / (double)events);
	return rc;
}

int main(int argc, char **argv)
{
	struct database_paths from = {0}, to = {0};
	struct err err = {0};
	int rc = argc == 3 ? database_paths_init(&from, argv[1], false, &err)
			   : err_set(&err, ERR_USAGE, "usage: drive_fold DATABASE INTO");

	if (rc == 0)
		rc = database_paths_init(&to, argv[2], true, &err);
	if (rc == 0)
		rc = drive(&from, &to, &err);
	if (rc < 0)
		fprintf(stderr, "drive_fold: %s\n", err.message);
	database_paths_release(&from);
	database_paths_release(&to);
	return rc < 0;
}
