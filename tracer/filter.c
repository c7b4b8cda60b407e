#include "tracer/filter.h"

#include "schemas/err.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int filter_init(struct filter *filter, const struct tracer_options *options, const char *stdlib_dir)
{
	char *real = realpath(stdlib_dir, NULL);
	const char *dir = real ? real : stdlib_dir;

	*filter = (struct filter){.options = options};
	if (asprintf(&filter->stdlib, "%s/", dir) < 0)
		filter->stdlib = NULL;
	free(real);
	return filter->stdlib ? 0 : ERR_MEMORY;
}

void filter_release(struct filter *filter)
{
	free(filter->stdlib);
	*filter = (struct filter){0};
}

/* Behind the last "/site-packages/" or "/dist-packages/" of path; NULL: in neither. */
static const char *in_site_packages(const char *path)
{
	static const char *const names[] = {"/site-packages/", "/dist-packages/"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *at = strstr(path, names[i]);

		if (at)
			return at + strlen(names[i]);
	}
	return NULL;
}

static const char *in_stdlib(const struct filter *filter, const char *path)
{
	size_t len = strlen(filter->stdlib);

	return strncmp(path, filter->stdlib, len) == 0 ? path + len : NULL;
}

/* Does the path below a library directory belong to package NAME (dots are directories)? */
static bool belongs_to(const char *below, const char *package)
{
	size_t i;

	for (i = 0; package[i]; i++)
		if (below[i] != (package[i] == '.' ? '/' : package[i]))
			return false;
	return below[i] == '/' || strcmp(below + i, ".py") == 0;
}

static bool is_included(const struct filter *filter, const char *below)
{
	for (size_t i = 0; i < filter->options->package_count; i++)
		if (belongs_to(below, filter->options->packages[i]))
			return true;
	return false;
}

/* What setuptools puts into every import of every program, and what loads us. */
static bool is_plumbing(const struct tracer_options *options, const char *path)
{
	size_t len = options->inject ? strlen(options->inject) : 0;

	if (len && strncmp(path, options->inject, len) == 0 && path[len] == '/')
		return true;
	return strstr(path, "pkg_resources") || strstr(path, "/_distutils_hack/") ||
	       strstr(path, "-packages/smiley/");
}

static bool is_for_files(const char *pattern)
{
	size_t len = strlen(pattern);

	return strchr(pattern, '/') || (len > 3 && strcmp(pattern + len - 3, ".py") == 0);
}

static bool path_matches(const char *pattern, const char *path)
{
	const char *at = path;

	if (*pattern == '/' || *pattern == '*')
		return fnmatch(pattern, path, 0) == 0;
	while ((at = strchr(at, '/')))
		if (fnmatch(pattern, ++at, 0) == 0)
			return true;
	return false;
}

/* Does the subject, a file or else a function, match a pattern that is for such? *any: is
 * there one? */
static bool matches(const char **patterns, size_t count, bool files, const char *subject, bool *any)
{
	*any = false;
	for (size_t i = 0; i < count; i++) {
		if (is_for_files(patterns[i]) != files)
			continue;
		*any = true;
		if (files ? path_matches(patterns[i], subject)
			  : fnmatch(patterns[i], subject, 0) == 0)
			return true;
	}
	return false;
}

static bool is_mine(const struct tracer_options *options, const char *path)
{
	for (size_t i = 0; i < options->mine_count; i++) {
		size_t len = strlen(options->mine[i]);

		if (strncmp(path, options->mine[i], len) == 0 && path[len] == '/')
			return true;
	}
	return options->mine_count == 0;
}

bool filter_records_function(const struct filter *filter, const char *qualname)
{
	const struct tracer_options *options = filter->options;
	bool any;

	if (matches(options->exclude, options->exclude_count, false, qualname, &any))
		return false;
	return matches(options->include, options->include_count, false, qualname, &any) || !any;
}

bool filter_records(const struct filter *filter, const char *path)
{
	const struct tracer_options *options = filter->options;
	size_t len = strlen(path);
	char real[4096];
	const char *below;
	bool any;

	if (len == 0)
		return false;
	if (path[len - 1] == '>')
		return options->trace_string_main &&
		       (strcmp(path, "<string>") == 0 || strcmp(path, "<stdin>") == 0);
	if (len < sizeof(real) && realpath(path, real))
		path = real;
	if (is_plumbing(options, path))
		return false;
	if (matches(options->exclude, options->exclude_count, true, path, &any))
		return false;
	if (matches(options->include, options->include_count, true, path, &any))
		return true;
	if (any || !is_mine(options, path))
		return false;
	below = in_site_packages(path);
	if (below && options->mine_count)
		return false;
	if (below)
		return options->include_site_packages || is_included(filter, below);
	below = in_stdlib(filter, path);
	if (below)
		return options->include_stdlib || is_included(filter, below);
	return true;
}
