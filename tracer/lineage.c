#include "tracer/lineage.h"

#include "tracer/spool_writer.h"

#include "schemas/now.h"
#include "schemas/process.h"
#include "schemas/spool_file.h"
#include "schemas/version.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *directory_of(const char *path)
{
	char *real = realpath(path, NULL);
	char *slash = real ? strrchr(real, '/') : NULL;

	if (slash)
		*slash = '\0';
	return real;
}

int lineage_init(struct lineage *lineage, const struct spool_header *header, const char *spool_path)
{
	struct slice message, body;
	static const struct run_id none;

	*lineage = (struct lineage){
		.spool_dir = directory_of(spool_path),
		.root = run_id_equal(&header->root, &none) ? header->run : header->root,
		.limit_bytes = atomic_load(&header->limit_bytes),
		.drop = header->policy_drop,
	};
	lineage_look(lineage, header);
	if (header->started_bytes <= SPOOL_STARTED_BYTES)
		buf_append(&lineage->texts, header->started, header->started_bytes);
	if (header->options_bytes <= SPOOL_OPTIONS_BYTES)
		buf_append(&lineage->options, header->options, header->options_bytes);
	message = buf_slice(&lineage->texts);
	if (message_parse(message, &body, NULL) < 0 ||
		run_started_decode(body, &lineage->started, NULL) < 0)
		lineage->started = (struct run_started){0};
	lineage->started.run = header->run;
	if (!lineage->spool_dir || lineage->texts.failed || lineage->options.failed) {
		lineage_release(lineage);
		return ERR_MEMORY;
	}
	return 0;
}

void lineage_release(struct lineage *lineage)
{
	free(lineage->spool_dir);
	buf_release(&lineage->texts);
	buf_release(&lineage->options);
	*lineage = (struct lineage){0};
}

void lineage_look(struct lineage *lineage, const struct spool_header *header)
{
	lineage->shipper_pid = atomic_load(&header->shipper_pid);
	lineage->shipper_start = atomic_load(&header->shipper_start);
	lineage->paused = atomic_load(&header->paused);
}

static void put_escaped(struct buf *out, const char *key, struct slice value)
{
	buf_printf(out, "%s%s=", out->len ? "&" : "", key);
	for (size_t i = 0; i < value.len; i++) {
		uint8_t byte = value.data[i];
		bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
			     (byte >= '0' && byte <= '9') || (byte && strchr("/._-,:", byte));

		if (plain)
			buf_byte(out, byte);
		else
			buf_printf(out, "%%%02x", byte);
	}
}

void lineage_tell(const struct lineage *lineage, int64_t seq, int64_t time_ns, int path,
	struct buf *parent, struct buf *child)
{
	const struct parent told = {
		.run = lineage->started.run,
		.seq = seq,
		.time_ns = time_ns,
		.group = lineage->started.group,
	};
	char root[RUN_ID_TEXT_BYTES];
	size_t len = parent_format(&told, NULL, 0);

	if (buf_reserve(parent, len + 1) == 0) {
		parent_format(&told, (char *)parent->data + parent->len, len + 1);
		parent->len += len;
	}
	put_escaped(child, "spool", slice_text(lineage->spool_dir));
	buf_printf(child,
		"&root=%s&shipper=%" PRId32 ".%" PRIu32 "&limit=%" PRIu64
		"&drop=%d&paused=%d&uid=%ld&path=%d",
		run_id_format(&lineage->root, root), lineage->shipper_pid, lineage->shipper_start,
		lineage->limit_bytes, lineage->drop, lineage->paused, (long)geteuid(), path);
	put_escaped(child, "user", lineage->started.user);
	put_escaped(child, "options", buf_slice(&lineage->options));
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Appends the value, up to its & or end, as it was before put_escaped(). */
static void get_escaped(struct buf *out, const char *at)
{
	for (; *at && *at != '&'; at++) {
		int high = *at == '%' ? hex_digit(at[1]) : -1;
		int low = high >= 0 ? hex_digit(at[2]) : -1;

		if (low >= 0) {
			buf_byte(out, (uint8_t)(high << 4 | low));
			at += 2;
		} else {
			buf_byte(out, (uint8_t)*at);
		}
	}
}

/* What stands behind "key="; NULL: it is not there. */
static const char *value_of(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *at = text; at; at = strchr(at, '&')) {
		at += *at == '&';
		if (strncmp(at, key, len) == 0 && at[len] == '=')
			return at + len + 1;
	}
	return NULL;
}

static unsigned long long number_of(const char *text, const char *key)
{
	const char *value = value_of(text, key);

	return value ? strtoull(value, NULL, 10) : 0;
}

static void read_user(struct lineage *lineage, const char *text)
{
	const char *user = value_of(text, "user");

	if (user && number_of(text, "uid") == geteuid())
		get_escaped(&lineage->texts, user);
	else
		buf_printf(&lineage->texts, "%ld", (long)geteuid());
	lineage->started.user = buf_slice(&lineage->texts);
}

bool lineage_read(struct lineage *lineage, struct parent *parent, const char *parent_text,
	const char *child_text)
{
	const char *dir = value_of(child_text, "spool"), *root = value_of(child_text, "root");
	const char *shipper = value_of(child_text, "shipper");
	const char *options = value_of(child_text, "options");
	struct buf spool_dir = {0};

	*lineage = (struct lineage){0};
	if (!dir || !root || !shipper || !options || strlen(root) < RUN_ID_TEXT_BYTES - 1 ||
		!parent_parse(parent, slice_text(parent_text)) ||
		!run_id_parse(&lineage->root,
			(struct slice){(const uint8_t *)root, RUN_ID_TEXT_BYTES - 1}))
		return false;
	get_escaped(&spool_dir, dir);
	lineage->spool_dir = strdup(buf_string(&spool_dir));
	buf_release(&spool_dir);
	get_escaped(&lineage->options, options);
	lineage->shipper_pid = (int32_t)strtol(shipper, NULL, 10);
	if (strchr(shipper, '.'))
		lineage->shipper_start = (uint32_t)strtoul(strchr(shipper, '.') + 1, NULL, 10);
	lineage->limit_bytes = number_of(child_text, "limit");
	lineage->drop = number_of(child_text, "drop");
	lineage->paused = number_of(child_text, "paused");
	lineage->started.run = parent->run;
	lineage->started.group = parent->group;
	read_user(lineage, child_text);
	if (lineage->spool_dir && !lineage->options.failed && !lineage->texts.failed)
		return true;
	lineage_release(lineage);
	return false;
}

bool lineage_made(const char *child_text, struct buf *path)
{
	const char *run = value_of(child_text, "run");

	if (run)
		get_escaped(path, run);
	return run != NULL;
}

int lineage_begin(const struct lineage *lineage, struct run_started *started, struct buf *path,
	struct err *err)
{
	struct spool_file file = {
		.started = started,
		.root = &lineage->root,
		.options = buf_slice(&lineage->options),
		.limit_bytes = lineage->limit_bytes,
		.drop = lineage->drop,
		.paused = lineage->paused,
		.shipper_pid = lineage->shipper_pid,
		.shipper_start = lineage->shipper_start,
		.tracer_pid = (int32_t)getpid(),
		.tracer_start = process_start(getpid()),
	};

	if (run_id_new(&started->run) < 0)
		return err_set(err, ERR_IO, "make a run id");
	started->started_ns = wall_ns() + started->clock_offset_ns;
	started->pid = getpid();
	started->user = lineage->started.user;
	started->tracer = slice_text("smiley " SMILEY_VERSION);
	return spool_file_make(lineage->spool_dir, &file, path, err);
}
