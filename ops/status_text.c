#include "ops/status.h"

#include <inttypes.h>

#include "materializer/run_text.h"
#include "ops/lister.h"
#include "schemas/json.h"

#define NS_A_MS 1000000

static void head(struct buf *out, const char *name)
{
	buf_printf(out, "%-10s ", name);
}

/* 1234567 as 1,234,567. */
static void number(int64_t value, struct buf *out)
{
	if (value >= 1000) {
		number(value / 1000, out);
		buf_printf(out, ",%03d", (int)(value % 1000));
	} else {
		buf_printf(out, "%" PRId64, value);
	}
}

static void part(struct buf *out, const char *before, const char *name, uint64_t bytes)
{
	buf_printf(out, "%s%s ", before, name);
	size_text(bytes, out);
}

static void put_database(const struct status *status, struct buf *out)
{
	head(out, "database");
	buf_text(out, status->paths.root);
	if (!status->has_database) {
		buf_text(out, ": none yet\n");
		return;
	}
	part(out, ": ", "log", status->log.bytes);
	part(out, ", ", "store", status->store.bytes);
	part(out, ", ", "spools", status->spools.bytes + status->bad_spools.bytes);
	if (status->space.total_bytes)
		part(out, "; ", "free", status->space.free_bytes);
	buf_byte(out, '\n');
}

static void put_spools(const struct status *status, struct buf *out)
{
	if (!status->spools.files && !status->bad_spools.files)
		return;
	head(out, "spools");
	number((int64_t)status->spools.files, out);
	buf_text(out, " of programs that run, or that `smiley ship` has to pick up");
	if (status->bad_spools.files)
		buf_printf(out, "; %" PRIu64 " damaged (*.bad)", status->bad_spools.files);
	buf_byte(out, '\n');
}

static void put_log(const struct status *status, struct buf *out)
{
	head(out, "log");
	if (status->brokers)
		buf_printf(out, "Kafka at %s\n", status->brokers);
	else if (status->origin.kafka)
		buf_printf(out, "Kafka, topics %s*; without --brokers it is not looked at\n",
			status->origin.prefix);
	else
		buf_printf(out, "files, %" PRIu64 " of them\n", status->log.files);
	if (status->broker_err.code) {
		head(out, "brokers");
		buf_printf(out, "%s\n", status->broker_err.message);
	}
	for (size_t i = 0; i < status->topic_count; i++) {
		const struct status_topic *topic = &status->topics[i];

		head(out, i ? "" : "topics");
		buf_append(out, topic->name.data, topic->name.len);
		buf_text(out, ": ");
		if (topic->what.len)
			buf_append(out, topic->what.data, topic->what.len);
		else
			buf_text(out, "as it should be");
		buf_byte(out, '\n');
	}
}

static void put_lag(const struct status *status, struct buf *out)
{
	int64_t lag_ms = freshness_lag_ns(&status->freshness) / NS_A_MS;

	head(out, "folding");
	if (status->lag < 0)
		buf_text(out, "how far is not known");
	else if (status->lag == 0)
		buf_text(out, "up to date");
	else
		number(status->lag, out);
	if (status->lag > 0)
		buf_printf(out, "%s record%s behind", status->lag == FRESHNESS_RECORDS ? "+" : "",
			status->lag == 1 ? "" : "s");
	if (status->lag > 0 && lag_ms > 0)
		buf_printf(out, ", the first for %" PRId64 ".%d s", lag_ms / 1000,
			(int)(lag_ms % 1000 / 100));
	if (status->folder)
		buf_printf(out, "; process %ld folds", status->folder);
	else
		buf_text(out, "; nobody folds just now");
	buf_byte(out, '\n');
}

static void put_runs(const struct status *status, struct buf *out)
{
	const char *comma = ": ";
	int64_t all = 0;

	head(out, "runs");
	if (status->store_err.code) {
		buf_printf(out, "%s\n", status->store_err.message);
		return;
	}
	for (int state = 0; state <= RUN_LOST; state++)
		all += status->runs[state];
	number(all, out);
	for (int state = 0; state <= RUN_LOST; state++) {
		if (!status->runs[state])
			continue;
		buf_text(out, comma);
		number(status->runs[state], out);
		buf_printf(out, " %s", run_state_name((enum run_state)state));
		if (state == RUN_RUNNING && status->paused) {
			buf_text(out, " (");
			number(status->paused, out);
			buf_text(out, " paused)");
		}
		comma = ", ";
	}
	buf_text(out, all ? "; " : "\n");
	if (all) {
		number(status->events, out);
		buf_text(out, " events\n");
	}
}

static void put_newest(const struct status *status, struct buf *out)
{
	const struct status_run *run = &status->newest;

	if (!run->is_one)
		return;
	head(out, "newest");
	buf_printf(out, "%s %s ", run->id, run->words);
	time_text(run->started_ns, out);
	buf_text(out, ", ");
	number(run->events, out);
	buf_text(out, " events\n");
	head(out, "");
	lister_escape(out, buf_slice(&run->description));
	if (run->error.len) {
		buf_text(out, ": ");
		lister_escape(out, buf_slice(&run->error));
	}
	buf_byte(out, '\n');
}

void status_text(const struct status *status, struct buf *out)
{
	put_database(status, out);
	put_spools(status, out);
	put_log(status, out);
	if (status->has_database)
		put_lag(status, out);
	put_runs(status, out);
	put_newest(status, out);
	if (status->set_aside || status->removed || status->damaged) {
		head(out, "set aside");
		number(status->set_aside, out);
		buf_text(out, " records, ");
		number(status->removed, out);
		buf_text(out, " removed by retention before they were read, ");
		number(status->damaged, out);
		buf_text(out, " damaged: smiley quarantine list\n");
	}
}

static void json_bytes(struct json *json, const char *name, uint64_t bytes)
{
	json_key(json, name);
	json_long(json, (int64_t)bytes);
}

static void json_words(struct json *json, const char *name, const char *words)
{
	json_key(json, name);
	if (words && *words)
		json_text(json, words);
	else
		json_null(json);
}

static void json_disk(struct json *json, const struct status *status)
{
	json_words(json, "database", status->paths.root);
	json_key(json, "exists");
	json_boolean(json, status->has_database);
	json_bytes(json, "log_bytes", status->log.bytes);
	json_bytes(json, "store_bytes", status->store.bytes);
	json_bytes(json, "spool_bytes", status->spools.bytes);
	json_bytes(json, "spools", status->spools.files);
	json_bytes(json, "damaged_spools", status->bad_spools.files);
	json_bytes(json, "free_bytes", status->space.free_bytes);
}

static void json_log(struct json *json, const struct status *status)
{
	json_words(json, "brokers", status->brokers);
	json_words(json, "broker_error", status->broker_err.message);
	json_key(json, "topics");
	json_array_begin(json);
	for (size_t i = 0; i < status->topic_count; i++) {
		json_object_begin(json);
		json_key(json, "name");
		json_slice(json, buf_slice(&status->topics[i].name));
		json_key(json, "wrong");
		json_boolean(json, status->topics[i].wrong);
		json_key(json, "what");
		json_slice(json, buf_slice(&status->topics[i].what));
		json_object_end(json);
	}
	json_array_end(json);
	json_key(json, "lag_records");
	if (status->lag < 0)
		json_null(json);
	else
		json_long(json, status->lag);
	json_key(json, "lag_seconds");
	json_seconds(json, freshness_lag_ns(&status->freshness));
	json_key(json, "folding_process");
	if (status->folder)
		json_long(json, status->folder);
	else
		json_null(json);
}

static void json_runs(struct json *json, const struct status *status)
{
	const struct status_run *run = &status->newest;

	json_words(json, "store_error", status->store_err.message);
	json_key(json, "runs");
	json_object_begin(json);
	for (int state = 0; state <= RUN_LOST; state++) {
		json_key(json, run_state_name((enum run_state)state));
		json_long(json, status->runs[state]);
	}
	json_object_end(json);
	json_key(json, "paused");
	json_long(json, status->paused);
	json_key(json, "events");
	json_long(json, status->events);
	json_key(json, "set_aside_records");
	json_long(json, status->set_aside);
	json_key(json, "lost_records");
	json_long(json, status->removed);
	json_key(json, "damaged_records");
	json_long(json, status->damaged);
	json_key(json, "newest");
	if (!run->is_one) {
		json_null(json);
		return;
	}
	json_object_begin(json);
	json_words(json, "id", run->id);
	json_words(json, "state", run_state_name(run->state));
	json_key(json, "paused");
	json_boolean(json, run->paused);
	json_key(json, "started");
	json_seconds(json, run->started_ns);
	json_key(json, "events");
	json_long(json, run->events);
	json_key(json, "description");
	json_slice(json, buf_slice(&run->description));
	json_key(json, "error_message");
	json_slice(json, buf_slice(&run->error));
	json_object_end(json);
}

void status_json(const struct status *status, struct buf *out)
{
	struct json json;

	json_init(&json, out, 2);
	json_object_begin(&json);
	json_disk(&json, status);
	json_log(&json, status);
	json_runs(&json, status);
	json_object_end(&json);
	buf_byte(out, '\n');
}
