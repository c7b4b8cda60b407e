#include "ops/heir.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/brood.h"
#include "ops/open_log.h"

#define VARIABLE "SMILEY_HEIR_OF"
#define SLEEP_MIN_MS 5
#define SLEEP_MAX_MS 80
#define LOOK_SLEEPS 10 /* idle sleeps between two looks for who lives */
#define ARGUMENTS_MOST (1024 * 1024)

/* The whole command line of this process, NULs between; its end in *end. */
static char *command_line(char **end)
{
	char *text = malloc(ARGUMENTS_MOST + 1);
	FILE *file = text ? fopen("/proc/self/cmdline", "re") : NULL;
	size_t len = file ? fread(text, 1, ARGUMENTS_MOST, file) : 0;

	if (file)
		fclose(file);
	if (len == 0 || text[len - 1]) {
		free(text);
		return NULL;
	}
	*end = text + len;
	return text;
}

/* The arguments up to the program's name, which the settings come from: secrets that they
 * name in files and in the environment stay there. */
static char **arguments(const struct call *call, char *text, const char *end)
{
	size_t count = 0, kept;
	char **argv;

	for (const char *at = text; at < end; at += strlen(at) + 1)
		count++;
	argv = calloc(count + 3, sizeof(*argv));
	kept = count > (size_t)call->argc ? count - (size_t)call->argc : 0;
	for (size_t i = 0; argv && i < kept; i++, text += strlen(text) + 1)
		argv[i] = text;
	if (argv && kept && strcmp(argv[kept - 1], "--") != 0)
		argv[kept++] = (char *)"--";
	if (argv)
		argv[kept] = (char *)"-";
	return argv;
}

static pid_t spawn(char **argv)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	pid_t pid = 0;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	/* A pipe that we were given must not stay open for our sake. */
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(
		&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (posix_spawn(&pid, "/proc/self/exe", &files, &attributes, argv, environ) != 0)
		pid = 0;
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

pid_t heir_start(const struct call *call, const struct run_id *root)
{
	char id[RUN_ID_TEXT_BYTES], *end = NULL;
	char *text = command_line(&end);
	char **argv = text ? arguments(call, text, end) : NULL;
	pid_t pid = 0;

	if (argv && setenv(VARIABLE, run_id_format(root, id), 1) == 0)
		pid = spawn(argv);
	unsetenv(VARIABLE);
	free(argv);
	free(text);
	return pid;
}

bool heir_is(struct run_id *root)
{
	const char *id = getenv(VARIABLE);

	return id && run_id_parse(root, slice_text(id));
}

/* Looking through all processes costs more than a step: not at each. */
static void follow(struct brood *brood)
{
	int sleep_ms = SLEEP_MIN_MS, idle = 0;

	for (;;) {
		if (brood_step(brood) > 0) {
			sleep_ms = SLEEP_MIN_MS;
			idle = 0;
		} else if (sleep_ms < SLEEP_MAX_MS) {
			sleep_ms *= 2;
		}
		if (++idle % LOOK_SLEEPS == 0 && !brood_lives(brood))
			return;
		poll(NULL, 0, sleep_ms);
	}
}

int heir_run(const struct call *call, const struct run_id *root, struct err *err)
{
	struct database_paths paths = {0};
	struct brood *brood = NULL;
	struct log *log = NULL;
	int rc;

	rc = open_spools(call->settings, &paths, err);
	rc = rc ? rc : open_log(call->settings, &paths, true, &log, err);
	if (!rc) {
		brood = brood_new(paths.spool, log, root);
		rc = brood ? 0 : err_set(err, ERR_MEMORY, "out of memory");
	}
	if (!rc) {
		brood_expect(brood);
		follow(brood);
		rc = brood_settle(brood, log_flush_ms(call->settings), err);
	}
	brood_close(brood);
	log_close(log);
	database_paths_release(&paths);
	return rc;
}
