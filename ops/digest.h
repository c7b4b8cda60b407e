/*
 * digest: prints the store's digest.
 */
#ifndef SMILEY_OPS_DIGEST_H
#define SMILEY_OPS_DIGEST_H

#include "materializer/materialize.h"
#include "materializer/query.h"

/* "digest 32 hex digits" of the store as it is now. */
int digest_print(const struct database_paths *paths, struct err *err);

/* The same of a query that is open. */
int digest_print_query(struct query *query, struct err *err);

#endif
