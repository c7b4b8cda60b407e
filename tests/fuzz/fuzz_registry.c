/* links: web materializer ingest schemas */
/*
 * fuzz_registry: a request as "METHOD PATH[?QUERY]\nBODY". Whatever it is, the answer is
 * JSON, of a status that HTTP has; and a body that is an Avro schema has a form whose form
 * is itself.
 */
#include "web/avro_canonical.h"
#include "web/json_tree.h"
#include "web/registry.h"

#include "tests/lib/help_cut.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_form(struct slice schema)
{
	struct buf form = {0}, again = {0};

	if (avro_canonical(schema, &form, NULL) == 0) {
		assert(avro_canonical(buf_slice(&form), &again, NULL) == 0);
		assert(slice_equal(buf_slice(&form), buf_slice(&again)));
	}
	buf_release(&form);
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct registry registry = {.topic_prefix = "smiley."};
	struct http_answer answer = {0};
	struct slice rest = {data, size}, line, method;
	struct json_tree *tree;
	struct http_request request;
	char name[16] = {0};

	if (size == 0)
		return 0;
	line = cut(&rest, '\n');
	method = cut(&line, ' ');
	memcpy(name, method.data, method.len < sizeof(name) ? method.len : sizeof(name) - 1);
	request = (struct http_request){.method = name, .body = rest};
	request.path = cut(&line, '?');
	request.query = line;
	registry_answer(&registry, &request, &answer);
	assert(answer.status >= 200 && answer.status < 500);
	assert(json_tree_parse(buf_slice(&answer.body), &tree, NULL) == 0);
	json_tree_free(tree);
	buf_release(&answer.body);
	check_form(rest);
	return 0;
}
