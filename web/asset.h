/*
 * asset: files that are part of the program. The stylesheet is Bootstrap's, as Debian ships
 * it, with ours behind it; the build puts them together.
 */
#ifndef SMILEY_WEB_ASSET_H
#define SMILEY_WEB_ASSET_H

#include "schemas/buf.h"

struct slice asset_style(void);

#endif
