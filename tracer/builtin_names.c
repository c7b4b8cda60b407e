#include "tracer/builtin_names.h"

#include "tracer/types.h"
#include "tracer/unicode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 256
#define NAME_BYTES 512

/* What is called. */
struct callee {
	const PyMethodDef *method;
	PyObject *self;   /* NULL: nothing */
	PyObject *module; /* NULL: none */
};

/* What a type itself has under this name; borrowed or NULL. */
static PyObject *own_attribute(PyTypeObject *type, const char *name)
{
#if PY_VERSION_HEX >= 0x030c0000
	PyObject *dict = PyType_GetDict(type);
	PyObject *found = str_dict_get(dict, name);

	Py_XDECREF(dict);
	return found;
#else
	return str_dict_get(type->tp_dict, name);
#endif
}

static int put_descriptor(char *text, const char *kind, PyObject *descriptor)
{
	char name[NAME_BYTES / 2];

	unicode_copy(((PyDescrObject *)descriptor)->d_name, name, sizeof(name));
	return snprintf(text, NAME_BYTES, "<%s '%s' of '%s' objects>", kind, name,
		((PyDescrObject *)descriptor)->d_type->tp_name);
}

static int put_function(char *text, PyObject *function)
{
	PyObject *self = ((PyCFunctionObject *)function)->m_self;
	const char *name = ((PyCFunctionObject *)function)->m_ml->ml_name;

	if (!self || PyModule_Check(self))
		return snprintf(text, NAME_BYTES, "<built-in function %s>", name);
	return snprintf(text, NAME_BYTES, "<built-in method %s of %s object at %p>", name,
		Py_TYPE(self)->tp_name, (void *)self);
}

/* As repr() spells it. 0: it is nothing that we can spell. */
static int put_attribute(char *text, PyObject *attribute)
{
	if (Py_IS_TYPE(attribute, &PyMethodDescr_Type) ||
		Py_IS_TYPE(attribute, &PyClassMethodDescr_Type))
		return put_descriptor(text, "method", attribute);
	if (Py_IS_TYPE(attribute, &PyWrapperDescr_Type))
		return put_descriptor(text, "slot wrapper", attribute);
	return PyCFunction_Check(attribute) ? put_function(text, attribute) : 0;
}

/* A method by what its type has under its name; 0: nothing that is one. */
static int put_by_type(char *text, const struct callee *callee)
{
	PyObject *mro = Py_TYPE(callee->self)->tp_mro;
	int len = 0;

	for (Py_ssize_t i = 0; mro && len == 0 && i < PyTuple_GET_SIZE(mro); i++) {
		PyObject *attribute = own_attribute(
			(PyTypeObject *)PyTuple_GET_ITEM(mro, i), callee->method->ml_name);

		len = attribute ? put_attribute(text, attribute) : 0;
	}
	return len;
}

static size_t put_module(char *text, size_t room, PyObject *module)
{
	if (module && PyModule_Check(module))
		module = str_dict_get(PyModule_GetDict(module), "__name__");
	return unicode_copy(module, text, room);
}

static int put_name(char *text, const struct callee *callee)
{
	char module[NAME_BYTES / 2];
	int len;

	if (!callee->self) {
		if (put_module(module, sizeof(module), callee->module) == 0 ||
			strcmp(module, "builtins") == 0)
			return snprintf(text, NAME_BYTES, "<%s>", callee->method->ml_name);
		return snprintf(text, NAME_BYTES, "<%s.%s>", module, callee->method->ml_name);
	}
	len = put_by_type(text, callee);
	if (len)
		return len;
	if (unicode_copy(callee->module, module, sizeof(module)) > 0)
		return snprintf(text, NAME_BYTES, "<built-in method %s.%s>", module,
			callee->method->ml_name);
	return snprintf(text, NAME_BYTES, "<built-in method %s>", callee->method->ml_name);
}

static bool find_callee(PyObject *function, PyObject *self, struct callee *callee)
{
	if (PyCFunction_Check(function)) {
		const PyCFunctionObject *known = (PyCFunctionObject *)function;

		*callee = (struct callee){known->m_ml, known->m_self, known->m_module};
		return true;
	}
	if (!Py_IS_TYPE(function, &PyMethodDescr_Type) || !self)
		return false;
	*callee = (struct callee){((PyMethodDescrObject *)function)->d_method, self, NULL};
	return true;
}

static struct builtin_name *place_of(
	struct builtin_name *entries, size_t cap, const PyMethodDef *method)
{
	size_t at = (size_t)(((uintptr_t)method >> 3) * 0x9e3779b97f4a7c15u >> 32);

	for (;; at++) {
		struct builtin_name *entry = &entries[at & (cap - 1)];

		if (!entry->method || entry->method == method)
			return entry;
	}
}

static bool grow(struct builtin_names *known)
{
	size_t cap = known->cap ? 2 * known->cap : FIRST_CAP;
	struct builtin_name *entries = calloc(cap, sizeof(*entries));

	if (!entries)
		return false;
	for (size_t i = 0; i < known->cap; i++) {
		if (known->entries[i].method)
			*place_of(entries, cap, known->entries[i].method) = known->entries[i];
	}
	free(known->entries);
	known->entries = entries;
	known->cap = cap;
	return true;
}

struct name *builtin_name(
	struct builtin_names *known, struct names *names, PyObject *function, PyObject *self)
{
	struct builtin_name *entry;
	struct callee callee;
	char text[NAME_BYTES];
	int len;

	if (!find_callee(function, self, &callee))
		return NULL;
	if (2 * known->count >= known->cap && !grow(known))
		return NULL;
	entry = place_of(known->entries, known->cap, callee.method);
	if (entry->method && entry->spelt == callee.method->ml_name)
		return entry->name;
	known->count += !entry->method;
	len = put_name(text, &callee);
	*entry = (struct builtin_name){callee.method, callee.method->ml_name,
		names_intern(names, text, (size_t)(len < NAME_BYTES ? len : NAME_BYTES - 1))};
	return entry->name;
}
