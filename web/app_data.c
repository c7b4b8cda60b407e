/*
 * app_data: the databases that an app asks as one, and how fresh they are.
 */
#include "web/app_internal.h"

#include "materializer/freshness.h"

/* Each joins as soon as it has a store. */
static int join_missing(struct app *app, struct err *err)
{
	for (size_t i = 0; i < app->options.path_count; i++) {
		int rc;

		if (app->joined[i])
			continue;
		rc = app->query ? query_join(app->query, &app->options.paths[i], err)
				: query_open(&app->options.paths[i], &app->query, err);
		app->joined[i] = rc == 0;
		if (rc < 0 && rc != ERR_NOT_FOUND)
			return rc;
		err_clear(err);
	}
	return 0;
}

int app_refresh(struct app *app, struct err *err)
{
	int rc = app->query ? query_follow(app->query, err) : 0;

	return rc == 0 ? join_missing(app, err) : rc;
}

static void put_database(struct json *json, const struct freshness *freshness)
{
	struct buf position = {0};

	position_text(&freshness->applied, &position);
	json_object_begin(json);
	json_key(json, "applied");
	json_slice(json, buf_slice(&position));
	buf_release(&position);
	json_key(json, "lag_bytes");
	if (freshness->at_hand)
		json_long(json, (int64_t)(freshness->log_bytes - freshness->applied_bytes));
	else
		json_null(json);
	json_key(json, "lag_records");
	if (freshness->at_hand || freshness->told)
		json_long(json, freshness->records);
	else
		json_null(json);
	json_key(json, "lag_seconds");
	if (freshness->at_hand || freshness->told)
		json_seconds(json, freshness_lag_ns(freshness));
	else
		json_null(json);
	json_key(json, "lag_told");
	if (freshness->told)
		json_seconds(json, freshness->lag.told_ns);
	else
		json_null(json);
	json_object_end(json);
}

int app_json_freshness(struct app_request *request, struct err *err)
{
	struct json *json = &request->json;
	struct query *query = request->app->query;
	struct freshness freshness;
	int rc = 0;

	json_key(json, "freshness");
	json_object_begin(json);
	json_key(json, "running");
	json_boolean(json, request->running);
	json_key(json, "databases");
	json_array_begin(json);
	for (size_t i = 0; query && (rc = query_freshness(query, i, &freshness, err)) == 1; i++)
		put_database(json, &freshness);
	json_array_end(json);
	json_object_end(json);
	return rc < 0 ? rc : 0;
}
