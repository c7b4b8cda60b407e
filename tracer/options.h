/*
 * options: what the tracer is told, as key=value lines in the spool's header. Written by
 * ops/ from the command line and the configuration, read by the tracer at start.
 *
 *     include_stdlib=0|1            default 0
 *     include_site_packages=0|1     default 1
 *     include_package=NAME          repeated
 *     include=GLOB, exclude=GLOB    repeated: filter.h
 *     mine=DIR                      repeated: only files below one of them
 *     max_depth=N                   nesting of containers, default 3
 *     max_items=N                   items of a container, default 16
 *     max_string=N                  characters of a str or bytes, default 200
 *     max_nodes=N                   nodes of a value, default 64
 *     max_events=N                  events of the run, max_bytes=N of its blocks, max_seconds=N:
 *                                   tracing ends behind them; default 0: no limit
 *     redact=NAME                   repeated: adds a name to the built-in list
 *     redact_not=NAME               repeated: takes one off
 *     redact_off=1                  no redaction
 *     children=0|1                  trace the processes that this one starts, default 0
 *     inject=DIR                    what makes a python that is started load the tracer
 *     profile=0|1                   measure what a profile needs, default 1
 *     profile_builtins=0|1          note calls of functions written in C, default 0: by the
 *                                   trace function, whatever the engine
 *     engine=instrument             events from sites in the code; else a trace function
 *     mode=file|module|command|stdin   what kind of program argument there is
 */
#ifndef SMILEY_TRACER_OPTIONS_H
#define SMILEY_TRACER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tracer_options {
	bool include_stdlib;
	bool include_site_packages;
	bool instrument;
	bool profile, profile_builtins;
	bool trace_string_main; /* "<string>" or "<stdin>" is the program itself */
	int max_depth, max_items, max_string, max_nodes;
	struct run_limits {
		int64_t events, bytes, seconds; /* 0: none */
	} limits;
	bool redact;
	bool children;
	const char *inject; /* points into text; NULL: none */
	char *text;         /* owned copy that the lists point into */
	const char **packages, **redact_add, **redact_not;
	size_t package_count, redact_add_count, redact_not_count;
	const char **include, **exclude, **mine;
	size_t include_count, exclude_count, mine_count;
};

/* Parses the lines; an unknown key is ignored. 0 or ERR_MEMORY. */
int tracer_options_init(struct tracer_options *options, const char *text, size_t len);
void tracer_options_release(struct tracer_options *options);

#endif
