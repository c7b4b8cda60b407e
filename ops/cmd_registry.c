#include <signal.h>
#include <stdio.h>

#include "ops/cmd.h"
#include "ops/term.h"
#include "web/http_server.h"
#include "web/registry.h"

struct service {
	struct registry registry;
	bool tell; /* of every request */
};

static void answer(void *context, const struct http_request *request, struct http_answer *answer)
{
	struct service *service = context;
	struct buf path = {0};

	registry_answer(&service->registry, request, answer);
	if (!service->tell)
		return;
	for (size_t i = 0; i < request->path.len; i++)
		if (request->path.data[i] > ' ' && request->path.data[i] < 0x7f)
			buf_byte(&path, request->path.data[i]);
	fprintf(stderr, "smiley: registry: %s %s: %d\n", request->method, buf_string(&path),
		answer->status);
	buf_release(&path);
}

static int run(const struct call *call, struct err *err)
{
	struct service service = {.tell = call->verbosity > 0, .registry.topic_prefix = "smiley."};
	struct http_server *server;
	struct buf line = {0};
	long long port = settings_number(call->settings, OPTION_REGISTRY_PORT, 0);
	sigset_t signals;
	int got, rc;

	if (port > UINT16_MAX)
		return err_set(err, ERR_USAGE, "--port %lld: there are 65535", port);
	service.registry.topic_prefix = settings_text(call->settings, OPTION_TOPIC_PREFIX);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	rc = http_server_start(settings_text(call->settings, OPTION_HOST), (int)port, answer,
		&service, &server, err);
	if (rc)
		return rc;
	buf_printf(&line, "%s\n", http_server_url(server));
	rc = term_write(buf_slice(&line), err);
	buf_release(&line);
	while (!rc && sigwait(&signals, &got) != 0)
		;
	http_server_stop(server);
	return rc;
}

const struct command cmd_registry = {
	.name = "registry",
	.arguments = "",
	.summary = "tell other programs the Avro schemas of the topics",
	.details =
		"Prints its URL and answers until interrupted, as a schema registry does that can "
		"only be read: Confluent's paths, and those of Apicurio's deserializer "
		"(URL/apis/registry/v3). Its ids are those in the messages.",
	.run = run,
};
