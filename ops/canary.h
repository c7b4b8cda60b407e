/*
 * canary: tells whether a signal that came to us was sent to our whole process group (as a
 * key at the terminal, `kill -- -PGID` and timeout(1) do) or to us alone. In the first case
 * the child has it already, and must not get it twice.
 *
 * The canary is a process in the group that does nothing but keep signals pending.
 */
#ifndef SMILEY_OPS_CANARY_H
#define SMILEY_OPS_CANARY_H

#include <stdbool.h>
#include <sys/types.h>

/* Starts one; the signals to be told apart are blocked in the caller. It dies with us. 0 when
 * there can be none: then canary_heard() is always false. */
pid_t canary_start(void);

/* Was the signal sent to the canary too? If so, replaces the canary by a fresh one. */
bool canary_heard(pid_t *canary, int signo);

void canary_end(pid_t canary);

#endif
