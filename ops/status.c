#include "ops/status.h"

#include "materializer/lock.h"
#include "materializer/quarantine.h"
#include "materializer/run_text.h"
#include "ops/kafka_options.h"
#include "ops/open_log.h"
#include "ops/topics_conf.h"
#include "schemas/spool_file.h"

static int add_run(void *context, const struct run_info *info, struct err *err)
{
	struct status *status = context;
	struct status_run *newest = &status->newest;

	(void)err;
	status->runs[info->state]++;
	status->paused += info->paused;
	status->events += info->event_count;
	newest->is_one = true;
	newest->state = info->state;
	newest->paused = info->paused;
	newest->words = run_state_words(info);
	newest->events = info->event_count;
	newest->started_ns = info->started.started_ns;
	run_id_format(&info->id, newest->id);
	buf_clear(&newest->description);
	argv_text(info->started.argv, &newest->description);
	buf_clear(&newest->error);
	run_error_text(info, &newest->error);
	return 0;
}

static int add_quarantined(void *context, const struct quarantined *entry, struct err *err)
{
	struct status *status = context;

	(void)err;
	status->removed += entry->lost - entry->damaged;
	status->damaged += entry->damaged;
	status->set_aside += entry->lost == 0;
	return 0;
}

/* No store yet is nothing wrong. */
static void look_at_store(struct status *status)
{
	struct query *query = NULL;
	int rc = query_open(&status->paths, &query, &status->store_err);

	rc = rc ? rc : query_runs(query, add_run, status, &status->store_err);
	rc = rc ? rc : query_quarantine(query, add_quarantined, status, &status->store_err);
	if (!rc && query_freshness(query, 0, &status->freshness, &status->store_err) == 1)
		status->has_store = true;
	query_close(query);
	if (rc == ERR_NOT_FOUND)
		err_clear(&status->store_err);
}

static void look_at_disk(struct status *status)
{
	const struct database_paths *paths = &status->paths;

	if (paths->spool) {
		status->spools = disk_used(paths->spool, SPOOL_FILE_SUFFIX);
		status->bad_spools =
			disk_used(paths->spool, SPOOL_FILE_SUFFIX SPOOL_FILE_BAD_SUFFIX);
	}
	if (status->has_database) {
		status->log = disk_used(paths->log, NULL);
		status->store = disk_used(paths->store, NULL);
	}
	disk_left(paths->root, &status->space);
}

/* Of several things that are said of a topic the last is kept. */
static void add_topic(void *context, const char *name, const char *what, bool wrong)
{
	struct status *status = context;
	struct status_topic *topic = status->topics + status->topic_count - 1;

	if (!status->topic_count || !slice_equal(buf_slice(&topic->name), slice_text(name))) {
		if (status->topic_count == LOG_TOPICS)
			return;
		topic = &status->topics[status->topic_count++];
		buf_text(&topic->name, name);
	}
	buf_clear(&topic->what);
	buf_text(&topic->what, what ? what : "");
	topic->wrong |= wrong;
}

static int look_at_topics(struct status *status, const struct call *call, struct err *err)
{
	struct kafka_options options = {0};
	struct topics_conf conf;
	int rc = topics_conf_load(&conf, err);

	rc = rc ? rc : kafka_options_init(&options, call->settings, err);
	rc = rc ? rc
		: kafka_topics_check(
			  &options.settings, conf.topics, LOG_TOPICS, add_topic, status, err);
	kafka_options_release(&options);
	topics_conf_release(&conf);
	return rc;
}

/* Where the topics end is asked first: it says soonest that no broker answers. */
static void look_at_brokers(struct status *status, const struct call *call)
{
	struct position end;
	struct log *log = NULL;
	struct err *err = &status->broker_err;
	int rc = open_log(call->settings, &status->paths, false, &log, err);

	rc = rc ? rc : log_end(log, &end, err);
	log_close(log);
	if (rc && rc != ERR_NOT_FOUND && rc != ERR_STATE)
		return;
	if (!rc && (status->has_store || !status->store_err.code))
		status->lag = kafka_position_lag(&status->freshness.applied, &end);
	err_clear(err);
	look_at_topics(status, call, err);
}

int status_look(struct status *status, const struct call *call, struct err *err)
{
	int rc;

	*status = (struct status){.lag = -1};
	rc = look_at_place(call->settings, &status->paths, err);
	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	err_clear(err);
	status->has_database = rc == 0;
	if (status->has_database) {
		rc = origin_read(&status->paths, &status->origin, err);
		if (rc)
			return rc;
		status->folder = lock_holder(status->paths.lock);
		look_at_store(status);
	}
	look_at_disk(status);
	if (log_is_remote(call->settings)) {
		status->brokers = settings_text(call->settings, OPTION_BROKERS);
		look_at_brokers(status, call);
	} else if (status->has_store && status->freshness.at_hand) {
		status->lag = status->freshness.records;
	}
	return 0;
}

void status_release(struct status *status)
{
	for (size_t i = 0; i < LOG_TOPICS; i++) {
		buf_release(&status->topics[i].name);
		buf_release(&status->topics[i].what);
	}
	buf_release(&status->newest.description);
	buf_release(&status->newest.error);
	database_paths_release(&status->paths);
}

bool status_is_well(const struct status *status)
{
	for (size_t i = 0; i < status->topic_count; i++)
		if (status->topics[i].wrong)
			return false;
	return !status->store_err.code && !status->broker_err.code;
}
