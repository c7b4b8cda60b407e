/*
 * text_topic: a topic of plain text, one line a message, for `monitor --to-topic`.
 */
#ifndef SMILEY_OPS_TEXT_TOPIC_H
#define SMILEY_OPS_TEXT_TOPIC_H

#include "ops/setting.h"
#include "schemas/buf.h"

struct text_topic;

/* Opens the topic that --to-topic names, and makes it when it is not there; *topic is NULL when
 * the option is not given. ERR_USAGE: without brokers, or a topic of the log itself. */
int text_topic_open(struct text_topic **topic, const struct settings *settings, struct err *err);

/* Writes whole lines; for struct printer, context is the topic. Waits while the brokers do not
 * take what came before, up to a minute. */
int text_topic_write(void *context, struct slice text, struct err *err);

/* Waits for the brokers to take the rest. ERR_BUSY: they did not. */
int text_topic_finish(struct text_topic *topic, struct err *err);
void text_topic_close(struct text_topic *topic);

#endif
