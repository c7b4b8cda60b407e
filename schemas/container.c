#include "schemas/container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/avro.h"
#include "schemas/schema_text.h"

#define MAGIC "Obj\1"
#define MAGIC_BYTES 4
#define RUN_ID_TYPE "{\"type\": \"fixed\", \"name\": \"RunId\", \"size\": 16}"
#define KEY_SCHEMA "avro.schema"
#define KEY_CODEC "avro.codec"
#define KEY_BRANCHES "smiley.schemas"

/* In the order of the union's branches. */
static const enum schema_id parts[] = {SCHEMA_RUN_STARTED, SCHEMA_SOURCE_FILE, SCHEMA_TRACE_BLOCK,
	SCHEMA_CHILD_UNTRACED, SCHEMA_RUN_FINISHED};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

_Static_assert(PARTS <= CONTAINER_BRANCHES_MAX, "all are held");

/* A type's name is defined once in a schema: behind the first, RunId is only named. */
static void put_schema(const char *text, bool first, struct buf *out)
{
	for (const char *at; !first && (at = strstr(text, RUN_ID_TYPE));
		text = at + strlen(RUN_ID_TYPE)) {
		buf_append(out, text, (size_t)(at - text));
		buf_text(out, "\"RunId\"");
	}
	buf_text(out, text);
}

static void put_pair(const char *key, struct slice value, struct buf *out)
{
	avro_buf_bytes(out, key, strlen(key));
	avro_buf_bytes(out, value.data, value.len);
}

void container_begin(
	struct container *container, const uint8_t sync[CONTAINER_SYNC_BYTES], struct buf *out)
{
	struct buf schema = {0}, branches = {0};

	*container = (struct container){.branch_count = PARTS};
	memcpy(container->sync, sync, CONTAINER_SYNC_BYTES);
	buf_byte(&schema, '[');
	for (size_t i = 0; i < PARTS; i++) {
		container->branches[i] = (int)parts[i];
		if (i)
			buf_byte(&schema, ',');
		put_schema(schema_text(parts[i]), i == 0, &schema);
		buf_printf(&branches, "%s%d", i ? "," : "", (int)parts[i]);
	}
	buf_byte(&schema, ']');
	buf_append(out, MAGIC, MAGIC_BYTES);
	avro_buf_long(out, 3);
	put_pair(KEY_SCHEMA, buf_slice(&schema), out);
	put_pair(KEY_CODEC, slice_text("null"), out);
	put_pair(KEY_BRANCHES, buf_slice(&branches), out);
	avro_buf_long(out, 0);
	buf_append(out, sync, CONTAINER_SYNC_BYTES);
	out->failed |= schema.failed || branches.failed;
	buf_release(&schema);
	buf_release(&branches);
}

bool container_add(const struct container *container, enum schema_id schema, struct slice body,
	struct buf *out)
{
	uint8_t branch[AVRO_LONG_MAX_BYTES];
	size_t at = 0, len;

	while (at < container->branch_count && container->branches[at] != (int)schema)
		at++;
	if (at == container->branch_count)
		return false;
	len = (size_t)(avro_put_long(branch, (int64_t)at) - branch);
	avro_buf_long(out, 1);
	avro_buf_long(out, (int64_t)(len + body.len));
	buf_append(out, branch, len);
	buf_append(out, body.data, body.len);
	buf_append(out, container->sync, CONTAINER_SYNC_BYTES);
	return true;
}

static int refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_FORMAT, "not a run that smiley exported: %s", why);
}

/* More bytes are needed, unless there are as many as there may be. */
static int wait_or_refuse(size_t len, size_t most, struct err *err)
{
	return len < most ? 0 : refuse(err, "a part of it is too long");
}

/* "6,4,8,7,3" */
static int take_branches(struct container *container, struct slice text, struct err *err)
{
	struct buf words = {0};
	char *at, *end;
	int rc = 0;

	buf_append(&words, text.data, text.len);
	at = (char *)buf_string(&words);
	while (!rc && *at) {
		long id = strtol(at, &end, 10);

		if (end == at || (*end && *end != ',') ||
			container->branch_count == CONTAINER_BRANCHES_MAX)
			rc = refuse(err, "it names no schemas");
		else if (id < 1 || !schema_text((enum schema_id)id))
			rc = err_set(err, ERR_SCHEMA,
				"schema %ld is not known to this smiley: a later one wrote it", id);
		else
			container->branches[container->branch_count++] = (int)id;
		at = *end ? end + 1 : end;
	}
	buf_release(&words);
	return rc;
}

static int take_pair(
	struct container *container, struct slice key, struct slice value, struct err *err)
{
	if (slice_equal(key, slice_text(KEY_CODEC)) && !slice_equal(value, slice_text("null")))
		return refuse(err, "another program has compressed it");
	if (slice_equal(key, slice_text(KEY_BRANCHES)) && container->branch_count == 0)
		return take_branches(container, value, err);
	return 0;
}

/* The blocks of the map of metadata. 1: all. 0: cut short. */
static int take_metadata(struct container *container, struct avro_in *in, struct err *err)
{
	int64_t count, bytes;

	for (;;) {
		if (!avro_get_long(in, &count))
			return 0;
		if (count == 0)
			return 1;
		/* A negative count has the block's bytes behind it. */
		if (count < 0 && !avro_get_long(in, &bytes))
			return 0;
		if (count < -(int64_t)CONTAINER_HEAD_MAX_BYTES || count > CONTAINER_HEAD_MAX_BYTES)
			return refuse(err, "its metadata make no sense");
		for (count = count < 0 ? -count : count; count > 0; count--) {
			struct slice key, value;
			int rc;

			if (!avro_get_bytes(in, &key) || !avro_get_bytes(in, &value))
				return 0;
			rc = take_pair(container, key, value, err);
			if (rc < 0)
				return rc;
		}
	}
}

int container_open(struct slice bytes, struct container *container, size_t *used, struct err *err)
{
	struct avro_in in;
	size_t begun = bytes.len < MAGIC_BYTES ? bytes.len : MAGIC_BYTES;
	int rc;

	*container = (struct container){0};
	if (begun && memcmp(bytes.data, MAGIC, begun) != 0)
		return refuse(err, "no Avro container");
	if (begun < MAGIC_BYTES)
		return 0;
	in = avro_in(bytes);
	in.at += MAGIC_BYTES;
	rc = take_metadata(container, &in, err);
	if (rc < 0)
		return rc;
	if (rc == 0 || !avro_get_fixed(&in, container->sync, sizeof(container->sync)))
		return wait_or_refuse(bytes.len, CONTAINER_HEAD_MAX_BYTES, err);
	if (container->branch_count == 0)
		return refuse(err, "it names no schemas");
	*used = (size_t)(in.at - bytes.data);
	return 1;
}

int container_next(const struct container *container, struct slice bytes, enum schema_id *schema,
	struct slice *body, size_t *used, struct err *err)
{
	struct avro_in in = avro_in(bytes), object;
	int64_t count, length, branch;

	if (!avro_get_long(&in, &count) || !avro_get_long(&in, &length))
		return wait_or_refuse(bytes.len, 2 * AVRO_LONG_MAX_BYTES, err);
	if (count != 1)
		return refuse(err, "another program has written it anew");
	if (length < 1 || length > MESSAGE_MAX_BYTES)
		return refuse(err, "an object is longer than any message");
	if (in.end - in.at < length + CONTAINER_SYNC_BYTES)
		return wait_or_refuse(bytes.len, CONTAINER_BLOCK_MAX_BYTES, err);
	object = avro_in((struct slice){in.at, (size_t)length});
	if (!avro_get_long(&object, &branch) || branch < 0 ||
		(size_t)branch >= container->branch_count)
		return refuse(err, "an object is of no type that it names");
	if (memcmp(in.at + length, container->sync, CONTAINER_SYNC_BYTES) != 0)
		return refuse(err, "it is damaged (a sync marker is not there)");
	*schema = (enum schema_id)container->branches[branch];
	*body = (struct slice){object.at, (size_t)(object.end - object.at)};
	*used = (size_t)(in.at - bytes.data) + (size_t)length + CONTAINER_SYNC_BYTES;
	return 1;
}
