/* links: web materializer ingest schemas cmocka */
/*
 * fuzz_request: a request as "METHOD PATH[?QUERY]\nName: value\n...\n\nBODY" to the pages of a
 * small database of hostile runs, twice: once as anybody may ask, once with a secret. Whatever
 * it is: the answer has a status that means something and never 500; JSON is JSON; HTML is
 * UTF-8 without control characters, without a script of another's, and not too large; headers
 * are one line; without the secret nothing of a run is told, and nothing can be changed.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/avro.h"
#include "tests/lib/help_cut.h"
#include "tests/lib/help_database.h"
#include "web/app.h"
#include "web/json_tree.h"
#include "web/live.h"
#include "web/page.h"

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef"
#define SECRET "the secret of this server"
#define HOSTILE "</script><script>alert(1)</script>\"'\x1b[31m\xe2\x80\xae<!--"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct site_under_test {
	void *fixture;
	struct app *open, *guarded;
	int deleted;
} site;

static void tear_down(void)
{
	app_free(site.open);
	app_free(site.guarded);
	database_teardown(&site.fixture);
}

static int note_deletion(void *context, const struct run_id *run, struct err *err)
{
	(void)context;
	(void)run;
	(void)err;
	site.deleted++;
	return 0;
}

static void tell_hostile_start(struct told *told, uint8_t number)
{
	struct run_started started = {.run = told_run(number), .pid = 7, .parent_seq = -1};
	struct buf argv = {0}, message = {0};

	text_list_add(&argv, &started.argv.count, slice_text(HOSTILE));
	text_list_add(&argv, &started.argv.count, slice_text("a\xff\xfe\n\t\x01"));
	started.argv.items = buf_slice(&argv);
	started.cwd = started.host = started.user = started.group = slice_text(HOSTILE);
	started.started_ns = TOLD_START_NS + number;
	run_started_encode(&started, &message);
	told_message(told, LOG_RUNS, number, buf_slice(&message));
	buf_release(&argv);
	buf_release(&message);
}

static void set_up(void)
{
	struct app_options options = {.version = "0",
		.token = TOKEN,
		.topic_prefix = "smiley.",
		.hosts = "box.example",
		.delete_run = note_deletion};
	struct fixture *f;

	assert(database_setup(&site.fixture) == 0);
	f = site.fixture;
	told_all(&f->told, 1, 150);
	tell_hostile_start(&f->told, 2);
	told_source(&f->told, 2, TOLD_FILE, "# " HOSTILE "\n\x00\xff\n");
	told_source(&f->told, 2, "/src/" HOSTILE ".py", HOSTILE);
	told_blocks(&f->told, 2, 40, 10);
	publish(f);
	options.paths = &f->paths;
	assert(app_new(&options, &site.open, &f->err) == 0);
	options.secret = SECRET;
	options.beyond = true;
	assert(app_new(&options, &site.guarded, &f->err) == 0);
	atexit(tear_down);
}

static bool holds(struct slice text, const char *part)
{
	return text.len && memmem(text.data, text.len, part, strlen(part)) != NULL;
}

static size_t count(struct slice text, const char *part)
{
	size_t found = 0, len = strlen(part);

	for (size_t i = 0; i + len <= text.len; i++)
		found += memcmp(text.data + i, part, len) == 0;
	return found;
}

static void read_header(struct http_request *request, struct slice line)
{
	const struct {
		const char *name;
		struct slice *value;
	} headers[] = {{"Host", &request->host}, {"Origin", &request->origin},
		{"Sec-Fetch-Site", &request->fetch_site}, {"Accept", &request->accept},
		{"Authorization", &request->authorization}, {"Cookie", &request->cookie},
		{"Last-Event-ID", &request->last_event}};
	struct slice name = cut(&line, ':');

	if (line.len && line.data[0] == ' ')
		cut(&line, ' ');
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (slice_equal(name, slice_text(headers[i].name)))
			*headers[i].value = line;
	}
}

static void check_one_line(const struct buf *header)
{
	for (size_t i = 0; i < header->len; i++)
		assert(header->data[i] >= ' ' && header->data[i] < 0x7f);
}

static void check_html(struct slice page)
{
	assert(avro_utf8_valid(page));
	assert(page.len <= PAGE_BYTES);
	assert(count(page, "<script") == count(page, "<script src=\"/static/"));
	assert(count(page, "<!--") == count(page, "<!--served-->") + count(page, "<!--/-->"));
	assert(!holds(page, "\xe2\x80\xae"));
	for (size_t i = 0; i < page.len; i++)
		assert(page.data[i] >= ' ' || page.data[i] == '\n' || page.data[i] == '\t');
}

static void check_answer(struct http_answer *answer)
{
	struct slice body = buf_slice(&answer->body);
	struct json_tree *tree;

	assert(answer->status >= 200 && answer->status < 600 && answer->status != 500);
	check_one_line(&answer->location);
	check_one_line(&answer->set_cookie);
	assert(!answer->location.len ||
		(answer->location.data[0] == '/' &&
			(answer->location.len == 1 || answer->location.data[1] != '/')));
	if (strstr(answer->content_type, "json") && !answer->fixed.len) {
		assert(json_tree_parse(body, &tree, NULL) == 0);
		json_tree_free(tree);
	} else if (strstr(answer->content_type, "html")) {
		check_html(body);
	}
}

/* What viewers are told first. */
static void follow(struct app *app)
{
	struct live_watch watch = *app_watch(app);
	struct buf told = {0};

	assert(live_refresh(app) == 0);
	live_next(app, &watch, 1000, &told);
	assert(avro_utf8_valid(buf_slice(&told)));
	buf_release(&told);
}

static void ask(struct app *app, const struct http_request *request, bool guarded)
{
	bool knows = holds(request->authorization, SECRET);
	struct http_answer answer = {0};

	site.deleted = 0;
	app_answer(app, request, &answer);
	check_answer(&answer);
	if (answer.live)
		follow(app);
	assert(!site.deleted || knows || (!guarded && holds(request->body, TOKEN)));
	if (guarded && !knows) {
		assert(!answer.live);
		/* The login's page tells where it goes on to. */
		if (!holds(request->path, "app") && !holds(request->query, "app"))
			assert(!holds(buf_slice(&answer.body), "app.py"));
	}
	http_answer_release(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = {data, size}, line, method;
	struct http_request request = {.host = slice_text("localhost")};
	char name[16] = {0};

	if (!site.fixture)
		set_up();
	if (size == 0)
		return 0;
	line = cut(&rest, '\n');
	method = cut(&line, ' ');
	memcpy(name, method.data, method.len < sizeof(name) ? method.len : sizeof(name) - 1);
	request.method = name;
	request.path = cut(&line, '?');
	request.query = line;
	while (rest.len && (line = cut(&rest, '\n')).len)
		read_header(&request, line);
	request.body = rest;
	ask(site.open, &request, false);
	ask(site.guarded, &request, true);
	return 0;
}
