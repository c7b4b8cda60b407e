/* links: web materializer ingest schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "materializer/record.h"
#include "schemas/json.h"
#include "schemas/schema_text.h"
#include "web/json_tree.h"
#include "web/registry.h"

static struct buf body;
static const char *content_type;

/* Asks; the status, with the answer in body. */
static int ask_with(const char *method, const char *url, const char *text)
{
	struct registry registry = {.topic_prefix = "t-"};
	struct http_answer answer = {0};
	const char *mark = strchr(url, '?');
	struct http_request request = {
		.method = method, .path = slice_text(url), .body = slice_text(text)};

	if (mark) {
		request.path.len = (size_t)(mark - url);
		request.query = slice_text(mark + 1);
	}
	registry_answer(&registry, &request, &answer);
	buf_release(&body);
	body = answer.body;
	content_type = answer.content_type;
	return answer.status;
}

static int ask(const char *url)
{
	return ask_with("GET", url, "");
}

/* {"schema": TEXT} */
static const char *posted(const char *text, struct buf *out)
{
	buf_clear(out);
	buf_text(out, "{\"schema\": ");
	json_string(out, slice_text(text));
	buf_byte(out, '}');
	return buf_string(out);
}

static int forget(void **state)
{
	(void)state;
	buf_release(&body);
	return 0;
}

/* The member's text, of the object in body. */
static void assert_member(const char *name, const char *want)
{
	struct json_tree *tree;
	struct slice text;

	assert_int_equal(json_tree_parse(buf_slice(&body), &tree, NULL), 0);
	assert_true(json_member_text(json_tree_root(tree), name, &text));
	assert_true(slice_equal(text, slice_text(want)));
	json_tree_free(tree);
}

static void every_schema_is_there_by_its_id(void **state)
{
	char url[64];
	int id;

	(void)state;
	for (id = 1; schema_name((enum schema_id)id); id++) {
		const char *text = schema_text((enum schema_id)id);

		snprintf(url, sizeof(url), "/schemas/ids/%d?subject=t-runs-value", id);
		assert_int_equal(ask(url), 200);
		assert_string_equal(content_type, "application/vnd.schemaregistry.v1+json");
		assert_member("schema", text);
		snprintf(url, sizeof(url), "/schemas/ids/%d/schema", id);
		assert_int_equal(ask(url), 200);
		assert_string_equal(buf_string(&body), text);
		snprintf(url, sizeof(url), "/apis/registry/v3/ids/contentIds/%d", id);
		assert_int_equal(ask(url), 200);
		assert_string_equal(buf_string(&body), text);
		assert_string_equal(content_type, "application/json");
	}
	assert_true(id > SCHEMA_RUN_DELETED);
	assert_int_equal(ask("/apis/registry/v3/ids/contentIds/1/references"), 200);
	assert_string_equal(buf_string(&body), "[]");
}

static void every_schema_is_a_version_of_its_topic(void **state)
{
	static const char *const topics[] = {"events", "runs", "sources"};
	int version[LOG_TOPICS] = {0};
	char url[96], want[96];

	(void)state;
	for (int id = 1; schema_name((enum schema_id)id); id++) {
		enum log_topic topic = record_topic((enum schema_id)id);

		snprintf(url, sizeof(url), "/subjects/t-%s-value/versions/%d", topics[topic],
			++version[topic]);
		assert_int_equal(ask(url), 200);
		assert_member("schema", schema_text((enum schema_id)id));
		assert_member("schemaType", "AVRO");
		snprintf(want, sizeof(want), "\"version\": %d, \"id\": %d,", version[topic], id);
		assert_non_null(strstr(buf_string(&body), want));
		snprintf(url, sizeof(url), "/schemas/ids/%d/versions", id);
		assert_int_equal(ask(url), 200);
		snprintf(want, sizeof(want), "[{\"subject\": \"t-%s-value\", \"version\": %d}]",
			topics[topic], version[topic]);
		assert_string_equal(buf_string(&body), want);
	}
	assert_int_equal(ask("/subjects/t-events-value/versions"), 200);
	assert_string_equal(buf_string(&body), "[1, 2, 3, 4]");
	assert_int_equal(ask("/subjects/t-sources-value/versions/latest"), 200);
	assert_non_null(strstr(buf_string(&body), "\"id\": 4"));
	assert_int_equal(ask("/subjects/t-sources-value/versions/-1/schema"), 200);
	assert_string_equal(buf_string(&body), schema_text(SCHEMA_SOURCE_FILE));
}

static void what_is_not_there_has_the_codes_that_clients_know(void **state)
{
	static const struct {
		const char *url;
		int status;
		const char *code;
	} cases[] = {
		{"/schemas/ids/0", 404, "40403"},
		{"/schemas/ids/99999", 404, "40403"},
		{"/schemas/ids/99999999999999999999999", 404, "404"},
		{"/schemas/ids/one", 404, "404"},
		{"/schemas/ids/", 404, "404"},
		{"/subjects/smiley.events-value/versions", 404, "40401"},
		{"/subjects/t-events-value/versions/5", 404, "40402"},
		{"/subjects/t-events-value/versions/0", 422, "42202"},
		{"/subjects/t-events-value/versions/x", 422, "42202"},
		{"/mode/nobody", 404, "40401"},
		{"/associations/resources/-/t-events?resourceType=topic", 404, "404"},
		{"/schemas/types/more", 404, "404"},
		{"/a/b/c/d/e/f/g/h/i/j", 404, "404"},
		{"//", 404, "404"},
		{"x", 404, "404"},
	};
	char want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask(cases[i].url), cases[i].status);
		snprintf(want, sizeof(want), "{\"error_code\": %s, \"message\": \"", cases[i].code);
		assert_memory_equal(buf_string(&body), want, strlen(want));
	}
}

static void what_tools_ask_first_is_answered(void **state)
{
	static const struct {
		const char *url, *want;
	} cases[] = {
		{"", "{}"},
		{"/", "{}"},
		{"/schemas/types", "[\"AVRO\"]"},
		{"/contexts", "[\".\"]"},
		{"/subjects", "[\"t-events-value\", \"t-runs-value\", \"t-sources-value\"]"},
		{"/subjects/", "[\"t-events-value\", \"t-runs-value\", \"t-sources-value\"]"},
		{"/subjects?deleted=false&subjectPrefix=t%2Dr", "[\"t-runs-value\"]"},
		{"/subjects/t%2druns%2Dvalue/versions/1/referencedby", "[]"},
		{"/config", "{\"compatibilityLevel\": \"NONE\"}"},
		{"/config/t-runs-value?defaultToGlobal=true", "{\"compatibilityLevel\": \"NONE\"}"},
		{"/mode", "{\"mode\": \"READONLY\"}"},
		{"/mode/t-runs-value", "{\"mode\": \"READONLY\"}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask(cases[i].url), 200);
		assert_string_equal(buf_string(&body), cases[i].want);
	}
	assert_int_equal(ask_with("HEAD", "/mode", ""), 200);
	assert_int_equal(
		ask_with("POST", "/compatibility/subjects/t-runs-value/versions/latest", "{}"),
		200);
	assert_string_equal(buf_string(&body), "{\"is_compatible\": true}");
}

static void a_schema_is_found_by_what_it_says_not_how_it_is_written(void **state)
{
	struct buf post = {0};

	(void)state;
	assert_int_equal(ask_with("POST", "/subjects/t-runs-value",
				 posted(schema_text(SCHEMA_RUN_DELETED), &post)),
		200);
	assert_non_null(strstr(buf_string(&body), "\"id\": 5,"));
	posted("{\"fields\":[{\"type\":{\"namespace\":\"smiley\",\"name\":\"RunId\",\"size\":16,"
	       "\"type\":\"fixed\"},\"name\":\"run\"},{\"name\":\"deleted_ns\",\"type\":{\"type\":"
	       "\"long\"}}],\"name\":\"smiley.RunDeleted\",\"type\":\"record\"}",
		&post);
	assert_int_equal(ask_with("POST", "/subjects/t-runs-value", buf_string(&post)), 200);
	assert_int_equal(
		ask_with("POST", "/subjects/t-runs-value/versions", buf_string(&post)), 200);
	assert_string_equal(buf_string(&body), "{\"id\": 5}");
	assert_int_equal(ask_with("POST", "/subjects/t-events-value", buf_string(&post)), 404);
	assert_non_null(strstr(buf_string(&body), "40403"));
	buf_release(&post);
}

static void nothing_can_be_changed(void **state)
{
	struct buf post = {0};

	(void)state;
	posted("\"int\"", &post);
	assert_int_equal(
		ask_with("POST", "/subjects/t-runs-value/versions", buf_string(&post)), 422);
	assert_non_null(strstr(buf_string(&body), "42205"));
	assert_int_equal(ask_with("DELETE", "/subjects/t-runs-value", ""), 422);
	assert_int_equal(ask_with("PUT", "/mode", "{\"mode\": \"IMPORT\"}"), 422);
	assert_int_equal(ask_with("PATCH", "/mode", ""), 405);
	buf_release(&post);
}

static void a_body_that_is_no_schema_is_refused(void **state)
{
	static const char *const bodies[] = {"", "[]", "{}", "{\"schema\": 1}",
		"{\"schema\": \"\"}", "{\"schema\": \"{}\"}",
		"{\"schema\": \"{\\\"type\\\": \\\"record\\\"}\"}"};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(ask_with("POST", "/subjects/t-runs-value", bodies[i]), 422);
		assert_non_null(strstr(buf_string(&body), "42201"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_schema_is_there_by_its_id),
		cmocka_unit_test(every_schema_is_a_version_of_its_topic),
		cmocka_unit_test(what_is_not_there_has_the_codes_that_clients_know),
		cmocka_unit_test(what_tools_ask_first_is_answered),
		cmocka_unit_test(a_schema_is_found_by_what_it_says_not_how_it_is_written),
		cmocka_unit_test(nothing_can_be_changed),
		cmocka_unit_test(a_body_that_is_no_schema_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
