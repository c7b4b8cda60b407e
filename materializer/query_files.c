#include "materializer/query_files.h"

#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "materializer/query_internal.h"

static void fill(struct file_info *file, const struct key_parts *parts)
{
	XXH128_canonical_t canonical;
	uint64_t seed;

	file->path = parts->path;
	memcpy(file->sha256, parts->sha256, sizeof(file->sha256));
	memcpy(&seed, parts->sha256, sizeof(seed));
	XXH128_canonicalFromHash(
		&canonical, XXH3_128bits_withSeed(parts->path.data, parts->path.len, seed));
	for (size_t i = 0; i < sizeof(canonical.digest); i++)
		snprintf(file->signature + 2 * i, 3, "%02x", canonical.digest[i]);
}

int query_files(struct query *query, const struct run_id *id,
	int (*each)(void *context, const struct file_info *file, struct err *err), void *context,
	struct err *err)
{
	struct key_parts parts = {.run = *id};
	struct store_iter *iter = query_iter(query, KEY_RUN_FILE, &parts, 1, err);
	struct file_info file;
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	for (rc = store_iter_first(iter, err); rc == 1; rc = store_iter_next(iter, err)) {
		if (!key_decode(KEY_RUN_FILE, store_iter_key(iter), &parts))
			continue;
		fill(&file, &parts);
		rc = each(context, &file, err);
		if (rc != 0)
			break;
	}
	store_iter_free(iter);
	return rc;
}

int query_file(struct query *query, const struct run_id *id, struct slice path,
	struct file_info *file, struct err *err)
{
	struct key_parts parts = {.run = *id, .path = path};
	struct store_iter *iter = query_iter(query, KEY_RUN_FILE, &parts, 2, err);
	int rc;

	if (!iter)
		return err ? err->code : ERR_MEMORY;
	rc = store_iter_first(iter, err);
	if (rc == 1 && key_decode(KEY_RUN_FILE, store_iter_key(iter), &parts)) {
		fill(file, &parts);
		file->path = path;
	}
	store_iter_free(iter);
	return rc;
}

int query_file_text(
	struct query *query, const struct file_info *file, struct buf *text, struct err *err)
{
	struct key_parts parts = {0};
	int rc;

	memcpy(parts.sha256, file->sha256, sizeof(parts.sha256));
	rc = query_get(query, KEY_SOURCE, &parts, text, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "the text of this file is not there");
	return rc < 0 ? rc : 0;
}
