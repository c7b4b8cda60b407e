#include "ops/exhausted.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "materializer/store.h"
#include "ops/notice.h"
#include "schemas/now.h"

static struct watch {
	const char *command;
	bool goes_on, json;
	atomic_bool happened;
} watch;

static void tell(const char *text)
{
	ssize_t wrote = write(STDERR_FILENO, text, strlen(text));

	(void)wrote; /* nobody is left to tell */
}

#define WORDS "memory or threads have run out (ulimit -a tells the limits)"

static void tell_words(void)
{
	tell("smiley: ");
	tell(watch.command);
	tell(": " WORDS "\n");
}

static void tell_object(void)
{
	char time[NOW_TEXT_BYTES], line[256];

	now_text(time);
	snprintf(line, sizeof(line),
		"{\"time\": \"%s\", \"level\": \"error\", \"command\": \"%s\", \"pid\": %d, "
		"\"event\": \"exhausted\", \"message\": \"" WORDS "\"}\n",
		time, watch.command, (int)getpid());
	tell(line);
}

/* By what cannot fail: there may be no memory at all. */
static void give_up(void)
{
	bool first = !atomic_exchange(&watch.happened, true);

	while (watch.goes_on || !first)
		pause();
	if (watch.json)
		tell_object();
	else
		tell_words();
	_exit(1);
}

void exhausted_watch(const char *command, bool goes_on, bool json)
{
	watch.json = json;
	watch.command = command;
	watch.goes_on = goes_on;
	store_on_exhaustion(give_up);
}

bool exhausted(void)
{
	return atomic_load(&watch.happened);
}
