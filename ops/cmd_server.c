#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/cmd.h"
#include "ops/installed.h"
#include "ops/notice.h"
#include "ops/opened.h"
#include "ops/serve.h"
#include "schemas/version.h"
#include "web/worker.h"

/* What belongs to the options of one server. */
struct server {
	struct serve serve;
	struct database_paths databases[WORKER_DATABASES_MAX];
	struct buf secret, hosts;
	char module[PATH_MAX];
};

static void server_release(struct server *server)
{
	for (size_t i = 0; i < WORKER_DATABASES_MAX; i++)
		database_paths_release(&server->databases[i]);
	buf_release(&server->secret);
	buf_release(&server->hosts);
}

static bool is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static int take_address(struct server *server, const struct settings *settings, struct err *err)
{
	const char *host = settings_text(settings, OPTION_HOST);
	long long port = settings_number(settings, OPTION_SERVER_PORT, 0);
	struct in6_addr address;

	if (port > UINT16_MAX)
		return err_set(err, ERR_USAGE, "--port %lld: there are 65535", port);
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (inet_pton(strchr(host, ':') ? AF_INET6 : AF_INET, host, &address) != 1)
		return err_set(err, ERR_USAGE, "--host %s: not an address", host);
	server->serve.kore.host = host;
	server->serve.kore.port = (int)port;
	server->serve.kore.beyond = !is_loopback(host);
	return 0;
}

static int take_secret(struct server *server, const struct settings *settings, struct err *err)
{
	const char *file = settings_text(settings, OPTION_TOKEN_FILE);
	struct kore_options *kore = &server->serve.kore;
	size_t count;
	const char **hosts = settings_list(settings, OPTION_ALLOW_HOST, &count);
	int rc;

	for (size_t i = 0; i < count; i++)
		buf_printf(&server->hosts, i ? ",%s" : "%s", hosts[i]);
	kore->hosts = buf_string(&server->hosts);
	if (kore->beyond && !file)
		return err_set(err, ERR_USAGE,
			"--host %s: who can reach this port reads every recorded value; without "
			"--token-file only this machine's own addresses are served (127.0.0.1, "
			"::1)",
			kore->host);
	if (!file)
		return 0;
	rc = serve_read_secret(file, &server->secret, err);
	kore->secret = buf_string(&server->secret);
	return rc;
}

/* Brings them up to date as any command does. */
static int take_databases(struct server *server, const struct call *call, struct err *err)
{
	size_t count;
	const char **dirs = settings_list(call->settings, OPTION_DATABASE, &count);
	struct opened opened;
	int rc;

	if (count > WORKER_DATABASES_MAX)
		return err_set(err, ERR_USAGE, "--database: %zu are more than %d", count,
			WORKER_DATABASES_MAX);
	rc = opened_init(&opened, call, err);
	if (rc)
		return rc;
	opened_release(&opened);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = database_paths_init(&server->databases[i], dirs[i], false, err);
	server->serve.kore.databases = server->databases;
	server->serve.kore.database_count = count;
	return rc;
}

/* A build without kore has no pages. */
static int take_module(struct server *server, struct err *err)
{
	int rc = installed_path(KORE_MODULE, server->module, err);

	if (rc < 0 && access(server->module, F_OK) < 0 && errno == ENOENT)
		err_set(err, ERR_NOT_FOUND,
			"%s is not there: built without kore, which Debian 12 has and 13 has not; "
			"`smiley report RUN` writes the pages as files",
			server->module);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct server server = {
		.serve = {.call = call, .open = settings_flag(call->settings, OPTION_OPEN)}};
	int rc = take_address(&server, call->settings, err);

	serve_hold_signals();
	rc = rc ? rc : take_secret(&server, call->settings, err);
	rc = rc ? rc : take_module(&server, err);
	rc = rc ? rc : take_databases(&server, call, err);
	server.serve.kore.module = server.module;
	server.serve.kore.version = SMILEY_VERSION;
	server.serve.kore.heard = notice_is_json(call);
	server.serve.kore.topic_prefix = settings_text(call->settings, OPTION_TOPIC_PREFIX);
	rc = rc ? rc : serve_run(&server.serve, err);
	server_release(&server);
	return rc;
}

const struct command cmd_server = {
	.name = "server",
	.arguments = "",
	.summary = "show the runs as web pages",
	.details = "Prints its URL and serves until interrupted, by kore: pages, the same as JSON "
		   "(/api/v1), the schema registry's paths, /metrics for Prometheus. The pages "
		   "follow the database as programs are recorded. Without --token-file it is "
		   "for this machine only. It speaks no TLS: for other machines put a proxy that "
		   "does in front.",
	.run = run,
};
