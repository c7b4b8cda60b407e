/* links: materializer ingest schemas */
/*
 * fuzz_search: the words of a search against a small run. Whatever they are: an error in words,
 * or a search that says of each event the same twice, means no other kind than it says, and
 * passes no block over that has an event that is meant.
 */
#include "materializer/search.h"
#include "tests/lib/help_story.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzzed {
	struct search *search;
	enum event_kind kind;
};

static int look_at_event(void *context, const struct event *event, struct err *err)
{
	static const char *const source[] = {
		"", "def total(names):", "    due = 0", "    return due"};
	struct fuzzed *fuzzed = context;
	size_t line = event->line > 0 && event->line < 4 ? (size_t)event->line : 0;
	struct slice text = slice_text(source[line]);
	struct search_match match;
	bool meant = search_meets(fuzzed->search, event, text, &match);

	(void)err;
	assert(meant == search_meets(fuzzed->search, event, text, &match));
	assert(!meant || fuzzed->kind == EVENT_KINDS || fuzzed->kind == event->kind);
	assert(!meant || !match.local || match.local->changed);
	/* The least that a block of this event has: its variable's name, file and function. */
	if (meant && event->frame) {
		struct buf names = {0};

		for (size_t i = 0; i < event->frame->local_count; i++)
			buf_append(&names, event->frame->locals[i].name.data,
				event->frame->locals[i].name.len);
		buf_text(&names, "/home/u/app.py");
		buf_text(&names, "Shop.total");
		assert(search_may_meet(fuzzed->search, buf_slice(&names)));
		buf_release(&names);
	}
	return 0;
}

static int look_at_run(void *context, const struct run_started *run, struct err *err)
{
	(void)context, (void)run, (void)err;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzzed fuzzed = {0};
	struct event_sink sink = {
		.context = &fuzzed, .run_started = look_at_run, .event = look_at_event};
	struct err err = {0};
	struct story *story;
	int generator;

	if (search_parse((struct slice){data, size}, &fuzzed.search, &err) < 0) {
		assert(err.code < 0 && err.message[0]);
		return 0;
	}
	fuzzed.kind = search_kind(fuzzed.search);
	story = story_new(sink, 1);
	story_start(story, "/home/u", "./app.py -x");
	story_thread(story, 0, "MainThread");
	story_enter(story, "/home/u/app.py", "Shop.total", 1);
	story_set(story, "names", story_range_list(story, 40));
	story_called(story);
	story_set(story, "due", story_long(story, -7));
	story_line(story, 2);
	story_set(story, "name", story_text(story, "it's \xc3\xa9 \x1b[0m \"tea\""));
	story_line(story, 3);
	story_set(story, "due", story_none(story));
	generator = story_yield(story, 3, story_text(story, ""));
	story_resume(story, generator);
	story_raise(story, 3, story_text(story, "KeyError('pie')"));
	story_unwind(story, 3);
	story_task(story, 4, "task 4");
	story_gap(story, 12, "a limit");
	story_free(story);
	search_free(fuzzed.search);
	return 0;
}
