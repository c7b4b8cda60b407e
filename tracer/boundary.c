#include "tracer/boundary.h"

#include "tracer/child_env.h"
#include "tracer/fork.h"
#include "tracer/hook.h"
#include "tracer/pause.h"
#include "tracer/python_args.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"
#include "tracer/untraced.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

typedef PyObject *(*fast_function)(PyObject *self, PyObject *const *args, Py_ssize_t count);
typedef PyObject *(*keywords_function)(
	PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names);

#define MOST_ARGUMENTS 16 /* of posix_spawn(): 10 */
#define MOST_FORK_EXEC 32 /* 23 in 3.13 */

static void count_child(struct tracer *tracer)
{
	if (tracer->stream.spool.header)
		atomic_fetch_add(&tracer->stream.spool.header->children, 1);
}

/* In the place of posix.fork and posix.forkpty. */
static PyObject *begin_in_child(struct tracer *tracer, PyObject *result)
{
	if (result && tracer->forked)
		fork_begin(tracer);
	return result;
}

static PyObject *boundary_fork(PyObject *self, PyObject *none)
{
	struct tracer *tracer = hook_tracer();

	return begin_in_child(tracer, tracer->boundary.fork(self, none));
}

static PyObject *boundary_forkpty(PyObject *self, PyObject *none)
{
	struct tracer *tracer = hook_tracer();

	return begin_in_child(tracer, tracer->boundary.forkpty(self, none));
}

/* posix.execv(path, argv): what it inherits is what `environ` points to. */
static PyObject *boundary_execv(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	struct tracer *tracer = hook_tracer();
	fast_function function = (fast_function)(void (*)(void))tracer->boundary.execv;
	char **before = environ;
	char **array = NULL;
	PyObject *result;

	if (count == 2 && untraced_ask(tracer, args[0], args[1]))
		array = child_env_array(tracer, environ);
	if (array)
		environ = array;
	count_child(tracer);
	stream_replace(&tracer->stream, true);
	result = function(self, args, count);
	stream_replace(&tracer->stream, false);
	if (array)
		environ = before;
	free(array);
	return result;
}

/* Calls a function of (path, argv, env, ...) with another env. From 3.13 on posix_spawn() takes
 * None for what is inherited. */
static PyObject *call_with_env(PyCFunction original, PyObject *self, PyObject *const *args,
	Py_ssize_t count, PyObject *names)
{
	struct tracer *tracer = hook_tracer();
	keywords_function function = (keywords_function)(void (*)(void))original;
	Py_ssize_t all = count + (names ? PyTuple_GET_SIZE(names) : 0), env = 2;
	PyObject *changed[MOST_ARGUMENTS], *dict = NULL, *result;
	char **before = environ, **array = NULL;

	/* execve() takes its arguments by name, too. */
	for (Py_ssize_t i = 0; names && count < 3 && i < PyTuple_GET_SIZE(names); i++)
		if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), "env") == 0)
			env = count + i;
	if (env < all && args[env] == Py_None && count >= 2 &&
		untraced_ask(tracer, args[0], args[1])) {
		array = child_env_array(tracer, environ);
	} else if (env < all && all <= MOST_ARGUMENTS && PyMapping_Check(args[env]) && count >= 2 &&
		   untraced_ask(tracer, args[0], args[1])) {
		dict = child_env_dict(tracer, args[env]);
		if (!dict)
			return NULL;
		memcpy(changed, args, (size_t)all * sizeof(changed[0]));
		changed[env] = dict;
		args = changed;
	}
	if (array)
		environ = array;
	result = function(self, args, count, names);
	if (array)
		environ = before;
	free(array);
	Py_XDECREF(dict);
	return result;
}

static PyObject *boundary_execve(
	PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
	struct tracer *tracer = hook_tracer();
	PyObject *result;

	count_child(tracer);
	stream_replace(&tracer->stream, true);
	result = call_with_env(tracer->boundary.execve, self, args, count, names);
	stream_replace(&tracer->stream, false);
	return result;
}

static PyObject *boundary_posix_spawn(
	PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
	struct tracer *tracer = hook_tracer();

	count_child(tracer);
	return call_with_env(tracer->boundary.posix_spawn, self, args, count, names);
}

static PyObject *boundary_posix_spawnp(
	PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
	struct tracer *tracer = hook_tracer();

	count_child(tracer);
	return call_with_env(tracer->boundary.posix_spawnp, self, args, count, names);
}

/* A tuple of the arguments, for a function that takes one. */
static PyObject *tuple_of(PyObject *const *args, Py_ssize_t count)
{
	PyObject *tuple = PyTuple_New(count);

	for (Py_ssize_t i = 0; tuple && i < count; i++)
		PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
	return tuple;
}

/* It takes its arguments as an array from 3.12 on. */
static PyObject *original_fork_exec(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	PyCFunction original = hook_tracer()->boundary.fork_exec;
	PyObject *tuple, *result;

	if (PY_VERSION_HEX >= 0x030c0000)
		return ((fast_function)(void (*)(void))original)(self, args, count);
	tuple = tuple_of(args, count);
	result = tuple ? original(self, tuple) : NULL;
	Py_XDECREF(tuple);
	return result;
}

/* _posixsubprocess.fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, ...). Without
 * an env the child executes with what `environ` is then: its preexec_fn may have changed it. */
static PyObject *fork_exec(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	enum {
		ARGV,
		PATHS,
		ENV = 5
	};
	struct tracer *tracer = hook_tracer();
	PyObject *list = NULL, *changed[MOST_FORK_EXEC], *paths, *env, *result;
	char **before = environ, **array = NULL;

	count_child(tracer);
	if (count > ENV && count <= MOST_FORK_EXEC) {
		env = args[ENV];
		paths = args[PATHS];
		if (PyTuple_CheckExact(paths) && PyTuple_GET_SIZE(paths) > 0)
			paths = PyTuple_GET_ITEM(paths, 0);
		if (untraced_ask(tracer, paths, args[ARGV])) {
			array = env == Py_None ? child_env_array(tracer, environ) : NULL;
			list = env == Py_None ? NULL : child_env_list(tracer, env);
		}
	}
	if (list) {
		memcpy(changed, args, (size_t)count * sizeof(changed[0]));
		changed[ENV] = list;
		args = changed;
	}
	if (array)
		environ = array;
	tracer->boundary.about_to_exec = true;
	result = original_fork_exec(self, args, count);
	tracer->boundary.about_to_exec = false;
	if (array)
		environ = before;
	free(array);
	Py_XDECREF(list);
	return result;
}

#if PY_VERSION_HEX >= 0x030c0000
#define FORK_EXEC_FLAGS METH_FASTCALL
static PyObject *boundary_fork_exec(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	return fork_exec(self, args, count);
}
#else
#define FORK_EXEC_FLAGS METH_VARARGS
static PyObject *boundary_fork_exec(PyObject *self, PyObject *args)
{
	return fork_exec(self, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args));
}
#endif

/* posix.system(command): as the original, with an environment of its own. */
static PyObject *boundary_system(
	PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
	struct tracer *tracer = hook_tracer();
	keywords_function function = (keywords_function)(void (*)(void))tracer->boundary.system;
	PyObject *command = NULL;
	PyThreadState *saved;
	struct shell shell;
	char **array;

	count_child(tracer);
	if (count != 1 || names || tracer->paused & PAUSE_CALLED ||
		!(PyUnicode_CheckExact(args[0]) || PyBytes_CheckExact(args[0])))
		return function(self, args, count, names);
	array = child_env_array(tracer, environ);
	if (!array || !PyUnicode_FSConverter(args[0], &command)) {
		PyErr_Clear();
		free(array);
		return function(self, args, count, names);
	}
	if (PySys_Audit("os.system", "(O)", command) < 0) {
		Py_DECREF(command);
		free(array);
		return NULL;
	}
	shell_start(&shell, &tracer->boundary.signals, PyBytes_AS_STRING(command), array);
	saved = PyEval_SaveThread();
	shell_wait(&shell);
	PyEval_RestoreThread(saved);
	Py_DECREF(command);
	free(array);
	return PyLong_FromLong(shell_end(&shell, &tracer->boundary.signals));
}

/* posix.waitpid(pid, options): a child that died by a signal had no last word. */
static PyObject *boundary_waitpid(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	struct tracer *tracer = hook_tracer();
	fast_function function = (fast_function)(void (*)(void))tracer->boundary.waitpid;
	PyObject *result = function(self, args, count);
	struct reaped reaped;
	long status;

	if (!result || !tracer->active || !PyTuple_CheckExact(result) || Py_SIZE(result) != 2)
		return result;
	status = PyLong_AsLong(PyTuple_GET_ITEM(result, 1));
	reaped.pid = (int32_t)PyLong_AsLong(PyTuple_GET_ITEM(result, 0));
	if (reaped.pid > 0 && WIFSIGNALED(status)) {
		reaped.signal = WTERMSIG(status);
		stream_record(&tracer->stream, RECORD_REAPED, &reaped, sizeof(reaped), NULL, 0);
	}
	return result;
}

/* posix._exit(status): nothing after it could say how the process ended. */
static PyObject *boundary_exit(
	PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
	struct tracer *tracer = hook_tracer();
	keywords_function function = (keywords_function)(void (*)(void))tracer->boundary.exit;
	int overflow = 0;
	long status;

	if (count + (names ? PyTuple_GET_SIZE(names) : 0) == 1 && PyLong_Check(args[0])) {
		status = PyLong_AsLongAndOverflow(args[0], &overflow);
		if (!overflow && status == (int)status)
			tracer_note_exit(tracer, (int)status);
	}
	return function(self, args, count, names);
}

static void stand_in(
	PyObject *module, const char *name, int flags, void (*ours)(void), PyCFunction *original)
{
	PyMethodDef *method = module_method(module, name, flags);

	if (!method)
		return;
	*original = method->ml_meth;
	method->ml_meth = (PyCFunction)ours;
}

void boundary_prepare(struct tracer *tracer)
{
	const int keywords = METH_FASTCALL | METH_KEYWORDS;
	struct boundary *boundary = &tracer->boundary;
	PyObject *posix = str_dict_get(py_modules(), "posix");
	PyObject *subprocess;

	if (!tracer->options.inject)
		return;
	subprocess = module_for_a_moment("_posixsubprocess");
#define STAND_IN(module, name, flags, function) \
	stand_in(module, name, flags, (void (*)(void))boundary_##function, &boundary->function)
	STAND_IN(posix, "fork", METH_NOARGS, fork);
	STAND_IN(posix, "forkpty", METH_NOARGS, forkpty);
	STAND_IN(posix, "execv", METH_FASTCALL, execv);
	STAND_IN(posix, "execve", keywords, execve);
	STAND_IN(posix, "posix_spawn", keywords, posix_spawn);
	STAND_IN(posix, "posix_spawnp", keywords, posix_spawnp);
	STAND_IN(posix, "system", keywords, system);
	STAND_IN(posix, "waitpid", METH_FASTCALL, waitpid);
	STAND_IN(posix, "_exit", keywords, exit);
	STAND_IN(subprocess, "fork_exec", FORK_EXEC_FLAGS, fork_exec);
#undef STAND_IN
	module_let_go("_posixsubprocess", subprocess);
}
