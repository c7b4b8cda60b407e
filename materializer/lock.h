/*
 * lock: which one process may fold into a database. The kernel gives it back when the
 * process dies, however it dies; the file says whose it is, for messages only.
 */
#ifndef SMILEY_MATERIALIZER_LOCK_H
#define SMILEY_MATERIALIZER_LOCK_H

#include "schemas/err.h"

/* Takes the lock; *fd is closed by lock_release(). ERR_BUSY at once when another has it,
 * with its process id in the message. */
int lock_take(const char *path, int *fd, struct err *err);
void lock_release(int fd);

/* Which process holds it, without taking it. 0: none that can be seen from here (a process of
 * another container cannot). */
long lock_holder(const char *path);

#endif
