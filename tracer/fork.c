#include "tracer/fork.h"

#include "tracer/builtins.h"
#include "tracer/hook.h"
#include "tracer/pause.h"
#include "tracer/source.h"
#include "tracer/stack.h"
#include "tracer/tracer_internal.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing but this may happen in here: the fork may be C code's, before an exec. */
static void in_child(void)
{
	struct tracer *tracer = hook_tracer();

	if (!tracer || !tracer->stream.spool.header)
		return;
	tracer->forked = tracer_lives(tracer);
	tracer->active = false;
	tracer->resting = tracer->paused && !tracer->waiting;
	lineage_look(&tracer->lineage, tracer->stream.spool.header);
	stream_abandon(&tracer->stream);
}

static void in_parent(void)
{
	struct tracer *tracer = hook_tracer();

	if (tracer && tracer->stream.spool.header)
		atomic_fetch_add(&tracer->stream.spool.header->children, 1);
}

void fork_prepare(void)
{
	pthread_atfork(NULL, in_parent, in_child);
}

/* As it is in a frame of the parent's: nothing of it has been written here. */
static void adopt_frame(struct tracer *tracer, struct frame_state *state)
{
	state->id = -++tracer->unrecorded;
	for (int i = 0; i < state->slot_count; i++)
		state->slots[i].changed_at = 0;
	for (size_t i = 0; i < state->dict.count; i++)
		state->dict.slots[i].slot.changed_at = 0;
}

static void forget_thread(struct thread_state *thread)
{
	for (size_t i = 0; i < thread->depth; i++)
		frame_free(thread->stack[i]);
	free(thread->stack);
	builtins_free(thread->builtins);
	free(thread);
}

/* Of all threads only the one that forked is left, with its stack. Frames' ids go on down
 * from `unrecorded`, as those of calls that are lost do. */
static void adopt_frames(struct tracer *tracer)
{
	PyThreadState *python = _PyThreadState_GET();
	struct thread_state *thread = tracer->threads.first, *next;

	tracer->threads = (struct thread_list){0};
	tracer->unrecorded = 0;
	for (; thread; thread = next) {
		next = thread->next;
		if (thread->python != python || thread->python_id != python->id) {
			forget_thread(thread);
			continue;
		}
		thread->next = NULL;
		thread->ident = PyThread_get_thread_ident();
		thread->number = 0;
		thread->block = 0;
		thread->started = thread->task_left = false;
		thread->task = 0;
		builtins_forget(thread->builtins);
		tracer->threads.first = thread;
		tracer->threads.count = 1;
		stack_sync_slow(tracer, thread, py_thread_frame(python));
		for (size_t i = 0; i < thread->depth; i++)
			adopt_frame(tracer, thread->stack[i]);
	}
	for (size_t i = 0; i < tracer->suspended.bucket_count; i++)
		for (struct frame_state *state = tracer->suspended.buckets[i]; state;
			state = state->next)
			adopt_frame(tracer, state);
	tracer->announced = tracer->unrecorded;
}

/* What every spool must hold before its first event. */
static void state_anew(struct tracer *tracer)
{
	const struct thread_state *thread = tracer->threads.first;

	buf_clear(&tracer->failure);
	names_forget_stored(&tracer->names);
	tracer_put_version(tracer);
	if (tracer->command)
		source_store_text(tracer, "<string>", tracer->command, strlen(tracer->command));
	for (size_t i = 0; thread && i < thread->depth; i++)
		plan_carry_over(tracer, thread->stack[i]->plan);
}

static int make_spool(struct tracer *tracer, struct buf *path)
{
	struct run_started started = tracer->lineage.started;
	char cwd[PATH_MAX] = "";

	started.has_parent = true;
	started.parent = started.run;
	started.parent_seq = tracer->stream.seq;
	if (getcwd(cwd, sizeof(cwd)))
		started.cwd = slice_text(cwd);
	return lineage_begin(&tracer->lineage, &started, path, NULL);
}

bool fork_begin(struct tracer *tracer)
{
	struct lineage own;
	struct buf path = {0};
	bool rested = tracer->resting, begun = false;

	if (!tracer->forked || tracer->paused & PAUSE_CALLED)
		return tracer->active;
	tracer->forked = false;
	if (rested)
		stack_forget(tracer);
	if (tracer->options.children && make_spool(tracer, &path) == 0 &&
		stream_reopen(&tracer->stream, buf_string(&path), NULL) == 0) {
		if (lineage_init(&own, tracer->stream.spool.header, buf_string(&path)) == 0) {
			lineage_release(&tracer->lineage);
			tracer->lineage = own;
		}
		tracer->process++;
		stream_limit(&tracer->stream, &tracer->options.limits);
		tracer->main_ident = PyThread_get_thread_ident();
		adopt_frames(tracer);
		state_anew(tracer);
		if (tracer->boundary.about_to_exec)
			spool_writer_replace(&tracer->stream.spool, true);
		begun = true;
	}
	tracer->paused = begun && stream_is_paused(&tracer->stream) ? PAUSE_FLAGGED : 0;
	tracer->waiting = tracer->waiting && begun;
	tracer->resting = false;
	if (begun)
		tracer_settle(tracer);
	if (rested || tracer->resting)
		pause_listen(tracer);
	buf_release(&path);
	return begun && tracer->active;
}
