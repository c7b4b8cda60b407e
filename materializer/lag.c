#include "materializer/lag.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <xxhash.h>

#define FRESH_NS 3000000000 /* who folds tells it more often */
#define READ_TRIES 3        /* one may come between two halves of a write */

struct bytes {
	uint64_t checksum; /* of the rest */
	struct lag lag;
};

static uint64_t checksum(const struct bytes *bytes)
{
	return XXH3_64bits(&bytes->lag, sizeof(bytes->lag));
}

static int open_beside(const char *applied_path, int flags)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s.lag", applied_path);

	return len < (int)sizeof(path) ? open(path, flags | O_CLOEXEC, 0600) : -1;
}

int64_t lag_ns(const struct lag *lag, int64_t now_ns)
{
	int64_t since = lag->records && lag->newest_ns ? lag->newest_ns : lag->told_ns;
	int64_t behind = now_ns - since;

	if (lag->records == 0 && behind < FRESH_NS)
		return 0;
	return behind > 0 ? behind : 0;
}

void lag_write(const char *applied_path, const struct lag *lag)
{
	struct bytes bytes = {.lag = *lag};
	int fd = open_beside(applied_path, O_WRONLY | O_CREAT);

	if (fd < 0)
		return;
	bytes.checksum = checksum(&bytes);
	(void)!pwrite(fd, &bytes, sizeof(bytes), 0); /* readers take only what is whole */
	close(fd);
}

bool lag_read(const char *applied_path, struct lag *lag)
{
	int fd = open_beside(applied_path, O_RDONLY);
	struct bytes bytes;
	bool whole = false;

	for (int i = 0; fd >= 0 && !whole && i < READ_TRIES; i++)
		whole = pread(fd, &bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes) &&
			bytes.checksum == checksum(&bytes);
	if (fd >= 0)
		close(fd);
	if (whole)
		*lag = bytes.lag;
	return whole;
}
