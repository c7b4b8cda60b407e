/*
 * fold_thread: folds a database's log into its store while this process does other things:
 * opening a store may take longer than a live viewer likes to wait.
 *
 * The thread has a log handle of its own and shares nothing else. Functions here are for the
 * one thread that started it. A failure is kept, and tried again: the log has it all.
 */
#ifndef SMILEY_OPS_FOLD_THREAD_H
#define SMILEY_OPS_FOLD_THREAD_H

#include "materializer/materialize.h"

struct fold_thread;

/* paths is borrowed until the stop. */
int fold_thread_start(
	const struct database_paths *paths, struct fold_thread **thread, struct err *err);

enum fold_state {
	FOLD_REACHED, /* all up to the target is in the store */
	FOLD_WORKS,   /* it gets on, or somebody else does */
	FOLD_STALLED, /* nothing has moved for half a minute */
};

/* From now on no pause: the log is to be folded up to target, by us or by who has the lock. */
void fold_thread_target(struct fold_thread *thread, const struct position *target);

/* Waits up to timeout_ms for the target. *foreign: another process has the lock. */
enum fold_state fold_thread_wait(struct fold_thread *thread, int timeout_ms, bool *foreign);

/* The first thing that went wrong; ERR_NONE when nothing did. */
void fold_thread_failure(struct fold_thread *thread, struct err *failure);

/* Ends the thread, gives the lock back. NULL is nothing; once exhausted() it is left to the
 * process's end. */
void fold_thread_stop(struct fold_thread *thread);

#endif
