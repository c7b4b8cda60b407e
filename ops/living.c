#include "ops/living.h"

#include <string.h>

#include "ingest/spool.h"
#include "schemas/buf.h"

/* The runs whose processes live, and those that `smiley run` began as long as a descendant lives. */
struct living {
	struct buf runs; /* of struct spool_run */
	const struct spool_run *list;
	size_t count;
};

static const struct spool_run *living_find(const struct living *living, const struct run_id *run)
{
	for (size_t i = 0; i < living->count; i++)
		if (run_id_equal(&living->list[i].run, run))
			return &living->list[i];
	return NULL;
}

static int add(void *context, const struct spool_run *run, struct err *err)
{
	struct living *living = context;

	buf_append(&living->runs, run, sizeof(*run));
	if (living->runs.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	living->list = (const struct spool_run *)living->runs.data;
	living->count++;
	return 0;
}

/* A root whose process has ended stands for what descends from it. */
static int add_roots(struct living *living, struct err *err)
{
	static const struct run_id none;
	size_t count = living->count;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct spool_run root = {
			.run = living->list[i].root, .started = living->list[i].started};

		if (!run_id_equal(&root.run, &none) && !living_find(living, &root.run))
			rc = add(living, &root, err);
	}
	return rc;
}

/* Does it descend from no other that lives? Such a one the user has begun. */
static bool is_outermost(const struct living *living, const struct spool_run *run)
{
	const struct spool_run *root = living_find(living, &run->root);

	return (!root || root == run) && !living_find(living, &run->parent);
}

static int choose(
	const struct living *living, const char *wanted, struct run_id *run, struct err *err)
{
	bool latest = strcmp(wanted, "@latest") == 0;
	const struct spool_run *chosen = NULL;
	size_t count = 0;

	for (size_t i = 0; i < living->count; i++) {
		const struct spool_run *at = &living->list[i];
		char id[RUN_ID_TEXT_BYTES];

		run_id_format(&at->run, id);
		if (latest ? !is_outermost(living, at) : strncmp(id, wanted, strlen(wanted)) != 0)
			continue;
		count++;
		if (!chosen || at->started > chosen->started)
			chosen = at;
	}
	if (!chosen)
		return err_set(err, ERR_NOT_FOUND, "run %s: no such run goes on here", wanted);
	if (count > 1 && !latest)
		return err_set(
			err, ERR_STATE, "run %s: %zu runs that go on begin so", wanted, count);
	*run = chosen->run;
	return 0;
}

int living_run(const char *spools, const char *wanted, struct run_id *run, struct err *err)
{
	struct living living = {0};
	int rc = spool_living(spools, add, &living, err);

	rc = rc ? rc : add_roots(&living, err);
	rc = rc ? rc : choose(&living, wanted, run, err);
	buf_release(&living.runs);
	return rc;
}
