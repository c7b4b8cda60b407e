#include "schemas/redact_argv.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "schemas/message.h"

#define MASK "***"

/* The name in front of = or : in "--name=x", "NAME=x". */
static struct slice option_name(const char *argument, size_t *value_at)
{
	size_t dashes = strspn(argument, "-/");
	size_t len = strcspn(argument + dashes, "=:");

	*value_at = argument[dashes + len] ? dashes + len + 1 : 0;
	return (struct slice){(const uint8_t *)argument + dashes, len};
}

/* scheme://user:password@host: where the password begins and ends. */
static bool url_password(const char *argument, size_t *begin, size_t *end)
{
	const char *user = strstr(argument, "://");
	const char *at, *colon;

	if (!user || user == argument || !isalpha((unsigned char)user[-1]))
		return false;
	user += 3;
	at = memchr(user, '@', strcspn(user, "/?# "));
	colon = at ? memchr(user, ':', (size_t)(at - user)) : NULL;
	if (!colon)
		return false;
	*begin = (size_t)(colon + 1 - argument);
	*end = (size_t)(at - argument);
	return true;
}

/* True when argument is an option of a secret name whose value is the next argument. */
static bool value_follows(const char *argument, const struct secret_list *list)
{
	size_t value_at;
	struct slice name = option_name(argument, &value_at);

	return argument[0] == '-' && !value_at && secret_name(name, list);
}

static void redact_one(const char *argument, const struct secret_list *list, struct buf *out)
{
	size_t value_at, begin, end;
	struct slice name = option_name(argument, &value_at);

	if (value_at && argument[value_at] != '/' && secret_name(name, list)) {
		buf_append(out, argument, value_at);
		buf_text(out, MASK);
	} else if (url_password(argument, &begin, &end)) {
		buf_append(out, argument, begin);
		buf_text(out, MASK);
		redact_one(argument + end, list, out);
	} else {
		buf_text(out, argument);
	}
}

void redact_argv(
	int argc, char **argv, const struct secret_list *list, struct buf *items, int64_t *count)
{
	struct buf text = {0};
	bool secret = false;

	for (int i = 0; i < argc; i++) {
		buf_clear(&text);
		if (secret && argv[i][0] != '-')
			buf_text(&text, MASK);
		else if (list)
			redact_one(argv[i], list, &text);
		else
			buf_text(&text, argv[i]);
		secret = list && value_follows(argv[i], list);
		text_list_add(items, count, buf_slice(&text));
	}
	buf_release(&text);
}
