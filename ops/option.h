/*
 * option: the one table of options. Usage, the manual page, shell completion, the
 * configuration file's keys and the environment's variables all come from it.
 *
 * An option has one row: the commands it belongs to, its long name, one letter, what its
 * argument is called, its default, the environment's variable. The configuration file's key
 * is the long name, for every option that has a variable. A flag `--x` also takes `--no-x`.
 */
#ifndef SMILEY_OPS_OPTION_H
#define SMILEY_OPS_OPTION_H

#include <stdbool.h>
#include <stddef.h>

enum option_id {
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_VERBOSE,
	OPTION_QUIET,
	OPTION_DEBUG,
	OPTION_DATABASE,
	OPTION_LOCAL,
	OPTION_BROKERS,
	OPTION_TOPIC_PREFIX,
	OPTION_KAFKA,
	OPTION_KAFKA_PASSWORD_FILE,
	OPTION_GROUP_ID,
	OPTION_FLUSH_TIMEOUT,
	OPTION_SPOOL_DIR,
	OPTION_INCLUDE_STDLIB,
	OPTION_INCLUDE_SITE_PACKAGES,
	OPTION_INCLUDE_PACKAGE,
	OPTION_INCLUDE,
	OPTION_EXCLUDE,
	OPTION_ONLY_MINE,
	OPTION_GROUP,
	OPTION_PYTHON,
	OPTION_ENGINE,
	OPTION_PROFILE,
	OPTION_PROFILE_BUILTINS,
	OPTION_NO_CHILDREN,
	OPTION_REDACT,
	OPTION_NO_REDACT,
	OPTION_SHOW_SECRETS,
	OPTION_MAX_DEPTH,
	OPTION_MAX_ITEMS,
	OPTION_MAX_STRING,
	OPTION_MAX_NODES,
	OPTION_MAX_EVENTS,
	OPTION_MAX_BYTES,
	OPTION_MAX_TIME,
	OPTION_PAUSED,
	OPTION_TOGGLE_SIGNAL,
	OPTION_SPOOL_LIMIT,
	OPTION_SPOOL_POLICY,
	OPTION_CREATE,
	OPTION_CHECK,
	OPTION_PARTITIONS,
	OPTION_REPLICATION,
	OPTION_OF_GROUP,
	OPTION_RUN,
	OPTION_MONITOR_FROM,
	OPTION_MONITOR_GROUP,
	OPTION_EXIT,
	OPTION_TO_TOPIC,
	OPTION_EVENT_FORMAT,
	OPTION_FROM,
	OPTION_TO,
	OPTION_THREAD,
	OPTION_FROM_LOG,
	OPTION_SORT_ORDER,
	OPTION_STATS_LIMIT,
	OPTION_DIFF_LIMIT,
	OPTION_HITS,
	OPTION_BACKWARD,
	OPTION_DIFF_FORMAT,
	OPTION_STATE_FORMAT,
	OPTION_STATS_FORMAT,
	OPTION_ERRORS,
	OPTION_OLDER_THAN,
	OPTION_DELETE_ERRORS,
	OPTION_DRY_RUN,
	OPTION_RETAIN,
	OPTION_KEEP_ERRORS,
	OPTION_METRICS,
	OPTION_LOG_FORMAT,
	OPTION_LIST_FORMAT,
	OPTION_COLUMN,
	OPTION_MAX_WIDTH,
	OPTION_NOINDENT,
	OPTION_QUOTE,
	OPTION_SORT_COLUMN,
	OPTION_SORT_DESCENDING,
	OPTION_COLOUR,
	OPTION_SCHEMA_REGISTRY,
	OPTION_SCHEMA_REGISTRY_CA,
	OPTION_HOST,
	OPTION_REGISTRY_PORT,
	OPTION_SERVER_PORT,
	OPTION_TOKEN_FILE,
	OPTION_ALLOW_HOST,
	OPTION_OPEN,
	OPTION_OUTPUT_DIRECTORY,
	OPTION_TITLE,
	OPTION_ITEMS_PER_PAGE,
	OPTION_PER_PAGE,
	OPTION_PAGES,
	OPTION_MAN,
	OPTION_MAN_CONF,
	OPTION_CONF,
	OPTION_BASH,
	OPTION_ZSH,
	OPTION_FISH,
	OPTIONS
};

enum option_type {
	OPTION_FLAG,   /* "1" or "0" */
	OPTION_COUNT,  /* a flag that counts how often it is there */
	OPTION_TEXT,   /* the last one counts */
	OPTION_TEXTS,  /* all of the command line count, in place of what is set elsewhere; who
			  asks for one text gets the last */
	OPTION_NUMBER, /* a whole number from 0 */
	OPTION_SIZE,   /* bytes: 4096, 64K, 512M, 2G */
	OPTION_CHOICE, /* one of the words of `argument`, separated by | */
	OPTION_LIST,   /* all of them count; in a file or a variable separated by commas */
	OPTION_PAIRS,  /* KEY=VALUE, all of them count, the last of a KEY; in a file as a line
			  NAME.KEY = VALUE, in a variable separated by commas */
};

struct option {
	const char *commands; /* names separated by spaces; "*": every command */
	const char *name;     /* long, without -- */
	char letter;          /* short, 0: none */
	enum option_type type;
	const char *argument; /* what usage calls the argument; NULL for flags */
	const char *initial;  /* default, NULL: none */
	const char *variable; /* environment; NULL: neither there nor in the file */
	const char *help;
};

/* The row of id. */
const struct option *option_get(enum option_id id);

/* True when the option is one of the command's ("" names smiley itself). */
bool option_belongs(enum option_id id, const char *command);

/* The option of that long name or letter, or OPTIONS. Of `--no-x`, x with *negated set. */
enum option_id option_find(const char *command, const char *name, size_t len, bool *negated);
enum option_id option_find_letter(const char *command, char letter);

/* The option that a key of the configuration file means, or OPTIONS. One key may stand for
 * options of several commands; `after` goes on behind one (OPTIONS: from the first). */
enum option_id option_find_key(const char *key, size_t len, enum option_id after);

/* The OPTION_PAIRS that a key NAME.KEY of the configuration file means, or OPTIONS; *at is
 * where KEY begins. */
enum option_id option_find_pair(const char *key, size_t *at);

/* What is wrong with a value, as words for "--name VALUE: ..."; NULL: nothing. */
const char *option_complaint(const struct option *option, const char *value);

/* A number or size that option_complaint() has passed. */
long long option_number(const char *value);

#endif
