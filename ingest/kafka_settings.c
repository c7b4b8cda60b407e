#include "ingest/kafka_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct preset {
	const char *name;
	const char *value;
	unsigned roles; /* bits of enum kafka_role */
	bool fixed;     /* not the user's to change */
};

#define PRODUCER (1u << KAFKA_PRODUCER)
#define CONSUMER (1u << KAFKA_CONSUMER)
#define ADMIN (1u << KAFKA_ADMIN)
#define ALL (PRODUCER | CONSUMER | ADMIN)

static const struct preset presets[] = {
	{"client.id", "smiley", ALL, false},
	{"socket.keepalive.enable", "true", ALL, false},
	{"socket.nagle.disable", "true", ALL, false},
	{"socket.connection.setup.timeout.ms", "10000", ALL, false},
	/* A cut cable is noticed this late. */
	{"socket.timeout.ms", "15000", ALL, false},
	{"reconnect.backoff.ms", "100", ALL, false},
	{"reconnect.backoff.max.ms", "1000", ALL, false},
	{"topic.metadata.refresh.interval.ms", "10000", ALL, false},

	{"enable.idempotence", "true", PRODUCER, false},
	{"acks", "all", PRODUCER, false},
	{"compression.type", "lz4", PRODUCER, false},
	/* 2.0.2 spins while it waits for slow answers with less. */
	{"linger.ms", "20", PRODUCER, false},
	{"queue.buffering.max.kbytes", "65536", PRODUCER, false},
	{"request.timeout.ms", "15000", PRODUCER, false},
	/* The spool is where things wait, for as long as it takes. */
	{"message.timeout.ms", "0", PRODUCER, false},
	/* The broker's own default; a message of ours and its key always fit. */
	{"message.max.bytes", "1048588", PRODUCER, false},
	/* How long a topic that is not there is waited for. */
	{"topic.metadata.propagation.max.ms", "5000", PRODUCER, false},
	{"delivery.report.only.error", "false", PRODUCER, true},

	/* When a queue is full, 2.0.2 stops fetching for a second: room for what the fold takes
	 * in that time. */
	{"queued.min.messages", "1000000", CONSUMER, false},
	{"queued.max.messages.kbytes", "131072", CONSUMER, false},
	/* A partition that is new to a broker's fetches waits for the one on its way. */
	{"fetch.wait.max.ms", "100", CONSUMER, false},
	{"fetch.error.backoff.ms", "100", CONSUMER, false},
	/* What a disk has changed is told as lost, not shown as what it became. */
	{"check.crcs", "true", CONSUMER, false},
	/* A member that folds for long is none that is gone. */
	{"max.poll.interval.ms", "86400000", CONSUMER, false},
	{"enable.auto.commit", "false", CONSUMER, true},
	{"enable.auto.offset.store", "false", CONSUMER, true},
	{"auto.offset.reset", "error", CONSUMER, true},
	{"enable.partition.eof", "true", CONSUMER, true},
};

/* Those that would break what we promise, or are ours to set. */
static const char *const refused[] = {
	"bootstrap.servers", "metadata.broker.list", "group.id", "transactional.id"};

bool kafka_property_secret(const char *name)
{
	static const char *const parts[] = {
		"password", "secret", "key.pem", "sasl.oauthbearer.config", "jaas"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcasestr(name, parts[i]))
			return true;
	return false;
}

const char *kafka_settings_get(const struct kafka_settings *settings, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < settings->property_count; i++)
		if (strcmp(settings->properties[i].name, name) == 0)
			value = settings->properties[i].value;
	return value;
}

static bool copy_text(const char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

int kafka_settings_copy(
	struct kafka_settings *to, const struct kafka_settings *from, struct err *err)
{
	struct kafka_property *properties = calloc(from->property_count + 1, sizeof(*properties));
	bool good = properties != NULL;

	*to = (struct kafka_settings){.properties = properties};
	good = good && copy_text(&to->brokers, from->brokers) &&
	       copy_text(&to->topic_prefix, from->topic_prefix) &&
	       copy_text(&to->group_id, from->group_id);
	for (size_t i = 0; good && i < from->property_count; i++) {
		to->property_count++;
		good = copy_text(&properties[i].name, from->properties[i].name) &&
		       copy_text(&properties[i].value, from->properties[i].value);
	}
	if (good)
		return 0;
	kafka_settings_release(to);
	return err_set(err, ERR_MEMORY, "out of memory");
}

void kafka_settings_release(struct kafka_settings *settings)
{
	for (size_t i = 0; i < settings->property_count; i++) {
		free((void *)settings->properties[i].name);
		free((void *)settings->properties[i].value);
	}
	free((void *)settings->properties);
	free((void *)settings->brokers);
	free((void *)settings->topic_prefix);
	free((void *)settings->group_id);
	*settings = (struct kafka_settings){0};
}

/* librdkafka's own words about a file that is not there name neither file nor reason. */
static int check_file(const char *name, const char *value, struct err *err)
{
	const char *suffix = strrchr(name, '.');

	if (!suffix || strcmp(suffix, ".location") != 0 || strcmp(value, "probe") == 0 ||
		access(value, R_OK) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "setting %s: %s: %s", name, value, strerror(errno));
}

/* librdkafka's words name the value, which may be a secret. */
static int set(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *err)
{
	char words[256];

	switch (rd_kafka_conf_set(conf, name, value, words, sizeof(words))) {
	case RD_KAFKA_CONF_OK:
		return 0;
	case RD_KAFKA_CONF_UNKNOWN:
		return err_set(err, ERR_USAGE, "no setting %s: librdkafka %s does not know it",
			name, rd_kafka_version_str());
	default:
		if (kafka_property_secret(name))
			return err_set(err, ERR_USAGE, "setting %s: not a value for it", name);
		return err_set(err, ERR_USAGE, "setting %s: %s", name, words);
	}
}

/* `fixed` or not. */
static int set_presets(rd_kafka_conf_t *conf, enum kafka_role role, bool fixed, struct err *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < sizeof(presets) / sizeof(presets[0]); i++)
		if (presets[i].fixed == fixed && (presets[i].roles & 1u << role))
			result = set(conf, presets[i].name, presets[i].value, err);
	return result;
}

static int set_users(rd_kafka_conf_t *conf, const struct kafka_settings *settings, struct err *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < settings->property_count; i++) {
		const struct kafka_property *own = &settings->properties[i];

		for (size_t j = 0; j < sizeof(refused) / sizeof(refused[0]); j++)
			if (strcmp(own->name, refused[j]) == 0)
				return err_set(err, ERR_USAGE,
					"setting %s: smiley sets this itself", own->name);
		for (size_t j = 0; j < sizeof(presets) / sizeof(presets[0]); j++)
			if (presets[j].fixed && strcmp(own->name, presets[j].name) == 0)
				return err_set(err, ERR_USAGE,
					"setting %s: smiley needs it to be %s", own->name,
					presets[j].value);
		result = set(conf, own->name, own->value, err);
		if (result == 0)
			result = check_file(own->name, own->value, err);
	}
	return result;
}

/* group.id must be there for assigned positions too; then no group is joined by it. */
static int set_group(rd_kafka_conf_t *conf, const struct kafka_settings *settings, struct err *err)
{
	return set(conf, "group.id", settings->group_id ? settings->group_id : "smiley", err);
}

int kafka_conf(const struct kafka_settings *settings, enum kafka_role role, rd_kafka_conf_t **conf,
	struct err *err)
{
	rd_kafka_conf_t *self = rd_kafka_conf_new();
	int result = set_presets(self, role, false, err);

	if (result == 0)
		result = set_users(self, settings, err);
	if (result == 0)
		result = set(self, "bootstrap.servers", settings->brokers, err);
	if (result == 0)
		result = set_presets(self, role, true, err);
	if (result == 0 && role == KAFKA_CONSUMER)
		result = set_group(self, settings, err);
	if (result < 0) {
		rd_kafka_conf_destroy(self);
		return result;
	}
	*conf = self;
	return 0;
}

void kafka_topic_name(const struct kafka_settings *settings, enum log_topic topic, struct buf *name)
{
	static const char *const names[LOG_TOPICS] = {"events", "runs", "sources"};

	buf_text(name, settings->topic_prefix);
	buf_text(name, names[topic]);
}
