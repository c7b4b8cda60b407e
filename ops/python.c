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

#include "ops/notice_object.h"

static void warn_json(const char *message)
{
	const struct notice_head head = {"error", "run", "untraced", message};
	struct buf line = {0};
	struct json json;

	notice_object_begin(&json, &line, &head);
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
	bool json = argc > 1 && strcmp(argv[1], NOTICE_JSON_WORD) == 0;

	argc -= json;
	argv += json;
	if (argc < 3) {
		fprintf(stderr, "smiley-python: usage: smiley-python SPOOL PYTHON ARGS...; "
				"people want: smiley run\n");
		return 2;
	}
	return interp_main(argv[1], argc - 2, argv + 2, json ? warn_json : warn);
}
