/*
 * opened: a database, or several asked as one, made up to date and opened for questions, as
 * every command that shows something needs it; and what such commands print with.
 */
#ifndef SMILEY_OPS_OPENED_H
#define SMILEY_OPS_OPENED_H

#include "materializer/materialize.h"
#include "materializer/query.h"
#include "ops/cmd.h"
#include "ops/lister.h"

struct opened {
	struct database_paths paths; /* of several: the last one's */
	struct query *query;         /* NULL: nothing has been recorded yet */
};

/* Picks up what killed processes left, folds what is not folded yet, opens the store. That
 * the database cannot be written is no failure as long as it can be read. */
int opened_init(struct opened *opened, const struct call *call, struct err *err);
void opened_release(struct opened *opened);

/* The run that the user means by a word. */
int opened_resolve(
	const struct opened *opened, const char *run, struct run_id *id, struct err *err);

/* A word that names no one run is no mistake in the command line's form: passes rc on,
 * ERR_USAGE turned into ERR_STATE. */
int run_word(int rc, struct err *err);

/* The lister's settings from the options. */
void lister_settings_init(struct lister_settings *settings, const struct call *call);

/* Prints the table and frees it. */
int lister_finish(struct lister *lister, const struct call *call, struct err *err);

#endif
