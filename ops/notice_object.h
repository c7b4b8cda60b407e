/*
 * notice_object: the JSON object that a notice is for programs (notice.h says what is in it), for
 * smiley-python.so, too, which has no more of ops/ than this.
 */
#ifndef SMILEY_OPS_NOTICE_OBJECT_H
#define SMILEY_OPS_NOTICE_OBJECT_H

#include "schemas/json.h"

struct notice_head {
	const char *level, *command, *event, *message;
};

/* Begins it, with the time and the process: the caller adds what else the event has, and ends it. */
void notice_object_begin(struct json *json, struct buf *out, const struct notice_head *head);

#endif
