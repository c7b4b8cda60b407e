/*
 * python_parse: a Python source as a tree, by tree-sitter's grammar of Python.
 *
 * tree-sitter 0.20.7, which Debian 12 has, frees what is not its own when a node has 65536
 * children (its issue 2134), as one of errors may. So a source of so many words that it could come to
 * that has no tree.
 */
#ifndef SMILEY_WEB_PYTHON_PARSE_H
#define SMILEY_WEB_PYTHON_PARSE_H

#include <tree_sitter/api.h>

#include "schemas/buf.h"

/* The language; NULL: the grammar was not to be had when this was built. */
const TSLanguage *python_language(void);

/* The caller deletes it. NULL: no grammar, too long, or more than that much time of the processor. */
TSTree *python_parse(struct slice text, int64_t cpu_ns);

#endif
