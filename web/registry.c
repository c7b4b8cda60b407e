#include "web/registry.h"

#include <stdlib.h>
#include <string.h>

#include "materializer/record.h"
#include "schemas/json.h"
#include "schemas/schema_text.h"
#include "web/avro_canonical.h"
#include "web/json_tree.h"

#define TYPE_CONFLUENT "application/vnd.schemaregistry.v1+json"
#define TYPE_JSON "application/json"
#define MAX_SEGMENTS 8
#define MAX_ARGUMENTS 2

/* One request on its way. */
struct exchange {
	const struct registry *registry;
	const struct http_request *request;
	struct http_answer *answer;
	struct json json;                      /* writes the answer */
	struct slice arguments[MAX_ARGUMENTS]; /* what stood for the stars of the path */
};

/* The codes that Confluent's clients know. */
enum {
	NOT_FOUND = 404,
	NOT_ALLOWED = 405,
	UNKNOWN_SUBJECT = 40401,
	UNKNOWN_VERSION = 40402,
	UNKNOWN_SCHEMA = 40403,
	BAD_SCHEMA = 42201,
	BAD_VERSION = 42202,
	READ_ONLY = 42205,
	OUT_OF_MEMORY = 50001,
};

static void put_error(struct exchange *exchange, int code, const char *what, struct slice which)
{
	struct buf message = {0};

	buf_text(&message, what);
	if (which.len)
		buf_byte(&message, ' ');
	buf_append(&message, which.data, which.len);
	exchange->answer->status = code < 1000 ? code : code / 100;
	json_object_begin(&exchange->json);
	json_key(&exchange->json, "error_code");
	json_long(&exchange->json, code);
	json_key(&exchange->json, "message");
	json_slice(&exchange->json, buf_slice(&message));
	json_object_end(&exchange->json);
	exchange->answer->body.failed |= message.failed;
	buf_release(&message);
}

static void put_read_only(struct exchange *exchange)
{
	put_error(exchange, READ_ONLY, "This registry only reads: its schemas are smiley's own",
		(struct slice){0});
}

/* Ids follow each other from 1. */
static enum schema_id last_id(void)
{
	int id = 0;

	while (schema_name((enum schema_id)(id + 1)))
		id++;
	return (enum schema_id)id;
}

static const char *topic_name(enum log_topic topic)
{
	static const char *const names[LOG_TOPICS] = {
		[LOG_EVENTS] = "events", [LOG_RUNS] = "runs", [LOG_SOURCES] = "sources"};

	return names[topic];
}

static void subject_of(const struct exchange *exchange, enum log_topic topic, struct buf *subject)
{
	buf_printf(subject, "%s%s-value", exchange->registry->topic_prefix, topic_name(topic));
}

static void put_subject(struct exchange *exchange, enum log_topic topic)
{
	struct buf subject = {0};

	subject_of(exchange, topic, &subject);
	json_slice(&exchange->json, buf_slice(&subject));
	exchange->answer->body.failed |= subject.failed;
	buf_release(&subject);
}

/* The schema of this version of the topic from 1 (0: the latest), or 0. */
static int schema_of(enum log_topic topic, int64_t version)
{
	int64_t at = 0;
	int latest = 0;

	for (int id = 1; id <= (int)last_id(); id++) {
		if (record_topic((enum schema_id)id) != topic)
			continue;
		latest = id;
		if (++at == version)
			return id;
	}
	return version == 0 ? latest : 0;
}

static int64_t version_of(int schema)
{
	enum log_topic topic = record_topic((enum schema_id)schema);
	int64_t version = 0;

	for (int id = 1; id <= schema; id++)
		version += record_topic((enum schema_id)id) == topic;
	return version;
}

static bool parse_number(struct slice text, int64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || *number > INT32_MAX)
			return false;
		*number = *number * 10 + (text.data[i] - '0');
	}
	return text.len > 0 && *number <= INT32_MAX;
}

/* The schema whose id is the path's first argument; 0 when there is none, answered. */
static int asked_id(struct exchange *exchange)
{
	int64_t id;

	if (!parse_number(exchange->arguments[0], &id)) {
		put_error(exchange, NOT_FOUND, "HTTP 404 Not Found", (struct slice){0});
		return 0;
	}
	if (id < 1 || id > (int64_t)last_id()) {
		put_error(exchange, UNKNOWN_SCHEMA, "Schema not found: no schema of smiley has id",
			exchange->arguments[0]);
		return 0;
	}
	return (int)id;
}

/* The topic whose subject is the path's first argument; LOG_TOPICS when there is none,
 * answered. */
static enum log_topic asked_topic(struct exchange *exchange)
{
	struct buf subject = {0};
	int topic = 0;

	for (; topic < LOG_TOPICS; topic++) {
		buf_clear(&subject);
		subject_of(exchange, (enum log_topic)topic, &subject);
		if (slice_equal(buf_slice(&subject), exchange->arguments[0]))
			break;
	}
	buf_release(&subject);
	if (topic == LOG_TOPICS)
		put_error(exchange, UNKNOWN_SUBJECT, "Subject not found:", exchange->arguments[0]);
	return (enum log_topic)topic;
}

/* The schema that subject and version of the path name; 0 when there is none, answered. */
static int asked_version(struct exchange *exchange)
{
	struct slice text = exchange->arguments[1];
	enum log_topic topic = asked_topic(exchange);
	int64_t version = 0;
	int id;

	if (topic == LOG_TOPICS)
		return 0;
	if (!slice_equal(text, slice_text("latest")) && !slice_equal(text, slice_text("-1")) &&
		(!parse_number(text, &version) || version == 0)) {
		put_error(exchange, BAD_VERSION,
			"Not a version, which is a number from 1 or \"latest\":", text);
		return 0;
	}
	id = schema_of(topic, version);
	if (!id)
		put_error(exchange, UNKNOWN_VERSION, "Version not found:", text);
	return id;
}

static void put_whole(struct exchange *exchange, int id)
{
	struct json *json = &exchange->json;

	json_object_begin(json);
	json_key(json, "subject");
	put_subject(exchange, record_topic((enum schema_id)id));
	json_key(json, "version");
	json_long(json, version_of(id));
	json_key(json, "id");
	json_long(json, id);
	json_key(json, "schemaType");
	json_text(json, "AVRO");
	json_key(json, "schema");
	json_text(json, schema_text((enum schema_id)id));
	json_object_end(json);
}

static void put_list_of(struct exchange *exchange, const char *text)
{
	json_array_begin(&exchange->json);
	json_text(&exchange->json, text);
	json_array_end(&exchange->json);
}

static void put_one(struct exchange *exchange, const char *key, const char *value)
{
	json_object_begin(&exchange->json);
	json_key(&exchange->json, key);
	json_text(&exchange->json, value);
	json_object_end(&exchange->json);
}

static void answer_root(struct exchange *exchange)
{
	json_object_begin(&exchange->json);
	json_object_end(&exchange->json);
}

static void answer_nothing(struct exchange *exchange)
{
	json_array_begin(&exchange->json);
	json_array_end(&exchange->json);
}

static void answer_types(struct exchange *exchange)
{
	put_list_of(exchange, "AVRO");
}

static void answer_contexts(struct exchange *exchange)
{
	put_list_of(exchange, ".");
}

static void answer_mode(struct exchange *exchange)
{
	put_one(exchange, "mode", "READONLY");
}

static void answer_mode_of(struct exchange *exchange)
{
	if (asked_topic(exchange) != LOG_TOPICS)
		answer_mode(exchange);
}

/* The subject of runs holds several kinds of records, so that no rule is kept. */
static void answer_config(struct exchange *exchange)
{
	put_one(exchange, "compatibilityLevel", "NONE");
}

static void answer_config_of(struct exchange *exchange)
{
	if (asked_topic(exchange) != LOG_TOPICS)
		answer_config(exchange);
}

static void answer_compatible(struct exchange *exchange)
{
	if (asked_topic(exchange) == LOG_TOPICS)
		return;
	json_object_begin(&exchange->json);
	json_key(&exchange->json, "is_compatible");
	json_boolean(&exchange->json, true);
	json_object_end(&exchange->json);
}

static void answer_schema(struct exchange *exchange)
{
	int id = asked_id(exchange);

	if (id)
		put_one(exchange, "schema", schema_text((enum schema_id)id));
}

static void put_raw(struct exchange *exchange, int id)
{
	exchange->answer->content_type = TYPE_JSON;
	buf_text(&exchange->answer->body, schema_text((enum schema_id)id));
}

static void answer_schema_raw(struct exchange *exchange)
{
	int id = asked_id(exchange);

	if (id)
		put_raw(exchange, id);
}

static void answer_schema_subjects(struct exchange *exchange)
{
	int id = asked_id(exchange);

	if (!id)
		return;
	json_array_begin(&exchange->json);
	put_subject(exchange, record_topic((enum schema_id)id));
	json_array_end(&exchange->json);
}

static void answer_schema_versions(struct exchange *exchange)
{
	struct json *json = &exchange->json;
	int id = asked_id(exchange);

	if (!id)
		return;
	json_array_begin(json);
	json_object_begin(json);
	json_key(json, "subject");
	put_subject(exchange, record_topic((enum schema_id)id));
	json_key(json, "version");
	json_long(json, version_of(id));
	json_object_end(json);
	json_array_end(json);
}

static void answer_schemas(struct exchange *exchange)
{
	json_array_begin(&exchange->json);
	for (int id = 1; id <= (int)last_id(); id++)
		put_whole(exchange, id);
	json_array_end(&exchange->json);
}

static void answer_subjects(struct exchange *exchange)
{
	struct buf prefix = {0}, subject = {0};

	http_query_get(exchange->request->query, "subjectPrefix", &prefix);
	json_array_begin(&exchange->json);
	for (int topic = 0; topic < LOG_TOPICS; topic++) {
		buf_clear(&subject);
		subject_of(exchange, (enum log_topic)topic, &subject);
		if (prefix.len <= subject.len &&
			(!prefix.len || memcmp(prefix.data, subject.data, prefix.len) == 0))
			json_slice(&exchange->json, buf_slice(&subject));
	}
	json_array_end(&exchange->json);
	exchange->answer->body.failed |= prefix.failed || subject.failed;
	buf_release(&prefix);
	buf_release(&subject);
}

static void answer_versions(struct exchange *exchange)
{
	enum log_topic topic = asked_topic(exchange);

	if (topic == LOG_TOPICS)
		return;
	json_array_begin(&exchange->json);
	for (int64_t version = 1; schema_of(topic, version); version++)
		json_long(&exchange->json, version);
	json_array_end(&exchange->json);
}

static void answer_version(struct exchange *exchange)
{
	int id = asked_version(exchange);

	if (id)
		put_whole(exchange, id);
}

static void answer_version_raw(struct exchange *exchange)
{
	int id = asked_version(exchange);

	if (id)
		put_raw(exchange, id);
}

static void answer_referenced(struct exchange *exchange)
{
	if (asked_version(exchange))
		answer_nothing(exchange);
}

/* The topic's schema that is the one in the request's body; 0: none. *known says whether
 * the request was one at all; it is answered when not. */
static int posted_schema(struct exchange *exchange, enum log_topic topic, bool *known)
{
	struct json_tree *tree = NULL;
	struct slice text = {0};
	struct buf form = {0};
	struct err err = {0};
	int rc = json_tree_parse(exchange->request->body, &tree, &err), found = 0;

	if (!rc && !json_member_text(json_tree_root(tree), "schema", &text))
		rc = err_set(&err, ERR_FORMAT, "no member \"schema\" that is a text");
	rc = rc ? rc : avro_canonical(text, &form, &err);
	*known = !rc;
	if (rc)
		put_error(exchange, rc == ERR_MEMORY ? OUT_OF_MEMORY : BAD_SCHEMA,
			"Invalid schema:", slice_text(err.message));
	for (int id = 1; !rc && !found && id <= (int)last_id(); id++)
		if (record_topic((enum schema_id)id) == topic &&
			avro_schema_same(text, slice_text(schema_text((enum schema_id)id))))
			found = id;
	buf_release(&form);
	json_tree_free(tree);
	return found;
}

static void answer_lookup(struct exchange *exchange)
{
	enum log_topic topic = asked_topic(exchange);
	bool known;
	int id;

	if (topic == LOG_TOPICS)
		return;
	id = posted_schema(exchange, topic, &known);
	if (id)
		put_whole(exchange, id);
	else if (known)
		put_error(exchange, UNKNOWN_SCHEMA, "Schema not found", (struct slice){0});
}

/* A schema that is here already may be registered again, as everywhere. */
static void answer_register(struct exchange *exchange)
{
	enum log_topic topic = asked_topic(exchange);
	bool known;
	int id;

	if (topic == LOG_TOPICS)
		return;
	id = posted_schema(exchange, topic, &known);
	if (id) {
		json_object_begin(&exchange->json);
		json_key(&exchange->json, "id");
		json_long(&exchange->json, id);
		json_object_end(&exchange->json);
	} else if (known) {
		put_read_only(exchange);
	}
}

static const struct route {
	const char *method;
	const char *path; /* a star stands for any one segment */
	void (*answer)(struct exchange *exchange);
} routes[] = {
	{"GET", "/", answer_root},
	{"GET", "/contexts", answer_contexts},
	{"GET", "/schemas", answer_schemas},
	{"GET", "/schemas/types", answer_types},
	{"GET", "/schemas/ids/*", answer_schema},
	{"GET", "/schemas/ids/*/schema", answer_schema_raw},
	{"GET", "/schemas/ids/*/subjects", answer_schema_subjects},
	{"GET", "/schemas/ids/*/versions", answer_schema_versions},
	{"GET", "/subjects", answer_subjects},
	{"POST", "/subjects/*", answer_lookup},
	{"DELETE", "/subjects/*", put_read_only},
	{"GET", "/subjects/*/versions", answer_versions},
	{"POST", "/subjects/*/versions", answer_register},
	{"GET", "/subjects/*/versions/*", answer_version},
	{"DELETE", "/subjects/*/versions/*", put_read_only},
	{"GET", "/subjects/*/versions/*/schema", answer_version_raw},
	{"GET", "/subjects/*/versions/*/referencedby", answer_referenced},
	{"POST", "/compatibility/subjects/*/versions", answer_compatible},
	{"POST", "/compatibility/subjects/*/versions/*", answer_compatible},
	{"GET", "/config", answer_config},
	{"PUT", "/config", put_read_only},
	{"GET", "/config/*", answer_config_of},
	{"PUT", "/config/*", put_read_only},
	{"DELETE", "/config/*", put_read_only},
	{"GET", "/mode", answer_mode},
	{"PUT", "/mode", put_read_only},
	{"GET", "/mode/*", answer_mode_of},
	{"PUT", "/mode/*", put_read_only},
	{"DELETE", "/mode/*", put_read_only},
	{"GET", "/apis/registry/v3/ids/contentIds/*", answer_schema_raw},
	{"GET", "/apis/registry/v3/ids/contentIds/*/references", answer_nothing},
};

struct segments {
	struct slice items[MAX_SEGMENTS];
	size_t count;
};

/* False: too many. A slash at the end makes no segment. */
static bool split(struct slice path, struct segments *segments)
{
	size_t at = 0;

	segments->count = 0;
	while (at < path.len && path.data[at] == '/') {
		size_t end = ++at;

		while (end < path.len && path.data[end] != '/')
			end++;
		if (end == at && end == path.len)
			break;
		if (segments->count == MAX_SEGMENTS)
			return false;
		segments->items[segments->count++] = (struct slice){path.data + at, end - at};
		at = end;
	}
	return at == path.len;
}

static bool matches(
	const struct route *route, const struct segments *asked, struct exchange *exchange)
{
	struct segments pattern;
	size_t stars = 0;

	split(slice_text(route->path), &pattern);
	if (pattern.count != asked->count)
		return false;
	for (size_t i = 0; i < pattern.count; i++) {
		if (slice_equal(pattern.items[i], slice_text("*")))
			exchange->arguments[stars++] = asked->items[i];
		else if (!slice_equal(pattern.items[i], asked->items[i]))
			return false;
	}
	return true;
}

static void dispatch(struct exchange *exchange, const struct segments *asked)
{
	const char *method = exchange->request->method;
	bool there = false;

	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!matches(&routes[i], asked, exchange))
			continue;
		there = true;
		if (strcmp(routes[i].method, method) == 0) {
			routes[i].answer(exchange);
			return;
		}
	}
	if (there)
		put_error(exchange, NOT_ALLOWED, "HTTP 405 Method Not Allowed", (struct slice){0});
	else
		put_error(exchange, NOT_FOUND, "HTTP 404 Not Found", (struct slice){0});
}

/* The stars' segments without their %XX, in `decoded`. */
static void unescape(struct segments *segments, struct buf decoded[MAX_SEGMENTS])
{
	for (size_t i = 0; i < segments->count; i++) {
		http_unescape(&decoded[i], segments->items[i]);
		segments->items[i] = buf_slice(&decoded[i]);
	}
}

void registry_answer(void *context, const struct http_request *request, struct http_answer *answer)
{
	struct exchange exchange = {.registry = context, .request = request, .answer = answer};
	struct buf decoded[MAX_SEGMENTS] = {0};
	struct segments segments;

	answer->status = 200;
	answer->content_type = TYPE_CONFLUENT;
	json_init(&exchange.json, &answer->body, 0);
	if (split(request->path, &segments)) {
		unescape(&segments, decoded);
		dispatch(&exchange, &segments);
	} else {
		put_error(&exchange, NOT_FOUND, "HTTP 404 Not Found", (struct slice){0});
	}
	for (size_t i = 0; i < MAX_SEGMENTS; i++)
		buf_release(&decoded[i]);
	if (answer->body.failed) {
		buf_release(&answer->body);
		answer->status = 500;
	}
}
