/*
 * when: points in time as users write them.
 */
#ifndef SMILEY_OPS_WHEN_H
#define SMILEY_OPS_WHEN_H

#include "schemas/err.h"

#include <stdint.h>

/* "2026-11-22", "2026-11-22T20:30", "...T20:30:05" (local time; with a Z behind it UTC), "20:30",
 * "20:30:05" (today), "90s", "10m", "2h", "3d" (ago). now_ns: what `ago` and `today` count from.
 * ERR_USAGE for anything else. */
int when_parse(const char *text, int64_t now_ns, int64_t *time_ns, struct err *err);

#endif
