#include "schemas/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The text behind the name in /proc/PID/stat: field 3 on. False: there is no such process. */
static bool read_stat(int32_t pid, char text[1024])
{
	char path[64];
	ssize_t len;
	char *name_end;
	int fd;

	/* By its id we may be somebody else there: /proc may be another namespace's. */
	if (pid == getpid())
		snprintf(path, sizeof(path), "/proc/self/stat");
	else
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, 1023);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	name_end = strrchr(text, ')'); /* the name may hold anything */
	if (!name_end || name_end[1] != ' ')
		return false;
	memmove(text, name_end + 2, strlen(name_end + 2) + 1);
	return true;
}

/* Field N (counted as in proc(5)) of what read_stat() gave. */
static uint64_t stat_field(const char *text, int field)
{
	const char *at = text;

	for (int i = 3; at && i < field; i++) {
		at = strchr(at, ' ');
		if (at)
			at++;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

uint64_t process_start(int32_t pid)
{
	char text[1024];

	return pid > 0 && read_stat(pid, text) ? stat_field(text, 22) : 0;
}

bool process_alive(int32_t pid, uint64_t start, uint64_t mask)
{
	char text[1024];

	if (pid <= 0 || !read_stat(pid, text))
		return false;
	if (start && (stat_field(text, 22) & mask) != start)
		return false;
	/* A zombie that nobody has waited for is over, unless it is but the first thread
	 * of a process whose others go on. */
	if (text[0] == 'X' || text[0] == 'x')
		return false;
	return text[0] != 'Z' || stat_field(text, 20) > 1;
}
