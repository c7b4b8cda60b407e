/*
 * kore_live: connections that stay open while something is watched, in this worker. What they
 * are told is made by live.h; here it is sent, bounded.
 *
 * A viewer that does not read is told nothing more while LIVE_QUEUE_BYTES wait for it, and is
 * cut off by Kore's idle timer, which only those who read keep from running out.
 */
#ifndef SMILEY_WEB_KORE_LIVE_H
#define SMILEY_WEB_KORE_LIVE_H

#include "web/live.h"

struct http_request; /* Kore's */

/* Answers the request, whose headers are all put but those of the body's framing, with a stream
 * that goes on by itself. With too many viewers: status 503. */
void kore_live_begin(struct http_request *req, const struct live_watch *watch);

#endif
