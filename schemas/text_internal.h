/*
 * text_internal: what a text remembers of the runs it has been fed, and the forms that it
 * can print. text.c is the sink; text_run.c remembers runs and their files, text_chain.c
 * the exceptions on their way up; text_line.c has what the two forms for people share.
 */
#ifndef SMILEY_SCHEMAS_TEXT_INTERNAL_H
#define SMILEY_SCHEMAS_TEXT_INTERNAL_H

#include "schemas/source_text.h"
#include "schemas/text.h"

#define RUN_DIGITS 8

/* A file of a run. Lives as long as the run. */
struct text_file {
	struct buf path;            /* absolute, as code objects name it */
	struct buf plain;           /* the same without "." parts */
	struct buf shown;           /* relative to the run's directory, escaped */
	struct source_text *source; /* NULL: never fed */
	struct text_file *next;     /* of the same hash */
};

/* A line that an exception passed through, `times` in a row. */
struct text_step {
	struct text_file *file;
	int64_t line;
	int64_t times;
};

/* The innermost and the outermost steps are kept, those between are counted: a deep
 * recursion's unwinding stays linear. */
#define CHAIN_INNER_STEPS 16
#define CHAIN_STEPS 32

/* The frames that one exception has gone through so far, where it was raised first. */
struct text_chain {
	struct buf repr;
	int64_t address;  /* of the exception; 0: not known */
	int64_t frame;    /* id of the frame of its latest event */
	int64_t caller;   /* id of that frame's caller, -1: none */
	bool unwound;     /* that frame has been left by it */
	int64_t left_out; /* frames between the inner steps and the others */
	int step_count;
	struct text_step steps[CHAIN_STEPS];
};

/* More than one exception may be on its way: while a finally block runs another may be
 * raised and handled. */
#define THREAD_CHAINS 4

struct text_thread {
	int64_t number;
	int chain_count;
	struct text_chain chains[THREAD_CHAINS]; /* the latest first */
	struct text_thread *next;
};

#define RUN_FILE_BUCKETS 256

struct text_run {
	struct run_id id;
	char digits[RUN_DIGITS + 1];
	bool started; /* its run_started was fed */
	bool several; /* a second thread has been seen */
	bool off;     /* the event shown last says that nothing is recorded from there on */
	int64_t off_seq, off_ns;
	struct buf cwd, host;
	struct text_file *files[RUN_FILE_BUCKETS];
	struct text_file *latest_file;
	struct text_thread *threads;
	struct text_run *next;
};

struct text {
	struct text_options options;
	struct buf *out;       /* borrowed */
	struct buf scratch;    /* for one event */
	struct text_run *runs; /* the latest first */
};

/* One event and what is known around it, to be printed. */
struct text_moment {
	struct text *text;
	struct text_run *run;
	const struct event *event;
	struct text_file *file;         /* NULL: the event is in no frame */
	const struct text_chain *chain; /* exception, unwind; NULL: not known */
};

/* text_run.c. NULL: out of memory. */
struct text_run *text_run_get(struct text *text, const struct run_id *id);
void text_run_start(struct text_run *run, const struct run_started *started);
struct text_file *text_run_file(struct text_run *run, struct slice path);
struct text_thread *text_run_thread(struct text_run *run, int64_t number);
void text_run_free(struct text_run *run);
void text_run_forget(struct text *text, struct text_run *run);

/* text_chain.c: takes note of an event; returns the exception that it is about, NULL when
 * it is about none or that is not known. */
const struct text_chain *text_chain_note(
	struct text_run *run, struct text_file *file, const struct event *event);

/* text_line.c */

enum text_paint {
	PAINT_NONE,
	PAINT_PLACE,
	PAINT_RESULT,
	PAINT_FAILURE,
	PAINT_NEWS,
	PAINT_RUN
};

/* Begins and ends a colour where colours are wanted. */
void text_paint(struct text *text, enum text_paint paint);

/* What comes before a line when many runs interleave. */
void text_begin_line(struct text *text, const struct text_run *run);

/* "FILE:LINE: " of the event, with the thread's name behind the line when `thread`. */
void text_place(const struct text_moment *moment, bool thread);

/* Whole lines: a call's, line's or resume's source; a result; an exception with its
 * frames; what is about no frame. Returns false for an event that has locals to follow. */
bool text_event_line(const struct text_moment *moment, bool thread);

/* The forms. */
void text_classic_event(const struct text_moment *moment);
void text_table_event(const struct text_moment *moment);
void text_json_event(const struct text_moment *moment);

#endif
