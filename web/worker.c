#include "web/worker.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/app.h"

#define DELETE_WAIT_MS 20000

static struct worker {
	struct database_paths paths[WORKER_DATABASES_MAX];
	struct board *board;
	struct app *app;
	int socket; /* to smiley server */
	struct http_answer answer;
	char timing[64];
	struct err err; /* of opening */
} worker = {.socket = -1};

/* The index-th descriptor of the list; -1: it has fewer. */
static int descriptor(int index)
{
	const char *at = getenv(WORKER_SOCKETS);

	for (; at && index > 0; index--) {
		at = strchr(at, ',');
		if (at)
			at++;
	}
	return at ? atoi(at) : -1;
}

int worker_tell_port(int port)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", port);

	return send(descriptor(0), text, (size_t)len, MSG_NOSIGNAL) == len ? 0 : ERR_IO;
}

bool worker_abandoned(void)
{
	char any;

	return worker.socket >= 0 &&
	       recv(worker.socket, &any, sizeof(any), MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Asks smiley server: the run's id there, a code and the words of an error back. */
static int ask_to_delete(void *context, const struct run_id *run, struct err *err)
{
	struct pollfd answer = {.fd = worker.socket, .events = POLLIN};
	char words[512];
	ssize_t len;

	(void)context;
	/* What was asked for too late the last time is of no use now. */
	while (recv(worker.socket, words, sizeof(words), MSG_DONTWAIT) > 0)
		;
	if (send(worker.socket, run->bytes, sizeof(run->bytes), MSG_NOSIGNAL) < 0)
		return err_set_errno(err, 0, "smiley server does not listen any more");
	if (poll(&answer, 1, DELETE_WAIT_MS) <= 0)
		return err_set(err, ERR_BUSY, "the deletion takes long; look again later");
	len = recv(worker.socket, words, sizeof(words) - 1, 0);
	if (len < 0)
		len = 0;
	words[len] = '\0';
	return len == 0 || strcmp(words, "ok") == 0 ? 0 : err_set(err, ERR_IO, "%s", words);
}

/* The databases that the environment names; negative: told in worker.err. */
static int find_databases(size_t *count)
{
	char name[sizeof(WORKER_DATABASE) + 8];
	const char *dir;
	int rc = 0;

	for (*count = 0; rc == 0 && *count < WORKER_DATABASES_MAX; ++*count) {
		snprintf(name, sizeof(name), "%s_%zu", WORKER_DATABASE, *count);
		dir = getenv(name);
		if (!dir)
			break;
		rc = database_paths_init(&worker.paths[*count], dir, false, &worker.err);
	}
	return rc;
}

static int open_board(int number)
{
	const char *fd = getenv(WORKER_BOARD);

	worker.board = board_open(fd ? atoi(fd) : -1, &worker.err);
	if (!worker.board)
		return worker.err.code;
	if (number < BOARD_WORKERS) {
		worker.board->workers[number].pid = getpid();
		atomic_fetch_add(&worker.board->workers[number].starts, 1);
	}
	return 0;
}

/* RocksDB's threads are made here and there while a request is answered, and must not get
 * the signals that Kore's loop is to be woken by. */
static sigset_t quiet(void)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	return before;
}

const char *worker_open(int number)
{
	struct app_options options = {.paths = worker.paths,
		.version = getenv(WORKER_VERSION),
		.token = getenv(WORKER_TOKEN),
		.secret = getenv(WORKER_SECRET),
		.hosts = getenv(WORKER_HOSTS),
		.beyond = getenv(WORKER_BEYOND) != NULL,
		.topic_prefix = getenv(WORKER_PREFIX),
		.worker = number,
		.delete_run = ask_to_delete};
	int rc;

	if (!options.version)
		return "this module is started by smiley server";
	worker.socket = descriptor(1 + number);
	if (worker.socket < 0)
		options.token = NULL;
	rc = open_board(number);
	options.board = worker.board;
	rc = rc ? rc : find_databases(&options.path_count);
	rc = rc ? rc : app_new(&options, &worker.app, &worker.err);
	/* So that the first request need not wait for it; if it cannot be opened, that one tells. */
	if (rc == 0)
		worker_look();
	return rc == 0 ? NULL : worker.err.message;
}

void worker_close(void)
{
	app_free(worker.app);
	worker.app = NULL;
	for (size_t i = 0; i < WORKER_DATABASES_MAX; i++)
		database_paths_release(&worker.paths[i]);
	http_answer_release(&worker.answer);
	board_close(worker.board);
	worker.board = NULL;
}

static void answer_undisturbed(const struct http_request *request, struct http_answer *answer)
{
	sigset_t before = quiet();

	app_answer(worker.app, request, answer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void worker_answer(const struct worker_request *request, struct worker_answer *answer)
{
	struct http_request http = {
		.method = request->method,
		.path = request->path,
		.query = request->query,
		.body = request->body,
		.host = request->host,
		.origin = request->origin,
		.last_event = request->last_event,
		.fetch_site = request->fetch_site,
		.accept = request->accept,
		.authorization = request->authorization,
		.cookie = request->cookie,
	};
	struct http_answer *made = &worker.answer;

	http_answer_clear(made);
	answer_undisturbed(&http, made);
	snprintf(worker.timing, sizeof(worker.timing), "app;dur=%.3f, cpu;dur=%.3f",
		(double)made->time_ns / 1e6, (double)made->cpu_ns / 1e6);
	*answer = (struct worker_answer){
		.status = made->status,
		.content_type = made->content_type,
		.cache = made->cache,
		.location = made->location.len ? buf_string(&made->location) : NULL,
		.set_cookie = made->set_cookie.len ? buf_string(&made->set_cookie) : NULL,
		.authenticate = made->authenticate,
		.timing = worker.timing,
		.body = made->fixed.len ? made->fixed : buf_slice(&made->body),
		.live = made->live,
		.watch = *app_watch(worker.app),
	};
}

bool worker_look(void)
{
	sigset_t before = quiet();
	int rc = live_refresh(worker.app);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

bool worker_tell(struct live_watch *watch, int64_t now_ms, struct slice *text)
{
	struct buf *body = &worker.answer.body;
	sigset_t before = quiet();
	bool last;

	buf_clear(body);
	last = live_next(worker.app, watch, now_ms, body);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	*text = buf_slice(body);
	return last;
}
