/*
 * setting: the values that options have, from the table's defaults, overridden by the
 * configuration file, by the environment, by the command line.
 *
 * Owns copies of all its texts; what the getters return lives as long as the settings.
 */
#ifndef SMILEY_OPS_SETTING_H
#define SMILEY_OPS_SETTING_H

#include "ops/option.h"
#include "schemas/buf.h"
#include "schemas/err.h"

struct settings;

/* With all defaults. NULL: out of memory. */
struct settings *settings_new(void);
void settings_free(struct settings *settings);

/* Reads a file of `key = value` lines; # begins a comment. ERR_USAGE with FILE:LINE in the
 * message for a line that makes no sense; ERR_NOT_FOUND when there is no file. */
int settings_file(struct settings *settings, const char *path, struct err *err);

/* Everybody's configuration file; and the user's own, ~/.config/smiley/smiley.conf
 * (XDG_CONFIG_HOME), appended: nothing where there is no home. */
#define SETTINGS_FILE "/etc/smiley/smiley.conf"
void settings_own_file(struct buf *path);

/* The files that are read when the user names none by SMILEY_CONFIG: SETTINGS_FILE, then the
 * user's own, each if it is there; then the
 * environment's variables. */
int settings_surroundings(struct settings *settings, struct err *err);

/*
 * Takes the options of `command` out of argv (argc of them), moves what is left to its
 * front, and returns how many are left, or ERR_USAGE. Behind `--` nothing is an option; with
 * until_program, nothing from the first positional on, or from the -m or -c that begins a
 * program. Lists add to those of the file and the environment.
 */
int settings_arguments(struct settings *settings, const char *command, int argc, char **argv,
	bool until_program, struct err *err);

/* The value that counts; NULL when there is none. */
const char *settings_text(const struct settings *settings, enum option_id id);
bool settings_flag(const struct settings *settings, enum option_id id);
int settings_count(const struct settings *settings, enum option_id id);
/* Of an OPTION_NUMBER or OPTION_SIZE; `missing` when it has no value. */
long long settings_number(const struct settings *settings, enum option_id id, long long missing);
/* Of an OPTION_LIST, OPTION_TEXTS or OPTION_PAIRS: *count entries, borrowed. */
const char **settings_list(const struct settings *settings, enum option_id id, size_t *count);

#endif
