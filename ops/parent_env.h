/*
 * parent_env: what a traced process that started this one says in the environment. The program
 * that we run must not see it: it is taken out.
 */
#ifndef SMILEY_OPS_PARENT_ENV_H
#define SMILEY_OPS_PARENT_ENV_H

#include "schemas/buf.h"
#include "schemas/parent.h"

/* False: nobody says anything. *parent is borrowed from `text`. */
bool parent_env_take(struct parent *parent, struct buf *text);

#endif
