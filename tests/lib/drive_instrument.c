/* links: tracer schemas */
/*
 * drive_instrument: python, with twins that do nothing in the place of all code objects: a
 * program must not notice. For tests/e2e/instrument.t, and CPython's own tests by hand:
 *
 *     drive_instrument -m test test_generators
 */
#include "tracer/install.h"
#include "tracer/instrument.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long sites, failures;

static PyObject *on_site(PyObject *self)
{
	(void)self;
	sites++;
	return NULL;
}

static int on_yield(PyObject *self, PyObject *value)
{
	(void)self;
	(void)value;
	sites++;
	return 0;
}

static bool wanted(PyCodeObject *code)
{
	(void)code;
	return true;
}

static void made(void)
{
}

static void failed(PyCodeObject *code)
{
	if (getenv("SHOW_SITES"))
		fprintf(stderr, "no twin: %s line %d\n", PyUnicode_AsUTF8(code->co_filename),
			code->co_firstlineno);
	failures++;
}

static int on_audit(const char *event, PyObject *arguments, void *context)
{
	PyObject *type, *value, *traceback;

	(void)context;
	if (strcmp(event, "exec") != 0)
		return 0;
	PyErr_Fetch(&type, &value, &traceback);
	install_exec(PyTuple_GET_ITEM(arguments, 0));
	PyErr_Restore(type, value, traceback);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct site_hooks hooks = {
		{on_site, on_site, on_site, on_site, NULL}, on_yield};
	static const struct install install = {wanted, made, failed};
	PyConfig config;
	int result;

	PyConfig_InitPythonConfig(&config);
	if (PyStatus_Exception(PyConfig_SetBytesArgv(&config, argc, argv)) ||
		PyStatus_Exception(Py_InitializeFromConfig(&config)))
		return 2;
	PyConfig_Clear(&config);
	instrument_set_hooks(&hooks);
	if (!install_begin(&install))
		return 2;
	PySys_AddAuditHook(on_audit, NULL);
	result = Py_RunMain();
	if (getenv("SHOW_SITES"))
		fprintf(stderr, "%ld sites met, %ld code objects without a twin\n", sites,
			failures);
	return result;
}
