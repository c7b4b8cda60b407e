/*
 * children: the processes that a run started, in words.
 */
#ifndef SMILEY_OPS_CHILDREN_H
#define SMILEY_OPS_CHILDREN_H

#include "materializer/query.h"

/* Appends a blank line and a line for each child of the run, the traced ones first; nothing
 * when there is none:
 *
 *     child: de3f04b2-a93c-4ee3-9933-f3c0f1a7b410 pid 8095: b.py
 *     untraced child: /usr/bin/python3 -I c.py: started with -I
 */
int children_text(struct query *query, const struct run_id *id, struct buf *out, struct err *err);

#endif
