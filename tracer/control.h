/*
 * control: what the package `smiley` (tracer/python/) asks of the tracer. The functions are those of
 * the extension module `_smiley`; in a process that is traced already, by whichever build, they are
 * had by an audit event, since no program is to see a module of ours that did not ask for it:
 *
 *     answer = []
 *     sys.audit("smiley.tracer", answer)     # now [module], or still []
 *
 *     state()              (run's id or None, is something recorded?)
 *     attach(path, args)   starts a helper (ops/attach.h); what it says before it closes its output
 *     begin(spool)         traces this process, for the first time
 *     pause(), resume()    stop and go on; without effect where there is nothing to
 *
 * Each raises RuntimeError when it cannot do its work.
 */
#ifndef SMILEY_TRACER_CONTROL_H
#define SMILEY_TRACER_CONTROL_H

#include "tracer/pycompat_internal.h"

#define CONTROL_EVENT "smiley.tracer"

/* A new module with the functions; NULL with an exception. */
PyObject *control_module(void);

/* `arguments` of the audit event: appends the module to the list that is in it. */
void control_answer(PyObject *arguments);

#endif
