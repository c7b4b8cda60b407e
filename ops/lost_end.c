#include "ops/lost_end.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "ops/open_log.h"
#include "schemas/host.h"
#include "schemas/process.h"
#include "schemas/spool_file.h"

/* Its process id means the same here. */
static bool is_of_here(const struct run_started *run)
{
	struct buf boot = {0}, container = {0};
	char host[HOST_NAME_MAX + 1] = "";
	bool here;

	gethostname(host, sizeof(host) - 1);
	host_boot_id("", &boot);
	host_container("", host, &container);
	here = boot.len && slice_equal(run->boot_id, buf_slice(&boot)) &&
	       slice_equal(run->container, buf_slice(&container));
	buf_release(&boot);
	buf_release(&container);
	return here;
}

static bool has_spool(const struct run_id *run, const struct database_paths *paths)
{
	char id[RUN_ID_TEXT_BYTES];
	struct buf path = {0};
	bool there;

	buf_printf(&path, "%s/%s" SPOOL_FILE_SUFFIX, paths->spool, run_id_format(run, id));
	there = path.failed || access(buf_string(&path), F_OK) == 0;
	buf_release(&path);
	return there;
}

/* 1: the log lacks the run's end; 0: it does not, or nobody knows; or an error. */
static int lacks_end(const struct opened *opened, const struct run_id *id, struct err *err)
{
	const struct database_paths *paths = &opened->paths;
	struct run_info info;
	int rc = opened->query ? query_run(opened->query, id, &info, err) : 0;

	if (rc || !opened->query)
		return rc;
	rc = !info.has_finished && !info.headless && is_of_here(&info.started) &&
	     !process_alive(info.started.pid, 0, 0) && !has_spool(id, paths);
	run_info_release(&info);
	return rc;
}

int lost_end(const struct call *call, const struct opened *opened, const struct run_id *id,
	struct err *err)
{
	struct opened again;
	size_t databases;
	int rc;

	settings_list(call->settings, OPTION_DATABASE, &databases);
	if (databases != 1 || log_is_remote(call->settings))
		return 0;
	rc = lacks_end(opened, id, err);
	if (rc != 1)
		return rc;
	/* It may have come since the database was opened. */
	rc = opened_init(&again, call, err);
	if (rc)
		return rc;
	rc = lacks_end(&again, id, err);
	opened_release(&again);
	if (rc != 1)
		return rc;
	return err_set(err, ERR_FORMAT,
		"its process has ended, but its end (RunFinished) is not in the log, nor what it "
		"did last");
}
