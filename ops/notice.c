#include "ops/notice.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ops/notice_object.h"

static const char *const levels[] = {
	[NOTICE_INFO] = "info", [NOTICE_WARNING] = "warning", [NOTICE_ERROR] = "error"};

bool notice_is_json(const struct call *call)
{
	return option_belongs(OPTION_LOG_FORMAT, call->command->name) &&
	       strcmp(settings_text(call->settings, OPTION_LOG_FORMAT), "json") == 0;
}

static void put_object(
	const struct call *call, const struct notice *notice, const char *words, struct buf *out)
{
	const struct notice_head head = {
		levels[notice->level], call->command->name, notice->event, words};
	struct json json;

	notice_object_begin(&json, out, &head);
	for (size_t i = 0; i < NOTICE_FIELDS && notice->fields[i].name; i++) {
		json_key(&json, notice->fields[i].name);
		if (notice->fields[i].text)
			json_text(&json, notice->fields[i].text);
		else
			json_long(&json, notice->fields[i].number);
	}
	json_object_end(&json);
}

void notice_tell(const struct call *call, const struct notice *notice, const char *format, ...)
{
	bool json = notice_is_json(call);
	char words[NOTICE_WORDS];
	struct buf line = {0};
	ssize_t wrote;
	va_list args;

	if (notice->level != NOTICE_ERROR && call->verbosity < (json ? 0 : notice->people))
		return;
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	if (json)
		put_object(call, notice, words, &line);
	else
		buf_printf(&line, "smiley: %s: %s", call->command->name, words);
	buf_byte(&line, '\n');
	wrote = line.failed ? -1 : write(STDERR_FILENO, line.data, line.len);
	(void)wrote; /* nobody is left to tell */
	buf_release(&line);
}
