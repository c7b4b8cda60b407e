#include "web/app_internal.h"

#include <stdlib.h>

#include "materializer/query_search.h"
#include "schemas/now.h"
#include "schemas/value.h"
#include "web/pager.h"

/* A worker answers nobody else meanwhile. */
#define SEARCH_NS 200000000

/* The texts of one event that was found: they lie in `texts` one behind the other. */
struct kept {
	struct buf texts;
	size_t ends[6];
};

struct gathering {
	struct page_found *found;
	struct kept *kept;
	size_t count, most;
	int64_t latest; /* the last one's number */
};

static void keep(struct kept *kept, size_t which, struct slice text)
{
	buf_append(&kept->texts, text.data, text.len);
	kept->ends[which] = kept->texts.len;
}

static int gather(void *context, const struct search_hit *hit, struct err *err)
{
	struct gathering *gathering = context;
	struct page_found *found = &gathering->found[gathering->count];
	struct kept *kept = &gathering->kept[gathering->count];
	const struct event *event = hit->event;
	const struct local *local = hit->match.local;
	struct slice *const texts[] = {&found->thread, &found->path, &found->function, &found->what,
		&found->variable, &found->value};
	size_t begin = 0;

	*found = (struct page_found){.seq = event->seq,
		.time_ns = event->time_ns,
		.kind = event->kind,
		.line = event->line};
	keep(kept, 0, event->thread ? event->thread->name : (struct slice){0});
	keep(kept, 1, event->frame ? event->frame->code.file : (struct slice){0});
	keep(kept, 2, event->frame ? event->frame->code.function : (struct slice){0});
	search_hit_text(hit, &kept->texts);
	keep(kept, 3, (struct slice){0});
	keep(kept, 4, local ? local->name : (struct slice){0});
	if (local || event->value.bytes.len)
		value_repr(local ? local->value : event->value, &kept->texts);
	keep(kept, 5, (struct slice){0});
	gathering->count++;
	if (kept->texts.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < 6; begin = kept->ends[i++])
		*texts[i] = (struct slice){kept->texts.data + begin, kept->ends[i] - begin};
	return gathering->count == gathering->most;
}

static int find(struct app_request *request, struct page_search *page, struct search *search,
	struct gathering *gathering, struct err *err)
{
	struct search_span span = {.range = {0, INT64_MAX, NULL},
		.backward = page->backward,
		.until_ns = monotonic_ns() + SEARCH_NS};
	int rc;

	if (page->from >= 0 && page->backward)
		span.range.to_seq = page->from;
	else if (page->from >= 0)
		span.range.from_seq = page->from;
	rc = query_search(request->app->query, &request->run, search, &span, gather, gathering,
		&page->next, err);
	page->found = gathering->found;
	page->count = gathering->count;
	page->hasty = page->next >= 0 && gathering->count < gathering->most;
	return rc < 0 ? rc : 0;
}

static int load(struct app_request *request, struct page_search *page, struct search *search,
	struct err *err)
{
	struct gathering gathering = {.most = (size_t)page->per_page};
	int rc = ERR_MEMORY;

	gathering.found = calloc(gathering.most, sizeof(*gathering.found));
	gathering.kept = calloc(gathering.most, sizeof(*gathering.kept));
	if (gathering.found && gathering.kept)
		rc = find(request, page, search, &gathering, err);
	else
		err_set(err, rc, "out of memory");
	if (rc == 0)
		APP_SHOW(request, search, page);
	for (size_t i = 0; gathering.kept && i < gathering.count; i++)
		buf_release(&gathering.kept[i].texts);
	free(gathering.kept);
	free(gathering.found);
	return rc;
}

/* What is wrong with the words is told where they were typed; a program gets the error. */
static int search_words(struct app_request *request, struct page_search *page, struct err *err)
{
	struct search *search;
	struct err mistake = {0};
	int rc = search_parse(page->words, &search, &mistake);

	if (rc == ERR_USAGE && !request->as_json) {
		page->mistake = mistake.message;
		request->answer->status = 400;
		page_search(&request->html, &request->app->site, page);
		return 0;
	}
	if (rc < 0)
		return err_set(err, mistake.code, "%s", mistake.message);
	rc = load(request, page, search, err);
	search_free(search);
	return rc;
}

int app_search(struct app_request *request, struct err *err)
{
	struct buf words = {0}, direction = {0};
	struct page_search page = {.next = -1};
	struct run_info run;
	int rc = app_load_run(request, &run, err);

	if (rc < 0)
		return rc;
	page.run = &run;
	page.words = app_text(request, "q", &words);
	page.backward =
		slice_equal(app_text(request, "direction", &direction), slice_text("backward"));
	page.per_page = pager_make(0, 1, app_number(request, "per_page")).per_page;
	page.from = app_number_or(request, "from", -1);
	if (page.words.len || request->as_json)
		rc = search_words(request, &page, err);
	else
		page_search(&request->html, &request->app->site, &page);
	run_info_release(&run);
	buf_release(&words);
	buf_release(&direction);
	return rc;
}
