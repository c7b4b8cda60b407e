#include "tracer/options.h"

#include "schemas/err.h"

#include <stdlib.h>
#include <string.h>

#define CONTAINER_DEPTH_MOST 12 /* below VALUE_MAX_DEPTH of schemas/item.h */

static int bounded(const char *text, int least, int most)
{
	long value = strtol(text, NULL, 10);

	return value < least ? least : value > most ? most : (int)value;
}

static int add(const char ***list, size_t *count, const char *text)
{
	const char **grown = realloc(*list, (*count + 1) * sizeof(**list));

	if (!grown)
		return ERR_MEMORY;
	grown[(*count)++] = text;
	*list = grown;
	return 0;
}

static int set(struct tracer_options *options, const char *key, const char *value)
{
	if (strcmp(key, "include_stdlib") == 0)
		options->include_stdlib = value[0] == '1';
	else if (strcmp(key, "include_site_packages") == 0)
		options->include_site_packages = value[0] == '1';
	else if (strcmp(key, "engine") == 0)
		options->instrument = strcmp(value, "instrument") == 0;
	else if (strcmp(key, "profile") == 0)
		options->profile = value[0] != '0';
	else if (strcmp(key, "profile_builtins") == 0)
		options->profile_builtins = value[0] == '1';
	else if (strcmp(key, "mode") == 0)
		options->trace_string_main =
			strcmp(value, "command") == 0 || strcmp(value, "stdin") == 0;
	else if (strcmp(key, "max_depth") == 0)
		options->max_depth = bounded(value, 0, CONTAINER_DEPTH_MOST);
	else if (strcmp(key, "max_items") == 0)
		options->max_items = bounded(value, 0, 10000);
	else if (strcmp(key, "max_string") == 0)
		options->max_string = bounded(value, 0, 100000);
	else if (strcmp(key, "max_nodes") == 0)
		options->max_nodes = bounded(value, 1, 10000);
	else if (strcmp(key, "max_events") == 0)
		options->limits.events = strtoll(value, NULL, 10);
	else if (strcmp(key, "max_bytes") == 0)
		options->limits.bytes = strtoll(value, NULL, 10);
	else if (strcmp(key, "max_seconds") == 0)
		options->limits.seconds = strtoll(value, NULL, 10);
	else if (strcmp(key, "redact_off") == 0)
		options->redact = value[0] != '1';
	else if (strcmp(key, "children") == 0)
		options->children = value[0] == '1';
	else if (strcmp(key, "inject") == 0)
		options->inject = value;
	else if (strcmp(key, "include_package") == 0)
		return add(&options->packages, &options->package_count, value);
	else if (strcmp(key, "include") == 0)
		return add(&options->include, &options->include_count, value);
	else if (strcmp(key, "exclude") == 0)
		return add(&options->exclude, &options->exclude_count, value);
	else if (strcmp(key, "mine") == 0)
		return add(&options->mine, &options->mine_count, value);
	else if (strcmp(key, "redact") == 0)
		return add(&options->redact_add, &options->redact_add_count, value);
	else if (strcmp(key, "redact_not") == 0)
		return add(&options->redact_not, &options->redact_not_count, value);
	return 0;
}

int tracer_options_init(struct tracer_options *options, const char *text, size_t len)
{
	char *line, *rest;

	*options = (struct tracer_options){
		.include_site_packages = true,
		.max_depth = 3,
		.max_items = 16,
		.max_string = 200,
		.max_nodes = 64,
		.redact = true,
		.profile = true,
	};
	options->text = malloc(len + 1);
	if (!options->text)
		return ERR_MEMORY;
	memcpy(options->text, text, len);
	options->text[len] = '\0';
	for (line = strtok_r(options->text, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		char *equals = strchr(line, '=');

		if (!equals)
			continue;
		*equals = '\0';
		if (set(options, line, equals + 1) < 0) {
			tracer_options_release(options);
			return ERR_MEMORY;
		}
	}
	options->profile_builtins = options->profile_builtins && options->profile;
	if (options->profile_builtins)
		options->instrument = false; /* only the trace function's way tells of them */
	return 0;
}

void tracer_options_release(struct tracer_options *options)
{
	free(options->text);
	free(options->packages);
	free(options->include);
	free(options->exclude);
	free(options->mine);
	free(options->redact_add);
	free(options->redact_not);
	*options = (struct tracer_options){0};
}
