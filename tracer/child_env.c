#include "tracer/child_env.h"

#include "tracer/tracer_internal.h"

#include "schemas/environment.h"

#include <stdlib.h>
#include <string.h>

#define PATH_VARIABLE "PYTHONPATH"

/* "NAME=value" of each. */
struct variables {
	struct buf parent, child, path;
};

static void release(struct variables *variables)
{
	buf_release(&variables->parent);
	buf_release(&variables->child);
	buf_release(&variables->path);
}

/* path: the value that PYTHONPATH has; NULL: none. */
static bool make(struct tracer *tracer, const char *path, struct variables *variables)
{
	const struct spool_header *header = tracer->stream.spool.header;
	struct stream *stream = &tracer->stream;
	int known = !path ? 0 : !*path ? 1 : 2;

	if (header)
		lineage_look(&tracer->lineage, header);
	buf_text(&variables->parent, PARENT_VARIABLE "=");
	buf_text(&variables->child, CHILD_VARIABLE "=");
	lineage_tell(&tracer->lineage, stream->seq, stream->last_ns, known, &variables->parent,
		&variables->child);
	buf_printf(&variables->path, PATH_VARIABLE "=%s%s%s", tracer->options.inject,
		known == 2 ? ":" : "", known == 2 ? path : "");
	/* A NUL behind each. */
	buf_string(&variables->parent);
	buf_string(&variables->child);
	buf_string(&variables->path);
	return !variables->parent.failed && !variables->child.failed && !variables->path.failed;
}

/* The value, when the entry is of that name. */
static const char *value_of(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=' ? entry + len + 1 : NULL;
}

static const char *path_of(char *const *environment)
{
	const char *path = NULL;

	for (; environment && *environment && !path; environment++)
		path = value_of(*environment, PATH_VARIABLE);
	return path;
}

static void put_entry(struct buf *entries, const struct buf *variable)
{
	buf_append(entries, variable->data, variable->len);
	buf_byte(entries, 0);
}

char **child_env_array(struct tracer *tracer, char *const *environment)
{
	struct variables variables = {0};
	struct buf entries = {0};
	char **array = NULL;

	if (make(tracer, path_of(environment), &variables)) {
		put_entry(&entries, &variables.parent);
		put_entry(&entries, &variables.child);
		put_entry(&entries, &variables.path);
		array = environment_with(environment, &entries);
	}
	release(&variables);
	buf_release(&entries);
	return array;
}

/* The entries of a list of bytes objects, borrowed from it; NULL: it is something else. */
static char **entries_of(PyObject *list)
{
	Py_ssize_t count = PyList_CheckExact(list) ? PyList_GET_SIZE(list) : -1;
	char **entries = count < 0 ? NULL : calloc((size_t)count + 1, sizeof(*entries));

	for (Py_ssize_t i = 0; entries && i < count; i++) {
		PyObject *entry = PyList_GET_ITEM(list, i);

		if (!PyBytes_CheckExact(entry) ||
			strlen(PyBytes_AS_STRING(entry)) != (size_t)PyBytes_GET_SIZE(entry)) {
			free(entries);
			return NULL;
		}
		entries[i] = PyBytes_AS_STRING(entry);
	}
	return entries;
}

PyObject *child_env_list(struct tracer *tracer, PyObject *list)
{
	char **entries = entries_of(list);
	char **array = entries ? child_env_array(tracer, entries) : NULL;
	PyObject *result = array ? PyList_New(0) : NULL;

	for (size_t i = 0; result && array[i]; i++) {
		PyObject *entry = PyBytes_FromString(array[i]);

		if (!entry || PyList_Append(result, entry) < 0)
			Py_CLEAR(result);
		Py_XDECREF(entry);
	}
	PyErr_Clear();
	free(array);
	free(entries);
	return result;
}

/* Is the key that name, as str or as bytes? */
static bool is_key(PyObject *key, const char *name)
{
	if (PyBytes_CheckExact(key))
		return strcmp(PyBytes_AS_STRING(key), name) == 0;
	return PyUnicode_CheckExact(key) && PyUnicode_CompareWithASCIIString(key, name) == 0;
}

/* A borrowed text of a str or bytes value; *owned holds what it needs. */
static const char *text_of(PyObject *value, PyObject **owned)
{
	*owned = NULL;
	if (PyUnicode_CheckExact(value))
		*owned = PyUnicode_EncodeFSDefault(value);
	else if (PyBytes_CheckExact(value))
		*owned = Py_NewRef(value);
	PyErr_Clear();
	return *owned ? PyBytes_AS_STRING(*owned) : NULL;
}

static int set(PyObject *dict, PyObject *key, const struct buf *variable)
{
	const char *value = strchr((const char *)variable->data, '=') + 1;
	PyObject *name = key ? Py_NewRef(key)
			     : PyBytes_FromStringAndSize((const char *)variable->data,
				       value - 1 - (const char *)variable->data);
	PyObject *text = PyBytes_FromString(value);
	int result = name && text ? PyDict_SetItem(dict, name, text) : -1;

	Py_XDECREF(name);
	Py_XDECREF(text);
	return result;
}

/* Adds the variables to the copy. */
static int add(struct tracer *tracer, PyObject *dict)
{
	struct variables variables = {0};
	PyObject *key, *value, *path_key = NULL, *path = NULL;
	Py_ssize_t at = 0;
	const char *text = NULL;
	int result = 0;

	while (PyDict_Next(dict, &at, &key, &value))
		if (is_key(key, PATH_VARIABLE)) {
			path_key = key;
			text = text_of(value, &path);
		}
	if (make(tracer, text, &variables))
		result = set(dict, path_key, &variables.path) < 0 ||
					 set(dict, NULL, &variables.parent) < 0 ||
					 set(dict, NULL, &variables.child) < 0
				 ? -1
				 : 0;
	Py_XDECREF(path);
	release(&variables);
	return result;
}

PyObject *child_env_dict(struct tracer *tracer, PyObject *mapping)
{
	PyObject *keys = PyMapping_Keys(mapping);
	PyObject *values = keys ? PyMapping_Values(mapping) : NULL;
	PyObject *dict = values ? PyDict_New() : NULL;
	bool whole = dict && PyList_Check(keys) && PyList_Check(values) &&
		     PyList_GET_SIZE(keys) == PyList_GET_SIZE(values);

	for (Py_ssize_t i = 0; whole && i < PyList_GET_SIZE(keys); i++) {
		PyObject *key = PyList_GET_ITEM(keys, i);

		if (!PyUnicode_CheckExact(key) && !PyBytes_CheckExact(key)) {
			/* No name of a variable, but the program's code: not to be hashed here. */
			Py_CLEAR(dict);
			dict = Py_NewRef(mapping);
			goto out;
		}
		if (is_key(key, PARENT_VARIABLE) || is_key(key, CHILD_VARIABLE))
			continue;
		whole = PyDict_SetItem(dict, key, PyList_GET_ITEM(values, i)) == 0;
	}
	if (dict && (!whole || add(tracer, dict) < 0)) {
		Py_CLEAR(dict);
		if (!PyErr_Occurred())
			PyErr_SetString(
				PyExc_TypeError, "env.keys() or env.values() is not a list");
	}
out:
	Py_XDECREF(keys);
	Py_XDECREF(values);
	return dict;
}
