/*
 * query_rows: a run as display rows (row_rule.h), any page of any view in O(log n).
 */
#ifndef SMILEY_MATERIALIZER_QUERY_ROWS_H
#define SMILEY_MATERIALIZER_QUERY_ROWS_H

#include "materializer/query.h"
#include "materializer/row_index.h"

/* A variable that a row set, with its text; no value: the row took it away. */
struct row_change {
	struct slice name;
	struct slice value;
};

struct row {
	int64_t number; /* in its view, from 0 */
	int64_t first_seq, last_seq;
	int64_t time_ns; /* of its first event */
	enum event_kind kind;
	bool has_thread;
	int64_t thread;
	struct slice thread_name;
	struct slice file, function; /* empty: in no frame */
	int64_t frame;               /* id, -1: in no frame */
	int64_t code_line;           /* the function's first */
	size_t depth;
	const int64_t *lines; /* those that ran, rising; one for what is no line */
	size_t line_count;
	const struct row_change *changes; /* of this frame since its last row, by name */
	size_t change_count;
	struct slice value; /* return, yield, exception: its text */
	struct slice text;  /* task: name; gap: reason */
	int64_t lost;       /* gap: how many events, -1: none (event.h) */
	int64_t off_ns;     /* gap of none: until something was recorded again; -1: it was not */
	int64_t missing;    /* events right before it that the log does not have (any more) */
};

/* Rows of one view, one after the other. Owned by the caller. */
struct row_page {
	int64_t total; /* rows of the view */
	struct row *rows;
	size_t count;
	struct row_page_memory *memory;
};

/* Fills page with up to `count` rows from number `first` on; fewer, or none, at the end.
 * The view is a thread's number or ROW_VIEW_ALL. Routines and names with two underscores
 * are not among the changes. */
int query_row_page(struct query *query, const struct run_id *id, int64_t view, int64_t first,
	size_t count, struct row_page *page, struct err *err);
void row_page_release(struct row_page *page);

/* How many rows the view has. */
int query_row_count(struct query *query, const struct run_id *id, int64_t view, int64_t *count,
	struct err *err);

/* The number, in the view, of the row that event seq is in; of a thread's view, where it is
 * another's event, of the row before it (0 when there is none). ERR_NOT_FOUND: the run has no
 * such event. */
int query_row_in(struct query *query, const struct run_id *id, int64_t view, int64_t seq,
	int64_t *row, struct err *err);

/* The same in the view of all. */
int query_row_of(
	struct query *query, const struct run_id *id, int64_t seq, int64_t *row, struct err *err);

/* The first block behind that number, or the last before it, in which rows of the view begin; -1:
 * there is none. A thread's row begins wherever it goes on behind others. */
int query_row_block(struct query *query, const struct run_id *id, int64_t view, int64_t number,
	bool forward, int64_t *block, struct err *err);

#endif
