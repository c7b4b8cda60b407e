#include "schemas/text_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text_run *text_run_get(struct text *text, const struct run_id *id)
{
	struct text_run **link = &text->runs;
	struct text_run *run;

	while (*link && !run_id_equal(&(*link)->id, id))
		link = &(*link)->next;
	run = *link;
	if (run) {
		*link = run->next;
	} else {
		run = calloc(1, sizeof(*run));
		if (!run)
			return NULL;
		run->id = *id;
		for (int i = 0; i < RUN_DIGITS / 2; i++)
			snprintf(run->digits + 2 * i, 3, "%02x", id->bytes[i]);
	}
	run->next = text->runs;
	text->runs = run;
	return run;
}

struct slice text_path(struct slice directory, struct slice path)
{
	size_t len = directory.len;

	while (len && directory.data[len - 1] == '/')
		len--;
	if (directory.len == 0 || path.len <= len + 1 || path.data[len] != '/' ||
		(len && memcmp(path.data, directory.data, len) != 0))
		return path;
	return (struct slice){path.data + len + 1, path.len - len - 1};
}

/* As lines name the file. */
static void name_file(const struct text_run *run, struct text_file *file)
{
	buf_clear(&file->shown);
	text_escape(&file->shown, text_path(buf_slice(&run->cwd), buf_slice(&file->plain)));
}

void text_run_start(struct text_run *run, const struct run_started *started)
{
	run->started = true;
	buf_append(&run->cwd, started->cwd.data, started->cwd.len);
	buf_append(&run->host, started->host.data, started->host.len);
	/* Topics are read side by side: sources may have come before. */
	for (size_t i = 0; i < RUN_FILE_BUCKETS; i++) {
		for (struct text_file *file = run->files[i]; file; file = file->next)
			name_file(run, file);
	}
}

/* FNV-1a */
static size_t hash(struct slice path)
{
	uint32_t state = 2166136261u;

	for (size_t i = 0; i < path.len; i++)
		state = (state ^ path.data[i]) * 16777619u;
	return state % RUN_FILE_BUCKETS;
}

/* Appends the path without its "." and empty parts: python ./app.py names app.py so. */
static void put_plain_path(struct buf *out, struct slice path)
{
	size_t at = 0;

	while (at < path.len) {
		size_t end = at;
		bool dot;

		while (end < path.len && path.data[end] != '/')
			end++;
		dot = end == at + 1 && path.data[at] == '.';
		if (end < path.len)
			end++;
		if (!dot && (end > at + 1 || at == 0 || path.data[at] != '/'))
			buf_append(out, path.data + at, end - at);
		at = end;
	}
}

static void file_free(struct text_file *file)
{
	source_text_free(file->source);
	buf_release(&file->path);
	buf_release(&file->plain);
	buf_release(&file->shown);
	free(file);
}

static struct text_file *file_new(const struct text_run *run, struct slice path)
{
	struct text_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	buf_append(&file->path, path.data, path.len);
	put_plain_path(&file->plain, path);
	name_file(run, file);
	if (file->path.failed || file->plain.failed || file->shown.failed) {
		file_free(file);
		return NULL;
	}
	return file;
}

struct text_file *text_run_file(struct text_run *run, struct slice path)
{
	struct text_file *file = run->latest_file;
	struct text_file **bucket;

	if (file && slice_equal(buf_slice(&file->path), path))
		return file;
	bucket = &run->files[hash(path)];
	for (file = *bucket; file; file = file->next) {
		if (slice_equal(buf_slice(&file->path), path))
			break;
	}
	if (!file) {
		file = file_new(run, path);
		if (!file)
			return NULL;
		file->next = *bucket;
		*bucket = file;
	}
	run->latest_file = file;
	return file;
}

struct text_thread *text_run_thread(struct text_run *run, int64_t number)
{
	struct text_thread *thread;

	for (thread = run->threads; thread; thread = thread->next) {
		if (thread->number == number)
			return thread;
	}
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return NULL;
	thread->number = number;
	thread->next = run->threads;
	run->threads = thread;
	return thread;
}

static void thread_free(struct text_thread *thread)
{
	for (int i = 0; i < THREAD_CHAINS; i++)
		buf_release(&thread->chains[i].repr);
	free(thread);
}

void text_run_free(struct text_run *run)
{
	for (size_t i = 0; i < RUN_FILE_BUCKETS; i++) {
		while (run->files[i]) {
			struct text_file *file = run->files[i];

			run->files[i] = file->next;
			file_free(file);
		}
	}
	while (run->threads) {
		struct text_thread *thread = run->threads;

		run->threads = thread->next;
		thread_free(thread);
	}
	buf_release(&run->cwd);
	buf_release(&run->host);
	free(run);
}

void text_run_forget(struct text *text, struct text_run *run)
{
	struct text_run **link = &text->runs;

	while (*link != run)
		link = &(*link)->next;
	*link = run->next;
	text_run_free(run);
}
