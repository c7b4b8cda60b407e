/*
 * disguise: what keeps a program from seeing that twins (instrument.h) run in the place of
 * its code objects: whatever gives it a code object, or a place in one, gives the original's.
 *
 * The descriptors that the program sees stay; the C functions behind them are others. Three
 * of them are members of C structs (tb_lasti, gi_code and its like), which no function
 * reads: these become descriptors of the kind that has one.
 */
#ifndef SMILEY_TRACER_DISGUISE_H
#define SMILEY_TRACER_DISGUISE_H

#include <stdbool.h>

/* Once, before the first twin is made. False, with nothing changed that matters: this
 * interpreter is not as expected, and there may be no twins. */
bool disguise_put_on(void);

/* The C function of a descriptor that `type` has, or NULL. For those who put on more. */
struct PyGetSetDef *disguise_descriptor(void *type, const char *name);

#endif
