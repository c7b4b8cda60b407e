#include "ops/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int path_of(const struct database_paths *paths, struct buf *path, struct err *err)
{
	buf_printf(path, "%s/pins", paths->root);
	return path->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

static size_t find(const struct pins *pins, const struct run_id *run)
{
	size_t at = 0;

	while (at < pins->count && !run_id_equal(&pins->runs[at], run))
		at++;
	return at;
}

/* "pin ID" or "unpin ID"; what is neither (a line half written) is passed over. */
static int take_line(struct pins *pins, char *line, struct err *err)
{
	char *id = strchr(line, ' ');
	struct run_id run, *runs;
	size_t at;

	if (!id)
		return 0;
	*id++ = '\0';
	id[strcspn(id, "\n")] = '\0';
	if (!run_id_parse(&run, slice_text(id)))
		return 0;
	at = find(pins, &run);
	if (strcmp(line, "unpin") == 0 && at < pins->count)
		pins->runs[at] = pins->runs[--pins->count];
	if (strcmp(line, "pin") != 0 || at < pins->count)
		return 0;
	runs = reallocarray(pins->runs, pins->count + 1, sizeof(*runs));
	if (!runs)
		return err_set(err, ERR_MEMORY, "out of memory");
	pins->runs = runs;
	runs[pins->count++] = run;
	return 0;
}

int pins_load(const struct database_paths *paths, struct pins *pins, struct err *err)
{
	struct buf path = {0};
	char line[128];
	FILE *file;
	int rc = path_of(paths, &path, err);

	*pins = (struct pins){0};
	file = rc ? NULL : fopen(buf_string(&path), "re");
	if (!rc && !file && errno != ENOENT)
		rc = err_set_errno(err, errno, "read %s", buf_string(&path));
	while (!rc && file && fgets(line, sizeof(line), file))
		rc = take_line(pins, line, err);
	if (!rc && file && ferror(file))
		rc = err_set_errno(err, errno, "read %s", buf_string(&path));
	if (file)
		fclose(file);
	buf_release(&path);
	return rc;
}

void pins_release(struct pins *pins)
{
	free(pins->runs);
	*pins = (struct pins){0};
}

bool pins_have(const struct pins *pins, const struct run_id *run)
{
	return find(pins, run) < pins->count;
}

int pins_put(
	const struct database_paths *paths, const struct run_id *run, bool pinned, struct err *err)
{
	char id[RUN_ID_TEXT_BYTES], line[64];
	struct buf path = {0};
	int rc = path_of(paths, &path, err);
	int length = snprintf(
		line, sizeof(line), "\n%s %s\n", pinned ? "pin" : "unpin", run_id_format(run, id));
	int fd = rc ? -1 : open(buf_string(&path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (!rc && (fd < 0 || write(fd, line, (size_t)length) != length || fdatasync(fd) < 0))
		rc = err_set_errno(err, errno, "write %s", buf_string(&path));
	if (fd >= 0)
		close(fd);
	buf_release(&path);
	return rc;
}
