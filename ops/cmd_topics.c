#include <stdio.h>

#include "ops/cmd.h"
#include "ops/kafka_options.h"
#include "ops/schema_ids.h"
#include "ops/topics_conf.h"
#include "schemas/schema_text.h"

struct telling {
	const struct call *call;
	int wrong;
};

static void tell(void *context, const char *name, const char *what, bool wrong)
{
	struct telling *telling = context;

	telling->wrong += wrong;
	if (wrong || telling->call->verbosity >= 0)
		printf("%s: %s\n", name, what ? what : "as it should be");
}

static void override(const struct settings *settings, struct topics_conf *conf)
{
	long long partitions = settings_number(settings, OPTION_PARTITIONS, 0);
	long long replication = settings_number(settings, OPTION_REPLICATION, 0);

	if (partitions)
		conf->topics[LOG_EVENTS].partitions = (int)partitions;
	for (int i = 0; i < LOG_TOPICS && replication; i++)
		conf->topics[i].replication = (int)replication;
}

/* Tells which ids the user's schema registry has for our schemas. */
static int register_schemas(const struct call *call, struct err *err)
{
	uint32_t ids[KAFKA_SCHEMAS];
	bool named;
	int rc = schema_ids_register(call->settings, &named, ids, err);

	for (int i = 0; !rc && named && i < KAFKA_SCHEMAS && ids[i]; i++)
		if (call->verbosity >= 0)
			printf("schema %d %s version %d: id %lu\n", i + 1,
				schema_name((enum schema_id)(i + 1)),
				schema_version((enum schema_id)(i + 1)), (unsigned long)ids[i]);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	bool create = settings_flag(call->settings, OPTION_CREATE);
	struct telling telling = {.call = call};
	struct kafka_options options = {0};
	struct topics_conf conf;
	int rc;

	if (create && settings_flag(call->settings, OPTION_CHECK))
		return err_set(err, ERR_USAGE,
			"--create makes what is missing, --check changes "
			"nothing: choose one");
	rc = topics_conf_load(&conf, err);
	rc = rc ? rc : kafka_options_init(&options, call->settings, err);
	override(call->settings, &conf);
	if (!rc)
		rc = (create ? kafka_topics_create : kafka_topics_check)(
			&options.settings, conf.topics, LOG_TOPICS, tell, &telling, err);
	kafka_options_release(&options);
	topics_conf_release(&conf);
	if (!rc && create)
		rc = register_schemas(call, err);
	return rc ? rc : telling.wrong > 0;
}

const struct command cmd_topics = {
	.name = "topics",
	.arguments = "",
	.summary = "create and check the topics on Kafka",
	.details =
		"Without --create it changes nothing and tells what differs from topics.conf (exit "
		"status 1: something does). The file is in PREFIX/share/smiley/kafka; more "
		"partitions let more records with a --group-id share the work.",
	.run = run,
};
