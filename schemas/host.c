#include "schemas/host.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX_BYTES (1024 * 1024)
#define ID_DIGITS 64
#define SHORT_ID_DIGITS 12
#define UUID_BYTES 36
#define TASK_ID_DIGITS 32

/* The content of a small file; empty when it cannot be read. */
static void read_file(const char *root, const char *name, struct buf *text)
{
	struct buf path = {0};
	ssize_t len = 0;
	int fd;

	buf_clear(text);
	buf_printf(&path, "%s/%s", root, name);
	fd = open(buf_string(&path), O_RDONLY | O_CLOEXEC);
	buf_release(&path);
	if (fd < 0)
		return;
	while (text->len < FILE_MAX_BYTES && buf_reserve(text, 4096) == 0) {
		len = read(fd, text->data + text->len, 4096);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		text->len += (size_t)len;
	}
	close(fd);
}

/* Takes the next line off the front, without its end. */
static bool next_line(struct slice *rest, struct slice *line)
{
	const uint8_t *end;

	if (!rest->len)
		return false;
	end = memchr(rest->data, '\n', rest->len);
	line->data = rest->data;
	line->len = end ? (size_t)(end - rest->data) : rest->len;
	rest->data += line->len + (end != NULL);
	rest->len -= line->len + (end != NULL);
	return true;
}

/* The last run of just so many hexadecimal digits. */
static struct slice last_digits(struct slice text, size_t digits)
{
	struct slice found = {0};
	size_t count = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && isxdigit(text.data[i])) {
			count++;
			continue;
		}
		if (count == digits)
			found = (struct slice){text.data + i - count, count};
		count = 0;
	}
	return found;
}

static bool is_uuid(struct slice text)
{
	if (text.len != UUID_BYTES)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? text.data[i] != '-' : !isxdigit(text.data[i]))
			return false;
	}
	return true;
}

/* The part of a path that is a UUID. */
static struct slice uuid_part(struct slice path)
{
	size_t start = 0;

	for (size_t i = 0; i <= path.len; i++) {
		struct slice part = {path.data + start, i - start};

		if (i < path.len && path.data[i] != '/')
			continue;
		if (is_uuid(part))
			return part;
		start = i + 1;
	}
	return (struct slice){0};
}

/* "…/ecs/TASK/TASK-1234567890": its last part. */
static struct slice task_part(struct slice path)
{
	size_t start = path.len;
	struct slice part;

	while (start && path.data[start - 1] != '/')
		start--;
	part = (struct slice){path.data + start, path.len - start};
	if (part.len < TASK_ID_DIGITS + 2 || part.data[TASK_ID_DIGITS] != '-')
		return (struct slice){0};
	for (size_t i = 0; i < part.len; i++) {
		if (i < TASK_ID_DIGITS ? !isxdigit(part.data[i])
				       : i > TASK_ID_DIGITS && !isdigit(part.data[i]))
			return (struct slice){0};
	}
	return part;
}

static struct slice in_cgroup(struct slice text)
{
	struct slice line, id = {0};

	while (!id.len && next_line(&text, &line)) {
		id = last_digits(line, ID_DIGITS);
		if (!id.len)
			id = task_part(line);
	}
	return id;
}

/* Field number `index`, from 0, of words with one space between them. */
static struct slice field(struct slice line, int index)
{
	size_t start = 0;

	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && line.data[i] != ' ')
			continue;
		if (index-- == 0)
			return (struct slice){line.data + start, i - start};
		start = i + 1;
	}
	return (struct slice){0};
}

/* The files that every engine mounts into a container from a directory of its own. */
static bool is_given_file(struct slice path)
{
	return slice_equal(path, slice_text("/etc/hostname")) ||
	       slice_equal(path, slice_text("/etc/hosts")) ||
	       slice_equal(path, slice_text("/etc/resolv.conf"));
}

static struct slice in_mounts(struct slice text)
{
	struct slice line, id = {0};

	while (!id.len && next_line(&text, &line)) {
		/* ID PARENT DEVICE ROOT MOUNTED-ON ... */
		struct slice root = field(line, 3);

		if (!is_given_file(field(line, 4)))
			continue;
		id = last_digits(root, ID_DIGITS);
		if (!id.len)
			id = uuid_part(root);
	}
	return id;
}

static struct slice in_containerenv(struct slice text)
{
	static const char key[] = "id=\"";
	struct slice line;

	while (next_line(&text, &line)) {
		size_t len = sizeof(key) - 1;
		const uint8_t *end;

		if (line.len <= len || memcmp(line.data, key, len) != 0)
			continue;
		end = memchr(line.data + len, '"', line.len - len);
		if (end)
			return (struct slice){line.data + len, (size_t)(end - line.data) - len};
	}
	return (struct slice){0};
}

static struct slice of_docker(const char *root, const char *host_name)
{
	struct slice name = slice_text(host_name);
	struct buf path = {0};
	bool docker;

	buf_printf(&path, "%s/.dockerenv", root);
	docker = access(buf_string(&path), F_OK) == 0;
	buf_release(&path);
	return docker && name.len == SHORT_ID_DIGITS ? last_digits(name, SHORT_ID_DIGITS)
						     : (struct slice){0};
}

void host_boot_id(const char *root, struct buf *out)
{
	struct buf text = {0};
	struct slice rest, line;

	read_file(root, "proc/sys/kernel/random/boot_id", &text);
	rest = buf_slice(&text);
	if (next_line(&rest, &line) && is_uuid(line))
		buf_append(out, line.data, line.len);
	buf_release(&text);
}

void host_container(const char *root, const char *host_name, struct buf *out)
{
	static const struct {
		const char *name;
		struct slice (*find)(struct slice text);
	} files[] = {
		{"proc/self/cgroup", in_cgroup},
		{"proc/self/mountinfo", in_mounts},
		{"run/.containerenv", in_containerenv},
	};
	struct buf text = {0};
	struct slice id = {0};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !id.len; i++) {
		read_file(root, files[i].name, &text);
		id = files[i].find(buf_slice(&text));
	}
	if (!id.len)
		id = of_docker(root, host_name);
	buf_append(out, id.data, id.len);
	buf_release(&text);
}
