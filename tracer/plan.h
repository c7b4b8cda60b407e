/*
 * plan: what the tracer has worked out once about a code object: whether it is recorded,
 * the names of its variables, and which of them each line can store.
 *
 * A plan hangs at its code object (co_extra) and dies with it.
 */
#ifndef SMILEY_TRACER_PLAN_H
#define SMILEY_TRACER_PLAN_H

#include "tracer/cost.h"
#include "tracer/names.h"

#include <stdbool.h>
#include <stdint.h>

#define PLAN_MASK_SLOTS 64 /* code with more variables has them all looked at each time */

struct plan_slot {
	struct name *name; /* NULL: never shown */
	bool cell;         /* its value is in a cell */
	bool secret;       /* the name looks like a secret's */
};

/* The shown slots that a line's instructions store or delete, and those they load; in stores,
 * what any line may change as well: cell and free variables, and what instructions touch that
 * have no line. */
struct plan_line {
	uint64_t stores;
	uint64_t loads;
};

struct plan {
	bool recorded;
	bool optimized; /* fast locals; else a module or class body: names in a dict */
	bool masked;    /* optimized, and no more than PLAN_MASK_SLOTS variables */
	bool secret;    /* the function's own name looks like a secret's: so is its value */
	struct name *file;
	struct name *function;
	int first_line;
	uint32_t process; /* the tracer's, when it made sure that the file's text is stored */
	uint32_t block;   /* the block in which `index` holds */
	uint32_t index;
	struct cost_means cost; /* what an event of it takes */
	int slot_count;
	uint64_t cells;     /* shown slots that any line may change: cell and free variables */
	uint64_t plain;     /* shown slots that are neither cells nor secret */
	uint64_t arguments; /* shown slots that have values when the code begins */
	struct plan_line anywhere; /* of instructions that have no line; and cells */
	int least_line;            /* lines[line - least_line] */
	int line_count;
	struct plan_line *lines;
	uint32_t calls;  /* joined.h: counted until it is settled */
	int joined_line; /* recorded with a call: its first line, if there is a joined_unit */
	int joined_unit; /* that one's place; 0: it is told apart */
	int unit_count;  /* unit_lines[code unit]: its line, -1: none; NULL: not needed */
	int *unit_lines;
	struct plan_slot slots[];
};

struct tracer;

/* The code's plan, made at the first call. NULL: out of memory (then it is not recorded). */
struct plan *plan_of(struct tracer *tracer, void *code_object);

/* After a fork: plan_of() does this for each plan that it is asked for. */
void plan_carry_over(struct tracer *tracer, struct plan *plan);

/* Would the plan of the code, or of code that it holds, say that it is recorded? Makes none. */
bool plan_records(struct tracer *tracer, void *code_object);

/* Asks the interpreter for our place in code objects; once, before the first plan. */
void plan_set_index(struct tracer *tracer);

/* What the instructions of `line` touch, and those without a line. */
static inline const struct plan_line *plan_line(const struct plan *plan, int line)
{
	unsigned index = (unsigned)(line - plan->least_line);

	return index < (unsigned)plan->line_count ? &plan->lines[index] : &plan->anywhere;
}

/* The line of the instruction at this code unit; -1: none. */
static inline int plan_unit_line(const struct plan *plan, int unit)
{
	return unit >= 0 && unit < plan->unit_count ? plan->unit_lines[unit] : -1;
}

#endif
