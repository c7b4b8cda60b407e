#include "tracer/tracer.h"

#include "tracer/calibrate.h"
#include "tracer/engine.h"
#include "tracer/fork.h"
#include "tracer/hook.h"
#include "tracer/monitor.h"
#include "tracer/pause.h"
#include "tracer/signals.h"
#include "tracer/source.h"
#include "tracer/threads.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include "schemas/now.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* The program's exit status goes to the shipper, who is not its parent for all. */
static void at_exit(int status, void *context)
{
	struct tracer *tracer = hook_tracer();

	(void)context;
	if (tracer)
		tracer_note_exit(tracer, status);
}

static int read_options(struct tracer *tracer, struct err *err)
{
	const struct spool_header *header = tracer->stream.spool.header;
	uint32_t len = header->options_bytes;

	if (len > SPOOL_OPTIONS_BYTES)
		return err_set(err, ERR_FORMAT, "spool options of %u bytes", len);
	if (tracer_options_init(&tracer->options, header->options, len) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	tracer->secrets =
		(struct secret_list){tracer->options.redact_add, tracer->options.redact_add_count,
			tracer->options.redact_not, tracer->options.redact_not_count};
	return 0;
}

int tracer_open(const char *spool_path, struct tracer **tracer_out, struct err *err)
{
	struct tracer *tracer = calloc(1, sizeof(*tracer));
	char cwd[4096];

	*tracer_out = NULL;
	if (!tracer || names_init(&tracer->names) < 0 || suspended_init(&tracer->suspended) < 0) {
		free(tracer);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	elements_init(&tracer->elements);
	if (getcwd(cwd, sizeof(cwd)) && asprintf(&tracer->cwd, "%s/", cwd) < 0)
		tracer->cwd = NULL;
	if (getrandom(&tracer->redact_key, sizeof(tracer->redact_key), 0) < 0)
		tracer->redact_key = (uint64_t)wall_ns();
	if (stream_open(&tracer->stream, spool_path, err) < 0 || read_options(tracer, err) < 0) {
		free(tracer);
		return err->code;
	}
	if (lineage_init(&tracer->lineage, tracer->stream.spool.header, spool_path) < 0)
		tracer->options.children = false;
	*tracer_out = tracer;
	return 0;
}

/* Where the standard library is. 3.10 does not tell: there it is where `os` is, which `site` has
 * imported. */
static void stdlib_dir(char *path, size_t room)
{
	PyObject *os = str_dict_get(py_modules(), "os");
	size_t len = unicode_copy(PySys_GetObject("_stdlib_dir"), path, room);

	if (len || !os || !PyModule_CheckExact(os))
		return;
	unicode_copy(str_dict_get(PyModule_GetDict(os), "__file__"), path, room);
	if (strrchr(path, '/'))
		*strrchr(path, '/') = '\0';
}

/* The text of `-c CODE`, which is in no file. */
static void store_command(struct tracer *tracer)
{
	const wchar_t *command = py_config(PyInterpreterState_Main())->run_command;
	char *text = command ? Py_EncodeLocale(command, NULL) : NULL;

	if (text) {
		tracer->command = strdup(text);
		source_store_text(tracer, "<string>", text, strlen(text));
	}
	PyMem_Free(text);
	PyErr_Clear();
}

/* The oldest thread that is left: its state is the last of the list. */
static unsigned long main_thread(void)
{
	PyThreadState *python = PyInterpreterState_ThreadHead(PyInterpreterState_Main());

	while (PyThreadState_Next(python))
		python = PyThreadState_Next(python);
	return python->thread_id;
}

/* In the middle of a program most of its code has no twin, and will run as it is: the trace
 * function tells of all. And a trace function of its own must not be disturbed. */
static void prepare_engine(struct tracer *tracer, enum tracer_moment moment)
{
	if (moment == TRACER_WITHIN)
		tracer->options.instrument = false;
	if (!tracer->options.profile)
		cost_switch_off(&tracer->stream.cost);
	else if (moment != TRACER_WITHIN || !py_is_traced(_PyThreadState_GET()))
		calibrate(tracer);
	if (tracer->options.instrument)
		engine_begin(tracer);
}

static int start(struct tracer *tracer, enum tracer_moment moment, struct err *err)
{
	char stdlib[PATH_MAX];

	stdlib_dir(stdlib, sizeof(stdlib));
	if (filter_init(&tracer->filter, &tracer->options, stdlib) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	plan_set_index(tracer);
	tracer_put_version(tracer);
	tracer->main_ident = main_thread();
	stream_limit(&tracer->stream, &tracer->options.limits);
	tracer->paused = stream_is_paused(&tracer->stream) ? PAUSE_FLAGGED : 0;
	tracer->waiting = moment == TRACER_STARTING;
	tracer_settle(tracer);
	hook_set_tracer(tracer);
	prepare_engine(tracer, moment);
	engine_start(tracer);
	store_command(tracer);
	threads_prepare(tracer);
	signals_prepare();
	fork_prepare();
	if (tracer->options.children)
		boundary_prepare(tracer);
	on_exit(at_exit, NULL);
#if PY_BY_MONITORING
	return monitor_begin(tracer, err);
#else
	threads_tell(tracer);
	return 0;
#endif
}

int tracer_start(struct tracer *tracer, enum tracer_moment moment, struct err *err)
{
	struct py_collector held = py_collector_hold();
	int result = start(tracer, moment, err);

	py_collector_let_go(held);
	return result;
}

void tracer_put_version(struct tracer *tracer)
{
	const char *version = Py_GetVersion();

	stream_record(&tracer->stream, RECORD_PYTHON, version, strcspn(version, " "), NULL, 0);
}

void tracer_settle(struct tracer *tracer)
{
	bool rests = !tracer->waiting && tracer->paused;

	if (rests && !tracer->resting) {
		if (tracer->stream.seq == 0)
			pause_note(tracer,
				tracer->paused & PAUSE_CALLED ? PAUSE_CALLED : PAUSE_FLAGGED);
		tracer->paused_since_ns = stream_pause(&tracer->stream);
	}
	tracer->resting = rests;
	tracer->active = !tracer->waiting && !tracer->paused;
	stream_unready(&tracer->stream);
}

bool tracer_wake(struct tracer *tracer, const py_frame *frame, int what)
{
	if (tracer->resting)
		return pause_is_over(tracer, frame);
	if (tracer->forked && !fork_begin(tracer))
		return false;
	if (tracer->waiting && what == PyTrace_RETURN && !py_frame_previous(frame)) {
		tracer->waiting = false; /* the outermost frame is that of `import site` */
		tracer_settle(tracer);
		engine_start(tracer);
		return false;
	}
	return tracer->active;
}

void tracer_note_exit(struct tracer *tracer, int status)
{
	struct spool_header *header = tracer->stream.spool.header;

	if (!tracer->active && !tracer->waiting && !tracer->resting)
		return;
	if (header) {
		atomic_store(&header->exit_status, status & 255);
		atomic_store(&header->end_known, SPOOL_EXITED);
	}
	tracer_finish(tracer);
}

void tracer_finish(struct tracer *tracer)
{
	if (!tracer->active && !tracer->waiting && !tracer->resting)
		return;
	tracer->active = tracer->waiting = tracer->resting = false;
	stream_finish(&tracer->stream);
}
