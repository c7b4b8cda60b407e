/*
 * install: puts twins (instrument.h) in the place of code objects before they run.
 *
 * Code comes to run through exec() and eval(), which modules are imported by too; through
 * functions made of code objects; or as source text that C compiles and runs: the main program,
 * `-c CODE`, exec() of a text. Of that the audit event "exec" tells, and the frame evaluator
 * (evaluator.h) then runs the twin instead. Code objects in the constants of a twin are twins
 * already.
 */
#ifndef SMILEY_TRACER_INSTALL_H
#define SMILEY_TRACER_INSTALL_H

#include "tracer/pycompat_internal.h"

struct install {
	/* Is this code object to have a twin? */
	bool (*wanted)(PyCodeObject *code);
	/* It has been made, or not: for who counts the time since wanted() said yes. */
	void (*made)(void);
	/* A code object that was wanted has none: it runs as it is. */
	void (*failed)(PyCodeObject *code);
};

/* Once. False: this interpreter is not as expected, there will be no twins. */
bool install_begin(const struct install *install);

/* Functions that were made before there were twins, by what `site` runs for the program. */
void install_functions(void);

/* For the audit event "exec": this code object is about to run. Its twin will run instead. */
void install_exec(PyObject *code);

#endif
