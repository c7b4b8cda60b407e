/*
 * schema_ids: the ids that the user's schema registry (--schema-registry) gives our schemas.
 * smiley-http asks it, in a process of its own, so that nobody waits for it.
 */
#ifndef SMILEY_OPS_SCHEMA_IDS_H
#define SMILEY_OPS_SCHEMA_IDS_H

#include "ingest/kafka.h"
#include "ops/setting.h"

/* Has the log on Kafka use them, when the settings name a registry. */
int schema_ids_use(const struct settings *settings, struct log *log, struct err *err);

/* Registers the schemas now and waits for the ids; false in *named: there is no registry. */
int schema_ids_register(
	const struct settings *settings, bool *named, uint32_t ids[KAFKA_SCHEMAS], struct err *err);

#endif
