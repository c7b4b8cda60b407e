/*
 * version: what this build calls itself.
 */
#ifndef SMILEY_SCHEMAS_VERSION_H
#define SMILEY_SCHEMAS_VERSION_H

#define SMILEY_VERSION "0.1.0"

#endif
