/*
 * process: is a process that a spool names still the same one? By its id and its start, since
 * ids are used again.
 */
#ifndef SMILEY_SCHEMAS_PROCESS_H
#define SMILEY_SCHEMAS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* Field 22 of /proc/PID/stat, in clock ticks since boot; 0: there is no such process. */
uint64_t process_start(int32_t pid);
/* There is a process of that id that started then (start 0: whenever) and has not ended;
 * mask says which bits of the start count. */
bool process_alive(int32_t pid, uint64_t start, uint64_t mask);

#endif
