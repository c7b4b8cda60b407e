/* links: web materializer ingest schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "web/http.h"
#include "web/param.h"
#include "web/session.h"

static int check_param(const char *query, bool strict)
{
	return param_check(slice_text(query), strict, NULL);
}

static void each_parameter_of_the_table_refuses_nonsense(void **state)
{
	char query[600];

	(void)state;
	for (const struct param *param = params; param->name; param++) {
		snprintf(query, sizeof(query), "%s=", param->name);
		assert_int_equal(check_param(query, true), 0);
		memset(query + strlen(query), '7', 300);
		query[strlen(param->name) + 301] = '\0';
		assert_int_equal(check_param(query, true), ERR_USAGE);
		snprintf(query, sizeof(query), "%s=%%00", param->name);
		assert_int_equal(check_param(query, true), ERR_USAGE);
		snprintf(query, sizeof(query), "a=b&%s=%%1b", param->name);
		assert_int_equal(
			check_param(query, false), param->kind == PARAM_PAGE ? 0 : ERR_USAGE);
	}
}

static void programs_are_told_of_what_pages_pass_over(void **state)
{
	static const char *const odd[] = {
		"page=0", "page=x", "page=-1", "per_page=101", "sise=1", "page=1000000000000001"};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(check_param(odd[i], true), ERR_USAGE);
		assert_int_equal(check_param(odd[i], false), 0);
	}
	assert_int_equal(check_param("page=last&per_page=100&&q=a%20b", true), 0);
}

static void a_session_is_found_by_its_id_alone_until_it_ends(void **state)
{
	struct board *board = board_open(-1, NULL);
	const struct board_session *one = session_begin(board, NULL);
	const struct board_session *other = session_begin(board, NULL);
	char id[sizeof(one->id)];

	(void)state;
	memcpy(id, one->id, sizeof(id));
	assert_ptr_equal(session_find(board, slice_text(id)), one);
	assert_string_not_equal(one->id, other->id);
	assert_string_not_equal(one->token, other->token);
	assert_null(session_find(board, slice_text("")));
	assert_null(session_find(board, (struct slice){(const uint8_t *)id, sizeof(id) - 2}));
	id[0] = id[0] == 'a' ? 'b' : 'a';
	assert_null(session_find(board, slice_text(id)));
	memcpy(id, one->id, sizeof(id));
	board->sessions[0].until_ns = 1;
	assert_null(session_find(board, slice_text(id)));
	session_end(board, slice_text(other->id));
	assert_null(session_find(board, slice_text(id)));
	board_close(board);
}

static void the_oldest_session_makes_room(void **state)
{
	struct board *board = board_open(-1, NULL);
	char first[sizeof(board->sessions[0].id)];

	(void)state;
	memcpy(first, session_begin(board, NULL)->id, sizeof(first));
	for (int i = 1; i < BOARD_SESSIONS; i++)
		assert_non_null(session_begin(board, NULL));
	assert_non_null(session_find(board, slice_text(first)));
	assert_non_null(session_begin(board, NULL));
	assert_null(session_find(board, slice_text(first)));
	board_close(board);
}

static void wrong_secrets_are_counted_for_a_minute(void **state)
{
	struct board *board = board_open(-1, NULL);

	(void)state;
	for (int i = 0; i < SESSION_FAILURES; i++) {
		assert_true(session_may_try(board));
		session_note_failure(board);
	}
	/* The minute may just have changed. */
	if (session_may_try(board)) {
		for (int i = 0; i < SESSION_FAILURES; i++)
			session_note_failure(board);
	}
	assert_false(session_may_try(board));
	assert_true(board->failed_logins >= SESSION_FAILURES);
	board->failures -= 1ull << 32;
	assert_true(session_may_try(board));
	board_close(board);
}

static void secrets_are_equal_only_as_a_whole(void **state)
{
	(void)state;
	assert_true(secret_equal(slice_text("abc"), slice_text("abc")));
	assert_false(secret_equal(slice_text("ab"), slice_text("abc")));
	assert_false(secret_equal(slice_text("abcabc"), slice_text("abc")));
	assert_false(secret_equal(slice_text(""), slice_text("abc")));
	assert_false(secret_equal(slice_text(""), slice_text("")));
	assert_false(secret_equal(slice_text("abd"), slice_text("abc")));
}

static void workers_count_on_one_board(void **state)
{
	int fd = board_make(NULL);
	struct board *one = board_open(fd, NULL), *other = board_open(fd, NULL);

	(void)state;
	assert_string_equal(one->name, other->name);
	for (int i = 0; i < 10; i++)
		board_count(i % 2 ? one : other, 3, i < 4 ? 404 : 299, 20000, 100);
	board_count(one, 3, 200, INT64_MAX / 2, 0);
	assert_int_equal(one->routes[3].bytes, 1000);
	assert_int_equal(one->routes[3].buckets[0], 10);
	assert_int_equal(one->routes[3].buckets[BOARD_BUCKETS], 1);
	for (size_t i = 0; i < BOARD_STATUSES; i++)
		assert_int_equal(other->routes[3].statuses[i], board_statuses[i] == 404   ? 4
							       : board_statuses[i] == 200 ? 1
							       : board_statuses[i] == 0   ? 6
											  : 0);
	board_close(one);
	board_close(other);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_parameter_of_the_table_refuses_nonsense),
		cmocka_unit_test(programs_are_told_of_what_pages_pass_over),
		cmocka_unit_test(a_session_is_found_by_its_id_alone_until_it_ends),
		cmocka_unit_test(the_oldest_session_makes_room),
		cmocka_unit_test(wrong_secrets_are_counted_for_a_minute),
		cmocka_unit_test(secrets_are_equal_only_as_a_whole),
		cmocka_unit_test(workers_count_on_one_board),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
