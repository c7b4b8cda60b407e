#include "ops/fold_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "ops/exhausted.h"
#include "ops/yield.h"
#include "schemas/now.h"

#define MS_NS 1000000ll
#define SLEEP_MIN_MS 5
#define SLEEP_MAX_MS 40
#define LOCK_EVERY_MS 250
#define STEP_BYTES (1024 * 1024)
#define STALLED_MS 30000

struct fold_thread {
	const struct database_paths *paths;
	struct log *log;
	struct materializer *materializer; /* the thread's; NULL: another process has the lock */
	struct position applied;           /* the thread's: how far the others are */
	int64_t next_open_ns;              /* the thread's */
	int want_fd;                       /* the thread's: who asks for the lock (yield.h) */
	pthread_t thread;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	bool stop, has_target, reached, foreign;
	struct position target;
	int64_t moved_ns; /* when something was folded last */
	struct err failure;
};

static void fail(struct fold_thread *self, const struct err *err)
{
	pthread_mutex_lock(&self->mutex);
	if (!self->failure.code)
		self->failure = *err;
	pthread_mutex_unlock(&self->mutex);
}

/* Takes the lock when it is free, lets it go when somebody asks for it. */
static void take_or_yield(struct fold_thread *self, bool urgent)
{
	int64_t now = monotonic_ns();
	struct err err = {0};
	int rc;

	if (yield_wanted(self->want_fd)) {
		materializer_close(self->materializer);
		self->materializer = NULL;
		return;
	}
	if (self->materializer || (now < self->next_open_ns && !urgent))
		return;
	rc = materializer_open(self->paths, self->log, &self->materializer, &err);
	if (rc && rc != ERR_BUSY)
		fail(self, &err);
	self->next_open_ns = now + LOCK_EVERY_MS * MS_NS;
}

/* Returns how many records were folded, -1 when it was not us to fold. */
static ssize_t step(struct fold_thread *self)
{
	struct err err = {0};
	size_t records = 0;

	if (!self->materializer)
		return -1;
	if (!materializer_step(self->materializer, STEP_BYTES, &records, &err))
		return (ssize_t)records;
	fail(self, &err);
	materializer_close(self->materializer);
	self->materializer = NULL;
	return -1;
}

/* Has whoever has the lock got to the target? *moved: it has got on. */
static bool others_reached(struct fold_thread *self, const struct position *target, bool *moved)
{
	struct position applied;

	if (materializer_applied(self->paths, &applied, NULL) || !applied.len)
		return false;
	*moved = position_compare(&applied, &self->applied) != 0;
	self->applied = applied;
	return position_compare(&applied, target) >= 0;
}

static void pause_ms(struct fold_thread *self, int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms * MS_NS;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_clockwait(&self->changed, &self->mutex, CLOCK_MONOTONIC, &until);
}

static void *fold(void *context)
{
	struct fold_thread *self = context;
	int sleep_ms = SLEEP_MIN_MS;

	pthread_mutex_lock(&self->mutex);
	while (!self->stop) {
		bool urgent = self->has_target && !self->reached;
		struct position target = self->target;
		bool reached = false, moved = false;
		ssize_t records;

		pthread_mutex_unlock(&self->mutex);
		take_or_yield(self, urgent);
		records = step(self);
		if (urgent)
			reached = records == 0 ||
				  (records < 0 && others_reached(self, &target, &moved));
		pthread_mutex_lock(&self->mutex);
		self->foreign = records < 0;
		if (records > 0 || moved)
			self->moved_ns = monotonic_ns();
		if (reached) {
			self->reached = true;
			pthread_cond_broadcast(&self->changed);
		}
		if (records > 0 || urgent)
			sleep_ms = SLEEP_MIN_MS;
		else if (sleep_ms < SLEEP_MAX_MS)
			sleep_ms *= 2;
		if (records <= 0 && !self->stop)
			pause_ms(self, sleep_ms);
	}
	pthread_mutex_unlock(&self->mutex);
	materializer_close(self->materializer);
	return NULL;
}

int fold_thread_start(
	const struct database_paths *paths, struct fold_thread **thread, struct err *err)
{
	struct fold_thread *self = calloc(1, sizeof(*self));
	int rc;

	if (!self)
		return err_set(err, ERR_MEMORY, "out of memory");
	self->paths = paths;
	self->moved_ns = monotonic_ns();
	rc = file_log_open(paths->log, true, &self->log, err);
	if (rc) {
		free(self);
		return rc;
	}
	self->want_fd = yield_listen(paths);
	pthread_mutex_init(&self->mutex, NULL);
	pthread_cond_init(&self->changed, NULL);
	rc = pthread_create(&self->thread, NULL, fold, self);
	if (rc) {
		yield_close(self->want_fd);
		log_close(self->log);
		free(self);
		return err_set_errno(err, rc, "start a thread");
	}
	*thread = self;
	return 0;
}

void fold_thread_target(struct fold_thread *thread, const struct position *target)
{
	pthread_mutex_lock(&thread->mutex);
	thread->target = *target;
	thread->has_target = true;
	thread->reached = false;
	thread->moved_ns = monotonic_ns();
	pthread_cond_broadcast(&thread->changed);
	pthread_mutex_unlock(&thread->mutex);
}

enum fold_state fold_thread_wait(struct fold_thread *thread, int timeout_ms, bool *foreign)
{
	enum fold_state state = FOLD_WORKS;

	pthread_mutex_lock(&thread->mutex);
	if (!thread->reached)
		pause_ms(thread, timeout_ms);
	if (thread->reached)
		state = FOLD_REACHED;
	else if (exhausted() || monotonic_ns() - thread->moved_ns > STALLED_MS * MS_NS)
		state = FOLD_STALLED;
	*foreign = thread->foreign;
	pthread_mutex_unlock(&thread->mutex);
	return state;
}

void fold_thread_failure(struct fold_thread *thread, struct err *failure)
{
	pthread_mutex_lock(&thread->mutex);
	*failure = thread->failure;
	pthread_mutex_unlock(&thread->mutex);
	if (exhausted())
		err_set(failure, ERR_MEMORY, "memory or threads ran out while the log was folded");
}

/* False: it will never end, since memory ran out while it closed the store. */
static bool join(struct fold_thread *thread)
{
	struct timespec until;
	int rc = ETIMEDOUT;

	while (rc == ETIMEDOUT && !exhausted()) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec++;
		rc = pthread_clockjoin_np(thread->thread, NULL, CLOCK_MONOTONIC, &until);
	}
	return rc == 0;
}

void fold_thread_stop(struct fold_thread *thread)
{
	if (!thread || exhausted())
		return; /* it stands still for ever, or RocksDB would not let it end */
	pthread_mutex_lock(&thread->mutex);
	thread->stop = true;
	pthread_cond_broadcast(&thread->changed);
	pthread_mutex_unlock(&thread->mutex);
	if (!join(thread))
		return;
	pthread_cond_destroy(&thread->changed);
	pthread_mutex_destroy(&thread->mutex);
	yield_close(thread->want_fd);
	log_close(thread->log);
	free(thread);
}
