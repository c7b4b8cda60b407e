/*
 * run_text: what a run's record says, in words.
 */
#ifndef SMILEY_MATERIALIZER_RUN_TEXT_H
#define SMILEY_MATERIALIZER_RUN_TEXT_H

#include "materializer/query.h"
#include "schemas/buf.h"

/* "2026-11-22T17:55:40.123+01:00", local time; appended. Nothing for 0. */
void time_text(int64_t time_ns, struct buf *out);

/* The arguments joined by spaces; appended. */
void argv_text(struct text_list argv, struct buf *out);

/* What went wrong with the run, one line; nothing when nothing did. The message of the
 * exception that ended it (its type when it has none), else "exit status 3", "killed by
 * SIGKILL", "lost: ...". */
void run_error_text(const struct run_info *info, struct buf *out);

/* The traceback as python prints it, without the source lines; nothing when no exception
 * ended the run. */
void traceback_text(const struct run_finished *finished, struct buf *out);

#endif
