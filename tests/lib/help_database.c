#include "tests/lib/help_database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "materializer/materialize.h"
#include "tests/lib/help_dir.h"

#define WAIT_MS 1000

int database_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	good(f, database_paths_init(&f->paths, f->dir, true, &f->err));
	good(f, file_log_open(f->paths.log, true, &f->log, &f->err));
	*state = f;
	return 0;
}

int database_teardown(void **state)
{
	struct fixture *f = *state;

	query_close(f->query);
	log_close(f->log);
	told_release(&f->told);
	buf_release(&f->out);
	database_paths_release(&f->paths);
	dir_remove(f->dir);
	free(f);
	return 0;
}

void good(const struct fixture *f, int rc)
{
	if (rc < 0)
		fail_msg("%s", f->err.message);
}

void append(struct fixture *f)
{
	good(f, told_append(&f->told, f->log, &f->err));
	told_release(&f->told);
}

void publish(struct fixture *f)
{
	const struct materialize_options options = {.wait_ms = WAIT_MS};

	append(f);
	good(f, materialize_now(&f->paths, f->log, &options, &f->err));
	if (f->query)
		good(f, query_refresh(f->query, &f->err));
	else
		good(f, query_open(&f->paths, &f->query, &f->err));
}
