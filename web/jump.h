/*
 * jump: where in a run a user wants to go, in words.
 *
 *     120, #120              the event of that number
 *     1.5s, 250ms, 2min, +3  so long after the start
 *     10:31, 10:31:07.25     that time of the day, after the start
 *     app.py:12              the next time that line ran; any end of the path will do
 */
#ifndef SMILEY_WEB_JUMP_H
#define SMILEY_WEB_JUMP_H

#include "schemas/buf.h"
#include "schemas/err.h"

struct jump {
	enum jump_kind {
		JUMP_EVENT,
		JUMP_TIME,
		JUMP_LINE,
	} kind;
	int64_t seq;
	int64_t time_ns; /* since 1970 */
	struct slice file;
	int64_t line;
};

/* The file borrows from text. ERR_USAGE says what may be given. */
int jump_parse(struct slice text, int64_t started_ns, struct jump *jump, struct err *err);

/* Whether the path ends in these parts: "pkg/app.py" is of "/src/pkg/app.py", "p.py" is not. */
bool jump_names_file(struct slice wanted, struct slice path);

#endif
