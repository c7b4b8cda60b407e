/*
 * serve: what `smiley server` does once its options are known: has Kore answer, does what its
 * workers may not (deletions), until a signal comes.
 */
#ifndef SMILEY_OPS_SERVE_H
#define SMILEY_OPS_SERVE_H

#include "ops/cmd.h"
#include "ops/kore.h"

#include <signal.h>

struct serve {
	const struct call *call;
	struct kore_options kore;
	bool open; /* show it in a browser */
};

/* Blocks the signals that serve_run() waits for, so that no thread started later takes them:
 * before a store is opened. Returns them. */
sigset_t serve_hold_signals(void);

/* Prints the URL when it answers; returns 0 after INT, TERM or HUP. */
int serve_run(const struct serve *serve, struct err *err);

/* The secret in a file, without what ends its line: 16 to 200 printable characters. Owned by
 * the caller: buf_release(). */
int serve_read_secret(const char *path, struct buf *secret, struct err *err);

#endif
