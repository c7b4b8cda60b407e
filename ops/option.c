#include "ops/option.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LISTERS "list threads search quarantine"
#define ASKERS "list show threads replay search stats diff verify quarantine server report"
#define LOOKERS "status doctor"
#define KAFKA                                                                                         \
	"run pause resume monitor record rebuild ship delete pin unpin export import topics " LOOKERS \
	" " ASKERS

static const struct option options[OPTIONS] = {
	[OPTION_HELP] = {"*", "help", 'h', OPTION_FLAG, NULL, NULL, NULL, "show this help"},
	[OPTION_VERSION] = {"*", "version", 0, OPTION_FLAG, NULL, NULL, NULL,
		"show the version of smiley"},
	[OPTION_VERBOSE] = {"*", "verbose", 'v', OPTION_COUNT, NULL, NULL, NULL,
		"say more on stderr; twice: which settings are in force, too"},
	[OPTION_QUIET] = {"*", "quiet", 'q', OPTION_FLAG, NULL, NULL, NULL,
		"say nothing on stderr but errors"},
	[OPTION_DEBUG] = {"*", "debug", 0, OPTION_FLAG, NULL, NULL, NULL, "the same as -vv"},
	[OPTION_DATABASE] =
		{"run pause resume monitor record delete pin unpin export import rebuild ship " LOOKERS
		 " " ASKERS,
			"database", 0, OPTION_TEXTS, "DIR", "smiley.db", "SMILEY_DATABASE",
			"the directory that holds the runs; list, show, threads, replay, search, verify and "
			"server ask several at once when it is repeated"},
	[OPTION_LOCAL] = {KAFKA, "local", 0, OPTION_FLAG, NULL, NULL, NULL,
		"use the log in the database on this machine, whatever brokers are set"},
	[OPTION_BROKERS] = {KAFKA, "brokers", 0, OPTION_TEXT, "LIST", NULL, "SMILEY_BROKERS",
		"the log is on Kafka, there: HOST:PORT,..."},
	[OPTION_TOPIC_PREFIX] = {KAFKA " registry", "topic-prefix", 0, OPTION_TEXT, "TEXT",
		"smiley.", "SMILEY_TOPIC_PREFIX", "what the names of the topics begin with"},
	[OPTION_KAFKA] = {KAFKA, "kafka", 'X', OPTION_PAIRS, "KEY=VALUE", NULL, "SMILEY_KAFKA",
		"a setting of librdkafka; VALUE may be @FILE, whose contents it is then; repeatable; "
		"in the configuration file `kafka.KEY = VALUE`"},
	[OPTION_KAFKA_PASSWORD_FILE] = {KAFKA, "kafka-password-file", 0, OPTION_TEXT, "FILE", NULL,
		"SMILEY_KAFKA_PASSWORD_FILE",
		"holds the password of the SASL user; or SMILEY_KAFKA_PASSWORD is it"},
	[OPTION_GROUP_ID] = {"record", "group-id", 0, OPTION_TEXT, "NAME", NULL, "SMILEY_GROUP_ID",
		"share the topics' partitions with the other records of this name, each of which has "
		"a database of its own"},
	[OPTION_FLUSH_TIMEOUT] = {"run delete import", "flush-timeout", 0, OPTION_NUMBER, "SECONDS",
		"10", "SMILEY_FLUSH_TIMEOUT",
		"how long to wait at the end for the broker to have it all"},
	[OPTION_SPOOL_DIR] = {"run pause resume record ship " LOOKERS, "spool-dir", 0, OPTION_TEXT,
		"DIR", NULL, "SMILEY_SPOOL_DIR",
		"with brokers: where events wait for them; default: "
		"${XDG_STATE_HOME:-~/.local/state}/smiley/spool"},
	[OPTION_INCLUDE_STDLIB] = {"run", "include-stdlib", 0, OPTION_FLAG, NULL, "0",
		"SMILEY_INCLUDE_STDLIB", "trace the standard library too"},
	[OPTION_INCLUDE_SITE_PACKAGES] = {"run", "include-site-packages", 0, OPTION_FLAG, NULL, "1",
		"SMILEY_INCLUDE_SITE_PACKAGES", "trace installed packages"},
	[OPTION_INCLUDE_PACKAGE] = {"run", "include-package", 0, OPTION_LIST, "NAME", NULL,
		"SMILEY_INCLUDE_PACKAGE", "trace this package wherever it is from; repeatable"},
	[OPTION_INCLUDE] = {"run", "include", 0, OPTION_LIST, "GLOB", NULL, "SMILEY_INCLUDE",
		"record only files (a pattern with a slash or .py) or functions that match; repeatable"},
	[OPTION_EXCLUDE] = {"run", "exclude", 0, OPTION_LIST, "GLOB", NULL, "SMILEY_EXCLUDE",
		"do not record files or functions that match; repeatable"},
	[OPTION_ONLY_MINE] = {"run", "only-mine", 0, OPTION_FLAG, NULL, "0", NULL,
		"record only files below the working directory and the program's own"},
	[OPTION_GROUP] = {"run", "group", 0, OPTION_TEXT, "NAME", NULL, "SMILEY_GROUP",
		"a name that joins runs, of many hosts too"},
	[OPTION_PYTHON] = {"run", "python", 0, OPTION_TEXT, "PATH", NULL, "SMILEY_PYTHON",
		"the python that runs the program, CPython 3.10 to 3.13; default: "
		"$VIRTUAL_ENV/bin/python in an active virtual environment, else python3 in PATH"},
	[OPTION_ENGINE] = {"run", "engine", 0, OPTION_CHOICE, "instrument|settrace", "instrument",
		"SMILEY_ENGINE",
		"how events are had: from sites put into the program's code, or from the "
		"interpreter's trace function"},
	[OPTION_PROFILE] = {"run", "profile", 0, OPTION_FLAG, NULL, "1", "SMILEY_PROFILE",
		"measure what tracing takes, so that stats have the times of the program untraced"},
	[OPTION_PROFILE_BUILTINS] = {"run", "profile-builtins", 0, OPTION_FLAG, NULL, "0",
		"SMILEY_PROFILE_BUILTINS",
		"stats have functions written in C, too; up to Python 3.11 this takes the trace "
		"function, whatever --engine says"},
	[OPTION_NO_CHILDREN] = {"run", "no-children", 0, OPTION_FLAG, NULL, NULL, NULL,
		"leave the processes untraced that the program starts"},
	[OPTION_REDACT] = {"run", "redact", 0, OPTION_LIST, "NAME", NULL, "SMILEY_REDACT",
		"values under this name are secret too, but not what texts say, as an exception's; "
		"repeatable"},
	[OPTION_NO_REDACT] = {"run", "no-redact", 0, OPTION_LIST, "NAME", NULL, "SMILEY_NO_REDACT",
		"values under this name are no secret; repeatable"},
	[OPTION_SHOW_SECRETS] = {"run", "show-secrets", 0, OPTION_FLAG, NULL, "0",
		"SMILEY_SHOW_SECRETS",
		"record the values of names that sound like secrets as well"},
	[OPTION_MAX_DEPTH] = {"run", "max-depth", 0, OPTION_NUMBER, "N", "3", "SMILEY_MAX_DEPTH",
		"how deep nested containers are recorded"},
	[OPTION_MAX_ITEMS] = {"run", "max-items", 0, OPTION_NUMBER, "N", "16", "SMILEY_MAX_ITEMS",
		"how many items of a container"},
	[OPTION_MAX_STRING] = {"run", "max-string", 0, OPTION_NUMBER, "N", "200",
		"SMILEY_MAX_STRING", "how many characters of a text"},
	[OPTION_MAX_NODES] = {"run", "max-nodes", 0, OPTION_NUMBER, "N", "64", "SMILEY_MAX_NODES",
		"how many values in one value"},
	[OPTION_MAX_EVENTS] = {"run", "max-events", 0, OPTION_NUMBER, "N", "0", "SMILEY_MAX_EVENTS",
		"end the trace of a process behind so many events, and let it run on; 0: never"},
	[OPTION_MAX_BYTES] = {"run", "max-bytes", 0, OPTION_SIZE, "BYTES", "0", "SMILEY_MAX_BYTES",
		"the same behind so many bytes of its log; 0: never"},
	[OPTION_MAX_TIME] = {"run", "max-time", 0, OPTION_NUMBER, "SECONDS", "0", "SMILEY_MAX_TIME",
		"the same after so many seconds; 0: never"},
	[OPTION_PAUSED] = {"run", "paused", 0, OPTION_FLAG, NULL, NULL, NULL,
		"begin with nothing recorded: until `smiley resume` or the signal"},
	[OPTION_TOGGLE_SIGNAL] = {"run", "toggle-signal", 0, OPTION_CHOICE, "HUP|USR1|USR2", NULL,
		"SMILEY_TOGGLE_SIGNAL",
		"this signal to smiley run (of smiley.start(): to the program) pauses the recording, the "
		"next one resumes it; the program does not get it"},
	[OPTION_SPOOL_LIMIT] = {"run", "spool-limit", 0, OPTION_SIZE, "BYTES", "256M",
		"SMILEY_SPOOL_LIMIT", "how much may wait to be written to the log"},
	[OPTION_SPOOL_POLICY] = {"run", "spool-policy", 0, OPTION_CHOICE, "block|drop", "block",
		"SMILEY_SPOOL_POLICY",
		"when that much waits: make the program wait, or drop events and count them"},
	[OPTION_CREATE] = {"topics", "create", 0, OPTION_FLAG, NULL, NULL, NULL,
		"make the topics that are missing"},
	[OPTION_CHECK] = {"topics", "check", 0, OPTION_FLAG, NULL, NULL, NULL,
		"only tell how they are (what happens without --create, too)"},
	[OPTION_PARTITIONS] = {"topics", "partitions", 0, OPTION_NUMBER, "N", NULL, NULL,
		"of the topic of events, instead of what topics.conf says"},
	[OPTION_REPLICATION] = {"topics", "replication", 0, OPTION_NUMBER, "N", NULL, NULL,
		"copies of each topic; never more than there are brokers"},
	[OPTION_OF_GROUP] = {"list replay", "group", 0, OPTION_TEXT, "NAME", NULL, NULL,
		"the runs of this group; replay: merged into one timeline, their children too"},
	[OPTION_RUN] = {"monitor", "run", 0, OPTION_TEXT, "RUN", NULL, NULL,
		"show only this run (id or the first characters of it)"},
	[OPTION_MONITOR_FROM] = {"monitor", "from", 0, OPTION_TEXT, "start|now|TIME", "now", NULL,
		"begin with what is in the log already, with what comes, or with what was at a time: "
		"2026-11-22T20:30, 20:30, 10m (ago)"},
	[OPTION_MONITOR_GROUP] = {"monitor", "group", 0, OPTION_TEXT, "NAME", NULL, NULL,
		"show only the runs of this group"},
	[OPTION_EXIT] = {"monitor", "exit", 0, OPTION_FLAG, NULL, NULL, NULL,
		"end when the first run that was seen has finished"},
	[OPTION_TO_TOPIC] = {"monitor", "to-topic", 0, OPTION_TEXT, "NAME", NULL, NULL,
		"with brokers: write the lines to this topic, which is made when it is not there, "
		"for anybody with a plain console consumer"},
	[OPTION_EVENT_FORMAT] = {"monitor replay", "format", 0, OPTION_CHOICE, "text|table|json",
		"text", NULL,
		"text: as the source reads; table: variables as a table; json: one "
		"object a line"},
	[OPTION_FROM] = {"replay search stats", "from", 0, OPTION_NUMBER, "SEQ", NULL, NULL,
		"begin with this event"},
	[OPTION_TO] = {"replay search stats", "to", 0, OPTION_NUMBER, "SEQ", NULL, NULL,
		"end with this event"},
	[OPTION_THREAD] = {"replay search stats diff", "thread", 0, OPTION_TEXT, "THREAD", NULL,
		NULL, "only the events of this thread (name or number)"},
	[OPTION_FROM_LOG] = {"replay", "from-log", 0, OPTION_FLAG, NULL, NULL, NULL,
		"read the log instead of the store that was made from it"},
	[OPTION_SORT_ORDER] = {"stats", "sort-order", 0, OPTION_CHOICE,
		"calls|cumtime|cumulative|file|filename|line|module|name|ncalls|nfl|pcalls|stdname|"
		"time|tottime",
		"cumulative", NULL, "show: sort as pstats does by this key"},
	[OPTION_STATS_LIMIT] = {"stats", "limit", 0, OPTION_TEXT, "N|PART", NULL, NULL,
		"show: only the first N functions, or the first tenth of them: 0.1"},
	[OPTION_DIFF_LIMIT] = {"diff", "limit", 0, OPTION_NUMBER, "N", NULL, NULL,
		"show only the first N functions"},
	[OPTION_HITS] = {"search", "limit", 0, OPTION_NUMBER, "N", "100", NULL,
		"show only the first N events"},
	[OPTION_BACKWARD] = {"search", "backward", 0, OPTION_FLAG, NULL, NULL, NULL,
		"the last event first"},
	[OPTION_DIFF_FORMAT] = {"diff", "format", 0, OPTION_CHOICE, "text|json", "text", NULL,
		"a table, or one object with all functions"},
	[OPTION_STATE_FORMAT] = {"status doctor", "format", 0, OPTION_CHOICE, "text|json", "text",
		NULL, "lines for people, or one value"},
	[OPTION_STATS_FORMAT] = {"stats", "format", 0, OPTION_CHOICE,
		"text|json|pstats|callgrind|chrome|collapsed|dot|lcov|perfetto|speedscope", NULL,
		NULL, "show: text or json; export: pstats or any other but text"},
	[OPTION_ERRORS] = {"list", "errors", 0, OPTION_FLAG, NULL, NULL, NULL,
		"only runs that ended with an error"},
	[OPTION_OLDER_THAN] = {"delete", "older-than", 0, OPTION_TEXT, "AGE", NULL, NULL,
		"in place of RUN: all that ended longer ago: 12h, 7d, 4w"},
	[OPTION_DELETE_ERRORS] = {"delete", "errors", 0, OPTION_CHOICE, "yes|no|only", "yes", NULL,
		"of these, runs that ended with an error too, or not, or only those"},
	[OPTION_DRY_RUN] = {"delete", "dry-run", 0, OPTION_FLAG, NULL, NULL, NULL,
		"only tell which runs they are"},
	[OPTION_RETAIN] = {"record", "retain", 0, OPTION_LIST, "AGE|RUNS|BYTES", NULL,
		"SMILEY_RETAIN",
		"delete runs that ended longer ago (7d), all but the newest (100), or the oldest "
		"until the database has this size (20G); repeatable"},
	[OPTION_KEEP_ERRORS] = {"record", "keep-errors", 0, OPTION_FLAG, NULL, "0",
		"SMILEY_KEEP_ERRORS", "--retain leaves runs that ended with an error"},
	[OPTION_METRICS] = {"run record", "metrics", 0, OPTION_NUMBER, "PORT", NULL,
		"SMILEY_METRICS",
		"tell Prometheus how it goes, at 127.0.0.1, this port; 0: one that is free, which "
		"-v shows"},
	[OPTION_LOG_FORMAT] = {"run record ship server", "log-format", 0, OPTION_CHOICE,
		"text|json", "text", "SMILEY_LOG_FORMAT",
		"what is said on stderr: lines for people, or one JSON object a line"},
	[OPTION_LIST_FORMAT] = {LISTERS, "format", 'f', OPTION_CHOICE, "table|json|csv|yaml|value",
		"table", NULL, "how to print"},
	[OPTION_COLUMN] = {LISTERS, "column", 'c', OPTION_LIST, "COLUMN", NULL, NULL,
		"print only this column; repeatable, in that order"},
	[OPTION_MAX_WIDTH] = {LISTERS, "max-width", 0, OPTION_NUMBER, "N", "0", NULL,
		"table: cut long cells so that a row has at most N characters (0: never)"},
	[OPTION_NOINDENT] = {LISTERS, "noindent", 0, OPTION_FLAG, NULL, NULL, NULL,
		"json: all on one line"},
	[OPTION_QUOTE] = {LISTERS, "quote", 0, OPTION_CHOICE, "all|minimal|none|nonnumeric",
		"nonnumeric", NULL, "csv: which values to put in quotes"},
	[OPTION_SORT_COLUMN] = {LISTERS, "sort-column", 0, OPTION_TEXT, "COLUMN", NULL, NULL,
		"sort by this column"},
	[OPTION_SORT_DESCENDING] = {LISTERS, "sort-descending", 0, OPTION_FLAG, NULL, NULL, NULL,
		"sort from the largest down"},
	[OPTION_COLOUR] = {"monitor replay", "colour", 0, OPTION_CHOICE, "auto|always|never",
		"auto", "SMILEY_COLOUR", "auto: on a terminal, unless NO_COLOR is set"},
	[OPTION_SCHEMA_REGISTRY] = {"run ship delete import topics", "schema-registry", 0,
		OPTION_TEXT, "URL", NULL, "SMILEY_SCHEMA_REGISTRY",
		"with brokers: register our schemas there, and have messages carry its ids; "
		"USER:PASSWORD come from the environment's SMILEY_SCHEMA_REGISTRY_LOGIN"},
	[OPTION_SCHEMA_REGISTRY_CA] = {"run ship delete import topics", "schema-registry-ca", 0,
		OPTION_TEXT, "FILE", NULL, "SMILEY_SCHEMA_REGISTRY_CA",
		"certificates to trust at the schema registry [the system's]"},
	[OPTION_HOST] = {"registry server", "host", 0, OPTION_TEXT, "HOST", "127.0.0.1", NULL,
		"the address to answer at"},
	[OPTION_REGISTRY_PORT] = {"registry", "port", 0, OPTION_NUMBER, "PORT", "8081", NULL,
		"the port to answer at; 0: one that is free"},
	[OPTION_SERVER_PORT] = {"server", "port", 0, OPTION_NUMBER, "PORT", "8080", NULL,
		"the port to answer at; 0: one that is free"},
	[OPTION_TOKEN_FILE] = {"server", "token-file", 0, OPTION_TEXT, "FILE", NULL,
		"SMILEY_TOKEN_FILE",
		"holds the secret that who asks must know: browsers log in with it, programs send "
		"it (Authorization: Bearer); needed beyond this machine"},
	[OPTION_ALLOW_HOST] = {"server", "allow-host", 0, OPTION_LIST, "NAME", NULL,
		"SMILEY_ALLOW_HOST",
		"a name that the server is reached by besides localhost and addresses; repeatable"},
	[OPTION_OPEN] = {"server", "open", 0, OPTION_FLAG, NULL, NULL, NULL,
		"show it in a browser (BROWSER, or xdg-open's)"},
	[OPTION_OUTPUT_DIRECTORY] = {"report", "output-directory", 'o', OPTION_TEXT, "DIR", NULL,
		NULL, "where to; made if need be (the run's id)"},
	[OPTION_TITLE] = {"report", "title", 0, OPTION_TEXT, "TEXT", NULL, NULL,
		"the report's title (the run's id)"},
	[OPTION_ITEMS_PER_PAGE] = {"report", "items-per-page", 0, OPTION_NUMBER, "N", "100", NULL,
		"rows on a page, 5 to 100"},
	[OPTION_PER_PAGE] = {"report", "per-page", 0, OPTION_NUMBER, "N", NULL, NULL,
		"the same as --items-per-page"},
	[OPTION_PAGES] = {"report", "pages", 0, OPTION_TEXT, "A-B", NULL, NULL,
		"of the run's rows only these pages: A-B, A- for all from A on, or A [all]"},
	[OPTION_MAN] = {"help", "man", 0, OPTION_FLAG, NULL, NULL, NULL,
		"print the manual page (troff)"},
	[OPTION_MAN_CONF] = {"help", "man-conf", 0, OPTION_FLAG, NULL, NULL, NULL,
		"print the manual page of smiley.conf (troff)"},
	[OPTION_CONF] = {"help", "conf", 0, OPTION_FLAG, NULL, NULL, NULL,
		"print a smiley.conf with every key and its default in comments"},
	[OPTION_ZSH] = {"help", "zsh", 0, OPTION_FLAG, NULL, NULL, NULL,
		"print the completion script for zsh"},
	[OPTION_FISH] = {"help", "fish", 0, OPTION_FLAG, NULL, NULL, NULL,
		"print the completion script for fish"},
	[OPTION_BASH] = {"help", "bash", 0, OPTION_FLAG, NULL, NULL, NULL,
		"print the completion script for bash"},
};

const struct option *option_get(enum option_id id)
{
	return &options[id];
}

/* True when word is one of the words in list, which separator divides. */
static bool has_word(const char *list, char separator, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at; at = strchr(at, separator)) {
		if (*at == separator)
			at++;
		if (strncmp(at, word, len) == 0 && (at[len] == separator || !at[len]))
			return len > 0 && !strchr(word, separator);
	}
	return false;
}

bool option_belongs(enum option_id id, const char *command)
{
	return strcmp(options[id].commands, "*") == 0 ||
	       has_word(options[id].commands, ' ', command);
}

static bool same(const char *text, const char *name, size_t len)
{
	return strlen(text) == len && memcmp(text, name, len) == 0;
}

enum option_id option_find(const char *command, const char *name, size_t len, bool *negated)
{
	*negated = false;
	for (int id = 0; id < OPTIONS; id++)
		if (same(options[id].name, name, len) && option_belongs(id, command))
			return id;
	if (len <= 3 || memcmp(name, "no-", 3) != 0)
		return OPTIONS;
	*negated = true;
	for (int id = 0; id < OPTIONS; id++)
		if (options[id].type == OPTION_FLAG && options[id].initial &&
			same(options[id].name, name + 3, len - 3) && option_belongs(id, command))
			return id;
	return OPTIONS;
}

enum option_id option_find_letter(const char *command, char letter)
{
	for (int id = 0; id < OPTIONS; id++)
		if (letter && options[id].letter == letter && option_belongs(id, command))
			return id;
	return OPTIONS;
}

enum option_id option_find_key(const char *key, size_t len, enum option_id after)
{
	for (int id = after == OPTIONS ? 0 : (int)after + 1; id < OPTIONS; id++)
		if (options[id].variable && same(options[id].name, key, len))
			return id;
	return OPTIONS;
}

enum option_id option_find_pair(const char *key, size_t *at)
{
	for (int id = 0; id < OPTIONS; id++) {
		size_t len = strlen(options[id].name);

		if (options[id].type == OPTION_PAIRS && options[id].variable &&
			strncmp(key, options[id].name, len) == 0 && key[len] == '.' &&
			key[len + 1]) {
			*at = len + 1;
			return id;
		}
	}
	return OPTIONS;
}

static bool parse_number(const char *value, bool size, long long *number)
{
	char *end;
	long long unit = 1;

	if (*value < '0' || *value > '9')
		return false;
	errno = 0;
	*number = strtoll(value, &end, 10);
	if (errno)
		return false;
	if (size && *end && strchr("KkMmGg", *end)) {
		unit = strchr("Kk", *end) ? 1LL << 10 : strchr("Mm", *end) ? 1LL << 20 : 1LL << 30;
		end++;
	}
	if (*end || *number > LLONG_MAX / unit)
		return false;
	*number *= unit;
	return true;
}

const char *option_complaint(const struct option *option, const char *value)
{
	long long number;

	switch (option->type) {
	case OPTION_FLAG:
		return strcmp(value, "0") == 0 || strcmp(value, "1") == 0 ? NULL : "not 1 or 0";
	case OPTION_NUMBER:
		return parse_number(value, false, &number) ? NULL : "not a whole number";
	case OPTION_SIZE:
		return parse_number(value, true, &number) ? NULL
							  : "not a size like 4096, 64K, 512M";
	case OPTION_CHOICE:
		return has_word(option->argument, '|', value) ? NULL : "not one of the choices";
	case OPTION_PAIRS:
		return strchr(value, '=') && *value != '=' ? NULL : "not KEY=VALUE";
	case OPTION_COUNT:
	case OPTION_TEXT:
	case OPTION_TEXTS:
	case OPTION_LIST:
		return *value ? NULL : "empty";
	}
	return NULL;
}

long long option_number(const char *value)
{
	long long number = 0;

	parse_number(value, true, &number);
	return number;
}
