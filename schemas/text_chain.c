#include "schemas/text_internal.h"

#include "schemas/value.h"
#include "schemas/value_internal.h"

#include <string.h>

static void chain_add(struct text_chain *chain, struct text_file *file, int64_t line)
{
	struct text_step *outer = chain->steps + CHAIN_INNER_STEPS;
	struct text_step *last = chain->steps + chain->step_count - 1;

	if (chain->step_count && last->file == file && last->line == line) {
		last->times++;
		return;
	}
	if (chain->step_count == CHAIN_STEPS) {
		chain->left_out += outer->times;
		memmove(outer, outer + 1, (CHAIN_STEPS - CHAIN_INNER_STEPS - 1) * sizeof(*outer));
		chain->step_count--;
	}
	chain->steps[chain->step_count++] = (struct text_step){file, line, 1};
}

/* Moves chains[index] to the front; returns it. */
static struct text_chain *to_front(struct text_thread *thread, int index)
{
	struct text_chain chain = thread->chains[index];

	memmove(thread->chains + 1, thread->chains, (size_t)index * sizeof(chain));
	thread->chains[0] = chain;
	return thread->chains;
}

/* The chain that this exception event goes on with: the same exception has just left a
 * frame that the event's frame called. An address alone says nothing: it is used again as
 * soon as the exception before is gone. */
static struct text_chain *find_continued(
	struct text_thread *thread, const struct event *event, int64_t address)
{
	for (int i = 0; i < thread->chain_count; i++) {
		const struct text_chain *chain = &thread->chains[i];

		if (chain->unwound && chain->caller == event->frame->id &&
			chain->address == address)
			return to_front(thread, i);
	}
	return NULL;
}

/* A new chain at the front, in the place of the oldest when there are many. */
static struct text_chain *start_chain(struct text_thread *thread)
{
	struct buf repr;
	struct text_chain *chain;

	if (thread->chain_count < THREAD_CHAINS)
		thread->chain_count++;
	chain = to_front(thread, thread->chain_count - 1);
	repr = chain->repr;
	*chain = (struct text_chain){.repr = repr};
	return chain;
}

static const struct text_chain *note_exception(
	struct text_thread *thread, struct text_file *file, const struct event *event)
{
	int64_t address = value_address(event->value);
	struct text_chain *chain = find_continued(thread, event, address);

	if (!chain)
		chain = start_chain(thread);
	chain->address = address;
	chain->frame = event->frame->id;
	chain->caller = event->frame->caller ? event->frame->caller->id : -1;
	chain->unwound = false;
	buf_clear(&chain->repr);
	value_repr(event->value, &chain->repr);
	chain_add(chain, file, event->line);
	return chain;
}

/* The exception that a frame is left by: the one last seen in it. */
static const struct text_chain *note_unwind(struct text_thread *thread, const struct event *event)
{
	for (int i = 0; i < thread->chain_count; i++) {
		if (thread->chains[i].frame == event->frame->id) {
			thread->chains[i].unwound = true;
			return &thread->chains[i];
		}
	}
	return thread->chain_count ? &thread->chains[0] : NULL;
}

/* After a gap frames may have been left unseen. */
static void note_gap(struct text_run *run)
{
	for (struct text_thread *thread = run->threads; thread; thread = thread->next)
		thread->chain_count = 0;
}

const struct text_chain *text_chain_note(
	struct text_run *run, struct text_file *file, const struct event *event)
{
	struct text_thread *thread;

	if (event->kind == EVENT_GAP)
		note_gap(run);
	if (event->kind != EVENT_EXCEPTION && event->kind != EVENT_UNWIND)
		return NULL;
	if (!event->thread || !event->frame)
		return NULL;
	thread = text_run_thread(run, event->thread->number);
	if (!thread)
		return NULL;
	if (event->kind == EVENT_EXCEPTION)
		return note_exception(thread, file, event);
	return note_unwind(thread, event);
}
