#include "ops/recording.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/spool.h"
#include "ops/open_log.h"

/* That is a mistake of the user's to be told, not a disk that fails. */
static int check_place(const char *dir, struct err *err)
{
	struct stat status;

	if (stat(dir, &status) ? errno == ENOTDIR : !S_ISDIR(status.st_mode))
		return err_set(err, ERR_USAGE, "database %s: not a directory", dir);
	return 0;
}

/* The spool, with what the tracer is told and what is known of the run. */
static int make_spool(struct recording *recording, const struct settings *settings, int argc,
	char **argv, struct err *err)
{
	struct spool_settings spool = {
		.limit_bytes = (uint64_t)settings_number(settings, OPTION_SPOOL_LIMIT, 0),
		.drop = strcmp(settings_text(settings, OPTION_SPOOL_POLICY), "drop") == 0,
		.paused = settings_flag(settings, OPTION_PAUSED),
	};
	int rc;

	run_options_text(settings, argc, argv, &recording->options);
	rc = run_started_fill(&recording->started, settings, argc, argv,
		buf_slice(&recording->options), &recording->texts, err);
	run_options_inject(&recording->options);
	spool.options = buf_slice(&recording->options);
	return rc ? rc
		  : spool_create(recording->paths.spool, &recording->started, &spool,
			    &recording->spool_path, err);
}

int recording_open(struct recording *recording, const struct settings *settings, int argc,
	char **argv, struct err *err)
{
	struct run_loop *loop = &recording->loop;
	int rc = 0;

	if (!log_is_remote(settings))
		rc = check_place(settings_text(settings, OPTION_DATABASE), err);
	rc = rc ? rc : open_spools(settings, &recording->paths, err);
	rc = rc ? rc : open_log(settings, &recording->paths, true, &recording->log, err);
	rc = rc ? rc : make_spool(recording, settings, argc, argv, err);
	if (rc)
		return rc;
	loop->paths = &recording->paths;
	loop->log = recording->log;
	loop->paused = settings_flag(settings, OPTION_PAUSED);
	loop->flush_ms = log_flush_ms(settings);
	rc = run_loop_open(loop, buf_string(&recording->spool_path), &recording->started.run,
		!settings_flag(settings, OPTION_NO_CHILDREN), err);
	if (rc)
		unlink(buf_string(&recording->spool_path));
	return rc;
}

void recording_release(struct recording *recording)
{
	run_loop_close(&recording->loop);
	buf_release(&recording->spool_path);
	buf_release(&recording->options);
	run_texts_release(&recording->texts);
	log_close(recording->log);
	database_paths_release(&recording->paths);
}
