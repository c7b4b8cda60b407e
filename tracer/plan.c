#include "tracer/plan.h"

#include "tracer/hook.h"
#include "tracer/location.h"
#include "tracer/source.h"
#include "tracer/tracer_internal.h"
#include "tracer/unicode.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 4096

static bool is_secret(const struct tracer *tracer, const char *text, size_t len)
{
	return tracer->options.redact &&
	       secret_name((struct slice){(const uint8_t *)text, len}, &tracer->secrets);
}

static uint64_t shown_slots(const struct plan *plan)
{
	uint64_t shown = 0;

	for (int i = 0; i < plan->slot_count && i < PLAN_MASK_SLOTS; i++)
		shown |= (uint64_t)(plan->slots[i].name != NULL) << i;
	return shown;
}

static int fill_slots(struct tracer *tracer, PyCodeObject *code, struct plan *plan)
{
	char text[NAME_BYTES];

	for (int i = 0; i < plan->slot_count; i++) {
		struct plan_slot *slot = &plan->slots[i];
		PyObject *name = py_code_slot_name(code, i);
		size_t len = unicode_copy(name, text, sizeof(text));

		slot->cell = py_code_slot_is_cell(code, i);
		if (!name || !name_is_shown(text, len))
			continue;
		slot->secret = is_secret(tracer, text, len);
		slot->name = names_intern(&tracer->names, text, len);
		if (!slot->name)
			return ERR_MEMORY;
		if (i >= PLAN_MASK_SLOTS)
			continue;
		if (slot->cell)
			plan->cells |= (uint64_t)1 << i;
		else if (!slot->secret)
			plan->plain |= (uint64_t)1 << i;
	}
	plan->arguments &= shown_slots(plan);
	return 0;
}

static struct location_walk walk_begin(PyCodeObject *code)
{
	return location_walk_begin(PyBytes_AS_STRING(code->co_linetable),
		(size_t)PyBytes_GET_SIZE(code->co_linetable), code->co_firstlineno);
}

static uint64_t slot_bit(int slot)
{
	return slot >= 0 && slot < PLAN_MASK_SLOTS ? (uint64_t)1 << slot : 0;
}

static void add_touched(const PyCodeObject *code, struct plan_line *line, const uint8_t *bytes,
	size_t from, size_t to)
{
	int extended = 0;

	for (size_t unit = from; unit < to; unit++) {
		int opcode = bytes[2 * unit];
		int oparg = extended | bytes[2 * unit + 1];
		struct py_touched touched = py_touches(code, opcode, oparg);

		extended = opcode == EXTENDED_ARG ? oparg << 8 : 0;
		for (int i = 0; i < 2; i++) {
			line->stores |= slot_bit(touched.stored[i]);
			line->loads |= slot_bit(touched.loaded[i]);
		}
	}
}

static void join_line(const struct plan *plan, struct plan_line *line, uint64_t shown)
{
	line->stores = ((line->stores | plan->anywhere.stores) & shown) | plan->cells;
	line->loads = (line->loads | plan->anywhere.loads) & shown;
}

static void join_lines(struct plan *plan)
{
	uint64_t shown = shown_slots(plan);

	for (int i = 0; i < plan->line_count; i++)
		join_line(plan, &plan->lines[i], shown);
	join_line(plan, &plan->anywhere, shown);
}

static bool walk_next(struct location_walk *walk)
{
	return PY_VERSION_HEX >= 0x030b0000 ? location_walk_next(walk)
					    : location_walk_next_pair(walk);
}

/* What each line's instructions touch. A line may have several ranges; an instruction and
 * its EXTENDED_ARG are always in one. */
static int fill_lines(PyCodeObject *code, struct plan *plan)
{
	struct location_walk walk = walk_begin(code);
	int least = INT_MAX, most = INT_MIN;
	PyObject *bytes;
	size_t unit = 0, units;

	while (walk_next(&walk)) {
		least = walk.line < least ? walk.line : least;
		most = walk.line > most ? walk.line : most;
	}
	if (least > most) {
		join_lines(plan);
		return 0;
	}
	bytes = py_code_bytes(code);
	plan->lines = calloc((size_t)(most - least) + 1, sizeof(*plan->lines));
	if (!bytes || !plan->lines) {
		PyErr_Clear();
		Py_XDECREF(bytes);
		return ERR_MEMORY;
	}
	plan->least_line = least;
	plan->line_count = most - least + 1;
	units = (size_t)PyBytes_GET_SIZE(bytes) / 2;
#if PY_BY_MONITORING
	plan->unit_lines = malloc((units ? units : 1) * sizeof(*plan->unit_lines));
	plan->unit_count = plan->unit_lines ? (int)units : 0;
#endif
	walk = walk_begin(code);
	while (walk_next(&walk) && unit < units) {
		size_t end = unit + (size_t)walk.units;
		int line = walk.location.line;

		end = end < units ? end : units;
		add_touched(code, line < 0 ? &plan->anywhere : &plan->lines[line - least],
			(const uint8_t *)PyBytes_AS_STRING(bytes), unit, end);
		for (; unit < end; unit++)
			if (plan->unit_lines)
				plan->unit_lines[unit] = line;
	}
	Py_DECREF(bytes);
	join_lines(plan);
	return 0;
}

static void plan_free(void *memory)
{
	struct plan *plan = memory;

	if (!plan)
		return;
	if (hook_tracer())
		cost_forget(&hook_tracer()->stream.cost, &plan->cost);
	free(plan->lines);
	free(plan->unit_lines);
	free(plan);
}

void plan_set_index(struct tracer *tracer)
{
	tracer->plan_index = py_code_extra_index(plan_free);
}

/* Takes "/./" and "//" out, as in `python ./app.py`; links and ".." stay. */
static size_t tidy_path(char *path)
{
	char *out = path;

	for (const char *at = path; *at; at++) {
		while (at[0] == '/' && (at[1] == '/' || (at[1] == '.' && at[2] == '/')))
			at += at[1] == '/' ? 1 : 2;
		*out++ = *at;
	}
	*out = '\0';
	return (size_t)(out - path);
}

/* The absolute path of the code's file in `path`; its length. */
static size_t absolute_path(struct tracer *tracer, PyCodeObject *code, char *path, size_t room)
{
	char text[NAME_BYTES];
	size_t len = unicode_copy(code->co_filename, text, sizeof(text));

	if (len == 0 || text[len - 1] == '>')
		return (size_t)snprintf(path, room, "%s", text);
	snprintf(path, room, "%s%s", text[0] == '/' || !tracer->cwd ? "" : tracer->cwd, text);
	return tidy_path(path);
}

static bool is_recorded(struct tracer *tracer, const PyCodeObject *code, const char *path)
{
	char name[NAME_BYTES];

	if (!filter_records(&tracer->filter, path))
		return false;
	unicode_copy(py_code_qualname(code), name, sizeof(name));
	return filter_records_function(&tracer->filter, name);
}

/* Is the code, or code that it holds, recorded? They are all of one file. */
static bool function_is_recorded(struct tracer *tracer, const PyCodeObject *code)
{
	char name[NAME_BYTES];

	unicode_copy(py_code_qualname(code), name, sizeof(name));
	if (filter_records_function(&tracer->filter, name))
		return true;
	for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
		const PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);

		if (PyCode_Check(constant) &&
			function_is_recorded(tracer, (const PyCodeObject *)constant))
			return true;
	}
	return false;
}

bool plan_records(struct tracer *tracer, void *code_object)
{
	char text[2 * NAME_BYTES];

	absolute_path(tracer, code_object, text, sizeof(text));
	return filter_records(&tracer->filter, text) && function_is_recorded(tracer, code_object);
}

static uint64_t argument_slots(const PyCodeObject *code)
{
	int count = code->co_argcount + code->co_kwonlyargcount + !!(code->co_flags & CO_VARARGS) +
		    !!(code->co_flags & CO_VARKEYWORDS);

	return count >= PLAN_MASK_SLOTS ? UINT64_MAX : ((uint64_t)1 << count) - 1;
}

static struct plan *plan_new(struct tracer *tracer, PyCodeObject *code)
{
	int count = py_code_slots(code);
	struct plan *plan = calloc(1, sizeof(*plan) + (size_t)count * sizeof(plan->slots[0]));
	char text[2 * NAME_BYTES];
	size_t len;

	if (!plan)
		return NULL;
	len = absolute_path(tracer, code, text, sizeof(text));
	plan->recorded = is_recorded(tracer, code, text);
	plan->process = tracer->process;
	plan->first_line = code->co_firstlineno;
	if (!plan->recorded)
		return plan;
	plan->optimized = code->co_flags & CO_OPTIMIZED;
	plan->slot_count = count;
	plan->masked = plan->optimized && count <= PLAN_MASK_SLOTS;
	plan->arguments = argument_slots(code);
	plan->file = names_intern(&tracer->names, text, len);
	if (plan->file)
		source_store(tracer, plan->file);
	len = unicode_copy(py_code_qualname(code), text, sizeof(text));
	plan->secret = is_secret(tracer, text, len);
	plan->function = names_intern(&tracer->names, text, len);
	if (!plan->file || !plan->function || fill_slots(tracer, code, plan) < 0 ||
		fill_lines(code, plan) < 0) {
		plan_free(plan);
		return NULL;
	}
	return plan;
}

/* This process was forked since: what its spool must hold, too. */
void plan_carry_over(struct tracer *tracer, struct plan *plan)
{
	plan->process = tracer->process;
	if (plan->recorded && plan->file)
		source_store(tracer, plan->file);
}

struct plan *plan_of(struct tracer *tracer, void *code_object)
{
	PyObject *code = code_object;
	void *extra = NULL;
	int64_t since_ns;

	if (py_code_extra(code, tracer->plan_index, &extra) < 0) {
		PyErr_Clear();
		return NULL;
	}
	if (extra) {
		if (__builtin_expect(((struct plan *)extra)->process != tracer->process, 0))
			plan_carry_over(tracer, extra);
		return extra;
	}
	since_ns = stream_pause(&tracer->stream);
	extra = plan_new(tracer, (PyCodeObject *)code);
	stream_go_on(&tracer->stream, since_ns);
	if (extra && py_code_set_extra(code, tracer->plan_index, extra) < 0) {
		PyErr_Clear();
		plan_free(extra);
		return NULL;
	}
	return extra;
}
