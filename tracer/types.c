#include "tracer/types.h"

#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES 1024

PyObject *str_dict_get(PyObject *dict, const char *key)
{
	PyObject *name, *value;
	Py_ssize_t at = 0;

	if (!dict || !PyDict_Check(dict))
		return NULL;
	while (PyDict_Next(dict, &at, &name, &value))
		if (PyUnicode_CheckExact(name) && PyUnicode_IS_READY(name) &&
			PyUnicode_IS_ASCII(name) && strcmp(PyUnicode_DATA(name), key) == 0)
			return value;
	return NULL;
}

static struct name *heap_type_name(struct tracer *tracer, PyTypeObject *type)
{
	PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
	PyObject *module = str_dict_get(type->tp_dict, "__module__");
	char text[2 * NAME_BYTES];
	size_t len = unicode_copy(module, text, NAME_BYTES);

	if (strcmp(text, "builtins") == 0)
		len = 0;
	if (len)
		text[len++] = '.';
	len += unicode_copy(heap->ht_qualname, text + len, NAME_BYTES);
	return names_intern(&tracer->names, text, len);
}

struct name *type_name_slow(struct tracer *tracer, PyTypeObject *type)
{
	struct type_entry *entry = types_entry(&tracer->types, type);
	bool heap = type->tp_flags & Py_TPFLAGS_HEAPTYPE;

	*entry = (struct type_entry){type, type->tp_name, types_qualname(type),
		heap ? heap_type_name(tracer, type)
		     : names_intern(&tracer->names, type->tp_name, strlen(type->tp_name))};
	return entry->full;
}

/* The name that a str spells. */
static struct name *text_name(struct tracer *tracer, PyObject *value)
{
	struct text_entry *entry = &tracer->types.texts[((uintptr_t)value >> 5) & (TEXT_CACHE - 1)];
	Py_hash_t hash = ((PyASCIIObject *)value)->hash;
	Py_ssize_t length = ((PyASCIIObject *)value)->length;
	char text[NAME_BYTES];
	size_t len;

	if (entry->text == value && entry->hash == hash && hash != -1 && entry->length == length)
		return entry->name;
	len = unicode_copy(value, text, sizeof(text));
	*entry = (struct text_entry){value, hash, length,
		names_intern(&tracer->names, text, len < sizeof(text) ? len : sizeof(text) - 1)};
	return entry->name;
}

struct name *routine_name(struct tracer *tracer, PyObject *object)
{
	char text[NAME_BYTES];
	size_t len = 0;

	if (PyMethod_Check(object) && PyFunction_Check(PyMethod_GET_FUNCTION(object)))
		object = PyMethod_GET_FUNCTION(object);
	if (PyFunction_Check(object))
		return text_name(tracer, ((PyFunctionObject *)object)->func_qualname);
	if (PyCFunction_Check(object))
		len = (size_t)snprintf(
			text, sizeof(text), "%s", ((PyCFunctionObject *)object)->m_ml->ml_name);
	else if (PyModule_Check(object))
		len = unicode_copy(
			str_dict_get(PyModule_GetDict(object), "__name__"), text, sizeof(text));
	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	return names_intern(&tracer->names, text, len);
}

PyObject *module_for_a_moment(const char *name)
{
	PyObject *modules = py_modules();
	PyObject *module = Py_XNewRef(str_dict_get(modules, name));

	if (module)
		return module;
	module = PyImport_ImportModule(name);
	if (module && PyDict_DelItemString(modules, name) < 0)
		PyErr_Clear();
	PyErr_Clear();
	return module;
}

void module_let_go(const char *name, PyObject *module)
{
	if (module && PyModule_CheckExact(module) && str_dict_get(py_modules(), name) != module)
		PyDict_Clear(PyModule_GetDict(module)); /* its functions refer to it */
	Py_XDECREF(module);
}

PyMethodDef *module_method(PyObject *module, const char *name, int flags)
{
	PyObject *function = module && PyModule_CheckExact(module)
				     ? str_dict_get(PyModule_GetDict(module), name)
				     : NULL;
	PyMethodDef *method;

	if (!function || !PyCFunction_CheckExact(function))
		return NULL;
	method = ((PyCFunctionObject *)function)->m_ml;
	return method->ml_flags == flags ? method : NULL;
}
