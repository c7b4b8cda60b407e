#include "ops/export_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "web/exporter.h"
#include "materializer/query_files.h"
#include "materializer/query_profile.h"
#include "materializer/query_step.h"

struct feeding {
	const struct export_request *request;
	struct exporter *exporter;
	struct export_out *out;
	bool fed; /* there was an event */
};

static int feed(void *context, const struct event *event, int64_t program_ns, struct err *err)
{
	struct feeding *feeding = context;
	int rc = exporter_event(feeding->exporter, event, program_ns, err);

	feeding->fed = true;
	return rc ? rc : export_flush(feeding->out, false, err);
}

static int feed_range(struct feeding *feeding, const struct event_range *range, struct err *err)
{
	return query_program_events(
		feeding->request->query, &feeding->request->run, range, feed, feeding, err);
}

struct numbers {
	int64_t *list;
	size_t count, cap;
};

static int add_number(void *context, int64_t number, struct slice name, struct err *err)
{
	struct numbers *numbers = context;

	(void)name;
	if (numbers->count == numbers->cap) {
		size_t cap = numbers->cap ? numbers->cap * 2 : 16;
		int64_t *list = realloc(numbers->list, cap * sizeof(*list));

		if (!list)
			return err_set(err, ERR_MEMORY, "out of memory");
		numbers->list = list;
		numbers->cap = cap;
	}
	numbers->list[numbers->count++] = number;
	return 0;
}

/* Reads the range once for each thread. */
static int feed_threads(struct feeding *feeding, struct err *err)
{
	struct event_range range = feeding->request->range;
	struct numbers numbers = {0};
	char number[24];
	int rc = query_row_threads(feeding->request->query, &feeding->request->run, SIZE_MAX,
		add_number, &numbers, err);

	for (size_t i = 0; rc >= 0 && i < numbers.count; i++) {
		snprintf(number, sizeof(number), "%" PRId64, numbers.list[i]);
		range.thread = number;
		rc = feed_range(feeding, &range, err);
	}
	free(numbers.list);
	return rc < 0 ? rc : 0;
}

static int begin(struct feeding *feeding, struct err *err)
{
	struct run_info info;
	int rc = query_run(feeding->request->query, &feeding->request->run, &info, err);

	if (rc < 0)
		return rc;
	rc = exporter_begin(feeding->exporter, &info.started, err);
	run_info_release(&info);
	return rc;
}

static int read_source(void *context, struct slice path, struct buf *text, struct err *err)
{
	const struct export_request *request = context;
	struct file_info file;
	int rc = query_file(request->query, &request->run, path, &file, err);

	if (rc != 1)
		return rc;
	rc = query_file_text(request->query, &file, text, err);
	if (rc == ERR_NOT_FOUND) {
		err_clear(err);
		return 0;
	}
	return rc < 0 ? rc : 1;
}

int export_write_events(const struct export_format *format, const struct export_request *request,
	struct export_out *out, struct err *err)
{
	const struct exporter_format *made = exporter_format_find(format->name);
	struct feeding feeding = {.request = request, .out = out};
	int rc = exporter_new(made, &out->buf, &feeding.exporter, err);

	if (rc == 0) {
		exporter_sources(feeding.exporter, read_source, (void *)(uintptr_t)feeding.request);
		rc = begin(&feeding, err);
	}
	if (rc == 0)
		rc = exporter_format_by_thread(made) && !request->range.thread
			     ? feed_threads(&feeding, err)
			     : feed_range(&feeding, &request->range, err);
	if (rc == 0 && !feeding.fed && request->range.thread)
		rc = err_set(err, ERR_NOT_FOUND, "no events of a thread %s", request->range.thread);
	if (rc == 0)
		rc = exporter_finish(feeding.exporter, err);
	exporter_free(feeding.exporter);
	return rc;
}
