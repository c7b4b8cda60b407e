/*
 * asset: files that are part of the program, served below /static/ and written into reports.
 * The stylesheet is Bootstrap's, as Debian ships it, with ours behind it; the build puts
 * them together.
 */
#ifndef SMILEY_WEB_ASSET_H
#define SMILEY_WEB_ASSET_H

#include "schemas/buf.h"

#include <stdbool.h>

enum asset_id {
	ASSET_STYLE,
	ASSET_SCRIPT,
	ASSET_COUNT
};

/* All of it lives as long as the program. */
struct asset {
	const char *plain_name; /* in a report */
	const char *name; /* has a hash of the bytes in it: what has this name never changes */
	const char *content_type;
	struct slice bytes;
};

struct asset asset_get(enum asset_id id);

/* By its name with the hash. False: there is none of that name. */
bool asset_find(struct slice name, struct asset *asset);

#endif
