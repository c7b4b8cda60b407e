#include "materializer/source_lines.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

struct file {
	uint64_t path; /* its hash */
	struct buf text;
	size_t *starts; /* of each line, and where the text ends */
	size_t count;   /* lines */
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
	for (size_t i = 0; i < lines->count; i++) {
		buf_release(&lines->files[i].text);
		free(lines->files[i].starts);
	}
	free(lines->files);
	free(lines);
}

static int cut(struct file *file, struct err *err)
{
	const uint8_t *text = file->text.data;
	size_t ends = 1;

	for (size_t i = 0; i < file->text.len; i++)
		ends += text[i] == '\n';
	file->starts = malloc((ends + 1) * sizeof(*file->starts));
	if (!file->starts)
		return err_set(err, ERR_MEMORY, "out of memory");
	file->starts[0] = 0;
	file->count = 1;
	for (size_t i = 0; i < file->text.len; i++)
		if (text[i] == '\n')
			file->starts[file->count++] = i + 1;
	file->starts[file->count] = file->text.len + 1;
	return 0;
}

static int load(struct source_lines *lines, struct slice path, uint64_t hash, struct err *err)
{
	struct file *files = realloc(lines->files, (lines->count + 1) * sizeof(*files));
	struct file *file;
	int rc;

	if (!files)
		return err_set(err, ERR_MEMORY, "out of memory");
	lines->files = files;
	file = &files[lines->count];
	*file = (struct file){.path = hash};
	lines->latest = lines->count++;
	rc = query_source(lines->query, lines->id, path, &file->text, err);
	if (rc < 0 && rc != ERR_NOT_FOUND)
		return rc;
	return cut(file, err);
}

int source_lines_get(struct source_lines *lines, struct slice path, int64_t line,
	struct slice *text, struct err *err)
{
	uint64_t hash = XXH3_64bits(path.data, path.len);
	size_t at = lines->latest;
	const struct file *file;
	int rc;

	*text = (struct slice){0};
	if (at >= lines->count || lines->files[at].path != hash)
		for (at = 0; at < lines->count && lines->files[at].path != hash;)
			at++;
	lines->latest = at;
	if (at == lines->count && (rc = load(lines, path, hash, err)) < 0)
		return rc;
	file = &lines->files[lines->latest];
	if (line < 1 || (uint64_t)line > file->count)
		return 0;
	*text = (struct slice){file->text.data + file->starts[line - 1],
		file->starts[line] - file->starts[line - 1] - 1};
	return 0;
}
