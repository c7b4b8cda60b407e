#include "ops/kore.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schemas/buf.h"
#include "web/board.h"
#include "web/worker.h"

#define START_WAIT_MS 10000
#define TOKEN_BYTES 24
#define STOP_PAUSE_MS 2
#define STOP_AGAIN_MS 500
#define STOP_WAIT_MS 5000
/* Each worker looks at every descriptor that it might have. */
#define KORE_FILES 1024
#define KORE_OWN_FILES 64 /* Kore adds its own to what a worker may have */

/* Descriptors that Kore inherits. */
struct parts {
	int config, pid_file, module, board;
	int voice; /* what it writes goes here; -1: to our stderr. Not inherited as such. */
	int ours[1 + KORE_WORKERS], theirs[1 + KORE_WORKERS];
};

static void parts_close(struct parts *parts, bool ours)
{
	int files[] = {parts->config, parts->pid_file, parts->module, parts->board, parts->voice};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i] >= 0)
			close(files[i]);
	for (int i = 0; i <= KORE_WORKERS; i++) {
		if (parts->theirs[i] >= 0)
			close(parts->theirs[i]);
		if (ours && parts->ours[i] >= 0)
			close(parts->ours[i]);
	}
}

/* TLS is broken in this package: for anything beyond this machine a proxy stands in front.
 * Bodies are small: the largest is a schema that a registry's client looks up. */
static void put_config(
	const struct kore_options *options, const struct parts *parts, struct buf *text)
{
	buf_printf(text, "load /proc/self/fd/%d\n", parts->module);
	buf_printf(text, "server web {\n\tbind %s %d smiley_connect\n\ttls no\n}\n", options->host,
		options->port);
	buf_printf(text, "workers %d\n", KORE_WORKERS);
	buf_printf(text, "worker_max_connections 512\nworker_rlimit_nofiles %d\n",
		KORE_FILES - KORE_OWN_FILES);
	buf_printf(text, "pidfile /proc/self/fd/%d\n", parts->pid_file);
	buf_printf(text, "http_body_max %d\n", WORKER_BODY_BYTES);
	/* Cookies of other servers on localhost come along. */
	buf_text(text, "http_header_max 32768\nhttp_body_timeout 5\n"
		       "http_hsts_enable 0\nhttp_pretty_error yes\n");
	buf_text(text, "domain * {\n\tattach web\n\troute ^.*$ smiley_page\n"
		       "\trestrict ^.*$ get head post\n}\n");
}

static int write_config(const struct kore_options *options, struct parts *parts, struct err *err)
{
	struct buf text = {0};
	ssize_t len;

	parts->config = memfd_create("smiley-kore.conf", 0);
	parts->pid_file = memfd_create("smiley-kore.pid", 0);
	parts->module = open(options->module, O_RDONLY);
	if (parts->module < 0)
		return err_set_errno(err, errno, "%s", options->module);
	if (parts->config < 0 || parts->pid_file < 0)
		return err_set_errno(err, errno, "memfd_create");
	put_config(options, parts, &text);
	len = text.failed ? -1 : write(parts->config, text.data, text.len);
	if (len < 0 || (size_t)len != text.len || lseek(parts->config, 0, SEEK_SET) < 0)
		err_set_errno(err, errno, "write kore's configuration");
	buf_release(&text);
	return err->code;
}

static int make_parts(const struct kore_options *options, struct parts *parts, struct err *err)
{
	*parts = (struct parts){-1, -1, -1, -1, -1, {0}, {0}};
	for (int i = 0; i <= KORE_WORKERS; i++)
		parts->ours[i] = parts->theirs[i] = -1;
	for (int i = 0; i <= KORE_WORKERS; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
			return err_set_errno(err, errno, "socketpair");
		parts->ours[i] = pair[0];
		parts->theirs[i] = pair[1];
		fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	}
	parts->board = board_make(err);
	return parts->board < 0 ? parts->board : write_config(options, parts, err);
}

static void put_variable(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void put_databases(const struct kore_options *options)
{
	char name[sizeof(WORKER_DATABASE) + 24];

	for (size_t i = 0; i <= options->database_count; i++) {
		snprintf(name, sizeof(name), "%s_%zu", WORKER_DATABASE, i);
		put_variable(name, i < options->database_count ? options->databases[i].root : NULL);
	}
}

static void put_environment(const struct kore_options *options, const struct parts *parts)
{
	char token[2 * TOKEN_BYTES + 1], board[16];
	struct buf sockets = {0};

	for (int i = 0; i <= KORE_WORKERS; i++)
		buf_printf(&sockets, i ? ",%d" : "%d", parts->theirs[i]);
	put_variable(WORKER_SOCKETS, buf_string(&sockets));
	buf_release(&sockets);
	snprintf(board, sizeof(board), "%d", parts->board);
	put_variable(WORKER_BOARD, board);
	put_databases(options);
	put_variable(WORKER_VERSION, options->version);
	put_variable(WORKER_SECRET, options->secret);
	put_variable(WORKER_HOSTS, options->hosts);
	put_variable(WORKER_BEYOND, options->beyond ? "1" : NULL);
	put_variable(WORKER_PREFIX, options->topic_prefix);
	put_variable(WORKER_TOKEN, board_secret(token, sizeof(token), NULL) == 0 ? token : NULL);
}

/* In the child: becomes Kore. What it writes is for who has to look into it: errors only. */
static void exec_kore(const struct kore_options *options, struct parts *parts, pid_t parent)
{
	struct rlimit files;
	char config[32];
	sigset_t none;

	for (int i = 0; i <= KORE_WORKERS; i++)
		close(parts->ours[i]);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < KORE_FILES ? files.rlim_max : KORE_FILES;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	put_environment(options, parts);
	if (parts->voice >= 0)
		dup2(parts->voice, STDERR_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	snprintf(config, sizeof(config), "/proc/self/fd/%d", parts->config);
	execl(KORE_PROGRAM, "kore", "-fnrq", "-c", config, (char *)NULL);
	_exit(127);
}

/* Kore would say it with the line of a file that the user does not know. */
static int try_port(const struct kore_options *options, struct err *err)
{
	bool six = strchr(options->host, ':') != NULL;
	struct sockaddr_in6 address6 = {
		.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)options->port)};
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)options->port)};
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int yes = 1, rc = -1;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0) {
		inet_pton(six ? AF_INET6 : AF_INET, options->host,
			six ? (void *)&address6.sin6_addr : (void *)&address.sin_addr);
		rc = six ? bind(fd, (struct sockaddr *)&address6, sizeof(address6))
			 : bind(fd, (struct sockaddr *)&address, sizeof(address));
	}
	if (rc < 0)
		err_set_errno(err, errno, "listen on %s port %d", options->host, options->port);
	if (fd >= 0)
		close(fd);
	return rc < 0 ? ERR_IO : 0;
}

static int wait_for_port(struct kore *kore, int socket, struct err *err)
{
	struct pollfd ready = {.fd = socket, .events = POLLIN};
	char text[16] = "";
	ssize_t len = 0;

	if (poll(&ready, 1, START_WAIT_MS) > 0)
		len = recv(socket, text, sizeof(text) - 1, 0);
	if (len > 0) {
		kore->port = atoi(text);
		return 0;
	}
	kore_stop(kore);
	return err_set(err, ERR_IO, "kore did not start");
}

static int make_voice(struct parts *parts, struct kore *kore, struct err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set_errno(err, errno, "pipe");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	kore->said = ends[0];
	parts->voice = ends[1];
	return 0;
}

int kore_start(const struct kore_options *options, struct kore *kore, struct err *err)
{
	pid_t parent = getpid();
	struct parts parts;
	int rc;

	*kore = (struct kore){.said = -1};
	if (access(KORE_PROGRAM, X_OK) < 0)
		return err_set(err, ERR_NOT_FOUND,
			"%s is not there; apt-get install kore brings it", KORE_PROGRAM);
	rc = try_port(options, err);
	if (rc < 0)
		return rc;
	rc = make_parts(options, &parts, err);
	if (rc == 0 && options->heard)
		rc = make_voice(&parts, kore, err);
	if (rc == 0) {
		kore->pid = fork();
		if (kore->pid == 0)
			exec_kore(options, &parts, parent);
		if (kore->pid < 0)
			rc = err_set_errno(err, errno, "fork");
	}
	parts_close(&parts, rc < 0);
	if (rc < 0)
		return rc;
	memcpy(kore->sockets, parts.ours + 1, sizeof(kore->sockets));
	rc = wait_for_port(kore, parts.ours[0], err);
	close(parts.ours[0]);
	return rc;
}

/* Kore looks for a signal, then waits for something to happen: one that comes between is
 * seen only with the next. Workers are in its process group. */
static void end_group(pid_t pid)
{
	struct timespec pause = {.tv_nsec = STOP_PAUSE_MS * 1000000L};

	for (int waited_ms = 0;; waited_ms += STOP_PAUSE_MS) {
		if (waited_ms % STOP_AGAIN_MS == 0)
			kill(getpgid(pid) == pid ? -pid : pid,
				waited_ms < STOP_WAIT_MS ? SIGTERM : SIGKILL);
		if (waitpid(pid, NULL, WNOHANG) != 0)
			break;
		nanosleep(&pause, NULL);
	}
}

void kore_stop(struct kore *kore)
{
	if (kore->pid > 0)
		end_group(kore->pid);
	kore->pid = 0;
	for (int i = 0; i < KORE_WORKERS; i++) {
		if (kore->sockets[i] > 0)
			close(kore->sockets[i]);
		kore->sockets[i] = 0;
	}
}

void kore_release(struct kore *kore)
{
	if (kore->said >= 0)
		close(kore->said);
	kore->said = -1;
}

int kore_read_deletion(struct kore *kore, int worker, struct run_id *run)
{
	return recv(kore->sockets[worker], run->bytes, sizeof(run->bytes), MSG_DONTWAIT) ==
	       sizeof(run->bytes);
}

void kore_answer_deletion(struct kore *kore, int worker, const struct err *err)
{
	const char *words = err->code ? err->message : "ok";

	send(kore->sockets[worker], words, strlen(words), MSG_NOSIGNAL | MSG_DONTWAIT);
}
