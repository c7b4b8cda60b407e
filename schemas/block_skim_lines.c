#include "schemas/block_skim_internal.h"

#include "schemas/value.h"

/*
 * Most of a block are lines of one frame and the locals that they changed. Here they are read
 * one after the other without the state of the skimmer being stored and loaded for each.
 */
#define HOT static inline __attribute__((always_inline))

/* So many bytes hold a Line, and a Change or Local of a number; nearer to the end than that
 * nothing is read here, so that there are no other bounds to look at. */
#define ITEM_BYTES 24

static __attribute__((noinline)) const uint8_t *skip_any(
	const struct block_skimmer *s, const uint8_t *at)
{
	struct avro_in in = {at, s->end};

	return *at < 0x80 && *at != 2 * VALUE_UNSET && value_skip(&in, s->name_count) ? in.at
										      : NULL;
}

HOT const uint8_t *skip_value(const struct block_skimmer *s, const uint8_t *at)
{
	uint64_t eight;

	if (__builtin_expect(*at == 2 * VALUE_LONG, 1)) {
		memcpy(&eight, at + 1, sizeof(eight));
		eight = ~le64toh(eight) & UINT64_C(0x8080808080808080);
		if (__builtin_expect(eight != 0, 1))
			return at + (__builtin_ctzll(eight) >> 3) + 2;
	} else if (*at == 2 * VALUE_DOUBLE) {
		return at + 9;
	}
	return skip_any(s, at);
}

/* As avro_long(), where there are enough bytes. */
HOT const uint8_t *read_long(const uint8_t *at, const uint8_t *end, int64_t *value)
{
	struct avro_long slow;
	uint64_t bits = at[0];

	if (at[0] & 0x80) {
		if (__builtin_expect(at[1] & 0x80, 0)) {
			slow = avro_long_slowly(at, end);
			*value = slow.value;
			return slow.behind;
		}
		bits += ((uint64_t)at[1] << 7) - 0x80;
		at++;
	}
	*value = (int64_t)(bits >> 1 ^ (0 - (bits & 1)));
	return at + 1;
}

/* The number of the local that the item at `at`, a Change or Local, is about, 64 if it is not for
 * here; *behind is the place behind the item. */
HOT uint32_t read_local(const struct block_skimmer *s, const uint8_t *at, const uint8_t **behind)
{
	size_t name = at[1] >> 1;
	uint32_t number;

	/* Names under 64 are a byte, without the sign's bit. */
	if (at[1] & 0x81 || name >= s->name_count)
		return 64;
	number = s->locals[name] - 1;
	if (number >= 64)
		return 64;
	*behind = skip_value(s, at + 2);
	return *behind ? number : 64;
}

HOT void set_local(struct skim_live *frame, uint64_t bit, uint8_t kind)
{
	if (__builtin_expect(!(frame->bits->present & bit), 0)) {
		frame->bits->present |= bit;
		frame->present++;
	}
	if (kind == 2 * VALUE_CONTAINER)
		frame->bits->container |= bit;
	else
		frame->bits->container &= ~bit;
}

/* Lines of the frame, which has one word of locals. */
HOT const uint8_t *read_lines(
	struct block_skimmer *s, struct skim_live *frame, const uint8_t *at, int64_t *left)
{
	const uint8_t *const end = s->end;
	struct skim_event *event = s->next, *const limit = s->limit;
	int64_t time_ns = s->time_ns, line = frame->line, items = *left;

	while (items > 0 && end - at >= ITEM_BYTES && *at == 2 * ITEM_LINE && event < limit) {
		uint64_t changed = 0;
		uint32_t count = 0;
		int64_t dt, dline, next_ns, next_line;
		const uint8_t *behind = read_long(at + 1, end, &dt);

		behind = behind ? read_long(behind, end, &dline) : NULL;
		if (!behind || __builtin_add_overflow(time_ns, dt, &next_ns) ||
			__builtin_add_overflow(line, dline, &next_line))
			break;
		event->time_ns = time_ns = next_ns;
		event->line = line = next_line;
		at = behind;
		items--;
		while (items > 0 && end - at >= ITEM_BYTES &&
			(*at == 2 * ITEM_CHANGE || *at == 2 * ITEM_LOCAL)) {
			uint32_t number = read_local(s, at, &behind);

			if (number == 64)
				break;
			set_local(frame, UINT64_C(1) << number, at[2]);
			if (*at == 2 * ITEM_CHANGE) {
				count += !(changed >> number & 1);
				changed |= UINT64_C(1) << number;
			}
			at = behind;
			items--;
		}
		event->locals = frame->present;
		event->changed = frame->changed = count;
		frame->bits->changed = changed;
		event++;
	}
	s->next = event;
	s->time_ns = time_ns;
	frame->line = line;
	*left = items;
	return at;
}

const uint8_t *skim_lines(struct block_skimmer *s, const uint8_t *at, int64_t *left)
{
	struct skim_event *event = s->next;
	struct skim_live *frame;

	if (!s->stack || s->stack->count == 0 || s->ahead)
		return at;
	frame = s->stack->items[s->stack->count - 1];
	if (frame->words != 1)
		return at;
	at = read_lines(s, frame, at, left);
	if (s->next == event)
		return at;
	s->target = frame;
	s->open = s->next - 1;
	frame->removed = 0;
	frame->bits->removed = 0;
	for (; event < s->next; event++) {
		event->frame = frame->entry;
		event->thread = s->stack->entry;
		event->removed = 0;
		event->kind = EVENT_LINE;
	}
	return at;
}
