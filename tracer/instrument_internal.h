/*
 * instrument_internal: a code object taken apart into instructions, and put together again
 * with the sites in it.
 */
#ifndef SMILEY_TRACER_INSTRUMENT_INTERNAL_H
#define SMILEY_TRACER_INSTRUMENT_INTERNAL_H

#include "tracer/instrument.h"
#include "tracer/location.h"

/* One instruction with its EXTENDED_ARGs and inline caches. Places count code units. */
struct instruction {
	int at, units; /* in the original */
	uint8_t opcode;
	int oparg, caches;
	struct location location;
	int target;      /* index of the instruction that it jumps to; -1: it does not */
	bool line_site;  /* some ways to it are line events */
	bool skips_site; /* the way from the instruction before is none */
	bool jumps_past; /* its own jump to the target is none */
	bool joins; /* RESUME: its site may tell of the line behind it, and goes past its site */
	int line_const;  /* index of the line site's constant */
	int event_const; /* of another site's; -1: none */
	/* In the twin: the jump over the line site, the site, the event's site, the
	 * instruction's first EXTENDED_ARG, what stands behind it. */
	int start, site, event, place, after;
	int extended; /* number of EXTENDED_ARGs */
};

struct assembly {
	PyCodeObject *code;
	PyObject *bytes; /* co_code, owned */
	int unit_count;
	struct instruction *instructions;
	int count;
	int entry;       /* index of the RESUME that begins it */
	int *at_unit;    /* index of the instruction that a unit belongs to, one more at the end */
	PyObject *sites; /* list, owned: constants behind the original's */
	int first_site;  /* index of its first among the twin's constants */
};

/* Does control never go on to the instruction behind? */
bool opcode_ends(int opcode);
bool opcode_jumps_back(int opcode);

/* Reads the code. False: it is not as we know code to be, or out of memory. */
bool assembly_read(struct assembly *assembly, PyCodeObject *code);
void assembly_release(struct assembly *assembly);

/* The pieces of the twin. NULL: out of memory, or a jump that cannot be written. */
struct twin_pieces {
	struct buf code, locations, handlers;
	int *originals; /* the original's unit of each unit; ~unit: a site's; heap memory */
	int units;
};
bool assembly_emit(struct assembly *assembly, struct twin_pieces *pieces);
void twin_pieces_release(struct twin_pieces *pieces);

#endif
