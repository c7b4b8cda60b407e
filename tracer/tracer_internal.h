/*
 * tracer_internal: the tracer's whole state. One exists in a process; all of it is used
 * with the GIL held.
 */
#ifndef SMILEY_TRACER_TRACER_INTERNAL_H
#define SMILEY_TRACER_TRACER_INTERNAL_H

#include "tracer/boundary.h"
#include "tracer/builtin_names.h"
#include "tracer/elements.h"
#include "tracer/filter.h"
#include "tracer/frame.h"
#include "tracer/lineage.h"
#include "tracer/names.h"
#include "tracer/options.h"
#include "tracer/plan.h"
#include "tracer/pycompat_internal.h"
#include "tracer/stream.h"
#include "tracer/types.h"

#include "schemas/secret.h"

/* Keys of dicts met, and whether they look like a secret's name. */
#define KEY_CACHE 1024 /* a power of two */
struct key_entry {
	PyObject *key; /* only compared */
	Py_hash_t hash;
	bool secret;
};

struct tracer {
	bool active;  /* false: the hook does nothing (before start, after fork, at the end) */
	bool waiting; /* for the interpreter's own start to be over */
	bool resting; /* a limit is reached, or for a pause: only its failure is still looked for */
	unsigned paused;  /* enum pause_reason, any of them: pause.h */
	bool forked;      /* in a child whose run has not begun yet: fork.h */
	uint32_t process; /* counts the forks between the first process and this one */
	struct lineage lineage;
	char *command; /* text of `-c CODE`; NULL: none */
	struct tracer_options options;
	struct secret_list secrets;
	struct filter filter;
	struct names names;
	struct builtin_names builtin_names;
	struct types types;
	struct key_entry keys[KEY_CACHE];
	struct elements_cache elements;
	struct stream stream;
	struct thread_list threads;
	struct suspended suspended;
	Py_ssize_t plan_index; /* of our slot in code objects' co_extra */
	char *cwd;             /* with a slash at its end: relative file names count from here */
	unsigned long main_ident;
	uint64_t redact_key; /* random: tags of redacted values tell nothing outside the run */
	/* Counts what undermines the rules of locals.h: an object was given another class, gc
	 * handed out objects. Each frame then looks at all its slots once. */
	uint32_t doubts;
	PyCFunction start_new_thread; /* the one that ours stands in for */
	PyCFunction set_profile;      /* the same */
	struct boundary boundary;     /* the same for what starts processes */
	uint32_t adopted_block;       /* the block in which other threads were last looked for */
	int64_t twin_since_ns;        /* when a twin was begun */
	int64_t paused_since_ns;      /* from when on it has rested for that */
	bool engine_on;               /* sites may keep the trace function from being told */
	bool rest_pending;            /* engine_ignores() has asked for a call */
	bool restart_due;             /* monitor_hear_trace_function() has asked for it */
	int evaluations;              /* frames that threads.c may still wait for one of */
	int64_t unrecorded;           /* events that could not be written */
	int64_t announced;            /* of these, told by gap events */
	int64_t task_count;           /* tasks met so far */
	struct buf failure; /* of the exception that is leaving the main thread's last frame */
};

/* Is something recorded, or may be again by and by, of what this process runs? */
static inline bool tracer_lives(const struct tracer *tracer)
{
	return tracer->active || tracer->waiting || tracer->paused;
}

/* What undermines the rules of locals.h happens. */
static inline void tracer_doubt(struct tracer *tracer)
{
	tracer->doubts++;
	stream_unready(&tracer->stream);
}

/* Recording goes on, or rests, or does neither yet: by what is waited for and paused. Not behind
 * a limit. */
void tracer_settle(struct tracer *tracer);

/* The interpreter's version, for RunStarted. */
void tracer_put_version(struct tracer *tracer);

/* An event came while the tracer was not active: may it be recorded all the same? */
bool tracer_wake(struct tracer *tracer, const py_frame *frame, int what);

/* The last word, with the status that the process is about to exit with. */
void tracer_note_exit(struct tracer *tracer, int status);

#endif
