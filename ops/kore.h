/*
 * kore: Debian's kore, started with our module, stopped with us.
 *
 * Kore's configuration and pid file are in memory, reached by /proc/self/fd, so that nothing
 * is left behind however it ends; the module's path goes the same way, since a value in the
 * configuration may hold no space. It gets a process group of its own: keys at the
 * terminal and a hangup reach only us, and we stop it.
 */
#ifndef SMILEY_OPS_KORE_H
#define SMILEY_OPS_KORE_H

#include "materializer/database.h"
#include "schemas/err.h"
#include "schemas/run_id.h"

#include <sys/types.h>

#define KORE_PROGRAM "/usr/bin/kore"
#define KORE_MODULE "libexec/smiley/smiley-web.so" /* installed.h; a build without kore has none */
#define KORE_WORKERS 2

struct kore {
	pid_t pid;                 /* 0: it has ended */
	int port;                  /* that it listens on */
	int sockets[KORE_WORKERS]; /* workers ask here for deletions */
	int said;                  /* with `heard`: what it and its workers write; else -1 */
};

struct kore_options {
	const char *host; /* an address */
	int port;         /* 0: one that is free */
	const struct database_paths *databases;
	size_t database_count; /* not more than WORKER_DATABASES_MAX */
	const char *secret;    /* to log in with; NULL: nobody has to */
	const char *hosts;     /* names to answer to besides this machine's own, commas between */
	bool beyond;           /* other machines can reach the address */
	const char *topic_prefix;
	const char *version;
	const char *module; /* path of smiley-web.so */
	bool heard;         /* not to our stderr: kore.said is the reading end of a pipe */
};

/* It listens when this returns 0. ERR_IO: the port is taken. ERR_NOT_FOUND: no kore here. */
int kore_start(const struct kore_options *options, struct kore *kore, struct err *err);

/* Ends it, if it has not ended, and waits for it; kore.said stays open, kore_release() closes it. */
void kore_stop(struct kore *kore);
void kore_release(struct kore *kore);

/* 1: a worker asks that the run be deleted. 0: it did not. To be answered. */
int kore_read_deletion(struct kore *kore, int worker, struct run_id *run);
/* err->code 0: done. */
void kore_answer_deletion(struct kore *kore, int worker, const struct err *err);

#endif
