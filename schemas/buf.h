/*
 * buf: bytes that grow. `data` is NULL or heap memory of `cap` bytes, the first
 * `len` of which count. Zeroed memory is an empty buf. Not shared between threads.
 *
 * slice: bytes that somebody else owns; the giver says for how long.
 */
#ifndef SMILEY_SCHEMAS_BUF_H
#define SMILEY_SCHEMAS_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	bool failed; /* an allocation failed since the last buf_clear(): contents are cut */
};

struct slice {
	const uint8_t *data;
	size_t len;
};

/* Makes room for `extra` more bytes; returns 0 or ERR_MEMORY (and sets failed). */
int buf_reserve(struct buf *buf, size_t extra);

/* Append. A failed allocation sets buf->failed and appends nothing: a caller may
 * check it once, after many appends. */
void buf_append(struct buf *buf, const void *data, size_t len);
void buf_byte(struct buf *buf, uint8_t byte);
void buf_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The contents with a NUL behind them, owned by the buf until it changes; "" when empty
 * or out of memory. */
const char *buf_string(struct buf *buf);

/* Empties, keeps the memory. */
void buf_clear(struct buf *buf);

/* Frees the memory; the buf is empty and usable again. */
void buf_release(struct buf *buf);

static inline struct slice buf_slice(const struct buf *buf)
{
	return (struct slice){buf->data, buf->len};
}

/* The bytes of a C string without its NUL, borrowed. */
struct slice slice_text(const char *text);

bool slice_equal(struct slice a, struct slice b);

/* As memcmp(), the shorter first when one begins with the other. */
int slice_compare(struct slice a, struct slice b);

#endif
