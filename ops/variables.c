#include "ops/variables.h"

#include <string.h>

static const struct lister_column columns[] = {{"Variable", false}, {"Value", false}};
static const struct lister_settings as_table = {.format = LISTER_TABLE, .quote = QUOTE_NONE};

struct lister *variables_new(void)
{
	return lister_new(columns, 2);
}

void variables_add(struct lister *lister, const char *name, struct slice value)
{
	lister_text(lister, slice_text(name));
	lister_text(lister, value);
}

void variables_add_made(struct lister *lister, const char *name, struct buf *text)
{
	variables_add(lister, name, buf_slice(text));
	buf_clear(text);
}

void variables_add_lines(struct lister *lister, const char *name, struct slice text)
{
	do {
		const uint8_t *end = text.len ? memchr(text.data, '\n', text.len) : NULL;
		size_t len = end ? (size_t)(end - text.data) : text.len;

		variables_add(lister, name, (struct slice){text.data, len});
		name = "";
		len += end != NULL;
		text = (struct slice){text.data + len, text.len - len};
	} while (text.len);
}

int variables_finish(struct lister *lister, struct buf *out, struct err *err)
{
	int rc = lister ? lister_render(lister, &as_table, out, err)
			: err_set(err, ERR_MEMORY, "out of memory");

	lister_free(lister);
	return rc;
}
