/*
 * record_metrics: how a recorder gets on, as Prometheus reads it.
 */
#ifndef SMILEY_OPS_RECORD_METRICS_H
#define SMILEY_OPS_RECORD_METRICS_H

#include "schemas/buf.h"

struct recorder;

void record_metrics_put(const struct recorder *recorder, struct buf *out);

#endif
