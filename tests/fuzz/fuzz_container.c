/* links: schemas */
/*
 * fuzz_container: a container file. Whatever it is, what is read lies in it and is used up step by
 * step; and objects that were read come out of a file that is made of them.
 */
#include "schemas/container.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(enum schema_id schema, struct slice body)
{
	static const uint8_t sync[CONTAINER_SYNC_BYTES] = "not of chance..";
	struct container made, read;
	struct buf file = {0};
	struct slice rest, again;
	enum schema_id as;
	size_t used;

	container_begin(&made, sync, &file);
	/* An older version's id is none of those that are written. */
	if (container_add(&made, schema, body, &file)) {
		rest = buf_slice(&file);
		assert(container_open(rest, &read, &used, NULL) == 1);
		rest = (struct slice){rest.data + used, rest.len - used};
		assert(container_next(&read, rest, &as, &again, &used, NULL) == 1);
		assert(as == schema && slice_equal(body, again) && used == rest.len);
	}
	buf_release(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct container container;
	struct slice rest = {data, size}, body;
	enum schema_id schema;
	size_t used;

	if (container_open(rest, &container, &used, NULL) != 1)
		return 0;
	do {
		assert(used > 0 && used <= rest.len);
		rest = (struct slice){rest.data + used, rest.len - used};
		if (container_next(&container, rest, &schema, &body, &used, NULL) != 1)
			break;
		assert(body.data >= rest.data && body.data + body.len <= rest.data + used);
		write_and_read(schema, body);
	} while (rest.len);
	return 0;
}
