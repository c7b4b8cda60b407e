#include "tracer/control.h"

#include "tracer/fork.h"
#include "tracer/helper.h"
#include "tracer/hook.h"
#include "tracer/pause.h"
#include "tracer/stack.h"
#include "tracer/tracer.h"
#include "tracer/tracer_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ATTACH_VARIABLE "SMILEY_ATTACH"

static PyObject *raise_err(const struct err *err)
{
	PyErr_SetString(PyExc_RuntimeError, err->message);
	return NULL;
}

static PyObject *state(PyObject *self, PyObject *none)
{
	struct tracer *tracer = hook_tracer();
	bool has_run;
	char id[RUN_ID_TEXT_BYTES] = "";

	(void)self, (void)none;
	if (tracer)
		fork_begin(tracer); /* no event may have told of the fork */
	has_run = tracer && tracer->stream.spool.header;
	if (has_run)
		run_id_format(&tracer->lineage.started.run, id);
	return Py_BuildValue(
		"zO", has_run ? id : NULL, has_run && tracer->active ? Py_True : Py_False);
}

/* The environment with the variable that makes it a helper of this process; one block. */
static char **helper_env(void)
{
	size_t count = 0, kept = 0, room = sizeof(ATTACH_VARIABLE) + 16;
	char **array, *text;

	while (environ && environ[count])
		count++;
	array = malloc((count + 2) * sizeof(*array) + room);
	if (!array)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], ATTACH_VARIABLE "=", sizeof(ATTACH_VARIABLE)) != 0)
			array[kept++] = environ[i];
	text = (char *)(array + kept + 2);
	snprintf(text, room, ATTACH_VARIABLE "=%ld", (long)getpid());
	array[kept] = text;
	array[kept + 1] = NULL;
	return array;
}

/* argv of the helper, borrowed from the list. */
static char **helper_argv(PyObject *path, PyObject *list)
{
	Py_ssize_t count = PyList_GET_SIZE(list);
	char **argv = calloc((size_t)count + 2, sizeof(*argv));

	if (argv)
		argv[0] = PyBytes_AS_STRING(path);
	for (Py_ssize_t i = 0; argv && i < count; i++) {
		PyObject *item = PyList_GET_ITEM(list, i);

		argv[i + 1] = PyBytes_Check(item) ? PyBytes_AS_STRING(item) : (char *)"";
	}
	return argv;
}

static void read_all(int fd, struct buf *said)
{
	char part[1024];
	ssize_t got;

	while ((got = read(fd, part, sizeof(part))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			buf_append(said, part, (size_t)got);
	close(fd);
}

/* A process begins its first run once. A fork has its parent's tracer, and begins a run by itself
 * if it is to have one. */
static bool may_begin(struct err *err)
{
	if (PyInterpreterState_Get() != PyInterpreterState_Main())
		err_set(err, ERR_STATE, "smiley traces the main interpreter, no other");
	else if (hook_tracer())
		err_set(err, ERR_STATE,
			"this process is a fork of one that is traced without its children");
	return !err->code;
}

static PyObject *attach(PyObject *self, PyObject *arguments)
{
	PyObject *path, *list, *result;
	struct buf said = {0};
	PyThreadState *thread;
	char **argv, **env;
	struct err err = {0};
	int fd, rc;

	(void)self;
	if (!PyArg_ParseTuple(arguments, "SO!", &path, &PyList_Type, &list))
		return NULL;
	if (!may_begin(&err))
		return raise_err(&err);
	argv = helper_argv(path, list);
	env = helper_env();
	if (!argv || !env) {
		free(argv);
		free(env);
		return PyErr_NoMemory();
	}
	thread = PyEval_SaveThread();
	rc = helper_start(argv[0], argv, env, &fd, &err);
	if (!rc)
		read_all(fd, &said);
	PyEval_RestoreThread(thread);
	result = rc ? raise_err(&err) : PyUnicode_DecodeFSDefault(buf_string(&said));
	buf_release(&said);
	free(argv);
	free(env);
	return result;
}

static void adopt_stack(struct tracer *tracer)
{
	PyThreadState *python = _PyThreadState_GET();
	struct thread_state *thread = thread_get(&tracer->threads, python);

	if (thread && tracer->active)
		stack_adopt(tracer, thread, py_thread_frame(python));
}

static PyObject *begin(PyObject *self, PyObject *path)
{
	struct tracer *tracer;
	struct err err = {0};

	(void)self;
	if (!PyBytes_Check(path)) {
		PyErr_SetString(PyExc_TypeError, "the spool's path is bytes");
		return NULL;
	}
	if (may_begin(&err) && tracer_open(PyBytes_AS_STRING(path), &tracer, &err) == 0 &&
		tracer_start(tracer, TRACER_WITHIN, &err) == 0)
		adopt_stack(tracer);
	if (err.code)
		return raise_err(&err);
	Py_RETURN_NONE;
}

static PyObject *pause_now(PyObject *self, PyObject *none)
{
	struct tracer *tracer = hook_tracer();

	(void)self, (void)none;
	if (tracer)
		pause_begin(tracer, PAUSE_CALLED);
	Py_RETURN_NONE;
}

static PyObject *resume_now(PyObject *self, PyObject *none)
{
	struct tracer *tracer = hook_tracer();

	(void)self, (void)none;
	if (tracer)
		pause_end(tracer, PAUSE_CALLED, py_thread_frame(_PyThreadState_GET()));
	Py_RETURN_NONE;
}

PyObject *control_module(void)
{
	static PyMethodDef methods[] = {
		{"state", state, METH_NOARGS, NULL},
		{"attach", attach, METH_VARARGS, NULL},
		{"begin", begin, METH_O, NULL},
		{"pause", pause_now, METH_NOARGS, NULL},
		{"resume", resume_now, METH_NOARGS, NULL},
		{NULL, NULL, 0, NULL},
	};
	static struct PyModuleDef definition = {
		PyModuleDef_HEAD_INIT,
		.m_name = "_smiley",
		.m_size = -1,
		.m_methods = methods,
	};

	return PyModule_Create(&definition);
}

void control_answer(PyObject *arguments)
{
	PyObject *list = PyTuple_Check(arguments) && PyTuple_GET_SIZE(arguments) == 1
				 ? PyTuple_GET_ITEM(arguments, 0)
				 : NULL;
	PyObject *module = list && PyList_CheckExact(list) ? control_module() : NULL;

	if (module)
		PyList_Append(list, module);
	Py_XDECREF(module);
	PyErr_Clear();
}
