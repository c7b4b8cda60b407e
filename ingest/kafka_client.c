#include "ingest/kafka_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <syslog.h>
#include <time.h>

#define CLOSE_WAIT_S 5
#define SCRAM_VERSION 0x02060100 /* librdkafka before it sends a nonce that Kafka 4 refuses */

struct trouble *trouble_new(void)
{
	struct trouble *self = calloc(1, sizeof(*self));

	if (self) {
		pthread_mutex_init(&self->lock, NULL);
		self->users = 1;
	}
	return self;
}

void trouble_share(struct trouble *self)
{
	pthread_mutex_lock(&self->lock);
	self->users++;
	pthread_mutex_unlock(&self->lock);
}

void trouble_release(struct trouble *self)
{
	int left;

	if (!self)
		return;
	pthread_mutex_lock(&self->lock);
	left = --self->users;
	pthread_mutex_unlock(&self->lock);
	if (left > 0)
		return;
	pthread_mutex_destroy(&self->lock);
	free(self);
}

void trouble_tell(struct trouble *self, const char *text)
{
	pthread_mutex_lock(&self->lock);
	snprintf(self->text, sizeof(self->text), "%s", text);
	pthread_mutex_unlock(&self->lock);
}

void trouble_clear(struct trouble *self)
{
	pthread_mutex_lock(&self->lock);
	self->text[0] = self->login[0] = '\0';
	self->logins = 0;
	self->worked = true;
	pthread_mutex_unlock(&self->lock);
}

bool trouble_get(struct trouble *self, char text[KAFKA_TROUBLE_BYTES])
{
	bool any;

	pthread_mutex_lock(&self->lock);
	memcpy(text, self->text, sizeof(self->text));
	any = text[0] != '\0';
	pthread_mutex_unlock(&self->lock);
	return any;
}

static void tell_login(struct trouble *self, const char *text)
{
	pthread_mutex_lock(&self->lock);
	memcpy(self->login, text, sizeof(self->login));
	memcpy(self->text, text, sizeof(self->text));
	self->logins++;
	pthread_mutex_unlock(&self->lock);
}

static bool is_login(rd_kafka_resp_err_t code, const char *reason)
{
	return code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
	       code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
	       (code == RD_KAFKA_RESP_ERR__SSL && strstr(reason, "verif")) ||
	       strstr(reason, "SSL alert"); /* the broker's: no certificate, or not one of its */
}

/* Served by whoever polls the client: the log's own thread. */
static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct kafka_client *self = opaque;
	char text[KAFKA_TROUBLE_BYTES], fatal[KAFKA_TROUBLE_BYTES / 2];

	if (code == RD_KAFKA_RESP_ERR__FATAL)
		rd_kafka_fatal_error(rk, fatal, sizeof(fatal));
	kafka_tidy(code == RD_KAFKA_RESP_ERR__FATAL ? fatal : reason, text);
	self->topic_gone |= code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	if (is_login(code, reason))
		tell_login(self->trouble, text);
	/* "All brokers are down" follows what says why; a connection that was good is closed
	 * when idle. */
	else if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !strstr(reason, "in state UP"))
		trouble_tell(self->trouble, text);
}

/* Called by librdkafka's threads. Nothing reaches stderr unless the user set `debug`. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *line)
{
	struct kafka_client *self = rd_kafka_opaque(rk);

	if (self && self->debug)
		rd_kafka_log_print(rk, level, facility, line);
}

static bool too_old_for_scram(const struct kafka_settings *settings)
{
	const char *mechanism = kafka_settings_get(settings, "sasl.mechanism");

	if (!mechanism)
		mechanism = kafka_settings_get(settings, "sasl.mechanisms");
	return mechanism && strncasecmp(mechanism, "SCRAM", 5) == 0 &&
	       rd_kafka_version() < SCRAM_VERSION;
}

/* Where one of the threads cannot be started that rd_kafka_new() starts, it waits for ever for
 * another that it has started (librdkafka 2.0.2: it joins that without having told it to end). So
 * there must be room for them: its own, one for itself as a broker, one for each broker that it
 * begins with, which may fail. */
#define THREADS 4

static bool is_room_for_threads(void)
{
	size_t stack = 0, bytes;
	pthread_attr_t attributes;
	void *room;

	if (pthread_getattr_default_np(&attributes) == 0) {
		pthread_attr_getstacksize(&attributes, &stack);
		pthread_attr_destroy(&attributes);
	}
	bytes = THREADS * (stack + 64 * 1024);
	room = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return false;
	munmap(room, bytes);
	return true;
}

int kafka_client_open(const struct kafka_settings *settings, enum kafka_role role,
	rd_kafka_conf_t *conf, struct trouble *trouble, void *owner, struct kafka_client **client,
	struct err *err)
{
	struct kafka_client *self = calloc(1, sizeof(*self));
	char words[256];

	if (!self || !is_room_for_threads()) {
		rd_kafka_conf_destroy(conf);
		free(self);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	self->trouble = trouble;
	self->settings = settings;
	self->owner = owner;
	self->debug = kafka_settings_get(settings, "debug") != NULL;
	self->scram = too_old_for_scram(settings);
	rd_kafka_conf_set_opaque(conf, self);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_log_cb(conf, on_log);
	self->rk = rd_kafka_new(role == KAFKA_CONSUMER ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER,
		conf, words, sizeof(words));
	if (!self->rk) {
		rd_kafka_conf_destroy(conf);
		free(self);
		return err_set(err, ERR_USAGE, "settings for Kafka: %s", words);
	}
	trouble_share(trouble);
	*client = self;
	return 0;
}

struct closing {
	struct kafka_client *client;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
	bool abandoned; /* nobody waits any more */
};

static void closing_free(struct closing *self)
{
	pthread_cond_destroy(&self->changed);
	pthread_mutex_destroy(&self->lock);
	free(self);
}

static void end_client(struct kafka_client *client)
{
	rd_kafka_destroy_flags(client->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	trouble_release(client->trouble);
	free(client);
}

static void *close_thread(void *context)
{
	struct closing *self = context;
	bool abandoned;

	end_client(self->client);
	pthread_mutex_lock(&self->lock);
	self->done = true;
	abandoned = self->abandoned;
	pthread_cond_signal(&self->changed);
	pthread_mutex_unlock(&self->lock);
	if (abandoned)
		closing_free(self);
	return NULL;
}

static void wait_closed(struct closing *self, pthread_t thread)
{
	struct timespec deadline;
	bool done;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += CLOSE_WAIT_S;
	pthread_mutex_lock(&self->lock);
	while (!self->done && pthread_cond_clockwait(&self->changed, &self->lock, CLOCK_MONOTONIC,
				      &deadline) != ETIMEDOUT)
		;
	done = self->done;
	self->abandoned = !done;
	pthread_mutex_unlock(&self->lock);
	if (done) {
		pthread_join(thread, NULL);
		closing_free(self);
	} else {
		pthread_detach(thread);
	}
}

void kafka_client_close(struct kafka_client *client)
{
	struct closing *self = client ? calloc(1, sizeof(*self)) : NULL;
	pthread_t thread;

	if (!client)
		return;
	client->settings = NULL;
	if (!self) {
		end_client(client);
		return;
	}
	self->client = client;
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	if (pthread_create(&thread, NULL, close_thread, self) != 0) {
		end_client(client);
		closing_free(self);
		return;
	}
	wait_closed(self, thread);
}
