#include "web/registry_client.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "materializer/record.h"
#include "schemas/json.h"
#include "schemas/schema_text.h"
#include "web/http.h"
#include "web/json_tree.h"

#define CONNECT_MS 3000L
#define ANSWER_MS 10000L
#define CONTENT_TYPE "Content-Type: application/vnd.schemaregistry.v1+json"
#define ACCEPT "Accept: application/vnd.schemaregistry.v1+json, application/json"

struct client {
	const struct registry_client_options *options;
	CURL *curl;
	struct curl_slist *headers;
	char trouble[CURL_ERROR_SIZE];
	struct buf answer;
	long status; /* of the last answer */
};

static size_t take_answer(char *data, size_t size, size_t count, void *context)
{
	struct client *client = context;

	if (size * count > HTTP_BODY_MAX_BYTES - client->answer.len)
		return 0;
	buf_append(&client->answer, data, size * count);
	return client->answer.failed ? 0 : size * count;
}

static int check_url(const char *url, struct err *err)
{
	const char *host = strstr(url, "://");
	size_t len;

	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return err_set(err, ERR_USAGE, "schema registry %s: no http:// or https:// URL",
			strchr(url, '@') ? "URL" : url);
	len = strcspn(host + 3, "/?#");
	if (memchr(host + 3, '@', len))
		return err_set(err, ERR_USAGE,
			"schema registry: user and password do not belong into its URL: put "
			"USER:PASSWORD into SMILEY_SCHEMA_REGISTRY_LOGIN");
	return 0;
}

static int client_open(struct client *client, struct err *err)
{
	const struct registry_client_options *options = client->options;
	struct curl_slist *more;

	client->curl = curl_easy_init();
	client->headers = curl_slist_append(NULL, CONTENT_TYPE);
	more = client->headers ? curl_slist_append(client->headers, ACCEPT) : NULL;
	if (!client->curl || !more)
		return err_set(err, ERR_MEMORY, "out of memory");
	curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, ANSWER_MS);
	curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->trouble);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, client);
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers);
	if (options->login) {
		curl_easy_setopt(client->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(client->curl, CURLOPT_USERPWD, options->login);
	}
	if (options->ca)
		curl_easy_setopt(client->curl, CURLOPT_CAINFO, options->ca);
	return 0;
}

static void client_close(struct client *client)
{
	curl_easy_cleanup(client->curl);
	curl_slist_free_all(client->headers);
	buf_release(&client->answer);
}

/* The registry's URL up to the subject: ".../subjects/NAME" for "/subjects/". */
static int make_url(struct client *client, const char *path, enum log_topic topic, struct buf *url,
	struct err *err)
{
	static const char *const topics[LOG_TOPICS] = {
		[LOG_EVENTS] = "events", [LOG_RUNS] = "runs", [LOG_SOURCES] = "sources"};
	size_t len = strlen(client->options->url);
	struct buf subject = {0};
	char *escaped;

	while (len && client->options->url[len - 1] == '/')
		len--;
	buf_printf(&subject, "%s%s-value", client->options->topic_prefix, topics[topic]);
	escaped = curl_easy_escape(client->curl, buf_string(&subject), (int)subject.len);
	buf_append(url, client->options->url, len);
	buf_text(url, path);
	buf_text(url, escaped ? escaped : "");
	url->failed |= subject.failed || !escaped;
	buf_release(&subject);
	curl_free(escaped);
	return url->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

/* Sets status and answer. */
static int ask(struct client *client, const char *method, struct buf *url, struct buf *body,
	struct err *err)
{
	CURLcode code;

	buf_clear(&client->answer);
	client->trouble[0] = '\0';
	curl_easy_setopt(client->curl, CURLOPT_URL, buf_string(url));
	curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, buf_string(body));
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE, (long)body->len);
	code = curl_easy_perform(client->curl);
	if (code != CURLE_OK)
		return err_set(err, ERR_BUSY, "schema registry %s: %s", client->options->url,
			client->trouble[0] ? client->trouble : curl_easy_strerror(code));
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &client->status);
	return 0;
}

/* The answer's "id"; 0: it has none. */
static uint32_t answered_id(const struct client *client)
{
	const struct json_node *id = NULL;
	struct json_tree *tree;
	unsigned long number = 0;

	if (json_tree_parse(buf_slice(&client->answer), &tree, NULL) < 0)
		return 0;
	id = json_member(json_tree_root(tree), "id");
	if (id && id->kind == JSON_NUMBER) {
		for (size_t i = 0; i < id->text.len && number <= INT32_MAX; i++)
			number = id->text.data[i] >= '0' && id->text.data[i] <= '9'
					 ? number * 10 + (id->text.data[i] - '0')
					 : (unsigned long)INT32_MAX + 1;
	}
	json_tree_free(tree);
	return number <= INT32_MAX ? (uint32_t)number : 0;
}

/* What the answer says is wrong, with the registry's own words. */
static int refused(const struct client *client, int schema, struct err *err)
{
	bool passing = client->status >= 500 || client->status == 429;
	struct json_tree *tree = NULL;
	struct slice words = {0};

	if (json_tree_parse(buf_slice(&client->answer), &tree, NULL) == 0)
		json_member_text(json_tree_root(tree), "message", &words);
	err_set(err, passing ? ERR_BUSY : ERR_STATE, "schema registry %s: %s: HTTP %ld%s%.*s%s",
		client->options->url, schema_name((enum schema_id)schema), client->status,
		words.len ? ": " : "", (int)(words.len < 300 ? words.len : 300),
		words.len ? (const char *)words.data : "",
		client->status == 401 || client->status == 403
			? " (USER:PASSWORD come from SMILEY_SCHEMA_REGISTRY_LOGIN)"
			: "");
	json_tree_free(tree);
	return passing ? ERR_BUSY : ERR_STATE;
}

/* A topic of several kinds of records keeps no rule. */
static int drop_rule(struct client *client, enum log_topic topic, struct err *err)
{
	struct buf url = {0}, body = {0};
	int rc = make_url(client, "/config/", topic, &url, err);

	buf_text(&body, "{\"compatibility\": \"NONE\"}");
	rc = rc ? rc : ask(client, "PUT", &url, &body, err);
	buf_release(&url);
	buf_release(&body);
	return rc;
}

static int register_body(
	struct client *client, int schema, struct buf *body, uint32_t *id, struct err *err)
{
	enum log_topic topic = record_topic((enum schema_id)schema);
	struct buf url = {0};
	int rc = make_url(client, "/subjects/", topic, &url, err);

	/* Who may only look can do so where somebody else has registered them. */
	rc = rc ? rc : ask(client, "POST", &url, body, err);
	if (!rc && client->status != 200) {
		buf_text(&url, "/versions");
		rc = ask(client, "POST", &url, body, err);
		if (!rc && client->status == 409) {
			rc = drop_rule(client, topic, err);
			rc = rc ? rc : ask(client, "POST", &url, body, err);
		}
	}
	buf_release(&url);
	if (rc)
		return rc;
	if (client->status != 200)
		return refused(client, schema, err);
	*id = answered_id(client);
	return *id ? 0
		   : err_set(err, ERR_STATE, "schema registry %s: its answer names no id",
			     client->options->url);
}

static int register_one(struct client *client, int schema, uint32_t *id, struct err *err)
{
	struct buf body = {0};
	struct json json;
	int rc;

	json_init(&json, &body, 0);
	json_object_begin(&json);
	json_key(&json, "schema");
	json_text(&json, schema_text((enum schema_id)schema));
	json_object_end(&json);
	rc = body.failed ? err_set(err, ERR_MEMORY, "out of memory")
			 : register_body(client, schema, &body, id, err);
	buf_release(&body);
	return rc;
}

int registry_client_register(const struct registry_client_options *options,
	uint32_t ids[REGISTRY_SCHEMAS], struct err *err)
{
	struct client client = {.options = options};
	int rc = check_url(options->url, err);

	memset(ids, 0, REGISTRY_SCHEMAS * sizeof(*ids));
	if (rc)
		return rc;
	rc = client_open(&client, err);
	for (int id = 1; !rc && id <= REGISTRY_SCHEMAS && schema_name((enum schema_id)id); id++)
		rc = register_one(&client, id, &ids[id - 1], err);
	client_close(&client);
	return rc;
}
