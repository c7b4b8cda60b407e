/*
 * topics_conf: how the topics on Kafka are to be, as ops/kafka/topics.conf says: the one beside
 * the program (PREFIX/share/smiley/kafka), else the one that was there when it was built.
 */
#ifndef SMILEY_OPS_TOPICS_CONF_H
#define SMILEY_OPS_TOPICS_CONF_H

#include "ingest/kafka.h"

struct topics_conf {
	struct kafka_topic topics[LOG_TOPICS]; /* borrow from text and properties */
	char *text;
	struct kafka_property *properties[LOG_TOPICS];
};

/* Reads the installed one, else the built-in one. ERR_USAGE with NAME:LINE: it makes no sense.
 * topics_conf_release() follows, whatever it returns. */
int topics_conf_load(struct topics_conf *conf, struct err *err);

void topics_conf_release(struct topics_conf *conf);

#endif
