#include "tracer/source.h"

#include "tracer/tracer_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_source(
	struct tracer *tracer, const struct name *file, const void *text, size_t len)
{
	uint32_t path_len = file->len;
	char *head = malloc(sizeof(path_len) + file->len);

	if (!head)
		return;
	memcpy(head, &path_len, sizeof(path_len));
	memcpy(head + sizeof(path_len), file->text, file->len);
	stream_record(
		&tracer->stream, RECORD_SOURCE, head, sizeof(path_len) + file->len, text, len);
	free(head);
}

/* The largest text that goes into one message of the log. */
static size_t bounded(off_t size)
{
	return size > MESSAGE_MAX_BYTES ? MESSAGE_MAX_BYTES : (size_t)size;
}

void source_store(struct tracer *tracer, struct name *file)
{
	struct stat status;
	void *text;
	size_t len;
	int fd;

	if (file->stored)
		return;
	file->stored = true;
	if (file->text[0] != '/')
		return;
	fd = open(file->text, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
		len = bounded(status.st_size);
		text = malloc(len);
		if (text) {
			ssize_t got = read(fd, text, len);

			if (got > 0)
				write_source(tracer, file, text, (size_t)got);
			free(text);
		}
	}
	close(fd);
}

void source_store_text(struct tracer *tracer, const char *file, const char *text, size_t len)
{
	struct name *name = names_intern(&tracer->names, file, strlen(file));

	if (!name || name->stored)
		return;
	name->stored = true;
	write_source(tracer, name, text, bounded((off_t)len));
}
