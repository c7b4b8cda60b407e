/*
 * dict_entry_internal: the entries of a dict, as PyDict_Next() has them, without its call.
 */
#ifndef SMILEY_TRACER_DICT_ENTRY_INTERNAL_H
#define SMILEY_TRACER_DICT_ENTRY_INTERNAL_H

#include "tracer/pycompat_internal.h"

static inline bool dict_entry_next(PyObject *dict, Py_ssize_t *at, PyObject **key, PyObject **value)
{
#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030c0000
	PyDictKeysObject *keys = ((PyDictObject *)dict)->ma_keys;
	Py_ssize_t i = *at;

	if (!((PyDictObject *)dict)->ma_values && keys->dk_kind != DICT_KEYS_GENERAL) {
		const PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);

		while (i < keys->dk_nentries && !entries[i].me_value)
			i++;
		if (i >= keys->dk_nentries)
			return false;
		*key = entries[i].me_key;
		*value = entries[i].me_value;
		*at = i + 1;
		return true;
	}
#endif
	return PyDict_Next(dict, at, key, value);
}

#endif
