#include "materializer/materialize.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "materializer/applied.h"
#include "materializer/lock.h"
#include "materializer/materialize_internal.h"
#include "materializer/store.h"
#include "schemas/now.h"

#define POLL_MS 5
#define LOG_WAIT_MS 100

static const struct materialize_options no_options;

static void tell(const struct materialize_options *options, struct materializer *m)
{
	uint64_t done, total;

	if (options->progress && materializer_progress(m, &done, &total) == 0)
		options->progress(options->context, done, total);
}

static void pause_ms(int ms)
{
	struct timespec time = {.tv_nsec = ms * 1000000L};

	nanosleep(&time, NULL);
}

/* Folds up to the target; what others append meanwhile they will fold themselves. */
static int fold_to(struct materializer *m, const struct position *target,
	const struct materialize_options *options, struct err *err)
{
	int64_t deadline = monotonic_ms() + options->log_ms;
	size_t records;
	int rc;

	do {
		rc = materializer_wait(
			m, STEP_BYTES, options->log_ms ? LOG_WAIT_MS : 0, &records, err);
		tell(options, m);
		if (records)
			deadline = monotonic_ms() + options->log_ms;
		else if (rc == 0 && !options->log_ms)
			return 0;
		else if (rc == 0 && monotonic_ms() >= deadline)
			return err_set(
				err, ERR_BUSY, "the log gave nothing for %d ms", options->log_ms);
	} while (rc == 0 && position_compare(materializer_position(m), target) < 0);
	return rc;
}

/* 1: the lock's holder has come to the target. */
static int is_applied(
	const struct database_paths *paths, const struct position *target, struct err *err)
{
	struct position applied;
	int rc = materializer_applied(paths, &applied, err);

	if (rc < 0)
		return rc;
	return position_compare(&applied, target) >= 0;
}

/* Nothing to do, and so no need for the lock: the store is there, and is where the log
 * ends just now. */
static bool is_current(const struct database_paths *paths, const struct position *target)
{
	struct position applied;

	return access(paths->store, F_OK) == 0 &&
	       materializer_applied(paths, &applied, NULL) == 0 && applied.len &&
	       position_compare(&applied, target) == 0;
}

/* The holder may die at any moment, so each round tries the lock. */
static int fold_or_wait(const struct database_paths *paths, struct log *log,
	const struct position *target, const struct materialize_options *options, struct err *err)
{
	int64_t deadline = monotonic_ms() + options->wait_ms;
	struct materializer *m;
	int rc;

	for (;;) {
		rc = materializer_open(paths, log, &m, err);
		if (rc == 0) {
			err_clear(err);
			rc = fold_to(m, target, options, err);
			materializer_close(m);
			return rc;
		}
		if (rc != ERR_BUSY)
			return rc;
		rc = is_applied(paths, target, err);
		if (rc < 0)
			return rc;
		if (rc == 1) {
			err_clear(err); /* the lock was held: all is well */
			return 0;
		}
		if (monotonic_ms() >= deadline)
			return err_wrap(err, "not up to date within %d ms", options->wait_ms);
		pause_ms(POLL_MS);
	}
}

int materialize_now(const struct database_paths *paths, struct log *log,
	const struct materialize_options *options, struct err *err)
{
	struct position target;
	struct err unwanted;
	int rc;

	err = err ? err : &unwanted;
	rc = log_end(log, &target, err);
	if (rc == 0 && !is_current(paths, &target))
		rc = fold_or_wait(paths, log, &target, options ? options : &no_options, err);
	return rc;
}

/* Puts the finished new store in the old one's place, in one step where the file system
 * can; where it cannot, a kill in between leaves no store, which the next fold makes. */
static int swap_stores(
	const struct database_paths *paths, const char *made, const char *old, struct err *err)
{
	if (renameat2(AT_FDCWD, made, AT_FDCWD, paths->store, RENAME_EXCHANGE) == 0)
		return store_remove(made, err);
	if (rename(paths->store, old) < 0 && errno != ENOENT)
		return err_set_errno(err, errno, "rename %s", paths->store);
	if (rename(made, paths->store) < 0)
		return err_set_errno(err, errno, "rename %s", made);
	return store_remove(old, err);
}

/* Folds the whole log into a new store; *target receives how far. */
static int rebuild_aside(const struct database_paths *paths, struct log *log, const char *made,
	const struct materialize_options *options, int *lock_fd, struct position *target,
	struct err *err)
{
	struct materializer *m;
	int rc = materializer_start(paths, made, false, *lock_fd, log, &m, err);

	*lock_fd = -1;
	if (rc < 0)
		return rc;
	rc = log_end(log, target, err);
	if (rc == 0)
		rc = fold_to(m, target, options, err);
	if (rc == 0)
		rc = materializer_settle(m, err);
	*target = *materializer_position(m);
	*lock_fd = materializer_take_lock(m);
	materializer_close(m);
	return rc;
}

static int publish(
	const struct database_paths *paths, const struct position *position, struct err *err)
{
	struct applied applied;
	int rc = applied_open(&applied, paths->applied, err);

	if (rc < 0)
		return rc;
	rc = applied_write(&applied, position, err);
	applied_close(&applied);
	return rc;
}

int materialize_rebuild(const struct database_paths *paths, struct log *log,
	const struct materialize_options *options, struct err *err)
{
	struct store_asides asides;
	struct position position;
	int lock_fd;
	int rc = lock_take(paths->lock, &lock_fd, err);

	if (rc < 0)
		return err_wrap(err, "database %s", paths->root);
	rc = store_asides_clear(paths, &asides, err);
	if (rc == 0)
		rc = rebuild_aside(paths, log, asides.made, options ? options : &no_options,
			&lock_fd, &position, err);
	if (rc == 0)
		rc = swap_stores(paths, asides.made, asides.old, err);
	if (rc == 0)
		rc = publish(paths, &position, err);
	lock_release(lock_fd);
	return rc;
}
