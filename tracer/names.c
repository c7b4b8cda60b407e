#include "tracer/names.h"

#include "schemas/err.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define FIRST_BUCKETS 1024

int names_init(struct names *names)
{
	*names = (struct names){.bucket_count = FIRST_BUCKETS};
	names->buckets = calloc(names->bucket_count, sizeof(struct name *));
	return names->buckets ? 0 : ERR_MEMORY;
}

void names_release(struct names *names)
{
	for (size_t i = 0; names->buckets && i < names->bucket_count; i++) {
		struct name *name = names->buckets[i];

		while (name) {
			struct name *next = name->next;

			free(name);
			name = next;
		}
	}
	free(names->buckets);
	*names = (struct names){0};
}

/* Doubles the table; when there is no memory the chains just get longer. */
static void grow(struct names *names)
{
	size_t count = names->bucket_count * 2;
	struct name **buckets = calloc(count, sizeof(struct name *));

	if (!buckets)
		return;
	for (size_t i = 0; i < names->bucket_count; i++) {
		struct name *name = names->buckets[i];

		while (name) {
			struct name *next = name->next;
			struct name **bucket = &buckets[name->hash & (count - 1)];

			name->next = *bucket;
			*bucket = name;
			name = next;
		}
	}
	free(names->buckets);
	names->buckets = buckets;
	names->bucket_count = count;
}

struct name *names_intern(struct names *names, const char *text, size_t len)
{
	uint64_t hash = XXH3_64bits(text, len);
	struct name **bucket = &names->buckets[hash & (names->bucket_count - 1)];
	struct name *name;

	for (name = *bucket; name; name = name->next)
		if (name->hash == hash && name->len == len && memcmp(name->text, text, len) == 0)
			return name;
	name = malloc(sizeof(*name) + len + 1);
	if (!name)
		return NULL;
	*name = (struct name){.next = *bucket, .hash = hash, .len = (uint32_t)len};
	memcpy(name->text, text, len);
	name->text[len] = '\0';
	*bucket = name;
	if (++names->count > names->bucket_count)
		grow(names);
	return name;
}

void names_forget_stored(struct names *names)
{
	for (size_t i = 0; i < names->bucket_count; i++)
		for (struct name *name = names->buckets[i]; name; name = name->next)
			name->stored = false;
}
