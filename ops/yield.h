/*
 * yield: how a rebuild gets the database's lock from a `smiley run` that holds it for as
 * long as its program runs: it asks, by a lock on the file `want` in the database, and
 * whoever folds meanwhile lets go until that lock is gone.
 */
#ifndef SMILEY_OPS_YIELD_H
#define SMILEY_OPS_YIELD_H

#include "materializer/database.h"

#include <stdbool.h>

/* Asks, until yield_close(*fd). Waits for others who ask. */
int yield_ask(const struct database_paths *paths, int *fd, struct err *err);

/* For the one who folds: opens the file; -1: none can be asked. */
int yield_listen(const struct database_paths *paths);

/* Does somebody ask just now? */
bool yield_wanted(int fd);

void yield_close(int fd);

#endif
