#include "tests/lib/help_skim.h"

#include <stdlib.h>
#include <string.h>

void skim_pair_init(struct skim_pair *pair)
{
	pair->fast = block_skimmer_new();
	pair->slow = block_skimmer_new();
	if (!pair->fast || !pair->slow)
		abort();
}

void skim_pair_release(struct skim_pair *pair)
{
	block_skimmer_free(pair->fast);
	block_skimmer_free(pair->slow);
}

static const char *frames_differ(
	const struct block_skim *a, uint32_t one, const struct block_skim *b, uint32_t other)
{
	const struct code *code, *other_code;

	if (one == SKIM_NONE || other == SKIM_NONE)
		return one == other ? NULL : "whether there is a frame";
	if (one >= a->frame_count || other >= b->frame_count)
		return "a frame that is not there";
	if (a->frames[one].id != b->frames[other].id)
		return "the frame";
	if (a->frames[one].depth != b->frames[other].depth)
		return "the depth";
	if (a->frames[one].code >= a->code_count || b->frames[other].code >= b->code_count)
		return "a code that is not there";
	code = &a->codes[a->frames[one].code];
	other_code = &b->codes[b->frames[other].code];
	if (!slice_equal(code->file, other_code->file) ||
		!slice_equal(code->function, other_code->function) ||
		code->line != other_code->line ||
		memcmp(&code->cost, &other_code->cost, sizeof(code->cost)) != 0 ||
		memcmp(&code->pace, &other_code->pace, sizeof(code->pace)) != 0)
		return "the code";
	return NULL;
}

static const char *threads_differ(
	const struct block_skim *a, uint32_t one, const struct block_skim *b, uint32_t other)
{
	if (one == SKIM_NONE || other == SKIM_NONE)
		return one == other ? NULL : "whether there is a thread";
	if (one >= a->thread_count || other >= b->thread_count)
		return "a thread that is not there";
	if (a->threads[one].number != b->threads[other].number ||
		!slice_equal(a->threads[one].name, b->threads[other].name))
		return "the thread";
	return NULL;
}

static const char *events_differ(const struct block_skim *a, const struct block_skim *b, int64_t at)
{
	const struct skim_event *one = &a->events[at], *other = &b->events[at];
	const char *what;

	if (one->kind != other->kind)
		return "the kind";
	if (one->time_ns != other->time_ns)
		return "the time";
	if (one->line != other->line)
		return "the line";
	if (one->locals != other->locals)
		return "the number of locals";
	if (one->removed != other->removed)
		return "the number of removed locals";
	if (one->changed != other->changed)
		return "the number of changed locals";
	what = frames_differ(a, one->frame, b, other->frame);
	return what ? what : threads_differ(a, one->thread, b, other->thread);
}

/* What stood before events. */
static const char *aheads_differ(const struct block_skim *a, const struct block_skim *b)
{
	if (a->ahead_count != b->ahead_count)
		return "how many events have something before them";
	for (size_t i = 0; i < a->ahead_count; i++) {
		const struct skim_ahead *one = &a->aheads[i], *other = &b->aheads[i];

		if (one->event != other->event || one->pause_ns != other->pause_ns)
			return "a pause";
		if (!one->through.data != !other->through.data ||
			!slice_equal(one->through, other->through))
			return "through what a call came";
		if (one->builtin_count != other->builtin_count)
			return "the number of builtins";
		for (size_t k = 0; k < one->builtin_count; k++) {
			const struct builtin_calls *calls = &a->builtins[one->builtin + k];
			const struct builtin_calls *others = &b->builtins[other->builtin + k];

			if (!slice_equal(calls->name, others->name) ||
				calls->calls != others->calls || calls->self_ns != others->self_ns)
				return "a builtin";
		}
	}
	return NULL;
}

const char *skim_pair_differs(struct skim_pair *pair, struct slice body, int *rc, int64_t *event)
{
	const struct block_skim *fast, *slow;
	struct err err = {0}, other_err = {0};
	int other_rc = block_skimmer_read_slowly(pair->slow, body, &slow, &other_err);

	*rc = block_skimmer_read(pair->fast, body, &fast, &err);
	*event = -1;
	if (*rc != other_rc)
		return "whether it is a block";
	if (*rc < 0)
		return strcmp(err.message, other_err.message) ? "what is wrong" : NULL;
	if (fast->head.event_count != slow->head.event_count)
		return "the number of events";
	for (*event = 0; *event < fast->head.event_count; ++*event) {
		const char *what = events_differ(fast, slow, *event);

		if (what)
			return what;
	}
	*event = -1;
	return aheads_differ(fast, slow);
}
