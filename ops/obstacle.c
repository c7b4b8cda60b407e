#include "ops/obstacle.h"

#include "ops/notice.h"

void obstacle_tell(struct obstacle *obstacle, const struct call *call, const char *words)
{
	if (!words && obstacle->told.len)
		notice_tell(call, &(struct notice){NOTICE_INFO, .event = "goes-on"}, "goes on");
	else if (words && !obstacle->told.len)
		notice_tell(call, &(struct notice){NOTICE_WARNING, .event = "waiting"},
			"%s; waiting", words);
	if (!words)
		buf_clear(&obstacle->told);
	else if (!obstacle->told.len)
		buf_text(&obstacle->told, words);
}

void obstacle_release(struct obstacle *obstacle)
{
	buf_release(&obstacle->told);
}
