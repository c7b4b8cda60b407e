/*
 * help_story: tells a sink a run, event by event, as a cursor would: threads with stacks,
 * frames with locals. For tests of what prints events.
 *
 *     struct story *story = story_new(sink);
 *     story_start(story, "/home/u", "./app.py -x");
 *     story_call(story, "/home/u/app.py", "f", 3);
 *     story_set(story, "n", story_long(story, 5));
 *     story_line(story, 4);
 *     story_return(story, 4, story_none(story));
 *
 * A sink that fails ends the program. Values live as long as the story.
 */
#ifndef SMILEY_TESTS_LIB_HELP_STORY_H
#define SMILEY_TESTS_LIB_HELP_STORY_H

#include "schemas/event_sink.h"
#include "schemas/value.h"

struct story;

/* run: the first byte of the run's id, so that runs differ. */
struct story *story_new(struct event_sink sink, uint8_t run);
void story_free(struct story *story);

/* The words of argv are parted by single spaces. */
void story_start(struct story *story, const char *cwd, const char *argv);
void story_source(struct story *story, const char *path, const char *text);
/* error_type: NULL: none */
void story_finish(struct story *story, int64_t signal, bool lost, const char *error_type,
	const char *error_message);

/* The thread that does what follows; its first time gives a thread event. */
void story_thread(struct story *story, int64_t number, const char *name);

/* Sets, or with a value without bytes removes, a local of the current frame. The next
 * event of the frame says so. */
void story_set(struct story *story, const char *name, struct value value);

/* Where a called function's arguments are to be there at the call: set them between. */
void story_enter(struct story *story, const char *file, const char *function, int64_t line);
void story_called(struct story *story);

/* Both in one. */
void story_call(struct story *story, const char *file, const char *function, int64_t line);
void story_line(struct story *story, int64_t line);
void story_return(struct story *story, int64_t line, struct value value);
/* Returns a handle for story_resume(). */
int story_yield(struct story *story, int64_t line, struct value value);
void story_resume(struct story *story, int frame);
void story_raise(struct story *story, int64_t line, struct value exception);
void story_unwind(struct story *story, int64_t line);
void story_task(struct story *story, int64_t number, const char *name);
void story_gap(struct story *story, int64_t lost, const char *reason);

/* What is told next happens so much later. */
void story_wait(struct story *story, int64_t ns);

struct value story_none(struct story *story);
struct value story_long(struct story *story, int64_t value);
struct value story_text(struct story *story, const char *text);
/* A list of the numbers from 0. */
struct value story_range_list(struct story *story, int64_t count);
struct value story_object(struct story *story, enum object_kind kind, const char *name);
/* With one argument, a str. */
struct value story_error(
	struct story *story, const char *type, const char *message, int64_t address);

#endif
