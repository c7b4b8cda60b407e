#include "ops/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops/installed.h"
#include "ops/kore.h"
#include "ops/python_env.h"
#include "ops/python_main.h"
#include "schemas/version.h"

void doctor_check_program(struct doctor *doctor)
{
	static const struct {
		const char *name, *use;
	} parts[] = {
		{PYTHON_MAIN_LIBRARY, "run"},
		{"libexec/smiley/inject", "child processes of runs"},
		{"libexec/smiley/smiley-http", "registry and --schema-registry"},
		{KORE_MODULE, "server"},
	};
	char path[PATH_MAX];
	struct err err = {0};
	bool well = true;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (installed_path(parts[i].name, path, &err) == 0)
			continue;
		if (strcmp(parts[i].name, KORE_MODULE) == 0 && access(KORE_PROGRAM, X_OK))
			continue; /* a build without kore: doctor_check_kore() tells */
		doctor_tell(doctor, FINDING_ERROR,
			"install it again: make install, or apt-get install --reinstall smiley",
			"%s (%s cannot work without)", err.message, parts[i].use);
		well = false;
	}
	if (well)
		doctor_tell(doctor, FINDING_OK, NULL, "smiley " SMILEY_VERSION ", all parts there");
}

/* Runs a program for its exit status, its first words on stderr to `words`; -1: it cannot be. */
static int status_of(char **argv, char **env, char *words, size_t size)
{
	posix_spawn_file_actions_t actions;
	int ends[2], status = -1;
	ssize_t got = 0;
	pid_t pid;

	*words = '\0';
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, env) == 0) {
		close(ends[1]);
		ends[1] = -1;
		got = read(ends[0], words, size - 1);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
		status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	words[got > 0 ? got : 0] = '\0';
	words[strcspn(words, "\n")] = '\0';
	return status;
}

/* Does the python that smiley is made for start with our main()? */
static void check_main(struct doctor *doctor)
{
	char *argv[] = {(char *)EMBEDDED, (char *)"-c", (char *)"", NULL}, words[512];
	struct python_main start;
	struct err err = {0};
	int status;

	if (python_main_prepare(&start, PYTHON_MAIN_CHECK, "", &err))
		return; /* told before */
	status = status_of(argv, start.env, words, sizeof(words));
	python_main_release(&start);
	if (status == PYTHON_MAIN_CHECKED)
		doctor_tell(doctor, FINDING_OK, NULL, EMBEDDED " starts traced");
	else
		doctor_tell(doctor, FINDING_ERROR, "install smiley and it anew, from one Debian",
			"%s does not start with " PYTHON_MAIN_LIBRARY ": %s", EMBEDDED,
			*words ? words : "the loader leaves that out");
}

/* Which python's environment programs get, and is it traced? */
void doctor_check_python(struct doctor *doctor)
{
	struct python_env python;
	struct err err = {0};

	if (python_env_find(NULL, &python, &err))
		doctor_tell(doctor, FINDING_ERROR, NULL, "%s", err.message);
	else if (access(buf_string(&python.path), X_OK))
		doctor_tell(doctor, FINDING_ERROR, "apt-get install python3", "%s: %s",
			buf_string(&python.path), strerror(errno));
	else
		doctor_tell(doctor, FINDING_OK, NULL, "%s%s", buf_string(&python.path),
			python.known_build ? "" : ", by the extension for its version");
	python_env_release(&python);
	check_main(doctor);
}

void doctor_check_kore(struct doctor *doctor)
{
	if (access(KORE_PROGRAM, X_OK))
		doctor_tell(doctor, FINDING_WARNING,
			"apt-get install kore; where Debian has none, as 13, `smiley report`",
			"%s: %s: no `smiley server`", KORE_PROGRAM, strerror(errno));
	else
		doctor_tell(doctor, FINDING_OK, NULL, "%s is there", KORE_PROGRAM);
}

/* Could it hold a secret that others must not read? */
static bool has_secret(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[1024];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = *line != '#' && (strstr(line, "password") || strstr(line, "secret"));
	if (file)
		fclose(file);
	return found;
}

/* False: there is no such file. */
static bool look_at_file(struct doctor *doctor, const char *path)
{
	struct stat file;

	if (stat(path, &file) < 0)
		return false;
	if (file.st_mode & S_IWOTH)
		doctor_tell(doctor, FINDING_ERROR, "chmod o-w FILE",
			"%s: anybody may write it, and so say where values go", path);
	else if ((file.st_mode & S_IROTH) && has_secret(path))
		doctor_tell(doctor, FINDING_WARNING,
			"chmod 0640 FILE, or put it into a file of its own "
			"(kafka-password-file = FILE)",
			"%s holds a password, and anybody may read it", path);
	else
		doctor_tell(doctor, FINDING_OK, NULL, "%s", path);
	return true;
}

void doctor_check_settings(struct doctor *doctor)
{
	const char *named = getenv("SMILEY_CONFIG");
	struct buf path = {0};
	bool one;

	if (named && *named) {
		look_at_file(doctor, named);
		return;
	}
	one = look_at_file(doctor, SETTINGS_FILE);
	settings_own_file(&path);
	if (path.len)
		one |= look_at_file(doctor, buf_string(&path));
	if (!one)
		doctor_tell(doctor, FINDING_OK, NULL, "no smiley.conf: defaults");
	buf_release(&path);
}
