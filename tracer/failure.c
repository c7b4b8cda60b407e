#include "tracer/failure.h"

#include "tracer/capture_internal.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include "schemas/message.h"

#include <stdio.h>
#include <string.h>

#define ENTRIES 200 /* of a traceback that are kept: the first half and the last */
#define TEXT_BYTES 4096

static void add_entry(struct buf *items, int64_t *count, const PyTracebackObject *entry)
{
	PyCodeObject *code = py_frame_code(py_frame_of(entry->tb_frame));
	char file[TEXT_BYTES], function[TEXT_BYTES];
	struct traceback_entry line = {.line = py_traceback_line(entry)};

	line.file.len = unicode_copy(code->co_filename, file, sizeof(file));
	line.file.data = (const uint8_t *)file;
	line.function.len = unicode_copy(py_code_qualname(code), function, sizeof(function));
	line.function.data = (const uint8_t *)function;
	traceback_add(items, count, &line);
}

static void add_traceback(struct buf *out, PyObject *traceback)
{
	struct buf items = {0};
	int64_t count = 0, length = 0, at = 0;
	PyObject *entry;

	for (entry = traceback; entry && PyTraceBack_Check(entry);
		entry = (PyObject *)((PyTracebackObject *)entry)->tb_next)
		length++;
	for (entry = traceback; entry && PyTraceBack_Check(entry);
		entry = (PyObject *)((PyTracebackObject *)entry)->tb_next, at++)
		if (at < ENTRIES / 2 || at >= length - ENTRIES / 2)
			add_entry(&items, &count, (PyTracebackObject *)entry);
	if (count > 0) {
		avro_buf_long(out, count);
		buf_append(out, items.data, items.len);
	}
	avro_buf_long(out, 0);
	buf_release(&items);
}

/* str() of a value that is exactly a str or int; else its type in angle brackets. */
static size_t plain_text(PyObject *value, char *text, size_t room)
{
	int overflow = 0;

	if (PyUnicode_CheckExact(value))
		return unicode_copy(value, text, room);
	if (PyLong_CheckExact(value)) {
		long long number = PyLong_AsLongLongAndOverflow(value, &overflow);

		if (!overflow)
			return (size_t)snprintf(text, room, "%lld", number);
	}
	return (size_t)snprintf(text, room, "<%s>", Py_TYPE(value)->tp_name);
}

/* As OSError.__str__: [Errno 2] No such file or directory: 'x' */
static size_t os_error_text(PyOSErrorObject *error, char *text, size_t room)
{
	char number[32], reason[512], file[1024];

	if (!error->myerrno || !error->strerror)
		return 0;
	plain_text(error->myerrno, number, sizeof(number));
	plain_text(error->strerror, reason, sizeof(reason));
	if (!error->filename || error->filename == Py_None)
		return (size_t)snprintf(text, room, "[Errno %s] %s", number, reason);
	plain_text(error->filename, file, sizeof(file));
	return (size_t)snprintf(text, room, "[Errno %s] %s: '%s'", number, reason, file);
}

static size_t message_text(PyObject *value, char *text, size_t room)
{
	PyObject *args = ((PyBaseExceptionObject *)value)->args;
	size_t len = 0;

	if (PyObject_TypeCheck(value, (PyTypeObject *)PyExc_OSError))
		len = os_error_text((PyOSErrorObject *)value, text, room);
	if (len)
		return len < room ? len : room - 1;
	if (!args || !PyTuple_CheckExact(args) || Py_SIZE(args) == 0)
		return 0;
	if (PyObject_TypeCheck(value, (PyTypeObject *)PyExc_KeyError) && Py_SIZE(args) == 1 &&
		PyUnicode_CheckExact(PyTuple_GET_ITEM(args, 0))) {
		char key[TEXT_BYTES - 2];

		plain_text(PyTuple_GET_ITEM(args, 0), key, sizeof(key));
		len = (size_t)snprintf(text, room, "'%s'", key);
		return len < room ? len : room - 1;
	}
	for (Py_ssize_t i = 0; i < Py_SIZE(args) && len + 4 < room; i++) {
		if (i > 0)
			len += (size_t)snprintf(text + len, room - len, ", ");
		len += plain_text(PyTuple_GET_ITEM(args, i), text + len, room - len);
		if (len >= room)
			len = room - 1;
	}
	return len;
}

/* The interpreter runs a file's code in the module __main__ from C, everything else
 * (-m, directories, zip files) through runpy. Other outermost frames, such as import hooks
 * that C asks about the file, may fail without the program failing. */
static bool is_main_program(const py_frame *frame)
{
	PyObject *main = PyImport_AddModule("__main__"); /* borrowed; it is there already */
	const PyCodeObject *code = py_frame_code(frame);
	char name[64];

	unicode_copy(code->co_name, name, sizeof(name));
	if (strcmp(name, "<module>") == 0)
		return main && frame->f_globals == PyModule_GetDict(main);
	return strcmp(name, "_run_module_as_main") == 0;
}

void failure_note(struct tracer *tracer, struct thread_state *thread, const py_frame *frame,
	PyObject *value, PyObject *traceback)
{
	struct name *type;
	char text[TEXT_BYTES];
	size_t len;

	buf_clear(&tracer->failure);
	if (thread->python->thread_id != tracer->main_ident || !is_main_program(frame))
		return;
	if (!PyExceptionInstance_Check(value) ||
		PyObject_TypeCheck(value, (PyTypeObject *)PyExc_SystemExit))
		return;
	type = type_name(tracer, Py_TYPE(value));
	if (!type)
		return;
	len = message_text(value, text, sizeof(text));
	avro_buf_bytes(&tracer->failure, type->text, type->len);
	avro_buf_bytes(&tracer->failure, text, len);
	add_traceback(&tracer->failure, traceback);
}

void failure_write(struct tracer *tracer, struct thread_state *thread, const py_frame *frame)
{
	if (thread->python->thread_id != tracer->main_ident || tracer->failure.len == 0 ||
		!tracer->stream.spool.header || !is_main_program(frame))
		return;
	stream_record(&tracer->stream, RECORD_FAILURE, tracer->failure.data, tracer->failure.len,
		NULL, 0);
	buf_clear(&tracer->failure);
}
