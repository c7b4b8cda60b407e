/*
 * kin: processes that a run's program, or one of its descendants, has started, seen from
 * outside: by what stands in their command line or first environment.
 */
#ifndef SMILEY_OPS_KIN_H
#define SMILEY_OPS_KIN_H

#include "schemas/run_id.h"

#include <stdbool.h>

/* Is there any, traced or not, that may still start a run of this brood? root: the run that
 * `smiley run` began. */
bool kin_lives(const struct run_id *root);

#endif
