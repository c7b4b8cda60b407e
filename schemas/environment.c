#include "schemas/environment.h"

#include <stdlib.h>
#include <string.h>

/* Where the entry of the same name is; count: nowhere. */
static size_t place_of(char *const *entries, size_t count, const char *entry)
{
	size_t name = strcspn(entry, "="), i = 0;

	while (i < count && (strncmp(entries[i], entry, name) != 0 || entries[i][name] != '='))
		i++;
	return i;
}

static size_t count_texts(const struct buf *texts)
{
	size_t count = 0;

	for (size_t i = 0; i < texts->len; i++)
		count += !texts->data[i];
	return count;
}

char **environment_with(char *const *environment, const struct buf *entries)
{
	size_t count = 0, room, added = count_texts(entries);
	char **array, *text;

	while (environment && environment[count])
		count++;
	room = (count + added + 1) * sizeof(*array);
	array = entries->failed ? NULL : malloc(room + entries->len);
	if (!array)
		return NULL;
	if (count)
		memcpy(array, environment, count * sizeof(*array));
	text = (char *)array + room;
	if (entries->len)
		memcpy(text, entries->data, entries->len);
	for (; added > 0; added--, text += strlen(text) + 1) {
		size_t place = place_of(array, count, text);

		array[place] = text;
		count += place == count;
	}
	array[count] = NULL;
	return array;
}
