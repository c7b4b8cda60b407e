#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ops/cmd.h"
#include "ops/opened.h"
#include "ops/term.h"
#include "schemas/version.h"
#include "web/pager.h"
#include "web/report.h"

static int write_report(const struct call *call, struct report_options *options, struct err *err)
{
	struct progress progress;
	struct buf line = {0};
	int rc;

	if (mkdir(options->dir, 0700) < 0 && errno != EEXIST)
		return err_set_errno(err, errno, "%s", options->dir);
	progress_begin(&progress, "writing pages", PROGRESS_FILES, call->verbosity >= 0);
	options->progress = progress_update;
	options->context = &progress;
	rc = report_write(options, err);
	progress_end(&progress);
	if (rc)
		return rc;
	buf_printf(&line, "%s/index.html\n", options->dir);
	rc = term_write(buf_slice(&line), err);
	buf_release(&line);
	return rc;
}

/* A-B, A- or A. */
static int parse_pages(const char *text, struct report_options *options, struct err *err)
{
	char *end;

	if (!text)
		return 0;
	options->first_page = options->last_page = strtoll(text, &end, 10);
	if (*end == '-' && end[1] == '\0') {
		options->last_page = INT64_MAX;
		end++;
	} else if (*end == '-') {
		options->last_page = strtoll(end + 1, &end, 10);
	}
	if (*end || text[0] < '0' || text[0] > '9' || options->first_page < 1 ||
		options->last_page < options->first_page)
		return err_set(err, ERR_USAGE, "--pages %s: pages are A-B, A- or A, from 1", text);
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	struct report_options options = {.version = SMILEY_VERSION,
		.dir = settings_text(call->settings, OPTION_OUTPUT_DIRECTORY),
		.title = settings_text(call->settings, OPTION_TITLE),
		.per_page = settings_number(call->settings, OPTION_ITEMS_PER_PAGE, PER_PAGE_MAX)};
	char id[RUN_ID_TEXT_BYTES];
	const char *pages = settings_text(call->settings, OPTION_PAGES);
	struct opened opened;
	int rc = parse_pages(pages, &options, err);

	if (rc)
		return rc;
	options.per_page = settings_number(call->settings, OPTION_PER_PAGE, options.per_page);

	if (options.per_page < PER_PAGE_MIN || options.per_page > PER_PAGE_MAX)
		return err_set(err, ERR_USAGE, "--per-page %lld: a page has %d to %d",
			(long long)options.per_page, PER_PAGE_MIN, PER_PAGE_MAX);
	rc = opened_init(&opened, call, err);
	if (rc)
		return rc;
	options.paths = &opened.paths;
	rc = opened_resolve(&opened, call->argv[0], &options.run, err);
	if (!rc) {
		run_id_format(&options.run, id);
		options.dir = options.dir ? options.dir : id;
		options.title = options.title ? options.title : id;
		rc = write_report(call, &options, err);
	}
	opened_release(&opened);
	return rc;
}

const struct command cmd_report = {
	.name = "report",
	.arguments = "RUN",
	.summary = "write a run as web pages that need no server",
	.details =
		"The same pages as `smiley server` shows, as files; prints the first one's name. RUN "
		"is a run's id, the first characters of it that no other has, or @latest.",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
