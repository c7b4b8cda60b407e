#include "ops/notice_object.h"

#include <unistd.h>

#include "schemas/now.h"

static void put_pair(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_text(json, text);
}

void notice_object_begin(struct json *json, struct buf *out, const struct notice_head *head)
{
	char time[NOW_TEXT_BYTES];

	now_text(time);
	json_init(json, out, 0);
	json_object_begin(json);
	put_pair(json, "time", time);
	put_pair(json, "level", head->level);
	put_pair(json, "command", head->command);
	json_key(json, "pid");
	json_long(json, getpid());
	put_pair(json, "event", head->event);
	put_pair(json, "message", head->message);
}
