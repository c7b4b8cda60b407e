/*
 * report: the pages of one run as files of one directory, for a browser without a server: the
 * very pages that the server shows, with links between the files.
 */
#ifndef SMILEY_WEB_REPORT_H
#define SMILEY_WEB_REPORT_H

#include "materializer/database.h"
#include "schemas/run_id.h"

struct report_options {
	const struct database_paths *paths;
	const char *version;
	const char *title; /* in place of the run's arguments */
	struct run_id run;
	const char *dir;               /* is there */
	int64_t per_page;              /* rows, within a page's bounds */
	int64_t first_page, last_page; /* to be written of the rows; first_page 0: all of them */
	/* May be NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

/* Links to pages of rows that are not written are plain text; index.html is the first that is.
 * Memory is that of a page. Writes index.html, trace-N.html, files.html, file-SIGNATURE.html, threads.html, about.html,
 * help.html, smiley.css and smiley.js; files of these names are written over. */
int report_write(const struct report_options *options, struct err *err);

#endif
