/*
 * text: the text form of runs and events, as `monitor` and `replay` print it.
 *
 *     Starting new run: ./test.py -e
 *     test.py:   3: if __name__ == '__main__':
 *                         name = value
 *     test.py:   5: return>>> None
 *     Finished run
 *
 * Renders to a buf, prints nothing. Control and ANSI sequences in sources, names and
 * values come out escaped.
 */
#ifndef SMILEY_SCHEMAS_TEXT_H
#define SMILEY_SCHEMAS_TEXT_H

#include "schemas/event_sink.h"
#include "schemas/json.h"

struct text;

enum text_format {
	TEXT_CLASSIC,
	TEXT_TABLE,
	TEXT_JSON
};

struct text_options {
	enum text_format format;
	bool colour;
	bool many_runs; /* several runs may interleave: each line begins with 8 digits of its run */
	bool hosts;     /* and, before those, with its host and a slash; "host" in JSON */
	int64_t from_seq; /* events before this one are taken note of, not shown: who starts in
			     the middle of a run feeds TEXT_LOOKBACK events more, so that an
			     exception on its way up there has all its frames */
};

#define TEXT_LOOKBACK 2048

/* A sink that appends to `out`, which the caller empties when it likes. NULL: out of
 * memory. It keeps what it needs of run_started and source_file records; a source that
 * was never fed shows as an empty line. */
struct text *text_new(const struct text_options *options, struct buf *out);
void text_free(struct text *text);

/* Changes options.many_runs from the next record on. */
void text_many_runs(struct text *text, bool many_runs);

/* Changes options.from_seq from the next event on. Returns the event to feed from: up to
 * TEXT_LOOKBACK before it. */
int64_t text_show_from(struct text *text, int64_t from_seq);

/* The sink's functions; context is the text. */
struct event_sink text_sink(struct text *text);

/* Whether the text forms show a local: no routines, no names that begin or end with "__". */
bool text_name_shown(struct slice name);
bool text_local_shown(const struct local *local);

/* The members "locals" and "changed" of an object, as `smiley replay --format json` has them:
 * the frame's locals that are shown, as text; names of those that changed or are gone. scratch
 * is the caller's, and is overwritten. */
void text_frame_json(struct json *json, const struct frame *frame, struct buf *scratch);

/* A file's path as it is shown: below the run's directory without that; the whole where it is not
 * there. Borrows from path. */
struct slice text_path(struct slice directory, struct slice path);

/* Appends "0.250 s", "2 min 5 s", "3 h 10 min"; nothing below zero. */
void text_duration(struct buf *out, int64_t duration_ns);

/* Appends text for a terminal: control characters but tabs as \xNN, \n, \r, those that
 * turn the direction of text as \uNNNN; bytes that are not UTF-8 as U+FFFD. */
void text_escape(struct buf *out, struct slice text);

#endif
