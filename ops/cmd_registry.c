#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "ops/cmd.h"
#include "ops/installed.h"

static int run(const struct call *call, struct err *err)
{
	const char *host = settings_text(call->settings, OPTION_HOST);
	const char *prefix = settings_text(call->settings, OPTION_TOPIC_PREFIX);
	long long number = settings_number(call->settings, OPTION_REGISTRY_PORT, 0);
	char program[PATH_MAX], port[24];
	int rc = installed_path("libexec/smiley/smiley-http", program, err);

	if (number > UINT16_MAX)
		return err_set(err, ERR_USAGE, "--port %lld: there are 65535", number);
	if (rc)
		return rc;
	snprintf(port, sizeof(port), "%lld", number);
	execl(program, program, "serve", host, port, prefix, call->verbosity > 0 ? "1" : "0",
		(char *)NULL);
	return err_set_errno(err, errno, "start %s", program);
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
