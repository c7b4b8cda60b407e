/*
 * avro_canonical: Avro's Parsing Canonical Form, by which two texts of a schema are known to
 * be the same one: names in full, attributes in a fixed order, nothing that readers do not
 * need (docs, defaults, spaces).
 */
#ifndef SMILEY_WEB_AVRO_CANONICAL_H
#define SMILEY_WEB_AVRO_CANONICAL_H

#include "schemas/buf.h"
#include "schemas/err.h"

/* Appends the form of a schema's JSON. ERR_FORMAT: it is none, as far as the form shows:
 * whether names are defined is not looked at. */
int avro_canonical(struct slice schema, struct buf *out, struct err *err);

/* Are they texts of one schema? False too when one is no schema. */
bool avro_schema_same(struct slice a, struct slice b);

#endif
