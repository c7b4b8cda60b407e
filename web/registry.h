/*
 * registry: what a schema registry answers when it is asked for the schemas of our topics:
 * Confluent's paths, and the two that Apicurio's deserializer calls. It only reads: its ids
 * are those in the messages, its schemas those of this program, and nothing can be added.
 *
 * One subject a topic, PREFIXevents-value and so on; its versions are the schemas of that
 * topic, every one that was ever written, in the order of their ids.
 */
#ifndef SMILEY_WEB_REGISTRY_H
#define SMILEY_WEB_REGISTRY_H

#include "web/http.h"

struct registry {
	const char *topic_prefix; /* borrowed; "smiley." */
};

/* An http_handler; context is a struct registry, which it only reads. */
void registry_answer(void *context, const struct http_request *request, struct http_answer *answer);

#endif
