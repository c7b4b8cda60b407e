#include "tracer/dict_locals.h"

#include "tracer/slot_internal.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 1024

/* Is the key still the one that the slot was made for? The address alone may be another's. */
static bool is_key(const struct dict_slot *slot, PyObject *key)
{
	const char *text;
	size_t len;

	if (slot->key != key)
		return false;
	if (!PyUnicode_CheckExact(key) || !PyUnicode_IS_READY(key))
		return !slot->name;
	if (!PyUnicode_IS_ASCII(key))
		return false; /* rare: found anew by its text */
	text = PyUnicode_DATA(key);
	len = (size_t)PyUnicode_GET_LENGTH(key);
	if (!slot->name)
		return !name_is_shown(text, len);
	return len == slot->name->len && memcmp(text, slot->name->text, len) == 0;
}

/* The slot of a key that is not where it was expected: an old one of the same name, or a
 * new one. NULL: out of memory. */
static struct dict_slot *find_slot(
	struct tracer *tracer, struct dict_slots *dict, PyObject *key, size_t expected)
{
	struct slice text = {0};
	struct dict_slot *slot;
	struct name *name = NULL;
	char bytes[KEY_BYTES];

	if (PyUnicode_CheckExact(key)) {
		text.len = unicode_copy(key, bytes, sizeof(bytes));
		text.data = (const uint8_t *)bytes;
		if (name_is_shown(bytes, text.len))
			name = names_intern(&tracer->names, bytes, text.len);
	}
	for (size_t i = expected; name && i < dict->count; i++)
		if (dict->slots[i].name == name) {
			struct dict_slot found = dict->slots[i];

			memmove(&dict->slots[expected + 1], &dict->slots[expected],
				(i - expected) * sizeof(found));
			found.key = key;
			dict->slots[expected] = found;
			return &dict->slots[expected];
		}
	if (dict->count == dict->room) {
		size_t room = dict->room ? dict->room * 2 : 32;
		struct dict_slot *slots = realloc(dict->slots, room * sizeof(*slots));

		if (!slots)
			return NULL;
		dict->slots = slots;
		dict->room = room;
	}
	slot = &dict->slots[expected];
	memmove(slot + 1, slot, (dict->count - expected) * sizeof(*slot));
	dict->count++;
	*slot = (struct dict_slot){.name = name, .key = key, .fixed = true};
	slot->secret = name && tracer->options.redact && secret_name(text, &tracer->secrets);
	return slot;
}

/* Names that are no longer in the dict stand behind the `known` that were met. */
static void drop_rest(struct tracer *tracer, struct dict_slots *dict, size_t known)
{
	for (size_t i = known; i < dict->count; i++) {
		struct dict_slot *slot = &dict->slots[i];

		slot->slot.value = NULL;
		slot->fixed = true;
		if (slot->name)
			slot_put(tracer, &slot->slot, slot->name, NULL, false, false);
	}
}

static void walk_dict(struct tracer *tracer, struct dict_slots *dict, PyObject *names, bool restate)
{
	PyObject *key, *value;
	Py_ssize_t at = 0;
	size_t i = 0;

	while (PyDict_Next(names, &at, &key, &value)) {
		struct dict_slot *slot = i < dict->count ? &dict->slots[i] : NULL;

		if (!slot || !is_key(slot, key))
			slot = find_slot(tracer, dict, key, i);
		if (!slot)
			break;
		i++;
		if (slot->name)
			slot->fixed = WATCH_NEVER == slot_put(tracer, &slot->slot, slot->name,
							     value, slot->secret, restate);
		slot->slot.value = value;
	}
	drop_rest(tracer, dict, i);
	while (dict->count > i &&
		dict->slots[dict->count - 1].slot.changed_at != tracer->stream.seq + 1)
		dict->count--; /* gone since an earlier event */
}

void dict_locals_put(struct tracer *tracer, struct frame_state *state, bool restate, bool all)
{
	struct dict_slots *dict = &state->dict;
	PyObject *names = py_frame_names(state->frame);
	uint64_t version;

	if (!names)
		return;
	version = py_dict_version(names);
	if (restate || all || !version || version != dict->version) {
		dict->version = version;
		walk_dict(tracer, dict, names, restate);
		return;
	}
	for (size_t i = 0; i < dict->count; i++) {
		struct dict_slot *slot = &dict->slots[i];

		if (!slot->fixed && slot->name)
			slot->fixed = WATCH_NEVER == slot_put(tracer, &slot->slot, slot->name,
							     slot->slot.value, slot->secret, false);
	}
}

/* The slot of a name; NULL: it was not there at the frame's last event. */
static const struct slot *known_slot(
	const struct dict_slots *dict, const struct name *name, size_t *at)
{
	for (size_t i = 0; i < dict->count; i++) {
		size_t place = (*at + i) % dict->count;

		if (dict->slots[place].name == name) {
			*at = place + 1;
			return &dict->slots[place].slot;
		}
	}
	return NULL;
}

bool dict_locals_state(struct tracer *tracer, struct frame_state *state)
{
	static const struct slot absent;
	PyObject *names = py_frame_names(state->frame);
	uint64_t version = names ? py_dict_version(names) : 0;
	bool known = version && version == state->dict.version;
	PyObject *key, *value;
	Py_ssize_t at = 0;
	size_t place = 0;
	char text[KEY_BYTES];

	while (names && PyDict_Next(names, &at, &key, &value)) {
		struct slice slice = {(const uint8_t *)text, 0};
		const struct dict_slot *next = &state->dict.slots[place];
		const struct slot *slot;
		struct name *name;

		if (place < state->dict.count && is_key(next, key)) {
			place++;
			if (next->name)
				known &= slot_state(
					tracer, &next->slot, next->name, value, next->secret);
			continue;
		}
		if (!PyUnicode_CheckExact(key))
			continue;
		slice.len = unicode_copy(key, text, sizeof(text));
		name = name_is_shown(text, slice.len)
			       ? names_intern(&tracer->names, text, slice.len)
			       : NULL;
		if (!name)
			continue;
		slot = known_slot(&state->dict, name, &place);
		known &= slot_state(tracer, slot ? slot : &absent, name, value,
			tracer->options.redact && secret_name(slice, &tracer->secrets));
	}
	return known;
}
