#include "ops/kin.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MOST (256 * 1024)

/* Does /proc/PID/NAME hold the text? Others' processes cannot be read, and are none of ours. */
static bool holds(const char *pid, const char *name, const char *text, char *room)
{
	char path[64];
	size_t len = 0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (len < FILE_MOST && (got = read(fd, room + len, FILE_MOST - len)) > 0)
		len += (size_t)got;
	close(fd);
	return memmem(room, len, text, strlen(text)) != NULL;
}

bool kin_lives(const struct run_id *root)
{
	char id[RUN_ID_TEXT_BYTES], told[64], spool[64], self[32];
	char *room = malloc(FILE_MOST);
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	bool lives = false;

	run_id_format(root, id);
	snprintf(told, sizeof(told), "&root=%s&", id);
	snprintf(spool, sizeof(spool), "%s.spool", id);
	snprintf(self, sizeof(self), "%ld", (long)getpid());
	while (room && processes && !lives && (entry = readdir(processes))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
			strcmp(entry->d_name, self) == 0)
			continue;
		lives = holds(entry->d_name, "environ", told, room) ||
			holds(entry->d_name, "cmdline", spool, room);
	}
	if (processes)
		closedir(processes);
	free(room);
	return lives;
}
