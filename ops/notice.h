/*
 * notice: what run, record, ship and server say on stderr about their own work, a line each: for
 * people `smiley: record: WORDS`; with --log-format json one object, written at once, with
 *
 *     time      UTC, RFC 3339, to the millisecond
 *     level     info, warning or error
 *     command   record...
 *     pid
 *     event     what happened, by a name that stays; ops/README.md lists them
 *     message   the words
 *     and what the event has: numbers and texts by name
 *
 * Invariant: nothing of what a traced program held is in one: no value, no source, no argument.
 */
#ifndef SMILEY_OPS_NOTICE_H
#define SMILEY_OPS_NOTICE_H

#include "ops/cmd.h"

#include <stdint.h>

#define NOTICE_FIELDS 3
#define NOTICE_WORDS 1200 /* a whole err's message, and some */

enum notice_level {
	NOTICE_INFO,
	NOTICE_WARNING,
	NOTICE_ERROR
};

/* When people are told; JSON is told always, infos and warnings not with -q. */
enum notice_people {
	NOTICE_NOT_QUIET = 0,
	NOTICE_VERBOSE = 1,
	NOTICE_NO_PEOPLE = 9
};

struct notice {
	enum notice_level level;
	int people;
	const char *event;
	struct notice_field {
		const char *name; /* NULL: no more */
		const char *text; /* NULL: it is the number */
		int64_t number;
	} fields[NOTICE_FIELDS];
};

/* The words are made as by printf, and cut when they are too long. Errors are told with -q, too. */
void notice_tell(const struct call *call, const struct notice *notice, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Is stderr for programs? Then no progress is drawn on it. */
bool notice_is_json(const struct call *call);

#endif
