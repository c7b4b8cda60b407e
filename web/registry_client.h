/*
 * registry_client: registers our schemas with a schema registry of the user's, by libcurl, and
 * learns the ids that it gives them. Speaks Confluent's protocol (Karapace's and Apicurio's
 * /apis/ccompat/v7 too).
 */
#ifndef SMILEY_WEB_REGISTRY_CLIENT_H
#define SMILEY_WEB_REGISTRY_CLIENT_H

#include "schemas/err.h"

#include <stdint.h>

struct registry_client_options {
	const char *url; /* http://... or https://..., without user and password */
	const char *topic_prefix;
	const char *login; /* "USER:PASSWORD"; NULL: none. In no message */
	const char *ca;    /* file of certificates to trust; NULL: the system's */
};

/* No more schemas than this. */
#define REGISTRY_SCHEMAS 64

/* Registers every schema that is not there yet, under its topic's subject; ids[I - 1] is the one
 * that it gives schema I, 0 behind the last. Where its rule of compatibility refuses (a topic
 * of several kinds of records) the subject's rule is set to NONE. ERR_USAGE: no such URL.
 * ERR_BUSY: no answer, or one that later may be better. ERR_STATE: it refused. */
int registry_client_register(const struct registry_client_options *options,
	uint32_t ids[REGISTRY_SCHEMAS], struct err *err);

#endif
