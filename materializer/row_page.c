#include "materializer/row_page.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/text.h"
#include "schemas/value.h"

#define CHUNK_BYTES 16384

struct chunk {
	struct chunk *next;
	size_t used, cap;
	uint8_t bytes[];
};

/* What the rows point to: lines and changes of all rows one behind the other, which row has
 * which is told by its counts. */
struct row_page_memory {
	struct chunk *chunks;
	size_t row_cap;
	int64_t *lines;
	size_t line_count, line_cap;
	struct row_change *changes;
	size_t change_count, change_cap;
	struct buf scratch;
};

static int no_memory(struct err *err)
{
	return err_set(err, ERR_MEMORY, "rows: out of memory");
}

int row_page_init(struct row_page *page, struct err *err)
{
	*page = (struct row_page){.memory = calloc(1, sizeof(struct row_page_memory))};
	return page->memory ? 0 : no_memory(err);
}

void row_page_release(struct row_page *page)
{
	struct row_page_memory *memory = page->memory;

	free(page->rows);
	if (memory) {
		while (memory->chunks) {
			struct chunk *chunk = memory->chunks;

			memory->chunks = chunk->next;
			free(chunk);
		}
		free(memory->lines);
		free(memory->changes);
		buf_release(&memory->scratch);
		free(memory);
	}
	*page = (struct row_page){0};
}

static int copy(struct row_page_memory *memory, struct slice *text, struct err *err)
{
	struct chunk *chunk = memory->chunks;

	if (text->len == 0) {
		*text = slice_text("");
		return 0;
	}
	if (!chunk || chunk->cap - chunk->used < text->len) {
		size_t cap = text->len > CHUNK_BYTES ? text->len : CHUNK_BYTES;

		chunk = malloc(sizeof(*chunk) + cap);
		if (!chunk)
			return no_memory(err);
		*chunk = (struct chunk){.next = memory->chunks, .cap = cap};
		memory->chunks = chunk;
	}
	memcpy(chunk->bytes + chunk->used, text->data, text->len);
	text->data = chunk->bytes + chunk->used;
	chunk->used += text->len;
	return 0;
}

static int copy_value(
	struct row_page_memory *memory, struct value value, struct slice *text, struct err *err)
{
	buf_clear(&memory->scratch);
	value_repr(value, &memory->scratch);
	if (memory->scratch.failed)
		return no_memory(err);
	*text = buf_slice(&memory->scratch);
	return copy(memory, text, err);
}

/* Makes room for one more element. */
static int grow(void **array, size_t *cap, size_t count, size_t bytes, struct err *err)
{
	size_t more = *cap ? *cap * 2 : 32;
	void *grown;

	if (count < *cap)
		return 0;
	grown = realloc(*array, more * bytes);
	if (!grown)
		return no_memory(err);
	*array = grown;
	*cap = more;
	return 0;
}

/* The place of a name among the row's changes, made when it is not there. NULL: out of
 * memory. */
static struct row_change *change_of(struct row_page *page, struct slice name, struct err *err)
{
	struct row_page_memory *memory = page->memory;
	struct row *row = &page->rows[page->count - 1];
	struct row_change *change = memory->changes + memory->change_count - row->change_count;

	for (size_t i = 0; i < row->change_count; i++, change++) {
		if (slice_equal(change->name, name))
			return change;
	}
	if (grow((void **)&memory->changes, &memory->change_cap, memory->change_count,
		    sizeof(*memory->changes), err) < 0 ||
		copy(memory, &name, err) < 0)
		return NULL;
	change = &memory->changes[memory->change_count++];
	*change = (struct row_change){.name = name};
	row->change_count++;
	return change;
}

static int add_changes(struct row_page *page, const struct frame *frame, struct err *err)
{
	for (size_t i = 0; i < frame->local_count; i++) {
		const struct local *local = &frame->locals[i];
		struct row_change *change;

		if (!local->changed || !text_local_shown(local))
			continue;
		change = change_of(page, local->name, err);
		if (!change || copy_value(page->memory, local->value, &change->value, err) < 0)
			return ERR_MEMORY;
	}
	for (size_t i = 0; i < frame->removed_count; i++) {
		struct row_change *change;

		if (!text_name_shown(frame->removed[i]))
			continue;
		change = change_of(page, frame->removed[i], err);
		if (!change)
			return ERR_MEMORY;
		change->value = (struct slice){0};
	}
	return 0;
}

int row_page_extend(struct row_page *page, const struct event *event, struct err *err)
{
	struct row_page_memory *memory = page->memory;
	struct row *row = &page->rows[page->count - 1];

	row->last_seq = event->seq;
	if (!event->frame)
		return 0;
	if (grow((void **)&memory->lines, &memory->line_cap, memory->line_count,
		    sizeof(*memory->lines), err) < 0)
		return ERR_MEMORY;
	memory->lines[memory->line_count++] = event->line;
	row->line_count++;
	return add_changes(page, event->frame, err);
}

static int copy_texts(
	struct row_page *page, struct row *row, const struct event *event, struct err *err)
{
	struct row_page_memory *memory = page->memory;
	int rc = 0;

	if (event->thread) {
		row->thread_name = event->thread->name;
		rc = copy(memory, &row->thread_name, err);
	}
	if (rc == 0 && event->frame) {
		row->file = event->frame->code.file;
		row->function = event->frame->code.function;
		rc = copy(memory, &row->file, err);
		if (rc == 0)
			rc = copy(memory, &row->function, err);
	}
	if (rc == 0 && event->value.bytes.len)
		rc = copy_value(memory, event->value, &row->value, err);
	row->text = event->text;
	return rc == 0 ? copy(memory, &row->text, err) : rc;
}

int row_page_begin(
	struct row_page *page, int64_t number, const struct event *event, struct err *err)
{
	const struct frame *frame = event->frame;
	struct row *row;

	if (grow((void **)&page->rows, &page->memory->row_cap, page->count, sizeof(*page->rows),
		    err) < 0)
		return ERR_MEMORY;
	row = &page->rows[page->count];
	*row = (struct row){
		.number = number,
		.first_seq = event->seq,
		.time_ns = event->time_ns,
		.kind = event->kind,
		.has_thread = event->thread != NULL,
		.thread = event->thread ? event->thread->number : 0,
		.frame = frame ? frame->id : -1,
		.code_line = frame ? frame->code.line : 0,
		.depth = frame ? frame->depth : 0,
		.lost = event->lost,
		.off_ns = -1,
	};
	if (copy_texts(page, row, event, err) < 0)
		return ERR_MEMORY;
	page->count++;
	return row_page_extend(page, event, err);
}

static int by_name(const void *a, const void *b)
{
	const struct row_change *left = a, *right = b;

	return slice_compare(left->name, right->name);
}

void row_page_finish(struct row_page *page)
{
	struct row_change *change = page->memory->changes;
	const int64_t *line = page->memory->lines;

	for (size_t i = 0; i < page->count; i++) {
		struct row *row = &page->rows[i];

		row->lines = line;
		row->changes = change;
		if (row->change_count > 1)
			qsort(change, row->change_count, sizeof(*change), by_name);
		if (row->line_count)
			line += row->line_count;
		if (row->change_count)
			change += row->change_count;
	}
}
