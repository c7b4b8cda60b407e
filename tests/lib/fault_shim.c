/*
 * fault_shim: preloaded, lets calls of the C library fail that one program makes on some files.
 *
 *   FAULT_EXE    the program's path ends so; every other one is left alone
 *   FAULT_CALL   write | read | sync | open | cut (ftruncate) | reserve (fallocate) | rename |
 *                map (mmap of a file) | clock
 *   FAULT_PATH   only where the file's path holds this; nothing set: any file
 *   FAULT_AT     the first call that fails, from 1
 *   FAULT_TIMES  how many fail from there on; nothing set: all
 *   FAULT_ERRNO  what they fail with; of a write, 0: half of it is written
 *   FAULT_CLOCK  of clock: seconds that the wall clock has jumped by
 *   FAULT_HITS   a file that gets one byte for each call that failed
 *
 * The wall clock jumps for the program's own code alone: libraries wait for moments of the
 * kernel's clock, and a traced program is to see the real one.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static struct plan {
	bool armed;
	const char *call, *path, *hits;
	int at, times, error;
	long jump;
} plan;

static atomic_int calls;

static const char *or_nothing(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static int number(const char *name, int missing)
{
	const char *value = getenv(name);

	return value && *value ? atoi(value) : missing;
}

__attribute__((constructor)) static void begin(void)
{
	const char *exe = or_nothing("FAULT_EXE");
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t want = strlen(exe);

	plan.call = or_nothing("FAULT_CALL");
	plan.path = or_nothing("FAULT_PATH");
	plan.hits = or_nothing("FAULT_HITS");
	plan.at = number("FAULT_AT", 1);
	plan.times = number("FAULT_TIMES", 1 << 30);
	plan.error = number("FAULT_ERRNO", EIO);
	plan.jump = number("FAULT_CLOCK", 0);
	plan.armed = want && len >= (ssize_t)want && memcmp(self + len - want, exe, want) == 0;
}

static void note_hit(void)
{
	int fd = (int)syscall(
		SYS_openat, AT_FDCWD, plan.hits, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (fd >= 0) {
		syscall(SYS_write, fd, "x", 1);
		syscall(SYS_close, fd);
	}
}

/* One more call of this kind on this file: does it fail? */
static bool fails(const char *call, const char *path)
{
	int count;

	if (!plan.armed || strcmp(call, plan.call) != 0 || !strstr(path, plan.path))
		return false;
	count = atomic_fetch_add(&calls, 1) + 1;
	if (count < plan.at || count - plan.at >= plan.times)
		return false;
	note_hit();
	errno = plan.error;
	return true;
}

static bool fails_at(const char *call, int fd)
{
	char link[32] = "/proc/self/fd/", path[4096];
	char digits[12];
	size_t used = 0, at = strlen(link);
	ssize_t len;
	unsigned left = (unsigned)fd;

	if (!plan.armed || fd < 0 || strcmp(call, plan.call) != 0)
		return false;
	do {
		digits[used++] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	while (used)
		link[at++] = digits[--used];
	link[at] = '\0';
	len = (ssize_t)syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	return fails(call, path);
}

/* How much a write that fails still writes; -1: nothing, errno says why. */
static ssize_t left_of(size_t len)
{
	return plan.error ? -1 : (ssize_t)(len / 2);
}

ssize_t write(int fd, const void *data, size_t len)
{
	if (fails_at("write", fd)) {
		ssize_t some = left_of(len);

		return some < 0 ? some : syscall(SYS_write, fd, data, some);
	}
	return syscall(SYS_write, fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	if (fails_at("write", fd)) {
		ssize_t some = left_of(len);

		return some < 0 ? some : syscall(SYS_pwrite64, fd, data, some, at);
	}
	return syscall(SYS_pwrite64, fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off_t at) __attribute__((alias("pwrite")));

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	if (plan.error && fails_at("write", fd))
		return -1;
	return syscall(SYS_writev, fd, parts, count);
}

ssize_t read(int fd, void *data, size_t len)
{
	return fails_at("read", fd) ? -1 : syscall(SYS_read, fd, data, len);
}

ssize_t pread(int fd, void *data, size_t len, off_t at)
{
	return fails_at("read", fd) ? -1 : syscall(SYS_pread64, fd, data, len, at);
}

ssize_t pread64(int fd, void *data, size_t len, off_t at) __attribute__((alias("pread")));

int fsync(int fd)
{
	return fails_at("sync", fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails_at("sync", fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

/* Without flags it does nothing that could fail: RocksDB asks so whether there is such a call. */
int sync_file_range(int fd, off64_t from, off64_t len, unsigned flags)
{
	if (flags && fails_at("sync", fd))
		return -1;
	return (int)syscall(SYS_sync_file_range, fd, from, len, flags);
}

int ftruncate(int fd, off_t len)
{
	return fails_at("cut", fd) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int ftruncate64(int fd, off64_t len) __attribute__((alias("ftruncate")));

int fallocate(int fd, int mode, off_t from, off_t len)
{
	return fails_at("reserve", fd) ? -1 : (int)syscall(SYS_fallocate, fd, mode, from, len);
}

int fallocate64(int fd, int mode, off64_t from, off64_t len) __attribute__((alias("fallocate")));

/* Tells its error by its value; errno stays. */
int posix_fallocate(int fd, off_t from, off_t len)
{
	int before = errno, failure = 0;

	if (fails_at("reserve", fd) || syscall(SYS_fallocate, fd, 0, from, len) < 0)
		failure = errno;
	errno = before;
	return failure;
}

int posix_fallocate64(int fd, off64_t from, off64_t len) __attribute__((alias("posix_fallocate")));

int openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (fails("open", path))
		return -1;
	va_start(args, flags);
	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...) __attribute__((alias("openat")));

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	return openat(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int rename(const char *from, const char *to)
{
	return fails("rename", to) ? -1 : (int)syscall(SYS_rename, from, to);
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t from)
{
	if (!(flags & MAP_ANONYMOUS) && fails_at("map", fd))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, at, len, protection, flags, fd, from);
}

void *mmap64(void *at, size_t len, int protection, int flags, int fd, off64_t from)
	__attribute__((alias("mmap")));

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, now);
	Dl_info caller;

	if (rc == 0 && plan.armed && plan.jump && clock == CLOCK_REALTIME &&
		dladdr(__builtin_return_address(0), &caller) && caller.dli_fname &&
		strstr(caller.dli_fname, "/smiley") && fails("clock", ""))
		now->tv_sec += plan.jump;
	return rc;
}
