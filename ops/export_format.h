/*
 * export_format: what writes the formats in the table of export.c.
 */
#ifndef SMILEY_OPS_EXPORT_FORMAT_H
#define SMILEY_OPS_EXPORT_FORMAT_H

#include "ops/export.h"

/* From the events of a range: web/exporter.h has a format of the row's name. */
int export_write_events(const struct export_format *format, const struct export_request *request,
	struct export_out *out, struct err *err);

/* From the profile of a range, by format->render(). */
int export_write_profile(const struct export_format *format, const struct export_request *request,
	struct export_out *out, struct err *err);

int export_profile_json(const struct profile *profile, struct buf *out, struct err *err);

#endif
