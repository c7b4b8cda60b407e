/*
 * smiley-python: the interpreter that `smiley run` starts in the place of python.
 *
 *     smiley-python [--log-format=json] SPOOL PYTHON ARGS...
 *
 * Not for people: everything it is told beyond python's own arguments is in the spool, but for how
 * to say that the spool cannot be used.
 */
#include "tracer/interp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schemas/json.h"
#include "schemas/now.h"

#define JSON_WORD "--log-format=json"

static void put_pair(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_text(json, text);
}

/* As ops/notice.h has it. */
static void warn_json(const char *message)
{
	char time[NOW_TEXT_BYTES];
	struct buf line = {0};
	struct json json;

	now_text(time);
	json_init(&json, &line, 0);
	json_object_begin(&json);
	put_pair(&json, "time", time);
	put_pair(&json, "level", "error");
	put_pair(&json, "command", "run");
	json_key(&json, "pid");
	json_long(&json, getpid());
	put_pair(&json, "event", "untraced");
	put_pair(&json, "message", message);
	json_object_end(&json);
	fprintf(stderr, "%s\n", buf_string(&line));
	buf_release(&line);
}

static void warn(const char *message)
{
	fprintf(stderr, "smiley: run: the program runs, but is not traced: %s\n", message);
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && strcmp(argv[1], JSON_WORD) == 0;

	argc -= json;
	argv += json;
	if (argc < 3) {
		fprintf(stderr, "smiley-python: usage: smiley-python SPOOL PYTHON ARGS...; "
				"people want: smiley run\n");
		return 2;
	}
	return interp_main(argv[1], argc - 2, argv + 2, json ? warn_json : warn);
}
