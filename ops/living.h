/*
 * living: the runs that go on on this machine, as users name them.
 */
#ifndef SMILEY_OPS_LIVING_H
#define SMILEY_OPS_LIVING_H

#include "schemas/err.h"
#include "schemas/run_id.h"

/* The one whose id begins so; @latest: the one begun last that no other of them started. Its own
 * process may have ended when one that descends from it goes on. ERR_NOT_FOUND, ERR_STATE for
 * several. */
int living_run(const char *spools, const char *wanted, struct run_id *run, struct err *err);

#endif
