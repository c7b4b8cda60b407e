#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops/cmd.h"
#include "ops/deletion.h"
#include "ops/kore.h"
#include "ops/installed.h"
#include "ops/opened.h"
#include "ops/term.h"
#include "schemas/version.h"

static const char *loopback(const char *host)
{
	if (strcmp(host, "localhost") == 0)
		return "127.0.0.1";
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ? host : NULL;
}

/* Until a signal comes or Kore ends by itself. */
static int serve(const struct call *call, const struct database_paths *paths, struct kore *kore,
	int signals, struct err *err)
{
	struct pollfd polled[1 + KORE_WORKERS] = {{.fd = signals, .events = POLLIN}};
	struct signalfd_siginfo signal;
	struct run_id run;

	for (int i = 0; i < KORE_WORKERS; i++)
		polled[1 + i] = (struct pollfd){.fd = kore->sockets[i], .events = POLLIN};
	for (;;) {
		if (poll(polled, 1 + KORE_WORKERS, -1) < 0 && errno != EINTR)
			return err_set_errno(err, errno, "poll");
		for (int i = 0; i < KORE_WORKERS; i++) {
			struct err why = {0};

			if (!(polled[1 + i].revents & POLLIN) || !kore_read_deletion(kore, i, &run))
				continue;
			deletion_make(call, paths, &run, &why);
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

static int tell_url(const char *host, int port, struct err *err)
{
	struct buf line = {0};
	int rc;

	buf_printf(&line, strchr(host, ':') ? "http://[%s]:%d/\n" : "http://%s:%d/\n", host, port);
	rc = term_write(buf_slice(&line), err);
	buf_release(&line);
	return rc;
}

static int start_and_serve(const struct call *call, const struct database_paths *paths,
	const struct kore_options *options, const sigset_t *signals, struct err *err)
{
	struct kore kore;
	int fd = signalfd(-1, signals, SFD_CLOEXEC);
	int rc = fd < 0 ? err_set_errno(err, errno, "signalfd") : kore_start(options, &kore, err);
	if (!rc) {
		rc = tell_url(options->host, kore.port, err);
		rc = rc ? rc : serve(call, paths, &kore, fd, err);
		kore_stop(&kore);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	const char *host = settings_text(call->settings, OPTION_HOST);
	long long port = settings_number(call->settings, OPTION_SERVER_PORT, 0);
	char module[PATH_MAX];
	struct kore_options options = {.host = loopback(host),
		.port = (int)port,
		.version = SMILEY_VERSION,
		.module = module};
	struct opened opened;
	sigset_t signals;
	int rc;

	if (port > UINT16_MAX)
		return err_set(err, ERR_USAGE, "--port %lld: there are 65535", port);
	if (!options.host)
		return err_set(err, ERR_USAGE,
			"--host %s: who can reach this port reads every recorded value, so only "
			"this machine's own addresses are served (127.0.0.1, ::1); put a proxy "
			"that asks for a password in front",
			host);
	/* Before the store is opened: its threads must not take them. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	rc = installed_path("libexec/smiley/smiley-web.so", module, err);
	rc = rc ? rc : opened_init(&opened, call, err);
	if (rc)
		return rc;
	query_close(opened.query);
	opened.query = NULL;
	options.database = opened.paths.root;
	rc = start_and_serve(call, &opened.paths, &options, &signals, err);
	opened_release(&opened);
	return rc;
}

const struct command cmd_server = {
	.name = "server",
	.arguments = "",
	.summary = "show the runs as web pages",
	.details = "Prints its URL and serves until interrupted, by kore, to this machine only. "
		   "The pages follow the database as programs are recorded.",
	.run = run,
};
