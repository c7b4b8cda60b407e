/* links: web schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "web/avro_canonical.h"
#include "web/json_tree.h"

static void texts_are_decoded(void **state)
{
	static const struct {
		const char *json, *want;
	} cases[] = {
		{"\"\"", ""},
		{" \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\" ", "a\"\\/\b\f\n\r\t"},
		{"\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac"},
		{"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
		{"\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
				       "A"},
		{"\"\\udc00x\"", "\xef\xbf\xbdx"},
		{"\"\xc3\xa9\xff\"", "\xc3\xa9\xef\xbf\xbd"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_tree *tree;

		assert_int_equal(json_tree_parse(slice_text(cases[i].json), &tree, NULL), 0);
		assert_int_equal(json_tree_root(tree)->kind, JSON_STRING);
		assert_true(slice_equal(json_tree_root(tree)->text, slice_text(cases[i].want)));
		json_tree_free(tree);
	}
}

static void members_and_items_keep_their_order(void **state)
{
	const char *json = "{\"a\": [1, -2.5e+3, 0, {}], \"b\": {\"c\": null}, \"a\": false}";
	const struct json_node *node;
	struct json_tree *tree;

	(void)state;
	assert_int_equal(json_tree_parse(slice_text(json), &tree, NULL), 0);
	node = json_member(json_tree_root(tree), "a");
	assert_int_equal(node->kind, JSON_ARRAY);
	assert_true(slice_equal(node->first->text, slice_text("1")));
	assert_true(slice_equal(node->first->next->text, slice_text("-2.5e+3")));
	assert_int_equal(node->first->next->next->next->kind, JSON_OBJECT);
	assert_null(node->first->next->next->next->next);
	node = json_member(json_member(json_tree_root(tree), "b"), "c");
	assert_int_equal(node->kind, JSON_NULL);
	assert_null(json_member(json_tree_root(tree), "z"));
	assert_null(json_member(node, "z"));
	json_tree_free(tree);
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
	static const char *const bad[] = {"", " ", "{", "[1,]", "{\"a\"}", "{a: 1}", "01", "-",
		"1.", "1e", "tru", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u\"", "\"\x01\"", "1 2",
		"[1 2]", "{\"a\": 1,}", "nan", "'a'", "\"\\"};
	char deep[2 * JSON_TREE_MAX_DEPTH + 3] = {0};
	struct json_tree *tree;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err_clear(&err);
		assert_int_equal(json_tree_parse(slice_text(bad[i]), &tree, &err), ERR_FORMAT);
		assert_null(tree);
		assert_non_null(strstr(err.message, " at byte "));
	}
	memset(deep, '[', JSON_TREE_MAX_DEPTH);
	memset(deep + JSON_TREE_MAX_DEPTH, ']', JSON_TREE_MAX_DEPTH);
	assert_int_equal(json_tree_parse(slice_text(deep), &tree, &err), 0);
	json_tree_free(tree);
	memset(deep, '[', JSON_TREE_MAX_DEPTH + 2);
	assert_int_equal(json_tree_parse(slice_text(deep), &tree, &err), ERR_FORMAT);
}

/* The examples of the specification, and names in all the ways they may be given. */
static void schemas_have_one_form(void **state)
{
	static const struct {
		const char *schema, *want;
	} cases[] = {
		{"{\"type\": \"int\", \"logicalType\": \"date\"}", "\"int\""},
		{"{\"type\": {\"type\": \"long\"}}", "\"long\""},
		{"[\"null\", {\"type\": \"array\", \"doc\": \"x\", \"items\": \"string\"}]",
			"[\"null\",{\"type\":\"array\",\"items\":\"string\"}]"},
		{"{\"values\": \"bytes\", \"type\": \"map\"}",
			"{\"type\":\"map\",\"values\":\"bytes\"}"},
		{"{\"type\": \"fixed\", \"namespace\": \"a.b\", \"name\": \"F\", \"size\": 4}",
			"{\"name\":\"a.b.F\",\"type\":\"fixed\",\"size\":4}"},
		{"{\"type\": \"enum\", \"name\": \"x.E\", \"namespace\": \"y\", \"symbols\": "
		 "[\"A\", \"B\"]}",
			"{\"name\":\"x.E\",\"type\":\"enum\",\"symbols\":[\"A\",\"B\"]}"},
		{"{\"type\": \"record\", \"name\": \"n.R\", \"doc\": \"d\", \"fields\": [{\"default\": "
		 "1, \"type\": \"R\", \"name\": \"f\"}]}",
			"{\"name\":\"n.R\",\"type\":\"record\",\"fields\":[{\"name\":\"f\","
			"\"type\":\"n.R\"}]}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf form = {0};

		assert_int_equal(avro_canonical(slice_text(cases[i].schema), &form, NULL), 0);
		assert_string_equal(buf_string(&form), cases[i].want);
		buf_release(&form);
	}
	assert_true(avro_schema_same(slice_text("\"int\""), slice_text("{\"type\":\"int\"}")));
	assert_false(avro_schema_same(slice_text("\"int\""), slice_text("\"long\"")));
	assert_false(avro_schema_same(slice_text("{}"), slice_text("{}")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_decoded),
		cmocka_unit_test(members_and_items_keep_their_order),
		cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
		cmocka_unit_test(schemas_have_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
