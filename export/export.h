/*
  * export: a run in the formats of other people's programs. An exporter takes events and writes
 * to a buf; whoever feeds it writes the buf out and clears it whenever it likes.
 *
 * A run may be fed from any event to any other, of any threads: calls that are open at either
 * end are cut there. Memory does not grow with the number of events: for chrome, perfetto
 * and speedscope it is O(depth) and O(functions), for callgrind and lcov O(lines that ran),
 * for collapsed bounded.

 */
#ifndef SMILEY_EXPORT_EXPORT_H
#define SMILEY_EXPORT_EXPORT_H

#include "schemas/err.h"
#include "schemas/event.h"
#include "schemas/message.h"

#include <stdbool.h>

struct export_format;
struct exporter;

/* The formats, NULL behind the last. */
extern const struct export_format *const export_formats[];

/* The format of that name, or NULL. */
const struct export_format *export_format_find(const char *name);
const char *export_format_name(const struct export_format *format);
/* What it is and who reads it, a few words. */
const char *export_format_about(const struct export_format *format);
/* The format has each thread by itself: the threads are to be fed one after the other. */
bool export_format_by_thread(const struct export_format *format);

/* out is borrowed. */
int export_new(const struct export_format *format, struct buf *out, struct exporter **exporter,
	struct err *err);
void export_free(struct exporter *exporter);

/* Of which run, once, before anything else. */
int export_begin(struct exporter *exporter, const struct run_started *run, struct err *err);
/* An event and its time, nanoseconds from any beginning. */
int export_event(
	struct exporter *exporter, const struct event *event, int64_t time_ns, struct err *err);
/* Behind the last event: writes the rest. */
int export_finish(struct exporter *exporter, struct err *err);

#endif
