#include "ops/log_check.h"

#include "materializer/log_walk.h"
#include "materializer/quarantine.h"
#include "ops/open_log.h"

static int sum_damage(void *context, const struct log_record *record, struct err *err)
{
	int64_t *bytes = context;

	(void)err;
	*bytes += record->skipped;
	return 0;
}

/* A database that is made from Kafka, and asked without brokers, has none. */
static int check_log(const struct call *call, const char *dir, const struct log_walk *walk,
	int64_t *bytes, struct err *err)
{
	struct database_paths paths;
	struct log *log = NULL;
	int rc = database_paths_init(&paths, dir, false, err);

	if (!rc)
		rc = open_log(call->settings, &paths, false, &log, err);
	rc = rc ? rc : log_walk(log, walk, sum_damage, bytes, err);
	log_close(log);
	database_paths_release(&paths);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int log_check_damage(
	const struct call *call, struct progress *progress, int64_t *bytes, struct err *err)
{
	struct log_walk walk = {.progress = progress_update, .progress_context = progress};
	size_t count;
	const char **dirs = settings_list(call->settings, OPTION_DATABASE, &count);
	int rc = 0;

	*bytes = 0;
	if (log_is_remote(call->settings))
		return 0;
	for (size_t i = 0; i < count && !rc; i++)
		rc = check_log(call, dirs[i], &walk, bytes, err);
	return rc;
}

static int sum_lost(void *context, const struct quarantined *entry, struct err *err)
{
	int64_t *records = context;

	(void)err;
	*records += entry->lost;
	return 0;
}

int log_check_lost(struct query *query, int64_t *records, struct err *err)
{
	*records = 0;
	return query_quarantine(query, sum_lost, records, err);
}
