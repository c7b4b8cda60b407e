/*
 * kore_sandbox: the system calls that a worker may make besides those that Kore itself allows
 * (read, write, open, sockets that are there, memory that is never both written and run).
 * Any other kills the worker. What writes to a database is not among them but for what a
 * RocksDB secondary instance does with its own log.
 */
#include <sys/types.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <kore/kore.h>
#include <kore/hooks.h>
#include <kore/seccomp.h>

static struct sock_filter filter[] = {
	/* glibc from 2.33 on makes stat(), fstat() and lstat() of it; Kore's list is older. */
	KORE_SYSCALL_ALLOW(newfstatat),
	KORE_SYSCALL_ALLOW(statx),
	/* access() and realpath(), by RocksDB and to look for a database made anew. */
	KORE_SYSCALL_ALLOW(faccessat2),
	KORE_SYSCALL_ALLOW(faccessat),
	/* Threads: RocksDB opens files and runs its timer in them. With clone3 refused, glibc
	 * makes them by clone, whose flags a filter can see. */
	KORE_SYSCALL_DENY(clone3, ENOSYS),
	KORE_SYSCALL_ALLOW(clone),
	KORE_SYSCALL_ALLOW(rseq),
	KORE_SYSCALL_ALLOW(set_robust_list),
	KORE_SYSCALL_ALLOW(gettid),
	KORE_SYSCALL_ALLOW(sched_yield),
	KORE_SYSCALL_ALLOW(sched_getaffinity),
	/* RocksDB names its threads. */
	KORE_SYSCALL_ALLOW(prctl),
	/* Table files. */
	KORE_SYSCALL_ALLOW(pread64),
	KORE_SYSCALL_ALLOW(getdents64),
	KORE_SYSCALL_ALLOW(readahead),
	KORE_SYSCALL_ALLOW(fadvise64),
	KORE_SYSCALL_ALLOW(fstatfs),
	KORE_SYSCALL_ALLOW(statfs),
	/* RocksDB writes them to its log's head, and sizes its caches. */
	KORE_SYSCALL_ALLOW(uname),
	KORE_SYSCALL_ALLOW(sysinfo),
	/* A secondary instance's own directory, which materializer/store.c makes and removes. */
	KORE_SYSCALL_ALLOW(mkdir),
	KORE_SYSCALL_ALLOW(rmdir),
	KORE_SYSCALL_ALLOW(rename),
	KORE_SYSCALL_ALLOW(unlinkat),
	KORE_SYSCALL_ALLOW(fsync),
	KORE_SYSCALL_ALLOW(fdatasync),
	KORE_SYSCALL_ALLOW(ftruncate),
	KORE_SYSCALL_ALLOW(fallocate),
	KORE_SYSCALL_ALLOW(sync_file_range),
	/* Heap that grows, and a deletion asked for at smiley server. */
	KORE_SYSCALL_ALLOW(mremap),
	KORE_SYSCALL_ALLOW(recvmsg),
	KORE_SYSCALL_ALLOW(sendmsg),
};

/* Called in each worker just before the filter closes. */
void kore_seccomp_hook(void)
{
	/* A parent that is killed must not leave workers that serve on and hold the port. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(1);
	tzset();
	kore_seccomp_filter("smiley", filter, KORE_FILTER_LEN(filter));
}
