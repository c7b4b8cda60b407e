#include "tracer/instrument_internal.h"

#include <stdlib.h>

#if PY_BY_SITES

/* Units of an opcode's inline caches in CPython 3.11. */
static int opcode_caches(int opcode)
{
	switch (opcode) {
	case LOAD_METHOD:
		return INLINE_CACHE_ENTRIES_LOAD_METHOD;
	case LOAD_GLOBAL:
		return INLINE_CACHE_ENTRIES_LOAD_GLOBAL;
	case LOAD_ATTR:
		return INLINE_CACHE_ENTRIES_LOAD_ATTR;
	case STORE_ATTR:
		return INLINE_CACHE_ENTRIES_STORE_ATTR;
	case CALL:
		return INLINE_CACHE_ENTRIES_CALL;
	case PRECALL:
		return INLINE_CACHE_ENTRIES_PRECALL;
	case BINARY_SUBSCR:
		return INLINE_CACHE_ENTRIES_BINARY_SUBSCR;
	case STORE_SUBSCR:
		return INLINE_CACHE_ENTRIES_STORE_SUBSCR;
	case COMPARE_OP:
		return INLINE_CACHE_ENTRIES_COMPARE_OP;
	case BINARY_OP:
		return INLINE_CACHE_ENTRIES_BINARY_OP;
	case UNPACK_SEQUENCE:
		return INLINE_CACHE_ENTRIES_UNPACK_SEQUENCE;
	default:
		return 0;
	}
}

bool opcode_ends(int opcode)
{
	switch (opcode) {
	case JUMP_FORWARD:
	case JUMP_BACKWARD:
	case JUMP_BACKWARD_NO_INTERRUPT:
	case RETURN_VALUE:
	case RAISE_VARARGS:
	case RERAISE:
		return true;
	default:
		return false;
	}
}

bool opcode_jumps_back(int opcode)
{
	switch (opcode) {
	case JUMP_BACKWARD:
	case JUMP_BACKWARD_NO_INTERRUPT:
	case POP_JUMP_BACKWARD_IF_NOT_NONE:
	case POP_JUMP_BACKWARD_IF_NONE:
	case POP_JUMP_BACKWARD_IF_FALSE:
	case POP_JUMP_BACKWARD_IF_TRUE:
		return true;
	default:
		return false;
	}
}

static bool jumps_on(int opcode)
{
	switch (opcode) {
	case FOR_ITER:
	case JUMP_FORWARD:
	case JUMP_IF_FALSE_OR_POP:
	case JUMP_IF_TRUE_OR_POP:
	case POP_JUMP_FORWARD_IF_FALSE:
	case POP_JUMP_FORWARD_IF_TRUE:
	case POP_JUMP_FORWARD_IF_NOT_NONE:
	case POP_JUMP_FORWARD_IF_NONE:
	case SEND:
		return true;
	default:
		return false;
	}
}

/* One instruction from unit `at` on; its end, -1: it is cut short. */
static int read_instruction(const struct assembly *assembly, int at, struct instruction *found)
{
	const uint8_t *code = (const uint8_t *)PyBytes_AS_STRING(assembly->bytes);
	int unit = at, oparg = 0;

	for (;; unit++) {
		if (unit >= assembly->unit_count)
			return -1;
		oparg |= code[2 * unit + 1];
		if (code[2 * unit] != EXTENDED_ARG)
			break;
		oparg = (int)((unsigned)oparg << 8);
	}
	*found = (struct instruction){.at = at,
		.opcode = code[2 * unit],
		.oparg = oparg,
		.caches = opcode_caches(code[2 * unit]),
		.target = -1,
		.event_const = -1};
	found->units = unit + 1 + found->caches - at;
	return unit + 1 + found->caches;
}

static bool read_instructions(struct assembly *assembly)
{
	for (int unit = 0; unit < assembly->unit_count;) {
		struct instruction *found = &assembly->instructions[assembly->count];
		int end = read_instruction(assembly, unit, found);

		if (end < 0 || end > assembly->unit_count)
			return false;
		for (; unit < end; unit++)
			assembly->at_unit[unit] = assembly->count;
		assembly->count++;
	}
	assembly->at_unit[assembly->unit_count] = assembly->count;
	return true;
}

/* Jumps lead to the beginning of an instruction. */
static bool read_targets(struct assembly *assembly)
{
	for (int i = 0; i < assembly->count; i++) {
		struct instruction *jump = &assembly->instructions[i];
		int unit = jump->at + jump->units;

		if (opcode_jumps_back(jump->opcode))
			unit -= jump->oparg;
		else if (jumps_on(jump->opcode))
			unit += jump->oparg;
		else
			continue;
		if (unit < 0 || unit >= assembly->unit_count)
			return false;
		jump->target = assembly->at_unit[unit];
		if (assembly->instructions[jump->target].at != unit)
			return false;
	}
	return true;
}

static bool read_locations(struct assembly *assembly)
{
	PyObject *table = assembly->code->co_linetable;
	struct location_walk walk = location_walk_begin(PyBytes_AS_STRING(table),
		(size_t)PyBytes_GET_SIZE(table), assembly->code->co_firstlineno);
	int unit = 0;

	while (location_walk_next(&walk)) {
		for (int i = 0; i < walk.units && unit < assembly->unit_count; i++, unit++) {
			struct instruction *at = &assembly->instructions[assembly->at_unit[unit]];

			if (at->at == unit)
				at->location = walk.location;
		}
	}
	return unit == assembly->unit_count;
}

static bool find_entry(struct assembly *assembly)
{
	for (int i = 0; i < assembly->count; i++)
		if (assembly->instructions[i].opcode == RESUME) {
			assembly->entry = i;
			return true;
		}
	return false;
}

bool assembly_read(struct assembly *assembly, PyCodeObject *code)
{
	size_t units;

	*assembly = (struct assembly){.code = code, .bytes = PyCode_GetCode(code)};
	if (!assembly->bytes)
		return false;
	units = (size_t)PyBytes_GET_SIZE(assembly->bytes) / sizeof(_Py_CODEUNIT);
	assembly->unit_count = (int)units;
	assembly->instructions = calloc(units + 1, sizeof(*assembly->instructions));
	assembly->at_unit = calloc(units + 1, sizeof(*assembly->at_unit));
	assembly->sites = PyList_New(0);
	assembly->first_site = (int)PyTuple_GET_SIZE(code->co_consts);
	return assembly->instructions && assembly->at_unit && assembly->sites &&
	       read_instructions(assembly) && read_targets(assembly) && read_locations(assembly) &&
	       find_entry(assembly);
}

void assembly_release(struct assembly *assembly)
{
	Py_XDECREF(assembly->bytes);
	Py_XDECREF(assembly->sites);
	free(assembly->instructions);
	free(assembly->at_unit);
	*assembly = (struct assembly){0};
}

#endif
