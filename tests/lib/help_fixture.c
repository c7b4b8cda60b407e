#include "tests/lib/help_fixture.h"

#include <stdlib.h>

int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->build.head.first_seq = 100;
	f->build.head.base_ns = 5000;
	f->cursor = block_cursor_new();
	/* Not in the order of their texts. */
	f->name[1] = build_name(&f->build, "b");
	f->name[0] = build_name(&f->build, "a");
	f->name[3] = build_name(&f->build, "d");
	f->name[2] = build_name(&f->build, "c");
	f->code = build_code(&f->build, f->name[0], f->name[1], 10);
	*state = f;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	block_cursor_free(f->cursor);
	build_release(&f->build);
	buf_release(&f->body);
	free(f);
	return 0;
}

void fixture_thread(struct fixture *f)
{
	build_thread(&f->build, 0, 77, f->name[3], 0);
}
