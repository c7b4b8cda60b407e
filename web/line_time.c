#include "web/line_time.h"

#include <stdlib.h>

static int by_line(const void *left, const void *right)
{
	const struct line_time *a = left, *b = right;

	return (a->line > b->line) - (a->line < b->line);
}

int line_times_init(
	struct line_times *times, const struct profile *profile, struct slice path, struct err *err)
{
	size_t kept = 0;

	*times = (struct line_times){
		.lines = malloc((profile->line_count + 1) * sizeof(*times->lines))};
	if (!times->lines)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < profile->line_count; i++) {
		const struct profile_line *line = &profile->lines[i];

		if (slice_equal(profile->functions[line->function].file, path))
			times->lines[times->count++] =
				(struct line_time){line->line, line->self_ns};
	}
	qsort(times->lines, times->count, sizeof(*times->lines), by_line);
	for (size_t i = 0; i < times->count; i++) {
		if (kept && times->lines[kept - 1].line == times->lines[i].line)
			times->lines[kept - 1].ns += times->lines[i].ns;
		else
			times->lines[kept++] = times->lines[i];
		if (times->lines[kept - 1].ns > times->most_ns)
			times->most_ns = times->lines[kept - 1].ns;
	}
	times->count = kept;
	return 0;
}

void line_times_release(struct line_times *times)
{
	free(times->lines);
	*times = (struct line_times){0};
}
