#include "ops/brood.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ingest/shipper.h"
#include "ingest/spool.h"
#include "ops/kin.h"
#include "schemas/now.h"

#define MS_NS 1000000ll
#define RETRY_SHIP_MS 500
#define LOOK_MS 20 /* between two looks at the processes; and a directory's time is that fine */
#define POLL_MS 2
#define NEWS_MS 500 /* for who waited for a dead process to say what it was told */
#define NEWS_KEPT 64

struct member {
	struct run_id run;
	struct shipper *shipper;
	int64_t next_ship_ns; /* after a failure: when to try again */
	bool ended;
	int64_t gone_ns; /* when its process was seen to be gone without a last word; 0: not */
	struct shipper_end end;
};

struct brood {
	const char *spool_dir;
	struct log *log;
	struct run_id root;
	struct member *members;
	size_t count, room;
	struct timespec scanned; /* the directory's time when it was last read */
	int64_t scanned_ns, looked_ns;
	struct reaped news[NEWS_KEPT]; /* a ring: who died by what; pid 0: told */
	size_t news_at;
	bool kin;           /* there may be processes that have no spool, or none yet */
	bool again;         /* a spool is another process's for now */
	struct err failure; /* the last one; ERR_NONE once all is well again */
};

struct brood *brood_new(const char *spool_dir, struct log *log, const struct run_id *root)
{
	struct brood *brood = calloc(1, sizeof(*brood));

	if (brood) {
		brood->spool_dir = spool_dir;
		brood->log = log;
		brood->root = *root;
	}
	return brood;
}

static bool is_known(void *context, const struct run_id *run)
{
	const struct brood *brood = context;

	for (size_t i = 0; i < brood->count; i++)
		if (run_id_equal(&brood->members[i].run, run))
			return true;
	return false;
}

/* The signal that this run's process died by, as far as was told; 0: not. */
static int32_t take_news(struct brood *brood, const struct shipper *shipper)
{
	for (size_t i = 0; i < NEWS_KEPT; i++) {
		struct reaped *news = &brood->news[i];

		if (news->pid && shipper_is_of(shipper, news->pid)) {
			news->pid = 0;
			return news->signal;
		}
	}
	return 0;
}

static int add(void *context, const struct run_id *run, const char *path)
{
	struct brood *brood = context;
	struct shipper *shipper;
	struct err err = {0};
	int rc;

	if (brood->count == brood->room) {
		size_t room = brood->room ? brood->room * 2 : 16;
		struct member *members = realloc(brood->members, room * sizeof(*members));

		if (!members)
			return ERR_MEMORY;
		brood->members = members;
		brood->room = room;
	}
	rc = shipper_open(path, brood->log, &shipper, &err);
	if (rc == ERR_NOT_FOUND || rc == ERR_FORMAT)
		return 0; /* smiley ship sets a damaged one aside, and says so */
	if (rc < 0) {
		brood->again = true; /* somebody has it for a moment; or no descriptors are left */
		return 0;
	}
	/* A number of a process is used again, some time after it was told of. */
	if (shipper_tracer_alive(shipper))
		take_news(brood, shipper);
	brood->members[brood->count++] = (struct member){.run = *run, .shipper = shipper};
	return 0;
}

/* A new spool changes the directory's time, which is as coarse as the clock's tick. */
static void scan(struct brood *brood)
{
	int64_t now = monotonic_ns();
	struct stat status;

	if (stat(brood->spool_dir, &status) < 0)
		return;
	if (!brood->again && status.st_mtim.tv_sec == brood->scanned.tv_sec &&
		status.st_mtim.tv_nsec == brood->scanned.tv_nsec)
		return;
	/* What comes later within the same tick must be seen by another scan. */
	if (now - brood->scanned_ns > LOOK_MS * MS_NS && !brood->again)
		brood->scanned = status.st_mtim;
	brood->scanned_ns = now;
	brood->again = false;
	spool_descendants(brood->spool_dir, &brood->root, is_known, add, brood, NULL);
}

static void failed(struct brood *brood, struct member *member, const struct err *err)
{
	brood->failure = *err;
	shipper_let_drop(member->shipper);
	member->next_ship_ns = monotonic_ns() + RETRY_SHIP_MS * MS_NS;
}

static void remove_member(struct brood *brood, size_t i)
{
	brood->kin |= shipper_has_children(brood->members[i].shipper);
	shipper_close(brood->members[i].shipper);
	brood->members[i] = brood->members[--brood->count];
}

/* A process without a last word was killed: the one that waits for it may tell by what, and
 * does so soon after. */
static bool is_explained(struct brood *brood, struct member *member)
{
	int64_t now = monotonic_ns();
	int32_t signal;

	if (!member->end.lost)
		return true;
	signal = take_news(brood, member->shipper);
	if (signal) {
		member->end = (struct shipper_end){.exit_status = -1, .signal = signal};
		return true;
	}
	if (member->gone_ns == 0 || shipper_is_zombie(member->shipper))
		member->gone_ns = now;
	return now - member->gone_ns > NEWS_MS * MS_NS;
}

void brood_hear(struct brood *brood, struct shipper *parent)
{
	while (shipper_next_reaped(parent, &brood->news[brood->news_at]))
		brood->news_at = (brood->news_at + 1) % NEWS_KEPT;
}

/* Ships one; true: it is done with. Never waits for the log. */
static bool ship(struct brood *brood, struct member *member, bool look, size_t *moved)
{
	struct err err = {0};
	int rc;

	if (monotonic_ns() < member->next_ship_ns)
		return false;
	if (look && !member->ended && shipper_ended(member->shipper, &member->end) &&
		is_explained(brood, member)) {
		member->ended = true;
		*moved = 1;
	}
	rc = member->ended ? shipper_finish_within(member->shipper, &member->end, 0, &err)
			   : shipper_step(member->shipper, moved, &err);
	brood_hear(brood, member->shipper);
	if (rc < 0 && rc != ERR_FORMAT && rc != ERR_BUSY)
		failed(brood, member, &err);
	return rc == ERR_FORMAT || (rc == 0 && member->ended);
}

size_t brood_step(struct brood *brood)
{
	int64_t now = monotonic_ns();
	bool look = now - brood->looked_ns > LOOK_MS * MS_NS;
	size_t all = 0;

	scan(brood);
	if (look)
		brood->looked_ns = now;
	for (size_t i = brood->count; i-- > 0;) {
		size_t moved = 0;

		if (ship(brood, &brood->members[i], look, &moved))
			remove_member(brood, i);
		all += moved;
	}
	if (brood->count == 0)
		brood->failure = (struct err){0};
	return all;
}

/* Has one ended that the log has not taken whole? */
static bool is_busy(const struct brood *brood)
{
	for (size_t i = 0; i < brood->count; i++)
		if (brood->members[i].ended || brood->members[i].gone_ns)
			return true;
	return false;
}

int brood_settle(struct brood *brood, int timeout_ms, struct err *err)
{
	int64_t deadline = monotonic_ns() + timeout_ms * MS_NS;
	size_t moved;

	brood->failure = (struct err){0};
	for (size_t i = 0; i < brood->count; i++)
		brood->members[i].next_ship_ns = 0;
	for (;;) {
		brood->again = true;
		brood->looked_ns = 0;
		moved = brood_step(brood);
		if (moved == 0 && (!is_busy(brood) || monotonic_ns() > deadline))
			break;
		if (moved == 0)
			poll(NULL, 0, POLL_MS);
	}
	if (!is_busy(brood))
		return 0;
	if (brood->failure.code) {
		if (err)
			*err = brood->failure;
		return brood->failure.code;
	}
	return err_set(err, ERR_BUSY, "the log has not taken all of %zu child processes' events",
		brood->count);
}

bool brood_lives(struct brood *brood)
{
	struct shipper_end end;

	for (size_t i = 0; i < brood->count; i++)
		if (!shipper_ended(brood->members[i].shipper, &end))
			return true;
	return brood->kin && kin_lives(&brood->root);
}

bool brood_is_empty(const struct brood *brood)
{
	return brood->count == 0;
}

void brood_expect(struct brood *brood)
{
	brood->kin = true;
}

void brood_bequeath(struct brood *brood, pid_t heir)
{
	for (size_t i = 0; i < brood->count; i++)
		shipper_bequeath(brood->members[i].shipper, (int32_t)heir);
}

void brood_close(struct brood *brood)
{
	if (!brood)
		return;
	while (brood->count)
		remove_member(brood, brood->count - 1);
	free(brood->members);
	free(brood);
}
