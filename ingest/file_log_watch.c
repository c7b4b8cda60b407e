#include "ingest/file_log_internal.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

/* inotify tells of every append; the look after a while is for what it cannot tell (a
 * directory on another machine). Without it (no instances left) looking often must do. */
#define WATCHED_LOOK_MS 250
#define UNWATCHED_LOOK_MS 5

bool watch_start(struct watch *watch, const char *dir)
{
	if (watch->started)
		return false;
	watch->started = true;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd >= 0 &&
		inotify_add_watch(watch->fd, dir, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
		close(watch->fd);
		watch->fd = -1;
	}
	return true;
}

bool watch_wait(struct watch *watch, int timeout_ms)
{
	char events[4096];
	struct pollfd waiting = {.fd = watch->fd, .events = POLLIN};
	int look_ms = watch->fd >= 0 ? WATCHED_LOOK_MS : UNWATCHED_LOOK_MS;
	int ready;

	if (timeout_ms >= 0 && timeout_ms < look_ms)
		look_ms = timeout_ms;
	ready = poll(&waiting, watch->fd >= 0 ? 1 : 0, look_ms);
	if (ready < 0)
		return errno != EINTR;
	if (ready > 0)
		while (read(watch->fd, events, sizeof(events)) > 0)
			;
	return true;
}

void watch_release(struct watch *watch)
{
	if (watch->started && watch->fd >= 0)
		close(watch->fd);
	*watch = (struct watch){.fd = -1};
}
