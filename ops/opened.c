#include "ops/opened.h"

#include <string.h>
#include <unistd.h>

#include "ops/fold_now.h"
#include "ops/notice.h"
#include "ops/open_log.h"
#include "ops/term.h"

#define WAIT_MS 10000

/* *stale receives why the store may lack the latest. */
static int bring_up_to_date(const struct call *call, const struct database_paths *paths,
	struct err *stale, struct err *err)
{
	struct log *log = NULL;
	int rc = open_log(call->settings, paths, true, &log, stale);

	if (rc == ERR_USAGE || (rc && log_is_remote(call->settings))) {
		*err = *stale;
		return rc;
	}
	if (!rc)
		fold_now(call, paths, log, WAIT_MS, "reading the log", stale);
	log_close(log);
	return 0;
}

/* A database made from Kafka can be asked without brokers: it tells what it has. */
static int open_database(const struct call *call, const char *dir, struct database_paths *paths,
	struct err *stale, struct err *err)
{
	int rc = open_place_at(call->settings, PLACE_ASK, dir, paths, err);

	if (!rc)
		return bring_up_to_date(call, paths, stale, err);
	if (rc != ERR_STATE || log_is_remote(call->settings) ||
		settings_flag(call->settings, OPTION_LOCAL))
		return rc;
	*stale = *err;
	err_clear(err);
	return database_paths_init(paths, dir, false, err);
}

/* That others are still busy with the newest runs is worth a word only to people. */
static void warn_stale(const struct call *call, const struct err *stale)
{
	bool people = call->verbosity > 0 || (!call->verbosity && isatty(STDERR_FILENO));
	bool remote = log_is_remote(call->settings);

	if (!stale->code || call->verbosity < 0 || (stale->code == ERR_NOT_FOUND && !remote) ||
		(stale->code == ERR_BUSY && !people && !remote))
		return;
	notice_tell(call, &(struct notice){NOTICE_WARNING, .event = "stale"},
		"what follows may lack the latest: %s", stale->message);
}

/* Opens the database for questions, besides those that are open. */
static int ask(struct opened *opened, const struct call *call, const struct database_paths *paths,
	const struct err *stale, struct err *err)
{
	int rc = opened->query ? query_join(opened->query, paths, err)
			       : query_open(paths, &opened->query, err);

	if (!rc)
		warn_stale(call, stale);
	if (rc == ERR_NOT_FOUND && (!stale->code || (!log_is_remote(call->settings) &&
							    (stale->code == ERR_NOT_FOUND ||
								    stale->code == ERR_BUSY)))) {
		err_clear(err);
		return 0;
	}
	if (rc == ERR_NOT_FOUND)
		*err = *stale;
	return rc;
}

int opened_init(struct opened *opened, const struct call *call, struct err *err)
{
	size_t count;
	const char **dirs = settings_list(call->settings, OPTION_DATABASE, &count);
	int rc = 0;

	*opened = (struct opened){0};
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct err stale = {0};

		/* Those of the last one are kept. */
		database_paths_release(&opened->paths);
		rc = open_database(call, dirs[i], &opened->paths, &stale, err);
		rc = rc ? rc : ask(opened, call, &opened->paths, &stale, err);
	}
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
