/*
 * fold: what the tests of the fold start from: an empty store, the fold into it, and records that
 * are told (help_run.h).
 */
#ifndef SMILEY_TESTS_LIB_FOLD_H
#define SMILEY_TESTS_LIB_FOLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "materializer/database.h"
#include "materializer/fold.h"
#include "tests/lib/help_dir.h"
#include "tests/lib/help_run.h"

struct fixture {
	char *dir;
	struct database_paths paths;
	struct store *store;
	struct fold *fold;
	struct told told;
	struct err err;
};

static inline void good(const struct fixture *f, int rc)
{
	if (rc < 0)
		fail_msg("%s", f->err.message);
}

static inline void open_store(struct fixture *f)
{
	good(f, store_create(f->paths.store, &f->err));
	good(f, store_open(f->paths.store, &f->store, &f->err));
	good(f, fold_new(f->store, &f->fold, &f->err));
}

static inline void close_store(struct fixture *f)
{
	fold_free(f->fold);
	store_close(f->store);
	f->fold = NULL;
	f->store = NULL;
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	good(f, database_paths_init(&f->paths, f->dir, true, &f->err));
	open_store(f);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	close_store(f);
	told_release(&f->told);
	database_paths_release(&f->paths);
	dir_remove(f->dir);
	free(f);
	return 0;
}

static inline void commit(struct fixture *f)
{
	good(f, store_commit(f->store, &f->err));
	fold_committed(f->fold);
}

/* The record of that number, with the commit that it may ask for first. */
static inline void fold_one(struct fixture *f, size_t index)
{
	struct log_record record = told_record(&f->told, index);
	int rc = fold_record(f->fold, &record, &f->err);

	if (rc == FOLD_COMMIT_FIRST) {
		commit(f);
		rc = fold_record(f->fold, &record, &f->err);
	}
	good(f, rc);
	assert_int_equal(rc, FOLD_DONE);
}

#endif
