#include "ops/obstacle.h"

#include <stdio.h>
#include <string.h>

void obstacle_tell(struct obstacle *obstacle, const struct call *call, const char *words)
{
	bool quiet = call->verbosity < 0;

	if (!words && obstacle->told.len && !quiet)
		fprintf(stderr, "smiley: %s: goes on\n", call->command->name);
	else if (words && strcmp(buf_string(&obstacle->told), words) != 0 && !quiet)
		fprintf(stderr, "smiley: %s: %s; waiting\n", call->command->name, words);
	buf_clear(&obstacle->told);
	if (words)
		buf_text(&obstacle->told, words);
}

void obstacle_release(struct obstacle *obstacle)
{
	buf_release(&obstacle->told);
}
