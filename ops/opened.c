#include "ops/opened.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ops/term.h"

#define WAIT_MS 10000

static int bring_up_to_date(
	const struct database_paths *paths, const struct call *call, struct err *err)
{
	struct progress progress;
	int rc;

	progress_begin(&progress, "reading the log", PROGRESS_BYTES, call->verbosity >= 0);
	rc = materialize_now(paths, WAIT_MS, progress_update, &progress, err);
	progress_end(&progress);
	return rc;
}

/* That others are still busy with the newest runs is worth a word only to people. */
static void warn_stale(const struct call *call, const struct err *stale)
{
	bool people = call->verbosity > 0 || (!call->verbosity && isatty(STDERR_FILENO));

	if (!stale->code || stale->code == ERR_NOT_FOUND || call->verbosity < 0 ||
		(stale->code == ERR_BUSY && !people))
		return;
	fprintf(stderr, "smiley: %s: what follows may lack the latest: %s\n", call->command->name,
		stale->message);
}

int opened_init(struct opened *opened, const struct call *call, struct err *err)
{
	struct err stale = {0};
	int rc;

	*opened = (struct opened){0};
	rc = database_paths_init(
		&opened->paths, settings_text(call->settings, OPTION_DATABASE), false, err);
	if (rc)
		return rc;
	bring_up_to_date(&opened->paths, call, &stale);
	rc = query_open(&opened->paths, &opened->query, err);
	if (!rc)
		warn_stale(call, &stale);
	if (rc == ERR_NOT_FOUND &&
		(!stale.code || stale.code == ERR_NOT_FOUND || stale.code == ERR_BUSY)) {
		err_clear(err);
		return 0;
	}
	if (rc == ERR_NOT_FOUND)
		*err = stale;
	if (rc)
		opened_release(opened);
	return rc;
}

void opened_release(struct opened *opened)
{
	query_close(opened->query);
	opened->query = NULL;
	database_paths_release(&opened->paths);
}

int run_word(int rc, struct err *err)
{
	if (rc == ERR_USAGE)
		err->code = rc = ERR_STATE;
	return rc;
}

int opened_resolve(const struct opened *opened, const char *run, struct run_id *id, struct err *err)
{
	if (!opened->query)
		return err_set(err, ERR_NOT_FOUND, "no run %s: nothing has been recorded in %s yet",
			run, opened->paths.root);
	return run_word(query_resolve(opened->query, run, id, err), err);
}

/* The place of a choice in its option's list of them. */
static int choice(const struct settings *settings, enum option_id id)
{
	const char *chosen = settings_text(settings, id);
	const char *at = option_get(id)->argument;
	int place = 0;

	while (strncmp(at, chosen, strlen(chosen)) != 0 ||
		(at[strlen(chosen)] && at[strlen(chosen)] != '|')) {
		at = strchr(at, '|') + 1;
		place++;
	}
	return place;
}

void lister_settings_init(struct lister_settings *settings, const struct call *call)
{
	*settings = (struct lister_settings){
		.format = (enum lister_format)choice(call->settings, OPTION_LIST_FORMAT),
		.max_width = (size_t)settings_number(call->settings, OPTION_MAX_WIDTH, 0),
		.noindent = settings_flag(call->settings, OPTION_NOINDENT),
		.quote = (enum lister_quote)choice(call->settings, OPTION_QUOTE),
		.sort_column = settings_text(call->settings, OPTION_SORT_COLUMN),
		.descending = settings_flag(call->settings, OPTION_SORT_DESCENDING),
	};
	settings->columns = settings_list(call->settings, OPTION_COLUMN, &settings->column_count);
}

int lister_finish(struct lister *lister, const struct call *call, struct err *err)
{
	struct lister_settings settings;
	struct buf out = {0};
	int rc;

	lister_settings_init(&settings, call);
	rc = lister_render(lister, &settings, &out, err);
	rc = rc ? rc : term_write(buf_slice(&out), err);
	buf_release(&out);
	lister_free(lister);
	return rc;
}
