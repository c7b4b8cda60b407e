/*
 * exporter: what a command that goes on tells Prometheus (--metrics PORT): its text lies in
 * shared memory, and smiley-http answers with it, in a process of its own. So nobody who asks can
 * keep the command from its work, and the command loads no HTTP library.
 *
 * The memory holds one text at a time. Its writer makes `version` odd, writes, makes it even; a
 * reader that saw it odd or changed reads again.
 */
#ifndef SMILEY_OPS_EXPORTER_H
#define SMILEY_OPS_EXPORTER_H

#include "schemas/buf.h"
#include "schemas/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define EXPORTER_TEXT_BYTES (64 * 1024)

struct exporter_page {
	_Atomic uint32_t version;
	_Atomic uint32_t len;
	char text[EXPORTER_TEXT_BYTES];
};

/* Zeroed: nobody is told anything. */
struct exporter {
	struct exporter_page *page; /* NULL: off */
	pid_t server;
	char url[64];
	int64_t next_ns;
};

/* Answers at 127.0.0.1 when this returns 0; port 0: one that is free. ERR_IO: it is taken. */
int exporter_start(struct exporter *exporter, int port, struct err *err);
/* The same as --metrics asks for, if it does; -v shows where. ERR_USAGE: no port. In a file of its
 * own: smiley-http knows no commands. */
struct call;
int exporter_start_asked(struct exporter *exporter, const struct call *call, struct err *err);

void exporter_stop(struct exporter *exporter);

/* Is a new text due? Once a second, when it is on. */
bool exporter_due(struct exporter *exporter);

/* From now on this is told; a text that is too long is not. */
void exporter_put(struct exporter *exporter, struct slice text);

/* The server's side: *out becomes what is told now; empty when it cannot be had. */
void exporter_get(const struct exporter_page *page, struct buf *out);

/* Appends a metric of one number. */
void exporter_metric(
	struct buf *out, const char *name, const char *type, const char *help, double value);

#endif
