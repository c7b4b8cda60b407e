#include "ingest/kafka_internal.h"

#include <stdlib.h>

static void kafka_log_close(struct log *log)
{
	struct kafka_log *self = (struct kafka_log *)log;

	kafka_producer_close(&self->producer);
	for (int i = 0; i < LOG_TOPICS; i++)
		buf_release(&self->names[i]);
	trouble_release(self->trouble);
	if (self->schema_ids.release)
		self->schema_ids.release(self->schema_ids.context);
	buf_release(&self->patched);
	kafka_settings_release(&self->settings);
	free(self);
}

/* Tells wrong properties now, not when first used. */
static int try_settings(const struct kafka_settings *settings, struct err *err)
{
	for (int role = KAFKA_PRODUCER; role <= KAFKA_CONSUMER; role++) {
		rd_kafka_conf_t *conf;
		int result = kafka_conf(settings, (enum kafka_role)role, &conf, err);

		if (result < 0)
			return result;
		rd_kafka_conf_destroy(conf);
	}
	return 0;
}

int kafka_log_open(const struct kafka_settings *settings, struct log **log, struct err *err)
{
	struct kafka_log *self;
	int result = try_settings(settings, err);
	bool failed = false;

	if (result < 0)
		return result;
	self = calloc(1, sizeof(*self));
	if (!self)
		return err_set(err, ERR_MEMORY, "out of memory");
	self->base.class = &kafka_log_class;
	result = kafka_settings_copy(&self->settings, settings, err);
	self->trouble = trouble_new();
	for (int i = 0; result == 0 && i < LOG_TOPICS; i++) {
		kafka_topic_name(&self->settings, (enum log_topic)i, &self->names[i]);
		buf_string(&self->names[i]);
		failed |= self->names[i].failed;
	}
	if (result == 0 && (failed || !self->trouble))
		result = err_set(err, ERR_MEMORY, "out of memory");
	if (result < 0) {
		kafka_log_close(&self->base);
		return result;
	}
	*log = &self->base;
	return 0;
}

int kafka_text_open(
	const struct kafka_settings *settings, const char *topic, struct log **log, struct err *err)
{
	int result = kafka_log_open(settings, log, err);
	struct kafka_log *self = (struct kafka_log *)*log;
	bool failed = false;

	if (result < 0)
		return result;
	for (int i = 0; i < LOG_TOPICS; i++) {
		buf_clear(&self->names[i]);
		buf_text(&self->names[i], topic);
		buf_string(&self->names[i]);
		failed |= self->names[i].failed;
	}
	if (!failed)
		return 0;
	log_close(*log);
	return err_set(err, ERR_MEMORY, "out of memory");
}

const char *kafka_log_topic(const struct kafka_log *log, enum log_topic topic)
{
	return (const char *)log->names[topic].data;
}

static const char *kafka_log_trouble(struct log *log)
{
	struct kafka_log *self = (struct kafka_log *)log;

	return trouble_get(self->trouble, self->trouble_text) ? self->trouble_text : NULL;
}

const struct log_class kafka_log_class = {
	.close = kafka_log_close,
	.append = kafka_producer_append,
	.acknowledged = kafka_producer_acknowledged,
	.flush = kafka_producer_flush,
	.sync = kafka_producer_sync,
	.trouble = kafka_log_trouble,
	.end = kafka_log_end,
	.reader_open = kafka_reader_open,
	.reader_open_at = kafka_reader_open_at,
	.reader_close = kafka_reader_close,
	.reader_next = kafka_reader_next,
	.reader_position = kafka_reader_position,
	.reader_progress = kafka_reader_progress,
};
