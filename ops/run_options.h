/*
 * run_options: what `smiley run` tells the tracer and the log about a run, from its settings
 * and its command line.
 */
#ifndef SMILEY_OPS_RUN_OPTIONS_H
#define SMILEY_OPS_RUN_OPTIONS_H

#include "ops/setting.h"
#include "schemas/buf.h"
#include "schemas/message.h"

/* Appends the key=value lines of tracer/options.h. argv: the arguments as python gets them. */
void run_options_text(const struct settings *settings, int argc, char **argv, struct buf *options);

/* Appends where the tracer's children find it, which is nothing for RunStarted. */
void run_options_inject(struct buf *options);

/* A RunStarted of this process and moment; its slices point into `texts`, which the caller
 * releases behind it. Secrets in argv are masked. What SMILEY_PARENT tells is its parent, and
 * its group unless the settings name one. */
struct run_texts {
	struct buf host, user, cwd, argv, limits, boot_id, container, parent;
};
void run_texts_release(struct run_texts *texts);
int run_started_fill(struct run_started *run, const struct settings *settings, int argc,
	char **argv, struct slice options, struct run_texts *texts, struct err *err);

#endif
