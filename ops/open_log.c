#include "ops/open_log.h"

bool log_is_remote(const struct settings *settings)
{
	(void)settings;
	return false;
}

int open_log(const struct settings *settings, const struct database_paths *paths, bool create,
	struct log **log, struct err *err)
{
	(void)settings;
	return file_log_open(paths->log, create, log, err);
}
