/*
 * export: a run in the formats of other people's programs. An exporter takes events and writes
 * to a buf; whoever feeds it writes the buf out and clears it whenever it likes.
 *
 * A run may be fed from any event to any other, of any threads: calls that are open at either
 * end are cut there. Memory does not grow with the number of events: for chrome, perfetto
 * and speedscope it is O(depth) and O(functions), for callgrind and lcov O(lines that ran),
 * for collapsed bounded.
 */
#ifndef SMILEY_WEB_EXPORTER_H
#define SMILEY_WEB_EXPORTER_H

#include "schemas/err.h"
#include "schemas/event.h"
#include "schemas/message.h"

#include <stdbool.h>

struct exporter_format;
struct exporter;

/* The format of that name, or NULL. */
const struct exporter_format *exporter_format_find(const char *name);
/* The format has each thread by itself: the threads are to be fed one after the other. */
bool exporter_format_by_thread(const struct exporter_format *format);

/* out is borrowed. */
int exporter_new(const struct exporter_format *format, struct buf *out, struct exporter **exporter,
	struct err *err);
void exporter_free(struct exporter *exporter);

/* Who has the run's sources, for lcov, which asks for them at the end: read() sets *text to that of
 * the file and returns 1; 0: nobody has it. The context is borrowed. */
void exporter_sources(struct exporter *exporter,
	int (*read)(void *context, struct slice path, struct buf *text, struct err *err),
	void *context);
/* Of which run, once, before anything else. */
int exporter_begin(struct exporter *exporter, const struct run_started *run, struct err *err);
/* An event and its time, nanoseconds from any beginning. */
int exporter_event(
	struct exporter *exporter, const struct event *event, int64_t time_ns, struct err *err);
/* Behind the last event: writes the rest. */
int exporter_finish(struct exporter *exporter, struct err *err);

#endif
