#include "ops/children.h"

#include "materializer/run_text.h"
#include "schemas/text.h"

struct children {
	struct run_id parent;
	struct buf lines, words; /* words: for one line */
};

/* A line for a terminal. */
static void end_line(struct children *children)
{
	if (!children->lines.len)
		buf_byte(&children->lines, '\n');
	text_escape(&children->lines, buf_slice(&children->words));
	buf_byte(&children->lines, '\n');
	buf_clear(&children->words);
}

static int add_child(void *context, const struct run_info *info, struct err *err)
{
	struct children *children = context;
	char id[RUN_ID_TEXT_BYTES];

	(void)err;
	if (!info->started.has_parent || !run_id_equal(&info->started.parent, &children->parent))
		return 0;
	buf_printf(&children->words, "child: %s pid %lld: ", run_id_format(&info->id, id),
		(long long)info->started.pid);
	argv_text(info->started.argv, &children->words);
	end_line(children);
	return 0;
}

static int add_untraced(void *context, const struct child_untraced *child, struct err *err)
{
	struct children *children = context;

	(void)err;
	buf_text(&children->words, "untraced child: ");
	argv_text(child->argv, &children->words);
	buf_text(&children->words, ": ");
	buf_append(&children->words, child->reason.data, child->reason.len);
	end_line(children);
	return 0;
}

int children_text(struct query *query, const struct run_id *id, struct buf *out, struct err *err)
{
	struct children children = {.parent = *id};
	int rc = query_runs(query, add_child, &children, err);

	rc = rc ? rc : query_children_untraced(query, id, add_untraced, &children, err);
	if (!rc)
		buf_append(out, children.lines.data, children.lines.len);
	buf_release(&children.lines);
	buf_release(&children.words);
	return rc;
}
