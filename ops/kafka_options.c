#include "ops/kafka_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A password, a key or a certificate: no more than this. */
#define FILE_MAX_BYTES (256 * 1024)

/* The text of a file without the line end behind it. */
static int read_value(const char *path, struct buf *value, struct err *err)
{
	FILE *file = fopen(path, "re");
	char part[4096];
	size_t got;
	int rc = 0;

	if (!file)
		return err_set_errno(err, errno, "read %s", path);
	while (!rc && (got = fread(part, 1, sizeof(part), file)) > 0) {
		buf_append(value, part, got);
		if (value->len > FILE_MAX_BYTES)
			rc = err_set(err, ERR_LIMIT, "%s is too long for a setting", path);
	}
	if (!rc && ferror(file))
		rc = err_set_errno(err, errno, "read %s", path);
	fclose(file);
	while (value->len && strchr("\r\n", value->data[value->len - 1]))
		value->len--;
	if (!rc && memchr(value->data ? value->data : (uint8_t *)"", '\0', value->len))
		rc = err_set(err, ERR_FORMAT, "%s is no text", path);
	return rc;
}

/* Takes the value over, which is heap memory or NULL. */
static int add(struct kafka_options *options, char *name, const char *value, struct err *err)
{
	char **texts = reallocarray(options->texts, options->count * 2 + 2, sizeof(*texts));
	struct kafka_property *properties =
		reallocarray(options->properties, options->count + 1, sizeof(*options->properties));
	char *copy = strdup(value);

	if (texts)
		options->texts = texts;
	if (properties)
		options->properties = properties;
	if (!texts || !properties || !copy || !name) {
		free(name);
		free(copy);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	texts[options->count * 2] = name;
	texts[options->count * 2 + 1] = copy;
	properties[options->count++] = (struct kafka_property){name, copy};
	return 0;
}

static int add_file(struct kafka_options *options, char *name, const char *path, struct err *err)
{
	struct buf value = {0};
	int rc = read_value(path, &value, err);

	if (rc)
		free(name);
	else
		rc = add(options, name, buf_string(&value), err);
	buf_release(&value);
	return rc;
}

static int add_pair(struct kafka_options *options, const char *pair, struct err *err)
{
	const char *equals = strchr(pair, '=');
	char *name = strndup(pair, (size_t)(equals - pair));
	int rc;

	if (!name)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (equals[1] != '@')
		return add(options, name, equals + 1, err);
	rc = add_file(options, name, equals + 2, err);
	return rc ? err_wrap(err, "-X %.*s", (int)(equals - pair), pair) : 0;
}

static int add_password(
	struct kafka_options *options, const struct settings *settings, struct err *err)
{
	const char *path = settings_text(settings, OPTION_KAFKA_PASSWORD_FILE);
	const char *password = getenv("SMILEY_KAFKA_PASSWORD");
	int rc;

	if (password && *password && !path)
		return add(options, strdup("sasl.password"), password, err);
	if (!path)
		return 0;
	rc = add_file(options, strdup("sasl.password"), path, err);
	return rc ? err_wrap(err, "--kafka-password-file") : 0;
}

int kafka_options_init(
	struct kafka_options *options, const struct settings *settings, struct err *err)
{
	size_t count;
	const char **pairs = settings_list(settings, OPTION_KAFKA, &count);
	int rc;

	*options = (struct kafka_options){0};
	options->settings.brokers = settings_text(settings, OPTION_BROKERS);
	options->settings.topic_prefix = settings_text(settings, OPTION_TOPIC_PREFIX);
	if (!options->settings.brokers || settings_flag(settings, OPTION_LOCAL))
		return err_set(err, ERR_USAGE,
			"no Kafka brokers are named: --brokers HOST:PORT,... or SMILEY_BROKERS");
	rc = add_password(options, settings, err);
	for (size_t i = 0; !rc && i < count; i++)
		rc = add_pair(options, pairs[i], err);
	options->settings.properties = options->properties;
	options->settings.property_count = options->count;
	return rc;
}

void kafka_options_release(struct kafka_options *options)
{
	for (size_t i = 0; i < options->count * 2; i++)
		free(options->texts[i]);
	free(options->texts);
	free(options->properties);
	*options = (struct kafka_options){0};
}

void kafka_options_show(const char *pair, struct buf *out)
{
	size_t len = strcspn(pair, "=");
	char *name = strndup(pair, len);
	bool secret = !name || kafka_property_secret(name);

	if (secret && strncmp(pair + len, "=@", 2) != 0)
		buf_printf(out, "%.*s=(secret)", (int)len, pair);
	else
		buf_text(out, pair);
	free(name);
}
