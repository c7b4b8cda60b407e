/*
 * printer: an event sink that writes to stdout or elsewhere: text form, tables or JSON lines, as the
 * options of monitor and replay say.
 */
#ifndef SMILEY_OPS_PRINTER_H
#define SMILEY_OPS_PRINTER_H

#include "ops/cmd.h"
#include "ops/term.h"
#include "schemas/event_sink.h"
#include "schemas/text.h"

struct printer {
	struct buf out;
	struct text *text;
	struct event_sink form;    /* writes to out */
	size_t finished;           /* runs whose end was printed */
	size_t events;             /* that were printed */
	struct progress *progress; /* told of them; NULL: nobody */
	bool mixed;
	bool json;
	struct run_id *running; /* begun and not finished; owned */
	size_t running_count;
	/* Where the text goes; NULL: to stdout. */
	int (*write)(void *context, struct slice text, struct err *err);
	void *write_context;
};

/* What is fed. JSON names the run in each line, whatever it is. */
enum printer_runs {
	PRINTER_ONE_RUN,
	PRINTER_MIXED_RUNS, /* while several are running, each line begins with its run */
	PRINTER_GROUP,      /* each line begins with host and run; JSON has "host", too */
};
int printer_init(
	struct printer *printer, const struct call *call, enum printer_runs runs, struct err *err);
void printer_release(struct printer *printer);

/* What to feed; writes to stdout whenever a good deal has come together. */
struct event_sink printer_sink(struct printer *printer);

/* Writes what is there. */
int printer_flush(struct printer *printer, struct err *err);

#endif
