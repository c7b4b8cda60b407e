#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "ops/cmd.h"
#include "ops/found.h"
#include "ops/opened.h"
#include "ops/term.h"

#define NOTHING_FOUND 1 /* the exit status, as grep's */

/* What the table does not say: that there may be more, or why it is empty. */
static void tell(const struct call *call, const struct found *found, int64_t next)
{
	bool backward = settings_flag(call->settings, OPTION_BACKWARD);

	if (call->verbosity < 0)
		return;
	if (next >= 0)
		fprintf(stderr,
			"smiley: search: the %s %" PRId64 "; what is %s: --%s %" PRId64
			", or a larger --limit\n",
			backward ? "last" : "first", found->count, backward ? "before" : "behind",
			backward ? "to" : "from", next);
	else if (!found->count)
		fprintf(stderr, "smiley: search: no event of this run is meant\n");
}

static int list(const struct call *call, const struct opened *opened, const struct run_id *id,
	struct search *search, struct found *found, struct err *err)
{
	struct progress progress;
	struct search_span span = {
		.range = {settings_number(call->settings, OPTION_FROM, 0),
			settings_number(call->settings, OPTION_TO, INT64_MAX),
			settings_text(call->settings, OPTION_THREAD)},
		.backward = settings_flag(call->settings, OPTION_BACKWARD),
		.progress = progress_update,
		.progress_context = &progress,
	};
	int64_t next = -1;
	int rc = 0;

	progress_begin(&progress, "search", PROGRESS_EVENTS, call->verbosity >= 0);
	if (found->wanted > 0)
		rc = query_search(opened->query, id, search, &span, found_add, found, &next, err);
	progress_end(&progress);
	if (rc < 0)
		return rc;
	rc = lister_finish(found->lister, call, err);
	found->lister = NULL;
	if (rc == 0)
		tell(call, found, next);
	return rc;
}

static int search_run(const struct call *call, const struct opened *opened, struct search *search,
	struct err *err)
{
	struct run_info info;
	struct found found;
	struct run_id id;
	int rc = opened_resolve(opened, call->argv[0], &id, err);

	if (rc == 0)
		rc = query_run(opened->query, &id, &info, err);
	if (rc)
		return rc;
	rc = found_init(&found, &info, settings_number(call->settings, OPTION_HITS, 0), err);
	if (rc == 0)
		rc = list(call, opened, &id, search, &found, err);
	if (rc == 0 && !found.count)
		rc = NOTHING_FOUND;
	found_release(&found);
	run_info_release(&info);
	return rc;
}

static int run(const struct call *call, struct err *err)
{
	struct search *search;
	struct opened opened;
	int rc = search_of(call->argv + 1, (size_t)call->argc - 1, &search, err);

	if (rc)
		return rc;
	rc = opened_init(&opened, call, err);
	if (rc == 0) {
		rc = search_run(call, &opened, search, err);
		opened_release(&opened);
	}
	search_free(search);
	return rc;
}

const struct command cmd_search = {
	.name = "search",
	.arguments = "RUN TERM...",
	.summary = "show the events of a run that are meant by all terms",
	.details =
		"A TERM is NAME=VALUE, an event that gave the variable this value, which may be "
		"shown so or be a text without its quotes; != for any other value, <, <=, > and "
		">= for numbers, NAME~TEXT for a value with this text in it, NAME~/EXPRESSION/ for "
		"one that matches (Perl's expressions), var:NAME for any change.\n"
		"With return, yield or raise as NAME it is the value returned or yielded, or the "
		"exception, of which the type will do: raise=KeyError.\n"
		"in:FUNCTION, file:NAME, line:NUMBER and kind:KIND say where; * and ? stand for "
		"others in the first two. Any other TERM is a text that stands in the line of "
		"source, the name of the function called, a variable changed or a value.\n"
		"The exit status is 1 when there is no such event. json has time, thread, kind, "
		"variable, value, file and line as well, which -c shows in other formats too.",
	.min_arguments = 2,
	.max_arguments = -1,
	.run = run,
};
