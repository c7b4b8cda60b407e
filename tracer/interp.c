#include "tracer/interp.h"

#include "tracer/hook.h"
#include "tracer/pycompat_internal.h"
#include "tracer/tracer.h"
#include "tracer/tracer_internal.h"

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
	PyConfig_Clear(&config);
	if (tracer && tracer_start(tracer, TRACER_BEFORE, &err) < 0)
		warn(err.message);
	result = Py_RunMain();
	if (tracer)
		tracer_note_exit(tracer, result);
	return result;
}
