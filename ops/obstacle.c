#include "ops/obstacle.h"

#include <stdio.h>

void obstacle_tell(struct obstacle *obstacle, const struct call *call, const char *words)
{
	bool quiet = call->verbosity < 0;

	if (!words && obstacle->told.len && !quiet)
		fprintf(stderr, "smiley: %s: goes on\n", call->command->name);
	else if (words && !obstacle->told.len && !quiet)
		fprintf(stderr, "smiley: %s: %s; waiting\n", call->command->name, words);
	if (!words)
		buf_clear(&obstacle->told);
	else if (!obstacle->told.len)
		buf_text(&obstacle->told, words);
}

void obstacle_release(struct obstacle *obstacle)
{
	buf_release(&obstacle->told);
}
