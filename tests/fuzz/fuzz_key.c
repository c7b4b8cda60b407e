/* links: schemas ingest materializer */
/*
 * fuzz_key: the first byte chooses a kind, the rest is a key. What decodes must encode to
 * the same bytes, and be of one kind only.
 */
#include <stdlib.h>
#include <string.h>

#include "materializer/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct buf again, end;
	struct key_parts parts, other;
	enum key_kind kind;
	struct slice key;

	if (size == 0)
		return 0;
	kind = (enum key_kind)(data[0] % KEY_KINDS);
	key = (struct slice){data + 1, size - 1};
	if (!key_decode(kind, key, &parts))
		return 0;
	must(slice_equal(key, key_encode(kind, &parts, &again)));
	for (int i = 0; i < KEY_KINDS; i++) {
		if (i != (int)kind && key_family((enum key_kind)i) == key_family(kind))
			must(!key_decode((enum key_kind)i, key, &other));
	}
	key_prefix_end(key, &end);
	must(end.len == 0 || slice_compare(key, buf_slice(&end)) < 0);
	return 0;
}
