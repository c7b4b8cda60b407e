#include "ops/family.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ingest/shipper.h"
#include "ingest/spool.h"
#include "ops/kin.h"
#include "ops/term.h"

#define MS_NS 1000000ll
#define RETRY_SHIP_MS 500
#define LOOK_MS 20 /* between two looks at the processes; and a directory's time is that fine */
#define POLL_MS 2

struct member {
	struct run_id run;
	struct shipper *shipper;
	int64_t next_ship_ns; /* after a failure: when to try again */
	bool ended;
	struct shipper_end end;
};

struct family {
	const char *spool_dir;
	struct log *log;
	struct run_id root;
	struct member *members;
	size_t count, room;
	struct timespec scanned; /* the directory's time when it was last read */
	int64_t scanned_ns, looked_ns;
	bool again;         /* a spool is another process's for now */
	struct err failure; /* the last one; ERR_NONE once all is well again */
};

struct family *family_new(const char *spool_dir, struct log *log, const struct run_id *root)
{
	struct family *family = calloc(1, sizeof(*family));

	if (family) {
		family->spool_dir = spool_dir;
		family->log = log;
		family->root = *root;
	}
	return family;
}

static bool is_known(void *context, const struct run_id *run)
{
	const struct family *family = context;

	for (size_t i = 0; i < family->count; i++)
		if (run_id_equal(&family->members[i].run, run))
			return true;
	return false;
}

static int add(void *context, const struct run_id *run, const char *path)
{
	struct family *family = context;
	struct shipper *shipper;
	struct err err = {0};
	int rc;

	if (family->count == family->room) {
		size_t room = family->room ? family->room * 2 : 16;
		struct member *members = realloc(family->members, room * sizeof(*members));

		if (!members)
			return ERR_MEMORY;
		family->members = members;
		family->room = room;
	}
	rc = shipper_open(path, family->log, &shipper, &err);
	if (rc == ERR_NOT_FOUND || rc == ERR_FORMAT)
		return 0; /* smiley ship sets a damaged one aside, and says so */
	if (rc < 0) {
		family->again = true; /* somebody has it for a moment; or no descriptors are left */
		return 0;
	}
	family->members[family->count++] = (struct member){.run = *run, .shipper = shipper};
	return 0;
}

/* A new spool changes the directory's time, which is as coarse as the clock's tick. */
static void scan(struct family *family)
{
	int64_t now = clock_now_ns();
	struct stat status;

	if (stat(family->spool_dir, &status) < 0)
		return;
	if (!family->again && status.st_mtim.tv_sec == family->scanned.tv_sec &&
		status.st_mtim.tv_nsec == family->scanned.tv_nsec)
		return;
	/* What comes later within the same tick must be seen by another scan. */
	if (now - family->scanned_ns > LOOK_MS * MS_NS && !family->again)
		family->scanned = status.st_mtim;
	family->scanned_ns = now;
	family->again = false;
	spool_descendants(family->spool_dir, &family->root, is_known, add, family, NULL);
}

static void failed(struct family *family, struct member *member, const struct err *err)
{
	family->failure = *err;
	shipper_let_drop(member->shipper);
	member->next_ship_ns = clock_now_ns() + RETRY_SHIP_MS * MS_NS;
}

static void remove_member(struct family *family, size_t i)
{
	shipper_close(family->members[i].shipper);
	family->members[i] = family->members[--family->count];
}

/* Ships one; true: it is done with. Never waits for the log. */
static bool ship(struct family *family, struct member *member, bool look, size_t *moved)
{
	struct err err = {0};
	int rc;

	if (clock_now_ns() < member->next_ship_ns)
		return false;
	if (look && !member->ended && shipper_ended(member->shipper, &member->end)) {
		member->ended = true;
		*moved = 1;
	}
	rc = member->ended ? shipper_finish_within(member->shipper, &member->end, 0, &err)
			   : shipper_step(member->shipper, moved, &err);
	if (rc < 0 && rc != ERR_FORMAT && rc != ERR_BUSY)
		failed(family, member, &err);
	return rc == ERR_FORMAT || (rc == 0 && member->ended);
}

size_t family_step(struct family *family)
{
	int64_t now = clock_now_ns();
	bool look = now - family->looked_ns > LOOK_MS * MS_NS;
	size_t all = 0;

	scan(family);
	if (look)
		family->looked_ns = now;
	for (size_t i = family->count; i-- > 0;) {
		size_t moved = 0;

		if (ship(family, &family->members[i], look, &moved))
			remove_member(family, i);
		all += moved;
	}
	if (family->count == 0)
		family->failure = (struct err){0};
	return all;
}

/* Has one ended that the log has not taken whole? */
static bool is_busy(const struct family *family)
{
	for (size_t i = 0; i < family->count; i++)
		if (family->members[i].ended)
			return true;
	return false;
}

int family_settle(struct family *family, int timeout_ms, struct err *err)
{
	int64_t deadline = clock_now_ns() + timeout_ms * MS_NS;
	size_t moved;

	family->failure = (struct err){0};
	for (size_t i = 0; i < family->count; i++)
		family->members[i].next_ship_ns = 0;
	for (;;) {
		family->again = true;
		family->looked_ns = 0;
		moved = family_step(family);
		if (moved == 0 && (!is_busy(family) || clock_now_ns() > deadline))
			break;
		if (moved == 0)
			poll(NULL, 0, POLL_MS);
	}
	if (!is_busy(family))
		return 0;
	if (family->failure.code) {
		if (err)
			*err = family->failure;
		return family->failure.code;
	}
	return err_set(err, ERR_BUSY, "the log has not taken all of %zu child processes' events",
		family->count);
}

bool family_lives(struct family *family)
{
	struct shipper_end end;

	for (size_t i = 0; i < family->count; i++)
		if (!shipper_ended(family->members[i].shipper, &end))
			return true;
	return kin_lives(&family->root);
}

void family_bequeath(struct family *family, pid_t heir)
{
	for (size_t i = 0; i < family->count; i++)
		shipper_bequeath(family->members[i].shipper, (int32_t)heir);
}

void family_close(struct family *family)
{
	if (!family)
		return;
	while (family->count)
		remove_member(family, family->count - 1);
	free(family->members);
	free(family);
}
