#include "ops/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "materializer/query.h"
#include "ops/deletion.h"
#include "ops/notice.h"
#include "ops/term.h"

#define SAID_MOST 1024 /* of a line of Kore's */
#define SECRET_LEAST 16
#define SECRET_MOST 200

/* Whether the database has something of the run. */
static bool has_run(const struct database_paths *paths, const struct run_id *run)
{
	struct query *query;
	struct run_info info;
	bool has = false;

	if (query_open(paths, &query, NULL) < 0)
		return false;
	if (query_run(query, run, &info, NULL) == 0) {
		run_info_release(&info);
		has = true;
	}
	query_close(query);
	return has;
}

/* Of several databases, in the log of each that has the run. */
static void delete_run(const struct serve *serve, const struct run_id *run, struct err *err)
{
	const struct kore_options *options = &serve->kore;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < options->database_count; i++) {
		if (options->database_count == 1 || has_run(&options->databases[i], run))
			rc = deletion_make(serve->call, &options->databases[i], run, err);
	}
}

static void tell_said(const struct serve *serve, struct buf *said)
{
	if (said->len)
		notice_tell(serve->call, &(struct notice){NOTICE_ERROR, .event = "kore"}, "%s",
			buf_string(said));
	buf_clear(said);
}

/* Whole lines of what Kore and its workers wrote, each as a notice; `last`: a part of one, too. */
static void pass_on(const struct serve *serve, struct kore *kore, struct buf *said, bool last)
{
	char byte;

	while (kore->said >= 0 && read(kore->said, &byte, 1) == 1) {
		if (byte == '\n' || said->len == SAID_MOST)
			tell_said(serve, said);
		if (byte != '\n')
			buf_byte(said, (uint8_t)byte);
	}
	if (last)
		tell_said(serve, said);
}

/* Until a signal comes or Kore ends by itself. */
static int wait_for_end(const struct serve *serve, struct kore *kore, int signals, struct buf *said,
	struct err *err)
{
	struct pollfd polled[2 + KORE_WORKERS] = {{.fd = signals, .events = POLLIN}};
	struct signalfd_siginfo signal;
	struct run_id run;

	for (int i = 0; i < KORE_WORKERS; i++)
		polled[1 + i] = (struct pollfd){.fd = kore->sockets[i], .events = POLLIN};
	polled[1 + KORE_WORKERS] = (struct pollfd){.fd = kore->said, .events = POLLIN};
	for (;;) {
		if (poll(polled, 2 + KORE_WORKERS, -1) < 0 && errno != EINTR)
			return err_set_errno(err, errno, "poll");
		pass_on(serve, kore, said, false);
		if (polled[1 + KORE_WORKERS].revents & (POLLHUP | POLLERR))
			polled[1 + KORE_WORKERS].fd = -1; /* all who could write have ended */
		for (int i = 0; i < KORE_WORKERS; i++) {
			struct err why = {0};

			if (!(polled[1 + i].revents & POLLIN) || !kore_read_deletion(kore, i, &run))
				continue;
			delete_run(serve, &run, &why);
			kore_answer_deletion(kore, i, &why);
		}
		if (!(polled[0].revents & POLLIN) ||
			read(signals, &signal, sizeof(signal)) != sizeof(signal))
			continue;
		if (signal.ssi_signo != SIGCHLD)
			return 0;
		if (waitpid(kore->pid, NULL, WNOHANG) == kore->pid) {
			kore->pid = 0;
			return err_set(err, ERR_IO, "kore has ended");
		}
	}
}

/* An address that means all of this machine's is reached by the first of them. */
static void put_url(const char *host, int port, struct buf *url)
{
	if (strcmp(host, "0.0.0.0") == 0)
		host = "127.0.0.1";
	if (strcmp(host, "::") == 0)
		host = "::1";
	buf_printf(url, strchr(host, ':') ? "http://[%s]:%d/" : "http://%s:%d/", host, port);
}

/* In a process that nobody waits for: browsers stay. */
static void show_in_browser(const char *url)
{
	const char *browser = getenv("BROWSER");
	sigset_t none;

	if (fork() != 0)
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (fork() != 0)
		_exit(0);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (browser && *browser)
		execlp(browser, browser, url, (char *)NULL);
	execlp("xdg-open", "xdg-open", url, (char *)NULL);
	fprintf(stderr,
		"smiley: server: --open: there is no xdg-open here (Debian's xdg-utils has it), "
		"and BROWSER names no program; open %s yourself\n",
		url);
	_exit(0);
}

static int tell_url(const struct serve *serve, int port, struct err *err)
{
	struct buf line = {0};
	int rc;

	put_url(serve->kore.host, port, &line);
	if (serve->open && !line.failed)
		show_in_browser(buf_string(&line));
	if (!line.failed)
		notice_tell(serve->call,
			&(struct notice){NOTICE_INFO, NOTICE_NO_PEOPLE, "started",
				{{"url", .text = buf_string(&line)}}},
			"serving");
	buf_byte(&line, '\n');
	rc = term_write(buf_slice(&line), err);
	buf_release(&line);
	return rc;
}

sigset_t serve_hold_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signals;
}

int serve_run(const struct serve *serve, struct err *err)
{
	struct kore kore = {.said = -1};
	struct buf said = {0};
	sigset_t signals = serve_hold_signals();
	int fd, rc;

	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	rc = fd < 0 ? err_set_errno(err, errno, "signalfd") : kore_start(&serve->kore, &kore, err);
	if (rc == 0) {
		rc = tell_url(serve, kore.port, err);
		rc = rc ? rc : wait_for_end(serve, &kore, fd, &said, err);
		kore_stop(&kore);
	}
	pass_on(serve, &kore, &said, true);
	if (rc == 0)
		notice_tell(serve->call,
			&(struct notice){
				NOTICE_INFO, .people = NOTICE_NO_PEOPLE, .event = "stopped"},
			"stopped");
	kore_release(&kore);
	buf_release(&said);
	if (fd >= 0)
		close(fd);
	return rc;
}

int serve_read_secret(const char *path, struct buf *secret, struct err *err)
{
	char text[SECRET_MOST + 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	int failed = errno;

	if (fd >= 0)
		close(fd);
	if (len < 0)
		return err_set_errno(err, failed, "--token-file %s", path);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	for (ssize_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return err_set(err, ERR_USAGE,
				"--token-file %s: it holds more than one word of printable characters",
				path);
	}
	if (len < SECRET_LEAST || len > SECRET_MOST)
		return err_set(err, ERR_USAGE,
			"--token-file %s: a secret has %d to %d characters; `openssl rand -hex 24` "
			"makes one",
			path, SECRET_LEAST, SECRET_MOST);
	buf_append(secret, text, (size_t)len);
	return secret->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}
