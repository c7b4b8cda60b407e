#include "ops/doctor.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ops/disk.h"
#include "schemas/now.h"

#define MEMORY_LOW_BYTES (256ull << 20)
/* What a worker of the server wants to have open (ops/kore.c). */
#define FILES_WANTED 1024
/* No clock that is right says less: this program is younger. */
#define CLOCK_BEGIN_NS 1700000000000000000ll

/* MemAvailable of /proc/meminfo; 0: not told. */
static uint64_t memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib * 1024;
}

void doctor_check_machine(struct doctor *doctor)
{
	uint64_t memory = memory_available();
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct utsname name;
	struct buf size = {0};

	uname(&name);
	size_text(memory, &size);
	if (memory && memory < MEMORY_LOW_BYTES)
		doctor_tell(doctor, FINDING_WARNING,
			"give it more: folding takes about 100 MiB, the traced program 16 MiB more "
			"than without",
			"only %s of memory are available", buf_string(&size));
	else
		doctor_tell(doctor, FINDING_OK, NULL,
			"%s %s on %s, %ld processor%s, %s of memory available", name.sysname,
			name.release, name.machine, processors, processors == 1 ? "" : "s",
			buf_string(&size));
	buf_release(&size);
}

/* False: something was told. */
static bool unlimited(struct doctor *doctor, int which, const char *words, const char *remedy)
{
	struct rlimit limit;
	struct buf size = {0};

	if (getrlimit((__rlimit_resource_t)which, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return true;
	size_text(limit.rlim_cur, &size);
	doctor_tell(doctor, FINDING_WARNING, remedy, "%s have no more than %s", words,
		buf_string(&size));
	buf_release(&size);
	return false;
}

void doctor_check_limits(struct doctor *doctor)
{
	struct rlimit files;
	bool well = unlimited(doctor, RLIMIT_FSIZE, "files may",
		"ulimit -f unlimited: spools and segments are larger");

	well &= unlimited(doctor, RLIMIT_AS, "the addresses of a process may",
		"ulimit -v unlimited: spools and tables are mapped");
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max < FILES_WANTED) {
		doctor_tell(doctor, FINDING_WARNING,
			"raise it (ulimit -Hn, LimitNOFILE=): `smiley server` opens fewer "
			"connections otherwise",
			"a process may open no more than %llu files",
			(unsigned long long)files.rlim_max);
		well = false;
	}
	if (well)
		doctor_tell(doctor, FINDING_OK, NULL, "files, addresses and descriptors suffice");
}

void doctor_check_clock(struct doctor *doctor)
{
	struct timex state = {0};
	int rc;

	if (wall_ns() < CLOCK_BEGIN_NS) {
		doctor_tell(doctor, FINDING_ERROR, "set it: timedatectl set-ntp true",
			"the clock is years behind: times of runs would be wrong");
		return;
	}
	rc = adjtimex(&state);
	if (rc < 0)
		doctor_tell(doctor, FINDING_OK, NULL,
			"plausible; the kernel does not tell whether it is synchronised");
	else if (rc == TIME_ERROR || (state.status & STA_UNSYNC))
		doctor_tell(doctor, FINDING_WARNING,
			"timedatectl set-ntp true, where runs of several hosts are compared",
			"not synchronised: runs of several hosts may be ordered wrongly");
	else
		doctor_tell(doctor, FINDING_OK, NULL, "synchronised");
}
