/*
 * profile_format: a profile (materializer/query_profile.h) in the formats of other people's
 * programs, and as JSON.
 */
#ifndef SMILEY_EXPORT_PROFILE_FORMAT_H
#define SMILEY_EXPORT_PROFILE_FORMAT_H

#include "materializer/query_profile.h"

struct profile_format {
	const char *name;
	const char *about; /* what it is and who reads it, a few words */
	int (*write)(const struct profile *profile, struct buf *out, struct err *err);
};

extern const struct profile_format profile_format_dot, profile_format_json;

#endif
