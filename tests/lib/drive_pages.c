/* links: schemas ingest materializer web */
/*
 * drive_pages DATABASE TIMES: asks an app for each path that comes on stdin, one a line, so
 * many times, and prints a line for each: the path, its status and bytes, and the processor's
 * milliseconds of the first, the median and the slowest but one in a hundred answer, then the
 * clock's for the same. At last a line "memory" with what the process took at most, in KiB.
 *
 * The first answer of each path comes from a new app: the database is opened for it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "web/app.h"

#define TIMES_MAX 1000

static double now_ms(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void print(double *ms, size_t count)
{
	double first = ms[0];

	qsort(ms + 1, count - 1, sizeof(*ms), by_size);
	printf(" %.2f %.2f %.2f", first, ms[1 + (count - 1) / 2],
		ms[1 + (count - 2) - (count - 2) / 100]);
}

static int ask(const struct app_options *options, char *line, size_t times)
{
	static double cpu[TIMES_MAX], wall[TIMES_MAX];
	struct http_answer answer = {0};
	struct err err = {0};
	char *query = strchr(line, '?');
	struct app *app;

	if (query)
		*query++ = '\0';
	if (app_new(options, &app, &err) < 0)
		return 1;
	for (size_t i = 0; i < times; i++) {
		struct http_request request = {.method = "GET",
			.path = slice_text(line),
			.query = slice_text(query ? query : ""),
			.host = slice_text("localhost")};
		double cpu_start = now_ms(CLOCK_PROCESS_CPUTIME_ID);
		double start = now_ms(CLOCK_MONOTONIC);

		buf_clear(&answer.body);
		buf_clear(&answer.location);
		app_answer(app, &request, &answer);
		cpu[i] = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
		wall[i] = now_ms(CLOCK_MONOTONIC) - start;
	}
	printf("%s%s%s %d %zu", line, query ? "?" : "", query ? query : "", answer.status,
		answer.body.len);
	print(cpu, times);
	print(wall, times);
	printf("\n");
	app_free(app);
	buf_release(&answer.body);
	buf_release(&answer.location);
	return 0;
}

int main(int argc, char **argv)
{
	struct app_options options = {.version = "0"};
	struct database_paths paths;
	struct rusage usage;
	struct err err = {0};
	size_t times = argc == 3 ? (size_t)atoi(argv[2]) : 0, size = 0;
	char *line = NULL;
	int rc = 0;

	if (times < 3 || times > TIMES_MAX)
		return 2;
	if (database_paths_init(&paths, argv[1], false, &err) < 0) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	options.paths = &paths;
	while (rc == 0 && getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		rc = ask(&options, line, times);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("memory %ld\n", usage.ru_maxrss);
	free(line);
	database_paths_release(&paths);
	return rc;
}
