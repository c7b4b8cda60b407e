#include "ops/schema_ids.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops/installed.h"
#include "schemas/buf.h"
#include "schemas/now.h"

/* A registry that is away is asked again after this. */
#define AGAIN_MS 1000
#define WAIT_MS 120000

extern char **environ;

struct schema_ids {
	char *url, *prefix, *ca;
	pid_t pid; /* of smiley-http; 0: none */
	int fd;    /* what it says */
	struct buf said;
	int64_t again_ms; /* when to ask again, by the monotonic clock */
	struct err last;  /* why there is no answer */
	bool for_good;
};

static void stop(struct schema_ids *self)
{
	if (!self->pid)
		return;
	kill(self->pid, SIGKILL);
	waitpid(self->pid, NULL, 0);
	close(self->fd);
	self->pid = 0;
}

static void release(void *context)
{
	struct schema_ids *self = context;

	stop(self);
	buf_release(&self->said);
	free(self->url);
	free(self->prefix);
	free(self->ca);
	free(self);
}

static struct schema_ids *new_ids(const struct settings *settings)
{
	const char *ca = settings_text(settings, OPTION_SCHEMA_REGISTRY_CA);
	struct schema_ids *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->url = strdup(settings_text(settings, OPTION_SCHEMA_REGISTRY));
	self->prefix = strdup(settings_text(settings, OPTION_TOPIC_PREFIX));
	self->ca = strdup(ca ? ca : "");
	if (self->url && self->prefix && self->ca)
		return self;
	release(self);
	return NULL;
}

/* In a process group of its own: a key that ends the program does not end it. */
static int start(struct schema_ids *self, struct err *err)
{
	char program[PATH_MAX];
	char *argv[] = {program, "register", self->url, self->prefix, self->ca, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int ends[2], rc = installed_path("libexec/smiley/smiley-http", program, err);

	if (rc)
		return rc;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set_errno(err, errno, "make a pipe");
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, ends[1], 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(&self->pid, program, &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	close(ends[1]);
	if (rc) {
		self->pid = 0;
		close(ends[0]);
		return err_set_errno(err, rc, "start %s", program);
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	self->fd = ends[0];
	buf_clear(&self->said);
	return 0;
}

/* What it said: "ok" and the ids, or "busy" or "no" and why. */
static int read_answer(struct schema_ids *self, uint32_t ids[KAFKA_SCHEMAS])
{
	const char *text = buf_string(&self->said);
	const char *rest = strchr(text, '\n');
	unsigned ours;
	unsigned long theirs;
	int used;

	memset(ids, 0, KAFKA_SCHEMAS * sizeof(*ids));
	if (rest && strncmp(text, "ok\n", 3) == 0) {
		for (rest++; sscanf(rest, "%u %lu\n%n", &ours, &theirs, &used) == 2; rest += used)
			if (ours >= 1 && ours <= KAFKA_SCHEMAS)
				ids[ours - 1] = (uint32_t)theirs;
		return 0;
	}
	self->for_good = strncmp(text, "no\n", 3) == 0;
	self->again_ms = monotonic_ms() + AGAIN_MS;
	return err_set(&self->last, self->for_good ? ERR_STATE : ERR_BUSY, "%.*s",
		rest ? (int)strcspn(rest + 1, "\n") : 0, rest ? rest + 1 : "");
}

static int get(void *context, uint32_t ids[KAFKA_SCHEMAS], struct err *err)
{
	struct schema_ids *self = context;
	char part[512];
	ssize_t got;
	int rc = 0;

	if (!self->for_good && !self->pid && monotonic_ms() >= self->again_ms) {
		rc = start(self, err);
		if (rc)
			return rc;
		if (!self->last.code)
			err_set(&self->last, ERR_BUSY, "schema registry %s: no answer yet",
				self->url);
	}
	if (self->pid) {
		while ((got = read(self->fd, part, sizeof(part))) > 0)
			buf_append(&self->said, part, (size_t)got);
		if (got == 0) {
			waitpid(self->pid, NULL, 0);
			close(self->fd);
			self->pid = 0;
			if (read_answer(self, ids) == 0)
				return 0;
		}
	}
	return err_set(err, self->last.code, "%s", self->last.message);
}

int schema_ids_use(const struct settings *settings, struct log *log, struct err *err)
{
	struct schema_ids *self;

	if (!settings_text(settings, OPTION_SCHEMA_REGISTRY))
		return 0;
	self = new_ids(settings);
	if (!self)
		return err_set(err, ERR_MEMORY, "out of memory");
	kafka_log_set_schema_ids(log, &(struct kafka_schema_ids){get, release, self});
	return 0;
}

int schema_ids_register(
	const struct settings *settings, bool *named, uint32_t ids[KAFKA_SCHEMAS], struct err *err)
{
	int64_t deadline = monotonic_ms() + WAIT_MS;
	struct schema_ids *self;
	int rc;

	*named = settings_text(settings, OPTION_SCHEMA_REGISTRY) != NULL;
	if (!*named)
		return 0;
	self = new_ids(settings);
	if (!self)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = get(self, ids, err);
	while (rc == ERR_BUSY && self->pid && monotonic_ms() < deadline) {
		poll(&(struct pollfd){.fd = self->fd, .events = POLLIN}, 1, AGAIN_MS);
		rc = get(self, ids, err);
	}
	release(self);
	return rc;
}
