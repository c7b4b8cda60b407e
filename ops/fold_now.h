/*
 * fold_now: makes a database up to date for a command that shows something.
 */
#ifndef SMILEY_OPS_FOLD_NOW_H
#define SMILEY_OPS_FOLD_NOW_H

#include "materializer/database.h"
#include "ops/cmd.h"

/* Picks up what killed processes left (with the file log), and folds what is not folded yet,
 * unless another process does so. A database that shares Kafka's partitions with others is left
 * to its `smiley record`. The words tell what goes on, on a terminal. */
int fold_now(const struct call *call, const struct database_paths *paths, struct log *log,
	int wait_ms, const char *words, struct err *err);

#endif
