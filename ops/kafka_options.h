/*
 * kafka_options: the settings of the log on Kafka, put together from the options.
 *
 * librdkafka's own come from everywhere that options come from; the later counts: the
 * configuration file (`kafka.KEY = VALUE`), SMILEY_KAFKA, SMILEY_KAFKA_PASSWORD,
 * --kafka-password-file, -X KEY=VALUE. A value @FILE is what the file holds. Values may be secret: nothing here
 * puts one into a message.
 */
#ifndef SMILEY_OPS_KAFKA_OPTIONS_H
#define SMILEY_OPS_KAFKA_OPTIONS_H

#include "ingest/kafka.h"
#include "ops/setting.h"

struct kafka_options {
	struct kafka_settings settings; /* what is asked for; borrows from here and the settings */
	struct kafka_property *properties;
	char **texts;
	size_t count;
};

/* kafka_options_release() follows, whatever it returns. ERR_USAGE: no brokers are named;
 * ERR_IO: a file that is to be read is not there. */
int kafka_options_init(
	struct kafka_options *options, const struct settings *settings, struct err *err);
void kafka_options_release(struct kafka_options *options);

/* As `-vv` may show a pair: without its value when that is a secret. */
void kafka_options_show(const char *pair, struct buf *out);

#endif
