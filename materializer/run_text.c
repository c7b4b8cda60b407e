#include "materializer/run_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void time_text(int64_t time_ns, struct buf *out)
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	char date[32], zone[8];
	struct tm local;

	if (!time_ns || !localtime_r(&seconds, &local))
		return;
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &local);
	strftime(zone, sizeof(zone), "%z", &local);
	buf_printf(
		out, "%s.%03d%.3s:%s", date, (int)(time_ns % 1000000000 / 1000000), zone, zone + 3);
}

void argv_text(struct text_list argv, struct buf *out)
{
	struct slice argument;
	bool first = true;

	while (text_list_next(&argv, &argument)) {
		if (!first)
			buf_byte(out, ' ');
		buf_append(out, argument.data, argument.len);
		first = false;
	}
}

void run_error_text(const struct run_info *info, struct buf *out)
{
	const struct run_finished *finished = &info->finished;
	const char *name;

	if (!info->has_finished)
		return;
	if (finished->error_message.len || finished->error_type.len) {
		struct slice words = finished->error_message.len ? finished->error_message
								 : finished->error_type;

		buf_append(out, words.data, words.len);
	} else if (finished->lost) {
		buf_text(out, "lost: nobody saw how it ended");
	} else if (finished->signal) {
		name = sigabbrev_np((int)finished->signal);
		buf_printf(out, "killed by %s%s", name ? "SIG" : "signal ", name ? name : "");
		if (!name)
			buf_printf(out, "%lld", (long long)finished->signal);
	} else if (finished->exit_status > 0) {
		buf_printf(out, "exit status %lld", (long long)finished->exit_status);
	}
}

void traceback_text(const struct run_finished *finished, struct buf *out)
{
	struct traceback rest = finished->traceback;
	struct traceback_entry entry;

	if (!finished->error_type.len)
		return;
	if (rest.count)
		buf_text(out, "Traceback (most recent call last):\n");
	while (traceback_next(&rest, &entry)) {
		buf_text(out, "  File \"");
		buf_append(out, entry.file.data, entry.file.len);
		buf_printf(out, "\", line %lld, in ", (long long)entry.line);
		buf_append(out, entry.function.data, entry.function.len);
		buf_byte(out, '\n');
	}
	buf_append(out, finished->error_type.data, finished->error_type.len);
	if (finished->error_message.len)
		buf_text(out, ": ");
	buf_append(out, finished->error_message.data, finished->error_message.len);
}
