/*
 * escape: the walk that every escaping of text makes: what is plain is copied in
 * runs, the rest is judged character by character.
 */
#ifndef SMILEY_SCHEMAS_ESCAPE_H
#define SMILEY_SCHEMAS_ESCAPE_H

#include "schemas/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define ESCAPE_SPECIALS 128

struct escape_rules {
	/* By character: printable ASCII that is given to put() all the same. NULL: none. */
	const bool *special;
	/* True when it has appended something for the character; false: it is copied. */
	bool (*put)(struct buf *out, int32_t c);
};

/* Appends text (UTF-8; what is not, lone surrogates too, becomes U+FFFD). */
void escape_text(struct buf *out, struct slice text, const struct escape_rules *rules);

/* Controls of the terminal, ends of lines to some readers, and those that turn the
 * direction of what follows, so that a line reads otherwise than it runs. */
bool escape_is_control(int32_t c);

#endif
