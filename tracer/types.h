/*
 * types: the names of Python types, and of functions, classes and modules as values,
 * read from their structs: no attribute lookup, none of the program's code.
 */
#ifndef SMILEY_TRACER_TYPES_H
#define SMILEY_TRACER_TYPES_H

#include "tracer/names.h"
#include "tracer/pycompat_internal.h"

#define TYPE_CACHE 512 /* a power of two */

struct type_entry {
	PyTypeObject *type;  /* borrowed, only compared */
	const char *tp_name; /* with qualname it tells another type at the same address */
	PyObject *qualname;
	struct name *full; /* module.qualname, without module for builtins */
};

#define TEXT_CACHE 256 /* a power of two */

struct text_entry {
	PyObject *text; /* borrowed, only compared: with hash and length it tells another one */
	Py_hash_t hash;
	Py_ssize_t length;
	struct name *name;
};

struct types {
	struct type_entry cache[TYPE_CACHE];
	struct text_entry texts[TEXT_CACHE]; /* qualified names of functions */
};

struct tracer;

static inline struct type_entry *types_entry(struct types *types, const PyTypeObject *type)
{
	return &types->cache[((uintptr_t)type >> 5) & (TYPE_CACHE - 1)];
}

static inline PyObject *types_qualname(PyTypeObject *type)
{
	return type->tp_flags & Py_TPFLAGS_HEAPTYPE ? ((PyHeapTypeObject *)type)->ht_qualname
						    : NULL;
}

/* module.Qualname; builtins without module. NULL: out of memory.
 *
 * type_name(tracer, type) is in capture_internal.h, in line. */
struct name *type_name_slow(struct tracer *tracer, PyTypeObject *type);

/* The name of a function, builtin function, bound method or module object. */
struct name *routine_name(struct tracer *tracer, PyObject *object);

/* The value that a dict has under an ASCII key, compared as text: no __hash__ or __eq__ of
 * the program's runs. Borrowed; NULL: none, or not a dict. */
PyObject *str_dict_get(PyObject *dict, const char *key);

/* A module that the program may import later, as a new reference: its method table is there
 * for good once it has been imported, and sys.modules is left as it was. NULL without an
 * exception: there is none. */
PyObject *module_for_a_moment(const char *name);

/* Gives the reference back, and leaves nothing of the module for the collector to find. */
void module_let_go(const char *name, PyObject *module);

/* The method table of a function of the module, which may be NULL; NULL: it is not as we know it. */
PyMethodDef *module_method(PyObject *module, const char *name, int flags);

#endif
