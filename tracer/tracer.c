#include "tracer/tracer.h"

#include "tracer/hook.h"
#include "tracer/source.h"
#include "tracer/threads.h"
#include "tracer/tracer_internal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* A forked child writes nothing: the spool is its parent's. */
static void in_child(void)
{
	struct tracer *tracer = hook_tracer();

	if (!tracer)
		return;
	tracer->active = false;
	stream_abandon(&tracer->stream);
}

static void at_exit(void)
{
	struct tracer *tracer = hook_tracer();

	if (tracer)
		tracer_finish(tracer);
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
	if (getcwd(cwd, sizeof(cwd)) && asprintf(&tracer->cwd, "%s/", cwd) < 0)
		tracer->cwd = NULL;
	if (getrandom(&tracer->redact_key, sizeof(tracer->redact_key), 0) < 0)
		tracer->redact_key = (uint64_t)clock_read_slow();
	if (stream_open(&tracer->stream, spool_path, err) < 0 || read_options(tracer, err) < 0) {
		free(tracer);
		return err->code;
	}
	*tracer_out = tracer;
	return 0;
}

int tracer_start(struct tracer *tracer, const char *stdlib_dir, struct err *err)
{
	const char *version = Py_GetVersion();

	if (filter_init(&tracer->filter, &tracer->options, stdlib_dir) < 0)
		return err_set(err, ERR_MEMORY, "out of memory");
	plan_set_index(tracer);
	stream_record(&tracer->stream, RECORD_PYTHON, version, strcspn(version, " "), NULL, 0);
	tracer->main_ident = PyThread_get_thread_ident();
	tracer->active = true;
	hook_set_tracer(tracer);
	threads_prepare(tracer);
	pthread_atfork(NULL, NULL, in_child);
	atexit(at_exit);
	threads_start(_PyThreadState_GET());
	return 0;
}

void tracer_finish(struct tracer *tracer)
{
	if (!tracer->active)
		return;
	tracer->active = false;
	stream_finish(&tracer->stream);
}
