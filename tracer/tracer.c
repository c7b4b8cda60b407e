#include "tracer/tracer.h"

#include "tracer/calibrate.h"
#include "tracer/engine.h"
#include "tracer/fork.h"
#include "tracer/hook.h"
#include "tracer/monitor.h"
#include "tracer/source.h"
#include "tracer/threads.h"
#include "tracer/tracer_internal.h"
#include "schemas/now.h"

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

static int start(struct tracer *tracer, const char *stdlib_dir, bool waiting, struct err *err)
{
	if (filter_init(&tracer->filter, &tracer->options, stdlib_dir) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	plan_set_index(tracer);
	tracer_put_version(tracer);
	tracer->main_ident = PyThread_get_thread_ident();
	stream_limit(&tracer->stream, &tracer->options.limits);
	tracer->active = !waiting;
	tracer->waiting = waiting;
	hook_set_tracer(tracer);
	if (tracer->options.profile)
		calibrate(tracer);
	else
		cost_switch_off(&tracer->stream.cost);
	if (tracer->options.instrument)
		engine_begin(tracer);
	engine_start(tracer);
	threads_prepare(tracer);
	fork_prepare();
	if (tracer->options.children)
		boundary_prepare(tracer);
	on_exit(at_exit, NULL);
#if PY_BY_MONITORING
	return monitor_begin(tracer, err);
#else
	threads_start(_PyThreadState_GET());
	return 0;
#endif
}

int tracer_start(struct tracer *tracer, const char *stdlib_dir, bool waiting, struct err *err)
{
	struct py_collector held = py_collector_hold();
	int result = start(tracer, stdlib_dir, waiting, err);

	py_collector_let_go(held);
	return result;
}

void tracer_put_version(struct tracer *tracer)
{
	const char *version = Py_GetVersion();

	stream_record(&tracer->stream, RECORD_PYTHON, version, strcspn(version, " "), NULL, 0);
}

void tracer_command(struct tracer *tracer, const char *text)
{
	free(tracer->command);
	tracer->command = strdup(text);
	source_store_text(tracer, "<string>", text, strlen(text));
}

bool tracer_wake(struct tracer *tracer, const py_frame *frame, int what)
{
	if (tracer->forked && !fork_begin(tracer))
		return false;
	if (tracer->waiting && what == PyTrace_RETURN && !py_frame_previous(frame)) {
		tracer->waiting = false; /* the outermost frame is that of `import site` */
		tracer->active = true;
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
