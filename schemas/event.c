#include "schemas/event.h"

const char *event_kind_name(enum event_kind kind)
{
	static const char *const names[EVENT_KINDS] = {
		[EVENT_CALL] = "call",
		[EVENT_LINE] = "line",
		[EVENT_RETURN] = "return",
		[EVENT_YIELD] = "yield",
		[EVENT_RESUME] = "resume",
		[EVENT_EXCEPTION] = "exception",
		[EVENT_UNWIND] = "unwind",
		[EVENT_THREAD] = "thread",
		[EVENT_TASK] = "task",
		[EVENT_GAP] = "gap",
	};

	return (unsigned)kind < EVENT_KINDS ? names[kind] : "unknown";
}
