#include <stdio.h>
#include <string.h>

#include "ops/cmd.h"
#include "ops/fold_now.h"
#include "ops/import.h"
#include "ops/open_log.h"
#include "ops/opened.h"

#define WAIT_MS 30000

/* A run that is there only in part may be imported again: what is there twice counts once. */
static int check_absent(const struct opened *opened, const struct run_id *run, struct err *err)
{
	char id[RUN_ID_TEXT_BYTES];
	struct run_info info;
	bool whole;
	int rc = opened->query ? query_run(opened->query, run, &info, err) : ERR_NOT_FOUND;

	if (rc == ERR_NOT_FOUND) {
		err_clear(err);
		return 0;
	}
	if (rc)
		return rc;
	whole = info.has_finished;
	run_info_release(&info);
	return whole ? err_set(err, ERR_STATE, "run %s is there already", run_id_format(run, id))
		     : 0;
}

/* What was deleted from a log stays so. */
static int check_present(const struct call *call, const struct run_id *run, struct err *err)
{
	struct run_info info = {0};
	char id[RUN_ID_TEXT_BYTES];
	struct opened opened;
	int rc = opened_init(&opened, call, err);

	if (rc)
		return rc;
	run_id_format(run, id);
	rc = opened.query ? query_run(opened.query, run, &info, err) : ERR_NOT_FOUND;
	if (rc == ERR_NOT_FOUND)
		rc = err_set(err, ERR_STATE,
			"run %s was deleted here once, and stays so: import it into another "
			"--database",
			id);
	if (!rc && call->verbosity >= 0)
		printf("Imported run %s, %lld events\n", id, (long long)info.event_count);
	run_info_release(&info);
	opened_release(&opened);
	return rc;
}

static int import(const struct call *call, struct import *import, struct err *err)
{
	struct log *log = NULL;
	struct opened opened;
	int rc = open_place(call->settings, PLACE_FOLD, &opened.paths, err);

	if (rc)
		return rc;
	database_paths_release(&opened.paths);
	rc = opened_init(&opened, call, err);
	if (rc)
		return rc;
	rc = check_absent(&opened, &import->run, err);
	rc = rc ? rc : open_log(call->settings, &opened.paths, true, &log, err);
	rc = rc ? rc : import_append(import, log, log_flush_ms(call->settings), err);
	rc = rc ? rc : fold_now(call, &opened.paths, log, WAIT_MS, "reading the log", err);
	log_close(log);
	opened_release(&opened);
	return rc ? rc : check_present(call, &import->run, err);
}

static int run(const struct call *call, struct err *err)
{
	struct import file;
	int rc = import_open(&file, call->argv[0], err);

	rc = rc ? rc : import(call, &file, err);
	import_close(&file);
	return rc;
}

const struct command cmd_import = {
	.name = "import",
	.arguments = "FILE.avro",
	.summary = "take a run in that smiley export wrote",
	.details = "Its messages are appended to the log, as if the run had been traced here: same "
		   "id, same replay. The whole file is checked first. The database is made when "
		   "there is none.",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
