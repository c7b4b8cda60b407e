#include "materializer/source_lines.h"

#include <stdlib.h>

#include <xxhash.h>

#include "schemas/source_text.h"

struct file {
	uint64_t path; /* its hash */
	struct source_text *text;
};

struct source_lines {
	struct query *query;
	const struct run_id *id;
	struct file *files;
	size_t count, latest;
};

struct source_lines *source_lines_new(struct query *query, const struct run_id *id)
{
	struct source_lines *lines = calloc(1, sizeof(*lines));

	if (lines)
		*lines = (struct source_lines){.query = query, .id = id};
	return lines;
}

void source_lines_free(struct source_lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < lines->count; i++)
		source_text_free(lines->files[i].text);
	free(lines->files);
	free(lines);
}

static int load(struct source_lines *lines, struct slice path, uint64_t hash, struct err *err)
{
	struct file *files = realloc(lines->files, (lines->count + 1) * sizeof(*files));
	struct buf bytes = {0};
	int rc;

	if (!files)
		return err_set(err, ERR_MEMORY, "out of memory");
	lines->files = files;
	rc = query_source(lines->query, lines->id, path, &bytes, err);
	if (rc == 0 || rc == ERR_NOT_FOUND) {
		files[lines->count] = (struct file){hash, source_text_new(buf_slice(&bytes))};
		rc = files[lines->count].text ? 0 : err_set(err, ERR_MEMORY, "out of memory");
		lines->count += rc == 0;
	}
	buf_release(&bytes);
	return rc;
}

int source_lines_get(struct source_lines *lines, struct slice path, int64_t line,
	struct slice *text, struct err *err)
{
	uint64_t hash = XXH3_64bits(path.data, path.len);
	size_t at = lines->latest;
	int rc;

	*text = (struct slice){0};
	if (at >= lines->count || lines->files[at].path != hash)
		for (at = 0; at < lines->count && lines->files[at].path != hash;)
			at++;
	lines->latest = at;
	if (at == lines->count && (rc = load(lines, path, hash, err)) < 0)
		return rc;
	*text = source_text_line(lines->files[at].text, line);
	return 0;
}
