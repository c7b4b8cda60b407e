/* links: schemas ingest materializer */
/*
 * Lets the n-th allocation of our own code fail, alone and with all behind it, for every n until there are no more: each time
 * an error comes back, with its words, or the work is done all the same; nothing crashes, nothing
 * leaks (asan), and the same work done again succeeds. RocksDB and the C library keep their memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/file_log.h"
#include "materializer/follow.h"
#include "materializer/materialize.h"
#include "materializer/query.h"
#include "schemas/block.h"
#include "schemas/json.h"
#include "tests/lib/help_database.h"
#include "tests/lib/help_dir.h"

/* What stands behind our allocator: a sanitizer's, or the C library's. */
void *__interceptor_malloc(size_t size) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
void *__interceptor_realloc(void *old, size_t size) __attribute__((weak));
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

/* This program's own code, by the linker. */
extern const char __executable_start[], etext[];

static atomic_int allocations; /* since it was armed */
static atomic_int failing;     /* which; 0: none */
static atomic_bool lasting;    /* and all behind it */

__attribute__((unused)) static bool is_hit(const void *caller)
{
	const char *at = caller;
	int number;

	if (!atomic_load(&failing) || at < __executable_start || at >= etext)
		return false;
	number = atomic_fetch_add(&allocations, 1) + 1;
	if (number < atomic_load(&failing) || (number > atomic_load(&failing) && !lasting))
		return false;
	errno = ENOMEM;
	return true;
}

#ifndef __SANITIZE_THREAD__
/* In place of the C library's: the linker takes a program's own first. */
void *malloc(size_t size)
{
	if (is_hit(__builtin_return_address(0)))
		return NULL;
	return __interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	if (is_hit(__builtin_return_address(0)))
		return NULL;
	return __interceptor_calloc ? __interceptor_calloc(count, size)
				    : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	if (is_hit(__builtin_return_address(0)))
		return NULL;
	return __interceptor_realloc ? __interceptor_realloc(old, size) : __libc_realloc(old, size);
}

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = is_hit(__builtin_return_address(0)) ? NULL : malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}
#endif

static void try_one(
	struct fixture *f, int (*work)(struct fixture *f, struct err *err), int n, bool onward)
{
	struct err err = {0};
	int rc;

	atomic_store(&allocations, 0);
	atomic_store(&lasting, onward);
	atomic_store(&failing, n);
	rc = work(f, &err);
	atomic_store(&failing, 0);
	if (rc < 0 && (rc != err.code || !err.message[0]))
		fail_msg("allocation %d: %d, told as %d %s", n, rc, err.code, err.message);
	if (rc < 0 && rc != ERR_MEMORY && !strstr(err.message, "memory"))
		fail_msg("allocation %d: %d %s", n, rc, err.message);
}

/* How often it was tried; every n up to `each`, then every seventh: what comes then is alike. */
static int try_all(struct fixture *f, int (*work)(struct fixture *f, struct err *err), int each)
{
	int tries = 0;

	for (int n = 1;; n += n < each ? 1 : 7) {
		try_one(f, work, n, true);
		try_one(f, work, n, false);
		tries++;
		good(f, work(f, &f->err));
		if (atomic_load(&allocations) < n)
			return tries;
	}
}

static int append_and_read(struct fixture *f, struct err *err)
{
	struct log_reader *reader = NULL;
	struct log_record record;
	struct log *log = NULL;
	int rc = file_log_open(f->paths.log, true, &log, err);

	if (rc)
		return rc;
	rc = log_append(log, LOG_EVENTS, slice_text("k"), slice_text("text"), err);
	rc = rc ? rc : log_reader_open(log, LOG_FROM_START, &reader, err);
	while (rc == 0 && (rc = log_reader_next(reader, 0, &record, err)) > 0)
		rc = 0;
	log_reader_close(reader);
	log_close(log);
	return rc;
}

static void a_log_of_files(void **state)
{
	assert_true(try_all(*state, append_and_read, 1000) > 5);
}

/* What is said to be folded is all there. */
static int fold_all(struct fixture *f, struct err *err)
{
	struct run_id run = told_run(1);
	struct query *query = NULL;
	int64_t events;
	int rc = materialize_rebuild(&f->paths, f->log, NULL, err);

	atomic_store(&failing, 0);
	if (rc == 0) {
		good(f, query_open(&f->paths, &query, &f->err));
		good(f, query_verify(query, &run, &events, &f->err));
		query_close(query);
	}
	return rc;
}

static void a_fold(void **state)
{
	struct fixture *f = *state;

	told_all(&f->told, 1, 40);
	told_deleted(&f->told, 2);
	append(f);
	assert_true(try_all(f, fold_all, 12) > 12);
}

static int ask_all(struct fixture *f, struct err *err)
{
	struct run_id run = told_run(1);
	struct query *query = NULL;
	struct digest digest;
	struct buf text = {0};
	int64_t events;
	int rc = query_open(&f->paths, &query, err);

	rc = rc ? rc : query_verify(query, &run, &events, err);
	rc = rc ? rc : query_digest(query, &digest, err);
	rc = rc ? rc : query_source(query, &run, slice_text(TOLD_FILE), &text, err);
	query_close(query);
	buf_release(&text);
	return rc;
}

static void questions(void **state)
{
	struct fixture *f = *state;

	told_all(&f->told, 1, 40);
	publish(f);
	assert_true(try_all(f, ask_all, 1000) > 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, database_setup, database_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_log_of_files),
		TEST(a_fold),
		TEST(questions),
	};

#ifdef __SANITIZE_THREAD__
	printf("1..0 # SKIP tsan's own allocator has to be the first\n");
	(void)tests;
	return 0;
#else
	return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
