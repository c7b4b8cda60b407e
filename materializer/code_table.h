/*
 * code_table: numbers for code objects and files. Names of events live only as long as their
 * block; here each distinct one is kept once, and told apart by a small number from 0 on.
 */
#ifndef SMILEY_MATERIALIZER_CODE_TABLE_H
#define SMILEY_MATERIALIZER_CODE_TABLE_H

#include "schemas/err.h"
#include "schemas/event.h"

struct code_table;

struct code_table *code_table_new(void); /* NULL: out of memory */
void code_table_free(struct code_table *table);

/* The number of a code object: the same for the same file, function and first line. Or
 * ERR_MEMORY. */
int64_t code_table_add(struct code_table *table, const struct code *code, struct err *err);

/* How many there are. */
int64_t code_table_count(const struct code_table *table);

/* The code of that number; its names live as long as the table. */
struct code code_table_get(const struct code_table *table, int64_t number);

/* The number of its file, and how many files there are; a file is numbered with its first code. */
int64_t code_table_file(const struct code_table *table, int64_t number);
int64_t code_table_files(const struct code_table *table);
struct slice code_table_file_path(const struct code_table *table, int64_t file);

#endif
