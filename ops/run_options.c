#include "ops/run_options.h"

#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/installed.h"
#include "ops/parent_env.h"
#include "schemas/host.h"
#include "schemas/redact_argv.h"
#include "schemas/version.h"
#include "schemas/now.h"

/* "file", "module", "command" or "stdin", as python's own options decide; *file: where it is in
 * argv. */
static const char *mode_of(int argc, char **argv, int *file)
{
	for (int i = 0; i < argc; i++) {
		const char *at = argv[i];

		if (strcmp(at, "-") == 0)
			return "stdin";
		if (*at != '-') {
			*file = i;
			return "file";
		}
		if (strcmp(at, "--check-hash-based-pycs") == 0)
			i++;
		if (at[1] == '-')
			continue;
		for (at++; *at; at++) {
			if (*at == 'c')
				return "command";
			if (*at == 'm')
				return "module";
			if (*at == 'X' || *at == 'W') {
				i += !at[1];
				break;
			}
		}
	}
	return "stdin";
}

static void add_list(
	const struct settings *settings, enum option_id id, const char *key, struct buf *options)
{
	size_t count;
	const char **list = settings_list(settings, id, &count);

	for (size_t i = 0; i < count; i++)
		if (!strchr(list[i], '\n'))
			buf_printf(options, "%s=%s\n", key, list[i]);
}

static void add_dir(const char *dir, struct buf *options)
{
	char path[PATH_MAX];

	if (realpath(dir, path) && !strchr(path, '\n'))
		buf_printf(options, "mine=%s\n", path);
}

/* The program's file may be a directory or a zip file with its modules in it. */
static void add_mine(const char *file, struct buf *options)
{
	char path[PATH_MAX];

	add_dir(".", options);
	if (!file || !realpath(file, path))
		return;
	add_dir(path, options);
	add_dir(dirname(path), options);
}

void run_options_text(const struct settings *settings, int argc, char **argv, struct buf *options)
{
	int file = argc;
	const char *mode = mode_of(argc, argv, &file);

	buf_printf(options, "include_stdlib=%d\n", settings_flag(settings, OPTION_INCLUDE_STDLIB));
	buf_printf(options, "include_site_packages=%d\n",
		settings_flag(settings, OPTION_INCLUDE_SITE_PACKAGES));
	add_list(settings, OPTION_INCLUDE_PACKAGE, "include_package", options);
	add_list(settings, OPTION_INCLUDE, "include", options);
	add_list(settings, OPTION_EXCLUDE, "exclude", options);
	if (settings_flag(settings, OPTION_ONLY_MINE))
		add_mine(file < argc ? argv[file] : NULL, options);
	buf_printf(options, "max_depth=%lld\n", settings_number(settings, OPTION_MAX_DEPTH, 0));
	buf_printf(options, "max_items=%lld\n", settings_number(settings, OPTION_MAX_ITEMS, 0));
	buf_printf(options, "max_string=%lld\n", settings_number(settings, OPTION_MAX_STRING, 0));
	buf_printf(options, "max_nodes=%lld\n", settings_number(settings, OPTION_MAX_NODES, 0));
	buf_printf(options, "max_events=%lld\n", settings_number(settings, OPTION_MAX_EVENTS, 0));
	buf_printf(options, "max_bytes=%lld\n", settings_number(settings, OPTION_MAX_BYTES, 0));
	buf_printf(options, "max_seconds=%lld\n", settings_number(settings, OPTION_MAX_TIME, 0));
	add_list(settings, OPTION_REDACT, "redact", options);
	add_list(settings, OPTION_NO_REDACT, "redact_not", options);
	if (settings_flag(settings, OPTION_SHOW_SECRETS))
		buf_text(options, "redact_off=1\n");
	buf_printf(options, "children=%d\n", !settings_flag(settings, OPTION_NO_CHILDREN));
	buf_printf(options, "engine=%s\n", settings_text(settings, OPTION_ENGINE));
	buf_printf(options, "profile=%d\n", settings_flag(settings, OPTION_PROFILE));
	buf_printf(
		options, "profile_builtins=%d\n", settings_flag(settings, OPTION_PROFILE_BUILTINS));
	buf_printf(options, "mode=%s\n", mode);
}

void run_options_inject(struct buf *options)
{
	char path[PATH_MAX];

	if (installed_path("libexec/smiley/inject", path, NULL) == 0 && !strchr(path, ':') &&
		!strchr(path, '\n'))
		buf_printf(options, "inject=%s\n", path);
}

void run_texts_release(struct run_texts *texts)
{
	buf_release(&texts->host);
	buf_release(&texts->user);
	buf_release(&texts->cwd);
	buf_release(&texts->argv);
	buf_release(&texts->limits);
	buf_release(&texts->boot_id);
	buf_release(&texts->container);
	buf_release(&texts->parent);
}

static void add_lines(struct slice lines, struct text_list *list, struct buf *items)
{
	while (lines.len) {
		const uint8_t *end = memchr(lines.data, '\n', lines.len);
		size_t len = end ? (size_t)(end - lines.data) : lines.len;

		text_list_add(items, &list->count, (struct slice){lines.data, len});
		len += end != NULL;
		lines = (struct slice){lines.data + len, lines.len - len};
	}
	list->items = buf_slice(items);
}

static void fill_place(struct run_texts *texts)
{
	char host[HOST_NAME_MAX + 1] = "", cwd[PATH_MAX] = "";
	const struct passwd *user = getpwuid(geteuid());

	gethostname(host, sizeof(host) - 1);
	buf_text(&texts->host, host);
	host_boot_id("", &texts->boot_id);
	host_container("", host, &texts->container);
	if (getcwd(cwd, sizeof(cwd)))
		buf_text(&texts->cwd, cwd);
	if (user)
		buf_text(&texts->user, user->pw_name);
	else
		buf_printf(&texts->user, "%ld", (long)geteuid());
}

/* Whoever started this process is traced: that run is the parent. */
static void fill_parent(struct run_started *run, int64_t now_ns, struct run_texts *texts)
{
	struct parent parent;

	run->parent_seq = -1;
	run->started_ns = now_ns;
	if (!parent_env_take(&parent, &texts->parent))
		return;
	run->has_parent = true;
	run->parent = parent.run;
	run->parent_seq = parent.seq;
	run->clock_offset_ns = parent_offset_ns(&parent, now_ns);
	run->started_ns = now_ns + run->clock_offset_ns;
	run->group = parent.group;
}

int run_started_fill(struct run_started *run, const struct settings *settings, int argc,
	char **argv, struct slice options, struct run_texts *texts, struct err *err)
{
	const char *group = settings_text(settings, OPTION_GROUP);
	struct secret_list list = {0};
	int rc;

	*run = (struct run_started){0};
	rc = run_id_new(&run->run);
	if (rc)
		return err_set(err, rc, "make a run id");
	list.add = settings_list(settings, OPTION_REDACT, &list.add_count);
	list.except = settings_list(settings, OPTION_NO_REDACT, &list.except_count);
	fill_parent(run, wall_ns(), texts);
	fill_place(texts);
	run->host = buf_slice(&texts->host);
	run->user = buf_slice(&texts->user);
	run->cwd = buf_slice(&texts->cwd);
	run->boot_id = buf_slice(&texts->boot_id);
	run->container = buf_slice(&texts->container);
	if (group)
		run->group = slice_text(group);
	run->tracer = slice_text("smiley " SMILEY_VERSION);
	redact_argv(argc, argv, settings_flag(settings, OPTION_SHOW_SECRETS) ? NULL : &list,
		&texts->argv, &run->argv.count);
	run->argv.items = buf_slice(&texts->argv);
	add_lines(options, &run->limits, &texts->limits);
	return 0;
}
