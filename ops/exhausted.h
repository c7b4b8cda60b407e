/*
 * exhausted: what is done when RocksDB gets no memory or no thread. It is C++ and throws, which
 * nothing here can catch: the process would end by abort() with two lines of the C++ library's.
 * Instead a command ends with one line and status 1; `smiley run`, whose status and end are the
 * program's, goes on without the thread that it happened to.
 */
#ifndef SMILEY_OPS_EXHAUSTED_H
#define SMILEY_OPS_EXHAUSTED_H

#include <stdbool.h>

/* From now on. command is borrowed for good; json: the line is a notice (ops/notice.h). goes_on: the thread that it happens to stands still
 * for ever, in the middle of what it did; the others are to look at exhausted(). */
void exhausted_watch(const char *command, bool goes_on, bool json);

/* Has it happened? Then no thread of RocksDB's may be waited for, and so exit() not be called. */
bool exhausted(void);

#endif
