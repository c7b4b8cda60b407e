#include "ops/term.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/now.h"

#define PROGRESS_AFTER_NS 500000000
#define PROGRESS_EVERY_NS 100000000

bool term_colour(int fd, const char *choice)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (strcmp(choice, "always") == 0)
		return true;
	if (strcmp(choice, "never") == 0)
		return false;
	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

int term_write(struct slice bytes, struct err *err)
{
	while (bytes.len) {
		ssize_t wrote = write(STDOUT_FILENO, bytes.data, bytes.len);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0 && errno == EPIPE)
			return err_set(err, ERR_CLOSED, "nobody reads stdout");
		if (wrote < 0)
			return err_set_errno(err, errno, "write to stdout");
		bytes.data += wrote;
		bytes.len -= (size_t)wrote;
	}
	return 0;
}

void progress_begin(
	struct progress *progress, const char *what, enum progress_unit unit, bool wanted)
{
	*progress = (struct progress){
		.what = what, .unit = unit, .on = wanted && isatty(STDERR_FILENO)};
	progress->begin_ns = monotonic_ns();
}

void progress_update(void *context, uint64_t done, uint64_t total)
{
	static const char *const units[] = {[PROGRESS_RECORDS] = "records",
		[PROGRESS_RUNS] = "runs",
		[PROGRESS_EVENTS] = "events",
		[PROGRESS_FILES] = "files"};
	struct progress *progress = context;
	int64_t now;

	if (!progress->on)
		return;
	now = monotonic_ns();
	if (now - progress->begin_ns < PROGRESS_AFTER_NS ||
		now - progress->last_ns < PROGRESS_EVERY_NS)
		return;
	progress->last_ns = now;
	progress->shown = true;
	fprintf(stderr, "\r\033[Ksmiley: %s: ", progress->what);
	if (total)
		fprintf(stderr, "%.0f %% of ", 100.0 * (double)done / (double)total);
	else
		total = done;
	if (progress->unit == PROGRESS_BYTES)
		fprintf(stderr, "%.1f MiB", (double)total / (1024 * 1024));
	else
		fprintf(stderr, "%llu %s", (unsigned long long)total, units[progress->unit]);
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
