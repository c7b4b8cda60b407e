#include "tracer/interp.h"

#include "tracer/hook.h"
#include "tracer/pycompat_internal.h"
#include "tracer/source.h"
#include "tracer/tracer.h"

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
	source_store_text(tracer, "<string>", text, strlen(text));
	PyMem_Free(text);
}

static void start(struct tracer *tracer, const PyConfig *config, void (*warn)(const char *message))
{
	struct err err;
	char *stdlib = config->stdlib_dir ? Py_EncodeLocale(config->stdlib_dir, NULL) : NULL;

	if (tracer_start(tracer, stdlib ? stdlib : "", &err) < 0) {
		warn(err.message);
		return;
	}
	store_command(tracer, config);
	PyMem_Free(stdlib);
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
		tracer_finish(tracer);
	return result;
}
