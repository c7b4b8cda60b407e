/*
 * module: the tracer as an extension, `_smiley`, for a python that a traced process, or `smiley
 * run`, has started (tracer/inject/sitecustomize.py imports it while the interpreter starts).
 * What it is told then stands in the environment (lineage.h); it never fails. The package `smiley`
 * loads it in a process that is not traced yet, for its functions: control.h.
 */
#include "tracer/control.h"
#include "tracer/hook.h"
#include "tracer/tracer.h"
#include "tracer/tracer_internal.h"

#include "schemas/host.h"
#include "schemas/redact_argv.h"
#include "schemas/now.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

PyMODINIT_FUNC PyInit__smiley(void);

/* The command line as RunStarted has it: without the interpreter, secrets masked. */
static void put_argv(const PyConfig *config, const struct tracer_options *options,
	struct buf *items, int64_t *count)
{
	const PyWideStringList *list = &config->orig_argv;
	const struct secret_list secrets = {options->redact_add, options->redact_add_count,
		options->redact_not, options->redact_not_count};
	size_t argc = list->length > 1 ? (size_t)list->length - 1 : 0, made = 0;
	char **argv = calloc(argc + 1, sizeof(*argv));

	for (; argv && made < argc; made++) {
		argv[made] = Py_EncodeLocale(list->items[made + 1], NULL);
		if (!argv[made])
			break;
	}
	if (argv)
		redact_argv((int)made, argv, options->redact ? &secrets : NULL, items, count);
	for (size_t i = 0; argv && i < made; i++)
		PyMem_Free(argv[i]);
	free(argv);
	PyErr_Clear();
}

/* Which of the lines of `mode` (options.h) is true for this process. */
static const char *mode_of(const PyConfig *config)
{
	if (config->run_command)
		return "command";
	if (config->run_module)
		return "module";
	return config->run_filename ? "file" : "stdin";
}

/* The parent's options, with this process's mode; and those that RunStarted lists. */
static void put_options(
	const PyConfig *config, struct buf *options, struct buf *items, int64_t *count)
{
	struct buf own = {0};
	const char *at = buf_string(options);

	while (*at) {
		size_t len = strcspn(at, "\n");

		if (strncmp(at, "mode=", 5) != 0) {
			buf_append(&own, at, len);
			buf_byte(&own, '\n');
			if (strncmp(at, "inject=", 7) != 0)
				text_list_add(
					items, count, (struct slice){(const uint8_t *)at, len});
		}
		at += len + (at[len] == '\n');
	}
	buf_printf(&own, "mode=%s\n", mode_of(config));
	buf_release(options);
	*options = own;
}

/* Where this process is; the texts are what `started` then borrows. */
struct place {
	char host[HOST_NAME_MAX + 1], cwd[PATH_MAX];
	struct buf boot_id, container;
};

static void put_place(struct place *place, struct run_started *started)
{
	*place = (struct place){0};
	gethostname(place->host, sizeof(place->host) - 1);
	host_boot_id("", &place->boot_id);
	host_container("", place->host, &place->container);
	started->host = slice_text(place->host);
	started->boot_id = buf_slice(&place->boot_id);
	started->container = buf_slice(&place->container);
	if (getcwd(place->cwd, sizeof(place->cwd)))
		started->cwd = slice_text(place->cwd);
}

/* The spool of this process's run: one that is made already, or made here. */
static bool begin(const PyConfig *config, struct buf *path)
{
	const char *parent_text = getenv(PARENT_VARIABLE), *child_text = getenv(CHILD_VARIABLE);
	struct run_started started = {.has_parent = true};
	struct buf argv = {0}, limits = {0};
	struct tracer_options options;
	struct lineage lineage;
	struct parent parent;
	struct place place;
	bool made = false;

	if (child_text && lineage_made(child_text, path))
		return true;
	if (!parent_text || !child_text ||
		!lineage_read(&lineage, &parent, parent_text, child_text))
		return false;
	started.parent = parent.run;
	started.parent_seq = parent.seq;
	started.clock_offset_ns = parent_offset_ns(&parent, wall_ns());
	started.group = parent.group;
	put_options(config, &lineage.options, &limits, &started.limits.count);
	started.limits.items = buf_slice(&limits);
	if (tracer_options_init(
		    &options, (const char *)lineage.options.data, lineage.options.len) == 0) {
		put_argv(config, &options, &argv, &started.argv.count);
		started.argv.items = buf_slice(&argv);
		tracer_options_release(&options);
	}
	put_place(&place, &started);
	if (!lineage.options.failed && !limits.failed && !argv.failed)
		made = lineage_begin(&lineage, &started, path, NULL) == 0;
	buf_release(&argv);
	buf_release(&limits);
	buf_release(&place.boot_id);
	buf_release(&place.container);
	lineage_release(&lineage);
	return made;
}

static void start(const PyConfig *config)
{
	struct buf path = {0};
	struct tracer *tracer = NULL;
	struct err err;

	if (begin(config, &path) && tracer_open(buf_string(&path), &tracer, &err) == 0)
		tracer_start(tracer, TRACER_STARTING, &err);
	buf_release(&path);
}

/* What getpath read from the environment and subinterpreters start from. */
static void forget_directory(PyConfig *config)
{
	const struct tracer *tracer = hook_tracer();
	PyWideStringList *list = &config->module_search_paths;
	wchar_t *directory = tracer && tracer->options.inject
				     ? Py_DecodeLocale(tracer->options.inject, NULL)
				     : NULL;
	size_t len = directory ? wcslen(directory) : 0;
	wchar_t *path = config->pythonpath_env;
	Py_ssize_t kept = 0;

	for (Py_ssize_t i = 0; directory && i < list->length; i++) {
		if (wcscmp(list->items[i], directory) == 0)
			PyMem_RawFree(list->items[i]);
		else
			list->items[kept++] = list->items[i];
	}
	if (directory)
		list->length = kept;
	if (directory && path && wcsncmp(path, directory, len) == 0) {
		if (path[len] == L':') {
			wmemmove(path, path + len + 1, wcslen(path + len + 1) + 1);
		} else if (!path[len]) {
			PyMem_RawFree(path);
			config->pythonpath_env = NULL;
		}
	}
	PyMem_RawFree(directory);
}

PyMODINIT_FUNC PyInit__smiley(void)
{
	PyInterpreterState *interpreter = PyInterpreterState_Get();
	PyConfig *config = (PyConfig *)py_config(interpreter);

	if (interpreter == PyInterpreterState_Main() && !hook_tracer()) {
		start(config);
		forget_directory(config);
	}
	return control_module();
}
