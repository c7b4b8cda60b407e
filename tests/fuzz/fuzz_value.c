/* links: schemas */
/*
 * fuzz_value: any bytes as a value. What value_skip() accepts must be shown, whole and
 * without a control character; what it refuses must do no harm.
 */
#include <stdlib.h>
#include <string.h>

#include "schemas/avro.h"
#include "schemas/json.h"
#include "schemas/value.h"
#include "schemas/value_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_clean(const struct buf *out, bool printable)
{
	const uint8_t *at = out->data;
	const uint8_t *end = out->len ? at + out->len : at;

	while (at < end) {
		int32_t c = utf8_next(&at, end);

		must(c >= 0x20 && (c < 0x7f || c >= 0xa0));
		must(!printable || code_point_printable((uint32_t)c));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice slices[] = {
		slice_text("app.Thing"), slice_text("\x1b[1m\xff"), slice_text("")};
	struct name_table names = {3, slices};
	struct avro_in in = {data, data + size};
	bool good = value_skip(&in, names.count);
	struct value value = {{data, good ? (size_t)(in.at - data) : size}, &names};
	struct buf out = {0};
	struct buf quoted = {0};

	value_repr(value, &out);
	(void)value_kind(value);
	(void)value_is_routine(value);
	(void)value_address(value);
	check_clean(&out, true);
	must(!good || out.len < 13 || memcmp(out.data + out.len - 13, "<not a value>", 13) != 0);
	json_string(&quoted, (struct slice){data, size});
	must(quoted.len >= 2 && quoted.data[quoted.len - 1] == '"');
	check_clean(&quoted, false);
	buf_release(&quoted);
	buf_release(&out);
	return 0;
}
