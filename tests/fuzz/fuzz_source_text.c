/* links: schemas */
/*
 * fuzz_source_text: any bytes as a Python file. No line holds an end of a line, and each
 * is shown as UTF-8 without control characters.
 */
#include <stdlib.h>
#include <string.h>

#include "schemas/avro.h"
#include "schemas/source_text.h"
#include "schemas/text_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_line(struct slice line)
{
	struct buf shown = {0};

	must(!line.len ||
		(!memchr(line.data, '\n', line.len) && !memchr(line.data, '\r', line.len)));
	text_escape(&shown, line);
	must(avro_utf8_valid(buf_slice(&shown)));
	for (size_t i = 0; i < shown.len; i++)
		must(shown.data[i] == '\t' || (shown.data[i] >= 0x20 && shown.data[i] != 0x7f));
	buf_release(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source_text *source = source_text_new((struct slice){data, size});
	int64_t count;

	must(source);
	count = source_text_count(source);
	must(count >= 0 && (size == 0 || (uint64_t)count <= 3 * size));
	for (int64_t line = 0; line <= count + 1; line++)
		check_line(source_text_line(source, line));
	source_text_free(source);
	return 0;
}
