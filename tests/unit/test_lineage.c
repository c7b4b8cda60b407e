/* links: tracer schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schemas/spool_file.h"
#include "tests/lib/help_dir.h"
#include "tracer/lineage.h"
#include "tracer/spool_writer.h"

struct fixture {
	char *dir;
	struct lineage lineage;
	struct parent parent;
	struct buf parent_text, child_text;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = dir_make();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	lineage_release(&f->lineage);
	buf_release(&f->parent_text);
	buf_release(&f->child_text);
	dir_remove(f->dir);
	free(f);
	return 0;
}

/* A lineage whose texts hold every byte that could be taken for something else. */
static void fill(struct fixture *f)
{
	f->lineage.spool_dir = strdup("/a dir/with=&%25:things");
	run_id_new(&f->lineage.root);
	run_id_new(&f->lineage.started.run);
	f->lineage.started.group = slice_text("group:with=&");
	f->lineage.started.user = slice_text("us&er=%41");
	buf_text(&f->lineage.options, "children=1\nredact=a b\nmode=file\n");
	f->lineage.limit_bytes = 1 << 28;
	f->lineage.drop = true;
	f->lineage.shipper_pid = 4711;
	f->lineage.shipper_start = 4000000000u;
}

static void what_is_told_is_read_again(void **state)
{
	struct fixture *f = *state;
	struct lineage got;

	fill(f);
	lineage_tell(&f->lineage, 12, 345, 2, &f->parent_text, &f->child_text);
	assert_null(strchr(buf_string(&f->child_text), '\n'));
	assert_true(lineage_read(
		&got, &f->parent, buf_string(&f->parent_text), buf_string(&f->child_text)));
	assert_string_equal(got.spool_dir, f->lineage.spool_dir);
	assert_true(run_id_equal(&got.root, &f->lineage.root));
	assert_true(run_id_equal(&got.started.run, &f->lineage.started.run));
	assert_true(slice_equal(got.started.group, f->lineage.started.group));
	assert_true(slice_equal(got.started.user, f->lineage.started.user));
	assert_true(slice_equal(buf_slice(&got.options), buf_slice(&f->lineage.options)));
	assert_int_equal(got.limit_bytes, f->lineage.limit_bytes);
	assert_true(got.drop);
	assert_int_equal(got.shipper_pid, 4711);
	assert_int_equal(got.shipper_start, 4000000000u);
	assert_int_equal(f->parent.seq, 12);
	assert_int_equal(f->parent.time_ns, 345);
	lineage_release(&got);
}

static void what_is_cut_anywhere_is_refused_or_whole(void **state)
{
	struct fixture *f = *state;
	char text[1024];
	struct lineage got;

	fill(f);
	lineage_tell(&f->lineage, 1, 2, 0, &f->parent_text, &f->child_text);
	for (size_t len = 0; len < f->child_text.len; len++) {
		snprintf(text, sizeof(text), "%.*s", (int)len, buf_string(&f->child_text));
		if (lineage_read(&got, &f->parent, buf_string(&f->parent_text), text))
			lineage_release(&got);
	}
	assert_false(lineage_read(&got, &f->parent, "no parent", buf_string(&f->child_text)));
	assert_false(lineage_read(&got, &f->parent, buf_string(&f->parent_text), ""));
}

static void a_new_run_has_a_spool_that_names_its_writer_and_its_root(void **state)
{
	struct fixture *f = *state;
	struct run_started started = {.has_parent = true, .cwd = slice_text("/here")};
	struct spool_writer writer;
	struct buf path = {0};
	struct lineage own;

	fill(f);
	free(f->lineage.spool_dir);
	f->lineage.spool_dir = strdup(f->dir);
	started.parent = f->lineage.started.run;
	assert_int_equal(lineage_begin(&f->lineage, &started, &path, NULL), 0);
	assert_int_equal(spool_writer_open(&writer, buf_string(&path), NULL), 0);
	assert_int_equal(atomic_load(&writer.header->tracer_pid), getpid());
	assert_int_equal(atomic_load(&writer.header->shipper_pid), 4711);
	assert_true(run_id_equal(&writer.header->root, &f->lineage.root));
	assert_int_equal(lineage_init(&own, writer.header, buf_string(&path)), 0);
	assert_true(run_id_equal(&own.root, &f->lineage.root));
	assert_true(run_id_equal(&own.started.run, &started.run));
	assert_true(own.started.has_parent);
	assert_true(run_id_equal(&own.started.parent, &f->lineage.started.run));
	assert_int_equal(own.started.pid, getpid());
	assert_true(slice_equal(own.started.cwd, slice_text("/here")));
	spool_writer_abandon(&writer);
	lineage_release(&own);
	buf_release(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_told_is_read_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_cut_anywhere_is_refused_or_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_new_run_has_a_spool_that_names_its_writer_and_its_root, setup, teardown),
	};

	return cmocka_run_group_tests_name("lineage", tests, NULL, NULL);
}
