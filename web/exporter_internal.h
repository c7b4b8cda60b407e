/*
 * exporter_internal: what a format is made of. One format is one file with one constant, and one
 * line in the table of exporter.c.
 */
#ifndef SMILEY_WEB_EXPORTER_INTERNAL_H
#define SMILEY_WEB_EXPORTER_INTERNAL_H

#include "web/exporter.h"
#include "materializer/call_walk.h"

struct exporter {
	const struct exporter_format *format;
	struct buf *out; /* borrowed */
	struct code_table *codes;
	struct call_walk *walk;
	bool fed;       /* there was an event */
	int64_t thread; /* of the last event */
	struct run_id run;
	int64_t pid, started_ns;
	struct buf command; /* the command line */
	int (*read_source)(void *context, struct slice path, struct buf *text, struct err *err);
	void *read_context;
	void *state; /* the format's own, zeroed at first */
};

struct exporter_format {
	const char *name;
	bool by_thread;
	size_t state_bytes;
	/* What may be NULL is skipped; 0 or a negative err_code. */
	int (*begin)(struct exporter *exporter, struct err *err);
	struct walk_taker taker; /* its context is the exporter */
	int (*finish)(struct exporter *exporter, struct err *err);
	void (*release)(struct exporter *exporter);
};

extern const struct exporter_format exporter_chrome, exporter_perfetto, exporter_speedscope,
	exporter_collapsed, exporter_callgrind, exporter_lcov;

/* Text on one line: control characters become spaces. Appended. */
void exporter_line_text(struct buf *out, struct slice text);

/* 0, or ERR_MEMORY when something did not fit into the buf. */
int exporter_written(const struct exporter *exporter, struct err *err);

#endif
