/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schemas/secret.c" /* walks its table */

static bool secret(const char *name)
{
	return secret_name(slice_text(name), NULL);
}

static void every_listed_name_is_a_secret_in_every_style(void **state)
{
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		const struct term *term = &terms[i];

		if (i)
			assert_true(strcmp(terms[i - 1].text, term->text) < 0);
		assert_true(secret(term->text));
		snprintf(name, sizeof(name), "%s_2", term->text);
		assert_true(secret(name));
		snprintf(name, sizeof(name), "my-%s", term->text);
		assert_int_equal(secret(name), !term->whole);
		snprintf(name, sizeof(name), "%s_of_things", term->text);
		assert_false(secret(name));
	}
}

static void words_are_found_in_snake_camel_and_header_case(void **state)
{
	const char *yes[] = {"password", "PASSWORD", "db_password", "dbPassword", "DBPassword",
		"X-Api-Key", "x_api_key", "apiKey", "APIKey", "userAccessToken2", "api.key",
		"access key", "__token", "_password_", "Set-Cookie", "AWS_SECRET_ACCESS_KEY",
		"session_id", "sessionId", "password1", "DATABASE_URL", "Authorization"};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!secret(yes[i]))
			fail_msg("%s should be a secret", yes[i]);
}

static void ordinary_names_are_not_secrets(void **state)
{
	const char *no[] = {"", "_", "1", "x", "tokens", "tokenize", "tokenizer", "token_type",
		"password_file", "secretary", "author", "keys", "key", "public_key", "http_session",
		"pinned", "spin", "gpio_pin", "passing", "compass", "signature", "cookiecutter",
		"sessions", "author_name", "option", "basalt", "besalt", "wotp",
		"\xc3\xa9t\xc3\xa9"};

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (secret(no[i]))
			fail_msg("%s should not be a secret", no[i]);
}

static void a_user_adds_names_and_takes_names_off(void **state)
{
	const char *add[] = {"tax-id", "Blood Group"};
	const char *except[] = {"token", "my_password"};
	struct secret_list list = {add, 2, except, 2};

	(void)state;
	assert_true(secret_name(slice_text("taxId"), &list));
	assert_true(secret_name(slice_text("user_tax_id"), &list));
	assert_true(secret_name(slice_text("blood_group"), &list));
	assert_false(secret_name(slice_text("token"), &list));
	assert_false(secret_name(slice_text("next_token"), &list));
	assert_true(secret_name(slice_text("auth_token"), &list));
	assert_false(secret_name(slice_text("myPassword"), &list));
	assert_true(secret_name(slice_text("password"), &list));
}

static void a_very_long_name_is_judged_by_its_end(void **state)
{
	char name[5000];

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_false(secret_name((struct slice){(uint8_t *)name, sizeof(name)}, NULL));
	memcpy(name + sizeof(name) - 9, "_password", 9);
	assert_true(secret_name((struct slice){(uint8_t *)name, sizeof(name)}, NULL));
	memset(name, '_', sizeof(name));
	assert_false(secret_name((struct slice){(uint8_t *)name, sizeof(name)}, NULL));
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? 'a' : 'B';
	assert_false(secret_name((struct slice){(uint8_t *)name, sizeof(name)}, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_listed_name_is_a_secret_in_every_style),
		cmocka_unit_test(words_are_found_in_snake_camel_and_header_case),
		cmocka_unit_test(ordinary_names_are_not_secrets),
		cmocka_unit_test(a_user_adds_names_and_takes_names_off),
		cmocka_unit_test(a_very_long_name_is_judged_by_its_end),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
