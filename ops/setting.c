#include "ops/setting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/buf.h"

struct value {
	char **texts; /* a list has any number, others one */
	size_t count;
	bool from_line; /* of an OPTION_TEXTS: they are the command line's */
};

struct settings {
	struct value values[OPTIONS];
};

static void value_clear(struct value *value)
{
	for (size_t i = 0; i < value->count; i++)
		free(value->texts[i]);
	free(value->texts);
	*value = (struct value){0};
}

static int value_add(struct value *value, const char *text, size_t len, struct err *err)
{
	char **texts = realloc(value->texts, (value->count + 1) * sizeof(*texts));

	if (texts)
		value->texts = texts;
	if (!texts || !(texts[value->count] = strndup(text, len)))
		return err_set(err, ERR_MEMORY, "out of memory");
	value->count++;
	return 0;
}

static int value_set(struct value *value, const char *text, struct err *err)
{
	value_clear(value);
	return value_add(value, text, strlen(text), err);
}

struct settings *settings_new(void)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	for (int id = 0; settings && id < OPTIONS; id++) {
		const char *initial = option_get(id)->initial;

		if (initial && value_set(&settings->values[id], initial, NULL)) {
			settings_free(settings);
			return NULL;
		}
	}
	return settings;
}

void settings_free(struct settings *settings)
{
	if (!settings)
		return;
	for (int id = 0; id < OPTIONS; id++)
		value_clear(&settings->values[id]);
	free(settings);
}

/* A value from a file or the environment, where a list is one text with commas. */
static int set_from_text(
	struct settings *settings, enum option_id id, const char *text, struct err *err)
{
	const struct option *option = option_get(id);
	const char *complaint = option_complaint(option, text);

	if (complaint && option->type == OPTION_CHOICE)
		return err_set(err, ERR_USAGE, "%s is not one of %s", text, option->argument);
	if (complaint)
		return err_set(err, ERR_USAGE, "%s is %s",
			*text && option->type != OPTION_PAIRS ? text : "the value", complaint);
	if (option->type != OPTION_LIST && option->type != OPTION_PAIRS)
		return value_set(&settings->values[id], text, err);
	if (option->type == OPTION_LIST)
		value_clear(&settings->values[id]);
	while (*text) {
		size_t skip = strspn(text, ", \t");
		size_t len = strcspn(text + skip, ",");
		size_t keep = len;

		while (keep && strchr(" \t", text[skip + keep - 1]))
			keep--;
		if (keep && option->type == OPTION_PAIRS && !memchr(text + skip, '=', keep))
			return err_set(err, ERR_USAGE,
				"the value is not KEY=VALUE,... (a VALUE with commas needs the "
				"command line or the file)");
		if (keep && value_add(&settings->values[id], text + skip, keep, err))
			return ERR_MEMORY;
		text += skip + len;
	}
	return 0;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* `kafka.security.protocol = ssl`: the line as a whole is the pair, from the KEY on. */
static int file_pair(struct settings *settings, const char *key, const char *value, bool *is_pair,
	struct err *err)
{
	struct buf pair = {0};
	size_t at;
	enum option_id id = option_find_pair(key, &at);
	int rc;

	*is_pair = id != OPTIONS;
	if (!*is_pair)
		return 0;
	buf_printf(&pair, "%s=%s", key + at, value);
	rc = pair.failed ? err_set(err, ERR_MEMORY, "out of memory")
			 : value_add(&settings->values[id], buf_string(&pair), pair.len, err);
	buf_release(&pair);
	return rc;
}

static int file_line(struct settings *settings, char *line, struct err *err)
{
	char *equals, *key, *value;
	enum option_id id;
	bool is_pair;
	int rc;

	key = trim(line);
	if (!*key || *key == '#')
		return 0;
	equals = strchr(key, '=');
	if (!equals)
		return err_set(err, ERR_USAGE, "no `key = value` line: %s", key);
	*equals = '\0';
	key = trim(key);
	value = trim(equals + 1);
	rc = file_pair(settings, key, value, &is_pair, err);
	if (is_pair)
		return rc;
	id = option_find_key(key, strlen(key), OPTIONS);
	if (id == OPTIONS)
		return err_set(err, ERR_USAGE, "unknown key %s", key);
	if (set_from_text(settings, id, value, err))
		return err_wrap(err, "%s", key);
	return 0;
}

int settings_file(struct settings *settings, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0, number = 0;
	int rc = 0;

	if (!file && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "no file %s", path);
	if (!file)
		return err_set_errno(err, errno, "read %s", path);
	while (!rc && getline(&line, &cap, file) >= 0) {
		number++;
		rc = file_line(settings, line, err);
		if (rc)
			err_wrap(err, "%s:%zu", path, number);
	}
	if (!rc && ferror(file))
		rc = err_set_errno(err, errno, "read %s", path);
	free(line);
	fclose(file);
	return rc;
}

void settings_own_file(struct buf *path)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (config && *config == '/')
		buf_printf(path, "%s/smiley/smiley.conf", config);
	else if (home && *home)
		buf_printf(path, "%s/.config/smiley/smiley.conf", home);
}

static int files(struct settings *settings, struct err *err)
{
	const char *named = getenv("SMILEY_CONFIG");
	struct buf path = {0};
	int rc;

	if (named && *named)
		return settings_file(settings, named, err);
	rc = settings_file(settings, SETTINGS_FILE, err);
	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	settings_own_file(&path);
	if (path.len)
		rc = settings_file(settings, buf_string(&path), err);
	buf_release(&path);
	if (rc == ERR_NOT_FOUND) {
		err_clear(err);
		rc = 0;
	}
	return rc;
}

int settings_surroundings(struct settings *settings, struct err *err)
{
	int rc = files(settings, err);

	for (int id = 0; !rc && id < OPTIONS; id++) {
		const char *variable = option_get(id)->variable;
		const char *text = variable ? getenv(variable) : NULL;

		if (!text || !*text)
			continue;
		rc = set_from_text(settings, id, text, err);
		if (rc)
			err_wrap(err, "environment variable %s", variable);
	}
	return rc;
}

/* One option of the command line; `text` is its argument, NULL for flags. */
static int set_from_line(struct settings *settings, enum option_id id, bool negated,
	const char *text, struct err *err)
{
	const struct option *option = option_get(id);
	const char *complaint;

	if (!option->argument)
		text = negated ? "0" : "1";
	complaint = option_complaint(option, text);
	if (complaint && option->type == OPTION_CHOICE)
		return err_set(err, ERR_USAGE, "--%s %s: choose one of %s", option->name, text,
			option->argument);
	if (complaint && option->type == OPTION_PAIRS)
		return err_set(err, ERR_USAGE, "--%s: the argument is %s", option->name, complaint);
	if (complaint)
		return err_set(err, ERR_USAGE, "--%s %s: %s", option->name, text, complaint);
	if (option->type == OPTION_TEXTS && !settings->values[id].from_line) {
		value_clear(&settings->values[id]);
		settings->values[id].from_line = true;
	}
	if (option->type == OPTION_LIST || option->type == OPTION_TEXTS ||
		option->type == OPTION_PAIRS || option->type == OPTION_COUNT)
		return value_add(&settings->values[id], text, strlen(text), err);
	return value_set(&settings->values[id], text, err);
}

/* A walk over argv. */
struct walk {
	const char *command;
	int argc, at;
	char **argv;
};

static int unknown(const struct walk *walk, const char *option, int len, struct err *err)
{
	return err_set(err, ERR_USAGE, "unknown option %.*s; try: smiley help%s%s", len, option,
		*walk->command ? " " : "", walk->command);
}

static int long_option(struct settings *settings, struct walk *walk, struct err *err)
{
	const char *name = walk->argv[walk->at] + 2;
	size_t len = strcspn(name, "=");
	const char *text = name[len] ? name + len + 1 : NULL;
	bool negated;
	enum option_id id = option_find(walk->command, name, len, &negated);

	if (id == OPTIONS)
		return unknown(walk, name - 2, (int)len + 2, err);
	if (text && !option_get(id)->argument)
		return err_set(err, ERR_USAGE, "--%.*s takes no argument", (int)len, name);
	if (!text && option_get(id)->argument) {
		if (walk->at + 1 >= walk->argc)
			return err_set(err, ERR_USAGE, "--%s needs an argument: %s", name,
				option_get(id)->argument);
		text = walk->argv[++walk->at];
	}
	walk->at++;
	return set_from_line(settings, id, negated, text, err);
}

/* -v, -vq, -fjson, -f json */
static int short_options(struct settings *settings, struct walk *walk, struct err *err)
{
	const char *letters = walk->argv[walk->at] + 1;

	for (; *letters; letters++) {
		enum option_id id = option_find_letter(walk->command, *letters);
		const char *text = NULL;
		char shown[] = {'-', *letters, '\0'};
		int rc;

		if (id == OPTIONS)
			return unknown(walk, shown, 2, err);
		if (option_get(id)->argument) {
			if (letters[1])
				text = letters + 1;
			else if (walk->at + 1 < walk->argc)
				text = walk->argv[++walk->at];
			else
				return err_set(err, ERR_USAGE, "%s needs an argument: %s", shown,
					option_get(id)->argument);
		}
		rc = set_from_line(settings, id, false, text, err);
		if (rc)
			return rc;
		if (text)
			break;
	}
	walk->at++;
	return 0;
}

static bool begins_program(const char *argument)
{
	return strncmp(argument, "-m", 2) == 0 || strncmp(argument, "-c", 2) == 0;
}

int settings_arguments(struct settings *settings, const char *command, int argc, char **argv,
	bool until_program, struct err *err)
{
	struct walk walk = {command, argc, 0, argv};
	int kept = 0;
	int rc = 0;

	while (!rc && walk.at < argc) {
		char *argument = argv[walk.at];
		bool positional = argument[0] != '-' || !argument[1];

		if (strcmp(argument, "--") == 0) {
			walk.at++;
			break;
		}
		if (until_program && (positional || begins_program(argument)))
			break;
		if (positional)
			argv[kept++] = argv[walk.at++];
		else if (argument[1] == '-')
			rc = long_option(settings, &walk, err);
		else
			rc = short_options(settings, &walk, err);
	}
	while (!rc && walk.at < argc)
		argv[kept++] = argv[walk.at++];
	return rc ? rc : kept;
}

const char *settings_text(const struct settings *settings, enum option_id id)
{
	const struct value *value = &settings->values[id];

	return value->count ? value->texts[value->count - 1] : NULL;
}

bool settings_flag(const struct settings *settings, enum option_id id)
{
	const char *text = settings_text(settings, id);

	return text && *text != '0';
}

int settings_count(const struct settings *settings, enum option_id id)
{
	return (int)settings->values[id].count;
}

long long settings_number(const struct settings *settings, enum option_id id, long long missing)
{
	const char *text = settings_text(settings, id);

	return text ? option_number(text) : missing;
}

const char **settings_list(const struct settings *settings, enum option_id id, size_t *count)
{
	*count = settings->values[id].count;
	return (const char **)settings->values[id].texts;
}
