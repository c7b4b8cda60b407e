/* links: schemas ingest materializer web */
/*
 * fuzz_statements: any bytes as a Python file. Its statements rise and do not overlap, none is
 * outside the file, functions rise and have names.
 */
#include <stdlib.h>
#include <string.h>

#include "web/statements.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct statements *statements = statements_new((struct slice){data, size});
	uint32_t last = 0;

	if (!statements)
		return 0;
	for (size_t i = 0; i < statements->count; i++) {
		must(statements->list[i].first > last);
		last = statements->list[i].last;
		must(statements->list[i].first <= last && last <= size + 1);
	}
	for (size_t i = 0; i < statements->function_count; i++) {
		must(statements->functions[i].name.data);
		must(i == 0 || statements->functions[i].line >= statements->functions[i - 1].line);
	}
	statements_free(statements);
	return 0;
}
