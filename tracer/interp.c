#include "tracer/interp.h"

#include "tracer/hook.h"
#include "tracer/pycompat_internal.h"
#include "tracer/tracer.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include <stdlib.h>
#include <string.h>

/* Configures as the python program does: same environment, same options. */
static PyStatus configure(PyConfig *config, int argc, char **argv)
{
	PyStatus status;

	PyConfig_InitPythonConfig(config);
	status = PyConfig_SetBytesString(config, &config->program_name, argv[0]);
	if (PyStatus_Exception(status))
		return status;
	status = PyConfig_SetBytesArgv(config, argc, argv);
	if (PyStatus_Exception(status))
		return status;
	status = PyConfig_Read(config);
	if (PyStatus_Exception(status))
		return status;
	return Py_InitializeFromConfig(config);
}

/* The text of `-c CODE`, which is in no file. */
static void store_command(struct tracer *tracer, const PyConfig *config)
{
	size_t len;
	char *text = config->run_command ? Py_EncodeLocale(config->run_command, &len) : NULL;

	if (!text)
		return;
	tracer_command(tracer, text);
	PyMem_Free(text);
}

static void start(struct tracer *tracer, const PyConfig *config, void (*warn)(const char *message))
{
	/* The configuration read above does not have it: it is computed at initialisation. */
	PyObject *stdlib = PySys_GetObject("_stdlib_dir");
	char path[4096];
	struct err err;

	unicode_copy(stdlib, path, sizeof(path));
	if (tracer_start(tracer, path, false, &err) < 0)
		warn(err.message);
	else
		store_command(tracer, config);
}

int interp_main(const char *spool_path, int argc, char **argv, void (*warn)(const char *message))
{
	struct err err;
	struct tracer *tracer;
	PyConfig config;
	PyStatus status;
	int result;

	if (tracer_open(spool_path, &tracer, &err) < 0)
		warn(err.message);
	status = configure(&config, argc, argv);
	if (PyStatus_Exception(status)) {
		PyConfig_Clear(&config);
		if (PyStatus_IsExit(status))
			return status.exitcode;
		Py_ExitStatusException(status);
	}
	if (tracer)
		start(tracer, &config, warn);
	PyConfig_Clear(&config);
	result = Py_RunMain();
	if (tracer)
		tracer_note_exit(tracer, result);
	return result;
}
