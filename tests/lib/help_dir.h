/*
 * help_dir: directories and files for tests. What fails aborts.
 */
#ifndef SMILEY_TESTS_LIB_HELP_DIR_H
#define SMILEY_TESTS_LIB_HELP_DIR_H

#include "schemas/buf.h"

/* A new empty directory below $TMPDIR; its path is heap memory: dir_remove() frees it. */
char *dir_make(void);
/* Removes the directory with the files and directories in it. */
void dir_remove(char *dir);

/* Replace all of a file's content, and read it. */
void file_write(const char *path, struct slice content);
void file_read(const char *path, struct buf *content);

#endif
