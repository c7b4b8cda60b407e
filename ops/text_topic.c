#include "ops/text_topic.h"

#include <stdlib.h>
#include <string.h>

#include "ops/kafka_options.h"

#define WAIT_MS 60000
#define STEP_MS 100
#define FINISH_MS 10000
/* One key, one partition. */
#define KEY "monitor"

struct text_topic {
	struct log *log;
};

/* Text among the log's own messages would be damage to all who read it. */
static bool is_of_log(const char *name, const char *prefix)
{
	static const char *const topics[] = {"events", "runs", "sources"};
	size_t len = strlen(prefix);

	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (strncmp(name, prefix, len) == 0 && strcmp(name + len, topics[i]) == 0)
			return true;
	return false;
}

int text_topic_open(struct text_topic **topic, const struct settings *settings, struct err *err)
{
	const char *name = settings_text(settings, OPTION_TO_TOPIC);
	struct kafka_options options;
	int rc;

	*topic = NULL;
	if (!name)
		return 0;
	if (is_of_log(name, settings_text(settings, OPTION_TOPIC_PREFIX)))
		return err_set(err, ERR_USAGE, "--to-topic %s: that topic holds the log", name);
	*topic = calloc(1, sizeof(**topic));
	if (!*topic)
		return err_set(err, ERR_MEMORY, "out of memory");
	rc = kafka_options_init(&options, settings, err);
	rc = rc ? rc : kafka_text_make(&options.settings, name, err);
	rc = rc ? rc : kafka_text_open(&options.settings, name, &(*topic)->log, err);
	kafka_options_release(&options);
	if (rc) {
		free(*topic);
		*topic = NULL;
		return err_wrap(err, "--to-topic %s", name);
	}
	return 0;
}

static int write_line(struct text_topic *topic, struct slice line, struct err *err)
{
	int rc = log_append(topic->log, LOG_EVENTS, slice_text(KEY), line, err);

	for (int waited = 0; rc == ERR_BUSY && waited < WAIT_MS; waited += STEP_MS) {
		err_clear(err);
		rc = log_flush(topic->log, STEP_MS, err);
		if (rc && rc != ERR_BUSY)
			return rc;
		rc = log_append(topic->log, LOG_EVENTS, slice_text(KEY), line, err);
	}
	return rc;
}

int text_topic_write(void *context, struct slice text, struct err *err)
{
	struct text_topic *topic = context;
	int rc = 0;

	while (!rc && text.len) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t len = end ? (size_t)(end - text.data) : text.len;

		rc = write_line(topic, (struct slice){text.data, len}, err);
		len += end != NULL;
		text = (struct slice){text.data + len, text.len - len};
	}
	return rc;
}

int text_topic_finish(struct text_topic *topic, struct err *err)
{
	return topic ? log_flush(topic->log, FINISH_MS, err) : 0;
}

void text_topic_close(struct text_topic *topic)
{
	if (!topic)
		return;
	log_close(topic->log);
	free(topic);
}
