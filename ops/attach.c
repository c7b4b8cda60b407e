#include "ops/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/heir.h"
#include "ops/recording.h"

#define VARIABLE "SMILEY_ATTACH"

bool attach_is(pid_t *pid)
{
	const char *text = getenv(VARIABLE);

	*pid = text ? (pid_t)strtol(text, NULL, 10) : 0;
	unsetenv(VARIABLE);
	return *pid > 0;
}

/* The spool is named absolutely: the process may be elsewhere when it opens it. Who waits for the
 * line reads to the end. */
static int tell_spool(struct recording *recording, struct err *err)
{
	char *path = realpath(buf_string(&recording->spool_path), NULL);
	int nowhere;

	if (!path)
		return err_set_errno(err, errno, "%s", buf_string(&recording->spool_path));
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nowhere < 0) {
		free(path);
		return err_set_errno(err, errno, "/dev/null");
	}
	printf("process %ld\nspool %s\n", (long)getpid(), path);
	fflush(stdout);
	dup2(nowhere, STDOUT_FILENO);
	dup2(nowhere, STDERR_FILENO);
	close(nowhere);
	free(path);
	return 0;
}

int attach_run(const struct call *call, pid_t pid, struct err *err)
{
	struct recording recording = {0};
	struct launch launch = {.toggle_signal = launch_signal(
					settings_text(call->settings, OPTION_TOGGLE_SIGNAL))};
	int rc;

	umask(S_IRWXG | S_IRWXO);
	rc = launch_attach(&launch, pid, err);
	rc = rc ? rc : recording_open(&recording, call->settings, call->argc, call->argv, err);
	rc = rc ? rc : tell_spool(&recording, err);
	if (!rc) {
		run_loop_until_end(&recording.loop, &launch);
		rc = run_loop_finish(&recording.loop, &launch, NULL, err);
		if (run_loop_goes_on(&recording.loop))
			brood_bequeath(
				recording.loop.brood, heir_start(call, &recording.started.run));
	}
	recording_release(&recording);
	launch_release(&launch);
	return rc;
}
