#include "tracer/untraced.h"

#include "tracer/pause.h"
#include "tracer/python_args.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include "schemas/redact_argv.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define REASON_BYTES 128
#define ARGUMENT_BYTES 4096
#define ARGUMENTS_MOST 64

/* The first of argv as texts, each cut. */
struct arguments {
	char *texts[ARGUMENTS_MOST];
	size_t count;
};

/* A str or bytes as text in place; nothing else is looked at. */
static size_t plain_text(PyObject *value, char *text, size_t room)
{
	size_t len;

	text[0] = '\0';
	if (PyUnicode_CheckExact(value))
		return unicode_copy(value, text, room);
	if (!PyBytes_CheckExact(value))
		return 0;
	len = (size_t)PyBytes_GET_SIZE(value);
	len = len < room ? len : room - 1;
	memcpy(text, PyBytes_AS_STRING(value), len);
	text[len] = '\0';
	return len;
}

static void read_arguments(PyObject *argv, struct arguments *arguments)
{
	bool list = PyList_CheckExact(argv), tuple = PyTuple_CheckExact(argv);
	Py_ssize_t count = list || tuple ? Py_SIZE(argv) : 0;
	char text[ARGUMENT_BYTES];

	*arguments = (struct arguments){0};
	for (Py_ssize_t i = 0; i < count && i < ARGUMENTS_MOST; i++) {
		plain_text(list ? PyList_GET_ITEM(argv, i) : PyTuple_GET_ITEM(argv, i), text,
			sizeof(text));
		arguments->texts[i] = strdup(text);
		if (!arguments->texts[i])
			break;
		arguments->count++;
	}
}

static const char *argument(void *context, size_t i)
{
	const struct arguments *arguments = context;

	return i < arguments->count ? arguments->texts[i] : NULL;
}

static void tell(struct tracer *tracer, const struct arguments *arguments, const char *reason)
{
	struct child_untraced child = {
		.run = tracer->lineage.started.run,
		.seq = tracer->stream.seq,
		.time_ns = clock_now(&tracer->stream.clock),
		.reason = slice_text(reason),
	};
	struct buf items = {0}, message = {0};

	redact_argv((int)arguments->count, (char **)arguments->texts,
		tracer->options.redact ? &tracer->secrets : NULL, &items, &child.argv.count);
	child.argv.items = buf_slice(&items);
	child_untraced_encode(&child, &message);
	if (!items.failed && !message.failed && tracer->active)
		stream_record(&tracer->stream, RECORD_CHILD, message.data, message.len, NULL, 0);
	buf_release(&items);
	buf_release(&message);
}

bool untraced_ask(struct tracer *tracer, PyObject *path, PyObject *argv)
{
	char text[PATH_MAX], reason[REASON_BYTES];
	struct arguments arguments;
	enum python_args judged;

	if (tracer->paused & PAUSE_CALLED)
		return false;
	plain_text(path, text, sizeof(text));
	read_arguments(argv, &arguments);
	judged = python_args_judge(text, argument, &arguments, reason, sizeof(reason));
	if (judged == ARGS_NOT)
		tell(tracer, &arguments, reason);
	for (size_t i = 0; i < arguments.count; i++)
		free(arguments.texts[i]);
	return judged != ARGS_NOT;
}
