#include "ops/exporter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops/installed.h"
#include "schemas/now.h"

#define EVERY_NS 1000000000ll
#define TRIES 1000

/* In the child: it ends with us, and keys at the terminal are not for it. */
static void become_server(const char *path, int memory, int port, int out)
{
	sigset_t none;
	char words[2][16];

	snprintf(words[0], sizeof(words[0]), "%d", port);
	snprintf(words[1], sizeof(words[1]), "%d", memory);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fcntl(memory, F_SETFD, 0);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execl(path, "smiley-http", "metrics", "127.0.0.1", words[0], words[1], (char *)NULL);
	_exit(127);
}

/* The server's first line: its URL, or why it has ended. */
static int hear(struct exporter *exporter, int fd, struct err *err)
{
	char line[512];
	size_t len = 0;
	ssize_t got = 1;

	while (len < sizeof(line) - 1 && got > 0 && !memchr(line, '\n', len)) {
		got = read(fd, line + len, sizeof(line) - 1 - len);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			len += (size_t)got;
	}
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "http://", 7) != 0)
		return err_set(err, ERR_IO, "--metrics: %s", *line ? line : "no server");
	snprintf(exporter->url, sizeof(exporter->url), "%.50s/metrics", line);
	return 0;
}

static int start_server(struct exporter *exporter, int memory, int port, struct err *err)
{
	char path[PATH_MAX];
	int ends[2];
	int rc = installed_path("libexec/smiley/smiley-http", path, err);

	if (rc)
		return rc;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set_errno(err, errno, "pipe");
	exporter->server = fork();
	if (exporter->server == 0)
		become_server(path, memory, port, ends[1]);
	close(ends[1]);
	rc = exporter->server < 0 ? err_set_errno(err, errno, "fork")
				  : hear(exporter, ends[0], err);
	close(ends[0]);
	return rc;
}

int exporter_start(struct exporter *exporter, int port, struct err *err)
{
	int memory = memfd_create("smiley-metrics", MFD_CLOEXEC);
	int rc = 0;

	*exporter = (struct exporter){0};
	if (memory < 0 || ftruncate(memory, sizeof(*exporter->page)) < 0)
		rc = err_set_errno(err, errno, "memfd_create");
	if (!rc) {
		exporter->page = mmap(NULL, sizeof(*exporter->page), PROT_READ | PROT_WRITE,
			MAP_SHARED, memory, 0);
		if (exporter->page == MAP_FAILED) {
			exporter->page = NULL;
			rc = err_set_errno(err, errno, "mmap");
		}
	}
	rc = rc ? rc : start_server(exporter, memory, port, err);
	if (memory >= 0)
		close(memory);
	if (rc)
		exporter_stop(exporter);
	return rc;
}

void exporter_stop(struct exporter *exporter)
{
	if (exporter->server > 0) {
		kill(exporter->server, SIGTERM);
		while (waitpid(exporter->server, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	if (exporter->page)
		munmap(exporter->page, sizeof(*exporter->page));
	*exporter = (struct exporter){0};
}

bool exporter_due(struct exporter *exporter)
{
	int64_t now = monotonic_ns();

	if (!exporter->page || now < exporter->next_ns)
		return false;
	exporter->next_ns = now + EVERY_NS;
	return true;
}

void exporter_put(struct exporter *exporter, struct slice text)
{
	struct exporter_page *page = exporter->page;

	if (!page || text.len > sizeof(page->text))
		return;
	atomic_fetch_add(&page->version, 1);
	atomic_thread_fence(memory_order_seq_cst);
	memcpy(page->text, text.data, text.len);
	atomic_store(&page->len, (uint32_t)text.len);
	atomic_fetch_add(&page->version, 1);
}

void exporter_get(const struct exporter_page *page, struct buf *out)
{
	for (int i = 0; i < TRIES; i++) {
		uint32_t version = atomic_load(&page->version);
		uint32_t len = atomic_load(&page->len);

		buf_clear(out);
		buf_append(out, page->text, len < sizeof(page->text) ? len : sizeof(page->text));
		atomic_thread_fence(memory_order_seq_cst);
		if (version % 2 == 0 && atomic_load(&page->version) == version)
			return;
	}
	buf_clear(out);
}

void exporter_metric(
	struct buf *out, const char *name, const char *type, const char *help, double value)
{
	buf_printf(out, "# HELP smiley_%s %s\n# TYPE smiley_%s %s\nsmiley_%s %.15g\n", name, help,
		name, type, name, value);
}
