#include "ops/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "web/profile_dot.h"
#include "materializer/profile_pstats.h"
#include "ops/export_format.h"

#define FLUSH_BYTES (64 * 1024)

static const struct export_format formats[] = {
	{"pstats", "Python's pstats, snakeviz, gprof2dot", export_write_profile, profile_pstats},
	{"callgrind", "KCachegrind, callgrind_annotate", export_write_events, NULL},
	{"chrome", "Perfetto, chrome://tracing", export_write_events, NULL},
	{"collapsed", "flamegraph.pl, speedscope", export_write_events, NULL},
	{"dot", "Graphviz", export_write_profile, profile_dot},
	{"json", "programs", export_write_profile, export_profile_json},
	{"lcov", "genhtml, gutters of editors", export_write_events, NULL},
	{"perfetto", "Perfetto, large runs", export_write_events, NULL},
	{"speedscope", "speedscope", export_write_events, NULL},
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

const struct export_format *export_format_at(size_t number)
{
	return number < FORMATS ? &formats[number] : NULL;
}

const struct export_format *export_format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	}
	return NULL;
}

int export_flush(struct export_out *out, bool all, struct err *err)
{
	size_t done = 0;

	if (out->buf.failed)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (!all && out->buf.len < FLUSH_BYTES)
		return 0;
	while (done < out->buf.len) {
		ssize_t n = write(out->fd, out->buf.data + done, out->buf.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(err, errno, "write");
		done += (size_t)n;
	}
	buf_clear(&out->buf);
	return 0;
}

static int write_to(const struct export_format *format, const struct export_request *request,
	int fd, struct err *err)
{
	struct export_out out = {.fd = fd};
	int rc = format->write(format, request, &out, err);

	if (rc == 0)
		rc = export_flush(&out, true, err);
	buf_release(&out.buf);
	return rc;
}

/* Something else than a file: a pipe, a device. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int export_file(const struct export_format *format, const struct export_request *request,
	const char *path, struct err *err)
{
	bool special = is_special(path);
	struct buf made = {0};
	const char *name = path;
	int fd, rc;

	if (strcmp(path, "-") == 0)
		return write_to(format, request, STDOUT_FILENO, err);
	if (!special) {
		buf_printf(&made, "%s.%ld.new", path, (long)getpid());
		name = buf_string(&made);
	}
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		rc = err_set_errno(err, errno, "%s", path);
		goto out;
	}
	rc = write_to(format, request, fd, err);
	if (close(fd) < 0 && rc == 0)
		rc = err_set_errno(err, errno, "%s", path);
	if (!special && rc == 0 && rename(name, path) < 0)
		rc = err_set_errno(err, errno, "%s", path);
	if (!special && rc < 0)
		unlink(name);
out:
	buf_release(&made);
	return rc;
}
