#include "ops/exhausted.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "materializer/store.h"

static struct watch {
	const char *command;
	bool goes_on;
	atomic_bool happened;
} watch;

static void tell(const char *text)
{
	ssize_t wrote = write(STDERR_FILENO, text, strlen(text));

	(void)wrote; /* nobody is left to tell */
}

/* By what cannot fail: there may be no memory at all. */
static void give_up(void)
{
	bool first = !atomic_exchange(&watch.happened, true);

	while (watch.goes_on || !first)
		pause();
	tell("smiley: ");
	tell(watch.command);
	tell(": memory or threads have run out (ulimit -a tells the limits)\n");
	_exit(1);
}

void exhausted_watch(const char *command, bool goes_on)
{
	watch.command = command;
	watch.goes_on = goes_on;
	store_on_exhaustion(give_up);
}

bool exhausted(void)
{
	return atomic_load(&watch.happened);
}
