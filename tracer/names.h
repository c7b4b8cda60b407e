/*
 * names: the texts that blocks refer to by index: variables, functions, files, types.
 * Interned once for the life of the process; each remembers under which index the block
 * that is being written has defined it.
 */
#ifndef SMILEY_TRACER_NAMES_H
#define SMILEY_TRACER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
	struct name *next; /* in its hash chain */
	uint64_t hash;
	uint32_t block; /* the block in which `index` holds; 0: none yet */
	uint32_t index;
	uint32_t len;
	bool stored; /* a file's: its text is in the spool */
	char text[]; /* valid UTF-8, NUL behind */
};

struct names {
	struct name **buckets;
	size_t bucket_count; /* a power of two */
	size_t count;
};

/* 0 or ERR_MEMORY. */
int names_init(struct names *names);
void names_release(struct names *names);

/* The one name with this text (valid UTF-8). NULL: out of memory. */
struct name *names_intern(struct names *names, const char *text, size_t len);

/* No file's text is in the spool: it is another spool now. */
void names_forget_stored(struct names *names);

/* Is a variable of this name shown? Not one that begins or ends with two underscores, nor
 * what the compiler names with a dot. */
static inline bool name_is_shown(const char *text, size_t len)
{
	if (len == 0 || text[0] == '.')
		return false;
	if (len >= 2 && text[0] == '_' && text[1] == '_')
		return false;
	return !(len >= 2 && text[len - 1] == '_' && text[len - 2] == '_');
}

#endif
