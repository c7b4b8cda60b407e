#include "ops/topics_conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/installed.h"
#include "ops/topics_conf_text.h"

#define FILE_MAX_BYTES (64 * 1024)
#define COUNT_MAX 10000

static const char *const sections[LOG_TOPICS] = {
	[LOG_EVENTS] = "events",
	[LOG_RUNS] = "runs",
	[LOG_SOURCES] = "sources",
};

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* [events] */
static int section(char *line, int *topic, struct err *err)
{
	char *end = strchr(line, ']');

	if (!end || end[1])
		return err_set(err, ERR_USAGE, "no section: %s", line);
	*end = '\0';
	for (*topic = 0; *topic < LOG_TOPICS; ++*topic)
		if (strcmp(sections[*topic], line + 1) == 0)
			return 0;
	return err_set(err, ERR_USAGE, "there is no topic %s", line + 1);
}

static int number(const char *value, int *number, struct err *err)
{
	char *end;
	long parsed = strtol(value, &end, 10);

	if (!*value || *end || parsed < 1 || parsed > COUNT_MAX)
		return err_set(err, ERR_USAGE, "%s is no number from 1 to %d", value, COUNT_MAX);
	*number = (int)parsed;
	return 0;
}

static int setting(struct topics_conf *conf, int topic, char *line, struct err *err)
{
	struct kafka_topic *to = &conf->topics[topic];
	struct kafka_property *properties;
	char *equals = strchr(line, '=');
	char *name, *value;

	if (!equals)
		return err_set(err, ERR_USAGE, "no `name = value` line: %s", line);
	*equals = '\0';
	name = trim(line);
	value = trim(equals + 1);
	if (strcmp(name, "partitions") == 0)
		return number(value, &to->partitions, err);
	if (strcmp(name, "replication") == 0)
		return number(value, &to->replication, err);
	properties =
		reallocarray(conf->properties[topic], to->property_count + 1, sizeof(*properties));
	if (!properties)
		return err_set(err, ERR_MEMORY, "out of memory");
	properties[to->property_count++] = (struct kafka_property){name, value};
	conf->properties[topic] = properties;
	to->properties = properties;
	return 0;
}

/* The text of a topics.conf; name is what messages call it. */
static int parse(struct topics_conf *conf, struct slice text, const char *name, struct err *err)
{
	int topic = LOG_TOPICS, line_number = 0, rc = 0;

	*conf = (struct topics_conf){.text = strndup((const char *)text.data, text.len)};
	if (!conf->text)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (char *at = conf->text, *next; !rc && at; at = next) {
		char *line;

		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		line_number++;
		line = trim(at);
		if (!*line || *line == '#')
			continue;
		if (*line == '[')
			rc = section(line, &topic, err);
		else if (topic == LOG_TOPICS)
			rc = err_set(err, ERR_USAGE, "a setting of no topic: %s", line);
		else
			rc = setting(conf, topic, line, err);
		if (rc)
			err_wrap(err, "%s:%d", name, line_number);
	}
	for (int i = 0; !rc && i < LOG_TOPICS; i++) {
		conf->topics[i].topic = (enum log_topic)i;
		if (!conf->topics[i].partitions || !conf->topics[i].replication)
			rc = err_set(err, ERR_USAGE, "%s: [%s] lacks partitions or replication",
				name, sections[i]);
	}
	return rc;
}

int topics_conf_load(struct topics_conf *conf, struct err *err)
{
	char path[PATH_MAX], text[FILE_MAX_BYTES];
	FILE *file = installed_path("share/smiley/kafka/topics.conf", path, NULL)
			     ? NULL
			     : fopen(path, "re");
	size_t got;

	if (!file)
		return parse(conf, slice_text(TOPICS_CONF), "topics.conf", err);
	got = fread(text, 1, sizeof(text), file);
	fclose(file);
	return parse(conf, (struct slice){(uint8_t *)text, got}, path, err);
}

void topics_conf_release(struct topics_conf *conf)
{
	for (int i = 0; i < LOG_TOPICS; i++)
		free(conf->properties[i]);
	free(conf->text);
	*conf = (struct topics_conf){0};
}
