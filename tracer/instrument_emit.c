#include "tracer/instrument_internal.h"

#include <stdlib.h>

#if PY_BY_SITES

#define YIELD_UNITS 3 /* COPY, CONTAINS_OP, POP_TOP */
#define SEND_UNITS 2  /* JUMP_FORWARD, SEND: see emit_yield() */
#define JOIN_UNITS 2  /* POP_TOP, POP_TOP: of what the call's site has returned, and of itself */
#define ROUNDS 20     /* in which jumps may grow */

static int extended_args(unsigned oparg)
{
	return oparg > 0xffffff ? 3 : oparg > 0xffff ? 2 : oparg > 0xff ? 1 : 0;
}

static int load_units(int constant)
{
	return 1 + extended_args((unsigned)constant);
}

/* The yield of `yield from` and `await`: gen.throw() and close() expect SEND before it. */
static bool follows_send(const struct assembly *assembly, int i)
{
	return i > 0 && assembly->instructions[i].opcode == YIELD_VALUE &&
	       assembly->instructions[i - 1].opcode == SEND;
}

/* Units of the event's site before the instruction. */
static int event_units(const struct assembly *assembly, int i)
{
	const struct instruction *at = &assembly->instructions[i];

	if (at->event_const < 0 || at->opcode == RESUME)
		return 0;
	if (at->opcode != YIELD_VALUE)
		return load_units(at->event_const) + 1;
	return load_units(at->event_const) + YIELD_UNITS +
	       (follows_send(assembly, i) ? SEND_UNITS : 0);
}

static int line_units(const struct instruction *at)
{
	return at->line_site ? load_units(at->line_const) + 1 : 0;
}

/* Units of the call's site behind RESUME. */
static int call_units(const struct instruction *at)
{
	if (at->opcode != RESUME || at->event_const < 0)
		return 0;
	return load_units(at->event_const) + 1 + (at->joins ? JOIN_UNITS : 0);
}

static int lay_out(struct assembly *assembly)
{
	int unit = 0;

	for (int i = 0; i < assembly->count; i++) {
		struct instruction *at = &assembly->instructions[i];

		at->start = unit;
		unit += at->skips_site;
		at->site = unit;
		unit += line_units(at);
		at->event = unit;
		unit += event_units(assembly, i);
		at->place = unit;
		unit += at->extended + 1 + at->caches;
		at->after = unit;
		unit += call_units(at);
	}
	return unit;
}

/* Where the jump leads in the twin. */
static int label(const struct assembly *assembly, const struct instruction *jump)
{
	const struct instruction *target = &assembly->instructions[jump->target];

	return jump->jumps_past ? target->event : target->site;
}

static unsigned new_oparg(const struct assembly *assembly, const struct instruction *at)
{
	int end = at->place + at->extended + 1 + at->caches;

	if (at->target < 0)
		return (unsigned)at->oparg;
	if (opcode_jumps_back(at->opcode))
		return (unsigned)(end - label(assembly, at));
	return (unsigned)(label(assembly, at) - end);
}

/* Makes room for the arguments of jumps until all of them fit. */
static int settle(struct assembly *assembly)
{
	int units = 0;

	for (int i = 0; i < assembly->count; i++) {
		struct instruction *at = &assembly->instructions[i];

		at->extended = at->target < 0 ? extended_args((unsigned)at->oparg) : 0;
	}
	for (int round = 0; round < ROUNDS; round++) {
		bool grown = false;

		units = lay_out(assembly);
		for (int i = 0; i < assembly->count; i++) {
			struct instruction *at = &assembly->instructions[i];
			int need = extended_args(new_oparg(assembly, at));

			if (need > at->extended) {
				at->extended = need;
				grown = true;
			}
		}
		if (!grown)
			return units;
	}
	return -1;
}

struct emitter {
	struct assembly *assembly;
	struct twin_pieces *pieces;
	int line; /* of the location table */
};

static void put_unit(struct emitter *emitter, int opcode, unsigned oparg, int original)
{
	struct twin_pieces *pieces = emitter->pieces;

	pieces->originals[pieces->code.len / 2] = original;
	buf_byte(&pieces->code, (uint8_t)opcode);
	buf_byte(&pieces->code, (uint8_t)oparg);
}

static void put_instruction(
	struct emitter *emitter, int opcode, unsigned oparg, int extended, int original)
{
	for (int i = extended; i > 0; i--)
		put_unit(emitter, EXTENDED_ARG, oparg >> 8 * i & 0xff, original);
	put_unit(emitter, opcode, oparg & 0xff, original);
}

static void put_location(struct emitter *emitter, struct location location, int units)
{
	location_put(&emitter->pieces->locations, &emitter->line, location, units);
}

/* past: so many units are left out when the site's iterator is at its end. */
static void put_site(struct emitter *emitter, int constant, int past, int original)
{
	put_instruction(emitter, LOAD_CONST, (unsigned)constant, extended_args((unsigned)constant),
		original);
	put_unit(emitter, FOR_ITER, (unsigned)past, original);
}

/* The site asks for the value that lies on the stack. A generator's throw() looks at the
 * instruction before YIELD_VALUE when that is a `yield from`: there stands a SEND that is
 * never executed, and leads to where the real one does. */
static bool emit_yield(struct emitter *emitter, int i)
{
	struct instruction *at = &emitter->assembly->instructions[i];
	int end;

	put_unit(emitter, COPY, 1, ~at->at);
	put_instruction(emitter, LOAD_CONST, (unsigned)at->event_const,
		extended_args((unsigned)at->event_const), ~at->at);
	put_unit(emitter, CONTAINS_OP, 0, ~at->at);
	put_unit(emitter, POP_TOP, 0, ~at->at);
	if (!follows_send(emitter->assembly, i))
		return true;
	end = label(emitter->assembly, at - 1);
	if (end - at->place > 0xff)
		return false;
	put_unit(emitter, JUMP_FORWARD, 1, ~at->at);
	put_unit(emitter, SEND, (unsigned)(end - at->place), ~at[-1].at);
	return true;
}

static bool emit_before(struct emitter *emitter, int i)
{
	struct instruction *at = &emitter->assembly->instructions[i];
	struct location location = {at->location.line, at->location.line, -1, -1};

	if (at->skips_site)
		put_unit(emitter, JUMP_FORWARD, (unsigned)(at->event - at->site), ~at->at);
	if (at->line_site)
		put_site(emitter, at->line_const, 0, ~at->at);
	if (at->opcode == YIELD_VALUE && at->event_const >= 0) {
		if (!emit_yield(emitter, i))
			return false;
	} else if (at->event < at->place) {
		put_site(emitter, at->event_const, 0, ~at->at);
	}
	put_location(emitter, location, at->place - at->start);
	return true;
}

/* The call site at the beginning has no line: the first line event comes behind it. */
static void emit_after(struct emitter *emitter, int i)
{
	struct instruction *at = &emitter->assembly->instructions[i];
	struct location location = {at->location.line, at->location.line, -1, -1};
	bool entry = i == emitter->assembly->entry;

	if (at->opcode != RESUME || at->event_const < 0)
		return;
	put_site(
		emitter, at->event_const, at->joins ? JOIN_UNITS + line_units(at + 1) : 0, ~at->at);
	for (int pop = 0; pop < JOIN_UNITS && at->joins; pop++)
		put_unit(emitter, POP_TOP, 0, ~at->at);
	put_location(emitter, entry ? (struct location){-1, -1, -1, -1} : location, call_units(at));
}

static bool emit_code(struct emitter *emitter)
{
	struct assembly *assembly = emitter->assembly;

	for (int i = 0; i < assembly->count; i++) {
		struct instruction *at = &assembly->instructions[i];
		int operation = at->at + at->units - 1 - at->caches;

		if (!emit_before(emitter, i))
			return false;
		put_instruction(emitter, at->opcode, new_oparg(assembly, at), at->extended, at->at);
		emitter->pieces->originals[emitter->pieces->code.len / 2 - 1] = operation;
		for (int cache = 1; cache <= at->caches; cache++)
			put_unit(emitter, CACHE, 0, operation + cache);
		put_location(emitter, at->location, at->after - at->place);
		emit_after(emitter, i);
	}
	return true;
}

/* The table of handlers: variable-length numbers of 6 bits a byte, most significant first. */
static int read_number(const uint8_t **at, const uint8_t *end)
{
	unsigned value = 0;
	uint8_t byte = 64;

	while (*at < end && byte & 64) {
		byte = *(*at)++;
		value = value << 6 | (byte & 63);
	}
	return (int)value;
}

static void put_number(struct buf *table, unsigned value, uint8_t first)
{
	for (int shift = 24; shift > 0; shift -= 6)
		if (value >> shift) {
			buf_byte(table, (uint8_t)(first | 64 | (value >> shift & 63)));
			first = 0;
		}
	buf_byte(table, (uint8_t)(first | (value & 63)));
}

static int new_start(const struct assembly *assembly, int unit, int units)
{
	int index = unit < assembly->unit_count ? assembly->at_unit[unit] : assembly->count;

	return index < assembly->count ? assembly->instructions[index].start : units;
}

static bool emit_handlers(struct assembly *assembly, struct twin_pieces *pieces)
{
	PyObject *table = assembly->code->co_exceptiontable;
	const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(table);
	const uint8_t *end = at + PyBytes_GET_SIZE(table);

	while (at < end) {
		int start = read_number(&at, end);
		int size = read_number(&at, end);
		int target = read_number(&at, end);
		int depth = read_number(&at, end);
		int from, to;

		if (start < 0 || size < 0 || target < 0 || target >= assembly->unit_count ||
			size > assembly->unit_count - start)
			return false;
		from = new_start(assembly, start, pieces->units);
		to = new_start(assembly, start + size, pieces->units);
		target = assembly->instructions[assembly->at_unit[target]].site;
		put_number(&pieces->handlers, (unsigned)from, 128);
		put_number(&pieces->handlers, (unsigned)(to - from), 0);
		put_number(&pieces->handlers, (unsigned)target, 0);
		put_number(&pieces->handlers, (unsigned)depth, 0);
	}
	return true;
}

bool assembly_emit(struct assembly *assembly, struct twin_pieces *pieces)
{
	struct emitter emitter = {assembly, pieces, assembly->code->co_firstlineno};

	*pieces = (struct twin_pieces){.units = settle(assembly)};
	if (pieces->units < 0)
		return false;
	pieces->originals = calloc((size_t)pieces->units + 1, sizeof(*pieces->originals));
	return pieces->originals && emit_code(&emitter) && emit_handlers(assembly, pieces) &&
	       !pieces->code.failed && !pieces->locations.failed && !pieces->handlers.failed &&
	       pieces->code.len == 2 * (size_t)pieces->units;
}

void twin_pieces_release(struct twin_pieces *pieces)
{
	buf_release(&pieces->code);
	buf_release(&pieces->locations);
	buf_release(&pieces->handlers);
	free(pieces->originals);
	*pieces = (struct twin_pieces){0};
}

#endif
