#include "ops/found.h"

#include <inttypes.h>

#include "materializer/run_text.h"
#include "schemas/text.h"
#include "schemas/value.h"

static const struct lister_column columns[] = {
	{"event", false},
	{"where", false},
	{"function", false},
	{"what", false},
	{"time", true},
	{"thread", true},
	{"kind", true},
	{"variable", true},
	{"value", true},
	{"file", true},
	{"line", true},
};

static void add_text(struct found *found)
{
	lister_text(found->lister, buf_slice(&found->text));
	buf_clear(&found->text);
}

/* What only json has, and who asks for it by name. */
static void add_details(struct found *found, const struct search_hit *hit)
{
	const struct event *event = hit->event;
	const struct local *local = hit->match.local;
	struct lister *lister = found->lister;

	time_text(event->time_ns, &found->text);
	add_text(found);
	if (event->thread)
		lister_text(lister, event->thread->name);
	else
		lister_nothing(lister);
	lister_text(lister, slice_text(event_kind_name(event->kind)));
	if (local)
		lister_text(lister, local->name);
	else
		lister_nothing(lister);
	if (local || event->value.bytes.len) {
		value_repr(local ? local->value : event->value, &found->text);
		add_text(found);
	} else {
		lister_nothing(lister);
	}
	if (event->frame) {
		lister_text(lister, event->frame->code.file);
		lister_number(lister, event->line);
	} else {
		lister_nothing(lister);
		lister_nothing(lister);
	}
}

int found_add(void *context, const struct search_hit *hit, struct err *err)
{
	struct found *found = context;
	const struct event *event = hit->event;

	(void)err;
	lister_number(found->lister, event->seq);
	if (event->frame) {
		struct slice name = text_path(found->directory, event->frame->code.file);

		buf_append(&found->text, name.data, name.len);
		buf_printf(&found->text, ":%" PRId64, event->line);
		add_text(found);
		lister_text(found->lister, event->frame->code.function);
	} else {
		lister_nothing(found->lister);
		lister_nothing(found->lister);
	}
	search_hit_text(hit, &found->text);
	add_text(found);
	add_details(found, hit);
	return ++found->count == found->wanted;
}

int found_init(struct found *found, const struct run_info *run, int64_t wanted, struct err *err)
{
	*found = (struct found){.directory = run->started.cwd, .wanted = wanted};
	found->lister = lister_new(columns, sizeof(columns) / sizeof(columns[0]));
	return found->lister ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

void found_release(struct found *found)
{
	lister_free(found->lister);
	buf_release(&found->text);
}
