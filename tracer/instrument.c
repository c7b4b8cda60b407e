#include "tracer/instrument.h"

#include "tracer/instrument_internal.h"

#include <stdlib.h>

#if PY_BY_SITES

#define SAME_SITE_TRIES 8 /* sites back that are looked at for one of the same kind and line */
#define SITE_STACK 2      /* a yield site has two values on the stack beside the program's */

/* The last constant of a twin. */
struct twin {
	PyObject_HEAD PyCodeObject *original; /* owned */
	int units;
	int originals[];
};

/* These types are never given to PyType_Ready(): nobody asks for their attributes, and
 * object.__subclasses__() is not to tell of them. */
static void free_object(PyObject *self)
{
	PyObject_Free(self);
}

static void free_twin(PyObject *self)
{
	Py_DECREF(((struct twin *)self)->original);
	PyObject_Free(self);
}

static PySequenceMethods site_sequences[SITE_KINDS];

#define SITE_TYPE(kind)                                                         \
	[kind] = {PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "site",      \
		.tp_basicsize = sizeof(struct site), .tp_dealloc = free_object, \
		.tp_flags = Py_TPFLAGS_DEFAULT, .tp_as_sequence = &site_sequences[kind]}

static PyTypeObject site_types[SITE_KINDS] = {
	SITE_TYPE(SITE_LINE),
	SITE_TYPE(SITE_CALL),
	SITE_TYPE(SITE_RETURN),
	SITE_TYPE(SITE_LEAVE),
	SITE_TYPE(SITE_YIELD),
};

static PyTypeObject twin_type = {
	PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "twin",
	.tp_basicsize = sizeof(struct twin),
	.tp_itemsize = sizeof(int),
	.tp_dealloc = free_twin,
	.tp_flags = Py_TPFLAGS_DEFAULT,
};

void instrument_set_hooks(const struct site_hooks *hooks)
{
	for (int kind = 0; kind < SITE_KINDS; kind++)
		if (kind != SITE_YIELD)
			site_types[kind].tp_iternext = hooks->hooks[kind];
	site_sequences[SITE_YIELD].sq_contains = hooks->yield;
}

/* The index among the twin's constants of a site; -1: out of memory. */
static int add_site(
	struct assembly *assembly, enum site_kind kind, int line, bool starts, int first_line)
{
	Py_ssize_t count = PyList_GET_SIZE(assembly->sites);
	struct site *site;
	int result;

	for (Py_ssize_t i = count; i > 0 && i > count - SAME_SITE_TRIES; i--) {
		site = (struct site *)PyList_GET_ITEM(assembly->sites, i - 1);
		if (Py_TYPE(site) == &site_types[kind] && site->line == line &&
			site->starts == starts && site->first_line == first_line)
			return assembly->first_site + (int)i - 1;
	}
	site = PyObject_New(struct site, &site_types[kind]);
	if (!site)
		return -1;
	site->line = line;
	site->starts = starts;
	site->first_line = first_line;
	site->plan = NULL;
	result = PyList_Append(assembly->sites, (PyObject *)site);
	Py_DECREF(site);
	return result < 0 ? -1 : assembly->first_site + (int)count;
}

/* Is going from one instruction to the other a line event? */
static bool is_event(const struct assembly *assembly, int from, int to)
{
	const struct instruction *instructions = assembly->instructions;
	int line = instructions[to].location.line;

	if (line < 0)
		return false;
	if (from <= assembly->entry || instructions[from].location.line != line)
		return true;
	return to < from && instructions[to].opcode != SEND;
}

/* Chooses the ways that are line events: jumps, and the step from one to the next. */
static bool choose_line_sites(struct assembly *assembly)
{
	struct instruction *instructions = assembly->instructions;

	for (int i = assembly->entry + 1; i < assembly->count; i++)
		if (i > 0 && !opcode_ends(instructions[i - 1].opcode))
			instructions[i].line_site = is_event(assembly, i - 1, i);
	for (int i = 0; i < assembly->count; i++) {
		struct instruction *target;

		if (instructions[i].target < 0)
			continue;
		if (instructions[i].target <= assembly->entry)
			return false;
		target = &instructions[instructions[i].target];
		if (!is_event(assembly, i, instructions[i].target))
			instructions[i].jumps_past = true;
		else
			target->line_site = true;
	}
	for (int i = assembly->entry + 1; i < assembly->count; i++) {
		struct instruction *at = &instructions[i];

		at->skips_site = at->line_site && !opcode_ends(at[-1].opcode) &&
				 !is_event(assembly, i - 1, i);
		/* These two are one to the interpreter; so are SEND and its YIELD_VALUE, and
		 * its way out to gen.throw(). */
		if (at->line_site && (at->opcode == CALL ||
					     (at->opcode == YIELD_VALUE && at[-1].opcode == SEND)))
			return false;
		if (at->opcode == SEND && at->jumps_past && instructions[at->target].line_site)
			return false;
	}
	return true;
}

static int call_site(struct assembly *assembly, struct instruction *at)
{
	const struct instruction *first = at + 1;

	at->joins = at->oparg == 0 && at == &assembly->instructions[assembly->entry] &&
		    first < &assembly->instructions[assembly->count] && first->line_site &&
		    !first->skips_site;
	return add_site(assembly, SITE_CALL, at->location.line, at->oparg == 0,
		at->joins ? first->location.line : -1);
}

static int event_site(struct assembly *assembly, int i)
{
	struct instruction *at = &assembly->instructions[i];
	int line = at->location.line;

	switch (at->opcode) {
	case RESUME:
		return call_site(assembly, at);
	case RETURN_VALUE:
		return add_site(assembly, SITE_RETURN, line, false, -1);
	case YIELD_VALUE:
		return add_site(assembly, SITE_YIELD, line, false, -1);
	case RERAISE:
	case RAISE_VARARGS:
	case END_ASYNC_FOR:
		return add_site(assembly, SITE_LEAVE, 0, false, -1);
	default:
		return -2;
	}
}

/* Chooses where sites are to stand, and makes them. */
static bool assembly_place_sites(struct assembly *assembly)
{
	if (!choose_line_sites(assembly))
		return false;
	for (int i = assembly->entry; i < assembly->count; i++) {
		struct instruction *at = &assembly->instructions[i];
		int event;

		if (at->line_site)
			at->line_const =
				add_site(assembly, SITE_LINE, at->location.line, false, -1);
		event = event_site(assembly, i);
		if (event == -1 || at->line_const < 0)
			return false;
		at->event_const = event;
	}
	return true;
}

static PyObject *twin_object(PyCodeObject *code, const struct twin_pieces *pieces)
{
	struct twin *twin =
		PyObject_Malloc(sizeof(*twin) + (size_t)pieces->units * sizeof(twin->originals[0]));

	if (!twin)
		return NULL;
	PyObject_Init((PyObject *)twin, &twin_type);
	Py_INCREF(code);
	twin->original = code;
	twin->units = pieces->units;
	memcpy(twin->originals, pieces->originals,
		(size_t)pieces->units * sizeof(twin->originals[0]));
	return (PyObject *)twin;
}

/* The original's constants, code objects among them replaced, the sites, the twin. */
static PyObject *twin_constants(const struct assembly *assembly, PyObject *twin)
{
	PyObject *old = assembly->code->co_consts;
	Py_ssize_t count = PyTuple_GET_SIZE(old), sites = PyList_GET_SIZE(assembly->sites);
	PyObject *constants = PyTuple_New(count + sites + 1);

	if (!constants)
		return NULL;
	for (Py_ssize_t i = 0; i < count; i++) {
		PyObject *constant = PyTuple_GET_ITEM(old, i);

		if (PyCode_Check(constant))
			constant = (PyObject *)instrument_code((PyCodeObject *)constant);
		else
			Py_INCREF(constant);
		if (!constant) {
			Py_DECREF(constants);
			return NULL;
		}
		PyTuple_SET_ITEM(constants, i, constant);
	}
	for (Py_ssize_t i = 0; i < sites; i++) {
		PyObject *site = PyList_GET_ITEM(assembly->sites, i);

		Py_INCREF(site);
		PyTuple_SET_ITEM(constants, count + i, site);
	}
	Py_INCREF(twin);
	PyTuple_SET_ITEM(constants, count + sites, twin);
	return constants;
}

static PyObject *bytes_of(const struct buf *buf)
{
	return PyBytes_FromStringAndSize((const char *)buf->data, (Py_ssize_t)buf->len);
}

static PyCodeObject *build(const struct assembly *assembly, const struct twin_pieces *pieces)
{
	PyCodeObject *code = assembly->code, *result = NULL;
	PyObject *twin = twin_object(code, pieces);
	PyObject *bytes = bytes_of(&pieces->code);
	PyObject *locations = bytes_of(&pieces->locations);
	PyObject *handlers = bytes_of(&pieces->handlers);
	PyObject *constants = twin ? twin_constants(assembly, twin) : NULL;
	struct _PyCodeConstructor parts = {
		.filename = code->co_filename,
		.name = code->co_name,
		.qualname = code->co_qualname,
		.flags = code->co_flags,
		.code = bytes,
		.firstlineno = code->co_firstlineno,
		.linetable = locations, /* may be replaced in here */
		.consts = constants,
		.names = code->co_names,
		.localsplusnames = code->co_localsplusnames,
		.localspluskinds = code->co_localspluskinds,
		.argcount = code->co_argcount,
		.posonlyargcount = code->co_posonlyargcount,
		.kwonlyargcount = code->co_kwonlyargcount,
		.stacksize = code->co_stacksize + SITE_STACK,
		.exceptiontable = handlers,
	};

	if (bytes && locations && constants && handlers)
		result = _PyCode_New(&parts);
	Py_XDECREF(bytes);
	Py_XDECREF(locations);
	Py_XDECREF(constants);
	Py_XDECREF(handlers);
	Py_XDECREF(twin);
	return result;
}

PyCodeObject *instrument_code(PyCodeObject *code)
{
	PyCodeObject *result = NULL;
	struct twin_pieces pieces = {0};
	struct py_collector held;
	struct assembly assembly;

	if (instrument_original(code)) {
		Py_INCREF(code);
		return code;
	}
	held = py_collector_hold();
	if (assembly_read(&assembly, code) && assembly_place_sites(&assembly) &&
		assembly_emit(&assembly, &pieces))
		result = build(&assembly, &pieces);
	twin_pieces_release(&pieces);
	assembly_release(&assembly);
	PyErr_Clear();
	py_collector_let_go(held);
	return result;
}

static const struct twin *twin_of(const PyCodeObject *code)
{
	Py_ssize_t count = PyTuple_GET_SIZE(code->co_consts);
	PyObject *last = count ? PyTuple_GET_ITEM(code->co_consts, count - 1) : NULL;

	return last && Py_TYPE(last) == &twin_type ? (const struct twin *)last : NULL;
}

PyCodeObject *instrument_original(const PyCodeObject *code)
{
	const struct twin *twin = twin_of(code);

	return twin ? twin->original : NULL;
}

int instrument_original_unit(const PyCodeObject *code, int unit)
{
	const struct twin *twin = twin_of(code);

	if (!twin || unit < 0 || unit >= twin->units)
		return unit;
	return twin->originals[unit] < 0 ? ~twin->originals[unit] : twin->originals[unit];
}

bool instrument_is_site(const PyCodeObject *code, int unit)
{
	const struct twin *twin = twin_of(code);

	return twin && unit >= 0 && unit < twin->units && twin->originals[unit] < 0;
}

#endif
