#include "ingest/kafka_internal.h"

#include <stdio.h>
#include <string.h>

/* Once may be a broker that is just starting. */
#define LOGINS_FOR_GOOD 2

static const char *skip_thread(const char *reason)
{
	const char *end;

	if (strncmp(reason, "[thrd:", 6) != 0)
		return reason;
	end = strstr(reason, "]: ");
	return end ? end + 3 : reason;
}

static void one_line(char *text)
{
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ')
			*at = ' ';
}

void kafka_tidy(const char *reason, char text[KAFKA_TROUBLE_BYTES])
{
	const char *name = skip_thread(reason);
	const char *protocol = strstr(name, "://");
	const char *rest, *connect, *after;
	size_t name_len, rest_len;

	if (protocol && protocol < strchrnul(name, ' '))
		name = protocol + 3;
	rest = strstr(name, ": ");
	name_len = rest ? (size_t)(rest - name) : 0;
	/* NAME:PORT/ID, or it is no broker's. */
	if (!rest || memchr(name, ' ', name_len) || !memchr(name, '/', name_len)) {
		snprintf(text, KAFKA_TROUBLE_BYTES, "%s", name);
		one_line(text);
		return;
	}
	name_len = (size_t)((const char *)memrchr(name, '/', name_len) - name);
	rest += 2;
	connect = strstr(rest, " failed: ");
	if (strncmp(rest, "Connect to ", 11) == 0 && connect)
		rest = connect + 9;
	after = strstr(rest, " (after ");
	rest_len = after ? (size_t)(after - rest) : strlen(rest);
	snprintf(text, KAFKA_TROUBLE_BYTES, "broker %.*s: %.*s", (int)name_len, name, (int)rest_len,
		rest);
	one_line(text);
}

int kafka_login_failure(struct kafka_client *client, struct err *err)
{
	struct trouble *trouble = client->trouble;
	char text[KAFKA_TROUBLE_BYTES];
	bool refused;

	pthread_mutex_lock(&trouble->lock);
	/* One that once worked may do so again (a broker that starts, a password that is changed). */
	refused = trouble->logins >= LOGINS_FOR_GOOD && !trouble->worked;
	memcpy(text, trouble->login, sizeof(text));
	pthread_mutex_unlock(&trouble->lock);
	if (!refused)
		return 0;
	if (client->scram)
		return err_set(err, ERR_STATE,
			"%s (librdkafka %s cannot log in to Kafka 4 with SCRAM whatever the "
			"password, 2.6.1 and newer can: install one, or use PLAIN over TLS, or "
			"client certificates)",
			text, rd_kafka_version_str());
	return err_set(err, ERR_STATE,
		"%s: check the security settings (security.protocol, sasl.*, ssl.*)", text);
}

static int topic_failure(rd_kafka_resp_err_t code, const char *topic, const char *brokers,
	const char *words, struct err *err)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		return err_set(err, ERR_NOT_FOUND,
			"topic %s is not on %s: make it with: smiley topics --create", topic,
			brokers);
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		return err_set(err, ERR_STATE,
			"topic %s: this user may not %s it: have an access rule (ACL) added", topic,
			words);
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
		return err_set(err, ERR_STATE,
			"topic %s: a message is larger than the broker takes: set the topic's "
			"max.message.bytes to 1048588 (smiley topics tells)",
			topic);
	case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
		return err_set(err, ERR_STATE,
			"topic %s: not delivered within message.timeout.ms: leave that setting away",
			topic);
	default:
		return err_set(err, ERR_STATE, "topic %s: %s", topic, rd_kafka_err2str(code));
	}
}

int kafka_failure(struct kafka_client *client, rd_kafka_resp_err_t code, const char *topic,
	const char *words, struct err *err)
{
	char text[KAFKA_TROUBLE_BYTES];

	switch (code) {
	case RD_KAFKA_RESP_ERR__FATAL:
		if (!rd_kafka_fatal_error(client->rk, text, sizeof(text)))
			text[0] = '\0';
		one_line(text);
		return err_set(err, ERR_STATE, "Kafka at %s: %s%s", client->settings->brokers, text,
			strstr(text, "uthoriz") ? ": this user may not write: have an access "
						  "rule (ACL) added, Write on the topics"
						: "");
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
		return err_set(err, ERR_STATE,
			"Kafka at %s: this user may not %s: have an access rule (ACL) added",
			client->settings->brokers, words);
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR__WAIT_COORD:
	case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
	case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
		if (kafka_login_failure(client, err) < 0)
			return ERR_STATE;
		if (!trouble_get(client->trouble, text))
			snprintf(
				text, sizeof(text), "no answer from %s", client->settings->brokers);
		return err_set(err, ERR_BUSY, "%s", text);
	default:
		if (topic)
			return topic_failure(code, topic, client->settings->brokers, words, err);
		return err_set(err, ERR_STATE, "Kafka at %s: %s", client->settings->brokers,
			rd_kafka_err2str(code));
	}
}
