#include "web/json_page.h"

#include "materializer/run_text.h"
#include "schemas/item.h"

void json_slice_or_null(struct json *json, struct slice text)
{
	if (text.len)
		json_slice(json, text);
	else
		json_null(json);
}

void json_pager(struct json *json, const struct pager *pager)
{
	json_key(json, "page");
	json_long(json, pager->page);
	json_key(json, "pages");
	json_long(json, pager->pages);
	json_key(json, "per_page");
	json_long(json, pager->per_page);
	json_key(json, "total");
	json_long(json, pager->total);
}

static void put_id(struct json *json, const struct run_id *run)
{
	char id[RUN_ID_TEXT_BYTES];

	json_text(json, run_id_format(run, id));
}

static void put_words(struct json *json, const char *key, struct buf *words)
{
	json_key(json, key);
	json_slice_or_null(json, buf_slice(words));
	buf_clear(words);
}

static void put_arguments(struct json *json, struct text_list argv)
{
	struct slice argument;

	json_key(json, "argv");
	json_array_begin(json);
	while (text_list_next(&argv, &argument))
		json_slice(json, argument);
	json_array_end(json);
}

static void put_process(struct json *json, const struct run_started *started)
{
	put_arguments(json, started->argv);
	json_key(json, "cwd");
	json_slice_or_null(json, started->cwd);
	json_key(json, "host");
	json_slice_or_null(json, started->host);
	json_key(json, "pid");
	json_long(json, started->pid);
	json_key(json, "user");
	json_slice_or_null(json, started->user);
	json_key(json, "python");
	json_slice_or_null(json, started->python);
	json_key(json, "boot_id");
	json_slice_or_null(json, started->boot_id);
	json_key(json, "container");
	json_slice_or_null(json, started->container);
	json_key(json, "group");
	json_slice_or_null(json, started->group);
	json_key(json, "parent");
	if (started->has_parent)
		put_id(json, &started->parent);
	else
		json_null(json);
	json_key(json, "parent_event");
	if (started->has_parent && started->parent_seq >= 0)
		json_long(json, started->parent_seq);
	else
		json_null(json);
}

static void put_traceback(struct json *json, struct traceback traceback)
{
	struct traceback_entry entry;

	json_key(json, "traceback");
	json_array_begin(json);
	while (traceback_next(&traceback, &entry)) {
		json_object_begin(json);
		json_key(json, "file");
		json_slice(json, entry.file);
		json_key(json, "line");
		json_long(json, entry.line);
		json_key(json, "function");
		json_slice(json, entry.function);
		json_object_end(json);
	}
	json_array_end(json);
}

/* Members of a run that goes on are there as well, null. */
static void put_end(struct json *json, const struct run_info *run)
{
	static const char *const names[] = {
		"finished", "duration", "exit_status", "signal", "error_type"};

	if (!run->has_finished) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			json_key(json, names[i]);
			json_null(json);
		}
		return;
	}
	json_key(json, "finished");
	json_seconds(json, run->finished.finished_ns);
	json_key(json, "duration");
	json_seconds(json, run->finished.finished_ns - run->started.started_ns);
	json_key(json, "exit_status");
	json_long(json, run->finished.exit_status);
	json_key(json, "signal");
	json_long(json, run->finished.signal);
	json_key(json, "error_type");
	json_slice_or_null(json, run->finished.error_type);
	put_traceback(json, run->finished.traceback);
}

void json_run_info(struct json *json, const struct run_info *run)
{
	struct buf words = {0};

	json_object_begin(json);
	json_key(json, "id");
	put_id(json, &run->id);
	json_key(json, "state");
	json_text(json, run_state_name(run->state));
	json_key(json, "paused");
	json_boolean(json, run->paused);
	argv_text(run->started.argv, &words);
	put_words(json, "description", &words);
	run_error_text(run, &words);
	put_words(json, "error", &words);
	json_key(json, "events");
	json_long(json, run->event_count);
	json_key(json, "started");
	json_seconds(json, run->started.started_ns);
	put_end(json, run);
	put_process(json, &run->started);
	json_object_end(json);
	json->out->failed |= words.failed;
	buf_release(&words);
}

static void put_runs(struct json *json, const char *key, const struct run_list *list)
{
	json_key(json, key);
	json_array_begin(json);
	for (size_t i = 0; list && i < list->count; i++)
		json_run_info(json, &list->runs[i]);
	json_array_end(json);
}

void json_runs(struct json *json, const struct page_runs *page)
{
	json_pager(json, &page->pager);
	put_runs(json, "runs", page->list);
}

void json_tree(struct json *json, const struct page_tree *page)
{
	json_key(json, "run");
	json_run_info(json, page->run);
	json_key(json, "parent");
	if (page->parent)
		json_run_info(json, page->parent);
	else
		json_null(json);
	put_runs(json, "children", page->children);
	json_key(json, "children_total");
	json_long(json, page->children->total);
	put_runs(json, "group", page->group);
	json_key(json, "group_total");
	json_long(json, page->group ? page->group->total : 0);
}

void json_threads(struct json *json, const struct page_threads *page)
{
	json_key(json, "run");
	json_run_info(json, page->run);
	json_key(json, "threads");
	json_array_begin(json);
	for (size_t i = 0; i < page->count; i++) {
		const struct thread_info *thread = &page->threads[i];
		bool counted = thread->event_count >= 0;

		json_object_begin(json);
		json_key(json, "number");
		json_long(json, thread->number);
		json_key(json, "name");
		json_slice(json, thread->name);
		json_key(json, "events");
		counted ? json_long(json, thread->event_count) : json_null(json);
		json_key(json, "locations");
		counted ? json_long(json, thread->location_count) : json_null(json);
		json_key(json, "first");
		counted ? json_seconds(json, thread->start_ns) : json_null(json);
		json_key(json, "last");
		counted ? json_seconds(json, thread->end_ns) : json_null(json);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_hex(struct json *json, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	struct buf text = {0};

	for (size_t i = 0; i < len; i++) {
		buf_byte(&text, (uint8_t)digits[bytes[i] >> 4]);
		buf_byte(&text, (uint8_t)digits[bytes[i] & 15]);
	}
	json_slice(json, buf_slice(&text));
	json->out->failed |= text.failed;
	buf_release(&text);
}

void json_jump(struct json *json, const struct page_jump *page)
{
	json_key(json, "run");
	json_run_info(json, page->run);
	json_key(json, "seq");
	json_long(json, page->seq);
	json_key(json, "row");
	json_long(json, page->row);
}

void json_files(struct json *json, const struct page_files *page)
{
	json_key(json, "run");
	json_run_info(json, page->run);
	json_key(json, "files");
	json_array_begin(json);
	for (size_t i = 0; i < page->count; i++) {
		json_object_begin(json);
		json_key(json, "path");
		json_slice(json, page->files[i].path);
		json_key(json, "signature");
		json_text(json, page->files[i].signature);
		json_key(json, "sha256");
		put_hex(json, page->files[i].sha256, sizeof(page->files[i].sha256));
		json_key(json, "lines_run");
		json_long(json, page->hits[i].lines);
		json_key(json, "line_events");
		json_long(json, page->hits[i].hits);
		json_key(json, "calls");
		json_long(json, page->hits[i].calls);
		json_object_end(json);
	}
	json_array_end(json);
}

void json_file(struct json *json, const struct page_file *page)
{
	int64_t lines = source_text_count(page->source.code.text);

	json_key(json, "run");
	json_run_info(json, page->run);
	json_key(json, "path");
	json_slice(json, page->source.path);
	json_key(json, "signature");
	json_text(json, page->source.signature);
	json_key(json, "lines");
	json_array_begin(json);
	for (int64_t line = 1; line <= lines; line++)
		json_slice(json, source_text_line(page->source.code.text, line));
	json_array_end(json);
	json_key(json, "hits");
	json_array_begin(json);
	for (size_t i = 0; i < page->hits->count; i++) {
		json_object_begin(json);
		json_key(json, "line");
		json_long(json, page->hits->places[i].line);
		json_key(json, "ran");
		json_long(json, page->hits->places[i].hits);
		json_key(json, "calls");
		json_long(json, page->hits->places[i].calls);
		json_object_end(json);
	}
	json_array_end(json);
	json_key(json, "times");
	json_array_begin(json);
	for (size_t i = 0; i < page->times->count; i++) {
		json_object_begin(json);
		json_key(json, "line");
		json_long(json, page->times->lines[i].line);
		json_key(json, "self");
		json_seconds(json, page->times->lines[i].ns);
		json_object_end(json);
	}
	json_array_end(json);
}

void json_hits(struct json *json, const struct page_hits *page)
{
	json_key(json, "run");
	json_run_info(json, page->run);
	json_key(json, "path");
	json_slice(json, page->source.path);
	json_key(json, "line");
	json_long(json, page->line);
	json_key(json, "event");
	json_text(json, event_kind_name(page->kind));
	json_key(json, "ran");
	json_long(json, page->hits);
	json_key(json, "calls");
	json_long(json, page->calls);
	json_key(json, "variable");
	json_slice_or_null(json, page->variable);
	json_pager(json, &page->pager);
	json_key(json, "rows");
	json_array_begin(json);
	for (size_t i = 0; i < page->rows->count; i++)
		json_row(json, &page->rows->rows[i]);
	json_array_end(json);
}

static void json_found(struct json *json, const struct page_found *found)
{
	json_object_begin(json);
	json_key(json, "seq");
	json_long(json, found->seq);
	json_key(json, "time");
	json_seconds(json, found->time_ns);
	json_key(json, "event");
	json_text(json, event_kind_name(found->kind));
	json_key(json, "thread");
	json_slice_or_null(json, found->thread);
	json_key(json, "file");
	json_slice_or_null(json, found->path);
	json_key(json, "line");
	if (found->line)
		json_long(json, found->line);
	else
		json_null(json);
	json_key(json, "function");
	json_slice_or_null(json, found->function);
	json_key(json, "what");
	json_slice(json, found->what);
	json_key(json, "variable");
	json_slice_or_null(json, found->variable);
	json_key(json, "value");
	json_slice_or_null(json, found->value);
	json_object_end(json);
}

void json_search(struct json *json, const struct page_search *page)
{
	json_key(json, "run");
	json_run_info(json, page->run);
	json_key(json, "terms");
	json_slice(json, page->words);
	json_key(json, "direction");
	json_text(json, page->backward ? "backward" : "forward");
	json_key(json, "next");
	if (page->next >= 0)
		json_long(json, page->next);
	else
		json_null(json);
	json_key(json, "events");
	json_array_begin(json);
	for (size_t i = 0; i < page->count; i++)
		json_found(json, &page->found[i]);
	json_array_end(json);
}

void json_about(struct json *json, const struct site *site)
{
	json_key(json, "version");
	json_text(json, site->version);
	json_key(json, "newest_schema_id");
	json_long(json, SCHEMA_LAST);
}

void json_delete(struct json *json, const struct page_delete *page)
{
	json_key(json, "run");
	json_run_info(json, page->run);
}

void json_error(struct json *json, const struct page_error *page)
{
	json_key(json, "status");
	json_long(json, page->status);
	json_key(json, "error");
	json_text(json, page->title);
	json_key(json, "reason");
	json_slice(json, page->reason);
}
