#include "schemas/block_internal.h"

#include <string.h>

/* A tail that is no longer than this goes in one by one, a longer one by sorting. */
#define INSERT_MAX 8

/* Where the name is, or would be, in the sorted part. */
static size_t search(const struct cursor_frame *frame, struct slice name, bool *found)
{
	size_t low = 0, high = frame->sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct slice there = frame->locals[middle].name;
		int order = there.data == name.data ? 0 : slice_compare(there, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = false;
	return low;
}

/* As search(), by index. A name is mostly where it was found the last time. */
static size_t find(
	struct block_cursor *cursor, const struct cursor_frame *frame, size_t name, bool *found)
{
	size_t *hint = &cursor->hints[name];
	struct slice text = cursor->names.names[name];

	if (*hint < frame->sorted && frame->locals[*hint].name.data == text.data) {
		*found = true;
		return *hint;
	}
	*hint = search(frame, text, found);
	return *hint;
}

static void mark_changed(struct cursor_frame *frame, size_t at)
{
	frame->locals[at].changed = true;
	if (frame->changed_from == frame->changed_to) {
		frame->changed_from = at;
		frame->changed_to = at + 1;
	} else if (at < frame->changed_from) {
		frame->changed_from = at;
	} else if (at >= frame->changed_to) {
		frame->changed_to = at + 1;
	}
}

int locals_set(struct block_cursor *cursor, struct cursor_frame *frame, size_t name,
	struct slice value, bool changed, struct err *err)
{
	bool found;
	size_t at = find(cursor, frame, name, &found);
	struct local *local;

	if (found) {
		local = &frame->locals[at];
		if (local->value.bytes.len == 0) {
			local->changed = false;
			frame->holes--;
		}
		local->value.bytes = value;
		if (changed)
			mark_changed(frame, at);
		return 0;
	}
	if (cursor_grow((void **)&frame->locals, &frame->cap, frame->count + 1,
		    sizeof(*frame->locals), err) < 0)
		return ERR_MEMORY;
	frame->locals[frame->count++] = (struct local){.name = cursor->names.names[name],
		.value = {value, &cursor->names},
		.changed = changed};
	/* In order already, as a restated frame's locals are. */
	if (at == frame->sorted && frame->count == frame->sorted + 1) {
		frame->sorted++;
		if (changed)
			mark_changed(frame, at);
	}
	return 0;
}

/* Puts locals[frame->sorted] where it belongs. */
static void insert_next(struct cursor_frame *frame)
{
	struct local local = frame->locals[frame->sorted];
	bool found;
	size_t at = search(frame, local.name, &found);

	if (found) {
		frame->locals[at].value = local.value;
		frame->locals[at].changed |= local.changed;
		memmove(&frame->locals[frame->sorted], &frame->locals[frame->sorted + 1],
			(frame->count - frame->sorted - 1) * sizeof(local));
		frame->count--;
		return;
	}
	memmove(&frame->locals[at + 1], &frame->locals[at], (frame->sorted - at) * sizeof(local));
	frame->locals[at] = local;
	frame->sorted++;
}

/* Merges from[low, middle) and from[middle, high) to `to`; of equals the first goes first. */
static void merge(
	const struct local *from, size_t low, size_t middle, size_t high, struct local *to)
{
	size_t left = low, right = middle;

	for (size_t i = low; i < high; i++) {
		if (right == high ||
			(left < middle && slice_compare(from[left].name, from[right].name) <= 0))
			to[i] = from[left++];
		else
			to[i] = from[right++];
	}
}

/* Of locals with the same name the last one's value counts. */
static size_t join_doubles(struct local *locals, size_t count)
{
	size_t kept = 0;

	for (size_t i = 1; i < count; i++) {
		if (slice_equal(locals[kept].name, locals[i].name)) {
			locals[kept].value = locals[i].value;
			locals[kept].changed |= locals[i].changed;
		} else {
			locals[++kept] = locals[i];
		}
	}
	return kept + 1;
}

static int sort_all(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err)
{
	struct local *from = frame->locals, *to, *swap;
	size_t count = frame->count;

	if (cursor_grow((void **)&cursor->scratch, &cursor->scratch_cap, count,
		    sizeof(*cursor->scratch), err) < 0)
		return ERR_MEMORY;
	to = cursor->scratch;
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t low = 0; low < count; low += 2 * width) {
			size_t middle = low + width < count ? low + width : count;
			size_t high = middle + width < count ? middle + width : count;

			merge(from, low, middle, high, to);
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != frame->locals)
		memcpy(frame->locals, from, count * sizeof(*from));
	frame->count = join_doubles(frame->locals, count);
	frame->sorted = frame->count;
	return 0;
}

/* Sorts in what came since the last time. */
static int join_tail(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err)
{
	if (frame->count == frame->sorted)
		return 0;
	if (frame->count - frame->sorted > INSERT_MAX) {
		if (sort_all(cursor, frame, err) < 0)
			return ERR_MEMORY;
	} else {
		while (frame->count > frame->sorted)
			insert_next(frame);
	}
	frame->changed_from = 0;
	frame->changed_to = frame->count;
	return 0;
}

int locals_unset(struct block_cursor *cursor, struct cursor_frame *frame, size_t name, bool changed,
	struct err *err)
{
	struct local *local;
	bool found;
	size_t at;

	if (join_tail(cursor, frame, err) < 0)
		return ERR_MEMORY;
	at = find(cursor, frame, name, &found);
	if (!found)
		return 0;
	local = &frame->locals[at];
	if (local->value.bytes.len == 0)
		return 0;
	local->value.bytes.len = 0;
	local->changed = changed;
	frame->holes++;
	return 0;
}

/* Closes up the holes; those that a Change made are listed as removed. */
static int close_holes(struct cursor_frame *frame, struct err *err)
{
	size_t kept = 0;

	if (cursor_grow((void **)&frame->removed, &frame->removed_cap,
		    frame->removed_count + frame->holes, sizeof(*frame->removed), err) < 0)
		return ERR_MEMORY;
	for (size_t i = 0; i < frame->count; i++) {
		if (frame->locals[i].value.bytes.len > 0)
			frame->locals[kept++] = frame->locals[i];
		else if (frame->locals[i].changed)
			frame->removed[frame->removed_count++] = frame->locals[i].name;
	}
	frame->count = kept;
	frame->sorted = kept;
	frame->holes = 0;
	frame->changed_from = 0;
	frame->changed_to = kept;
	return 0;
}

int locals_settle(struct block_cursor *cursor, struct cursor_frame *frame, struct err *err)
{
	if (join_tail(cursor, frame, err) < 0 || (frame->holes > 0 && close_holes(frame, err) < 0))
		return ERR_MEMORY;
	frame->frame.locals = frame->locals;
	frame->frame.local_count = frame->count;
	frame->frame.removed = frame->removed;
	frame->frame.removed_count = frame->removed_count;
	return 0;
}

int locals_splice(struct block_cursor *cursor, struct cursor_frame *frame, size_t name,
	const struct splice *splice, struct err *err)
{
	bool found;
	size_t at;

	if (join_tail(cursor, frame, err) < 0)
		return ERR_MEMORY;
	at = find(cursor, frame, name, &found);
	if (!found || frame->locals[at].value.bytes.len == 0)
		return cursor_bad(cursor, "Resize or Splice of a local that has no value", err);
	mark_changed(frame, at);
	return container_splice(cursor, &frame->locals[at].value.bytes, splice, err);
}

void locals_begin(struct cursor_frame *frame)
{
	for (size_t i = frame->changed_from; i < frame->changed_to; i++)
		frame->locals[i].changed = false;
	frame->changed_from = 0;
	frame->changed_to = 0;
	frame->removed_count = 0;
}
