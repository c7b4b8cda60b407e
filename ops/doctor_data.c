#include "ops/doctor.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/status.h"

#define FREE_LOW_BYTES (1ull << 30)
#define FREE_NONE_BYTES (64ull << 20)
#define FREE_FILES_LOW 1000

#define REMEDY_SPACE "make room: smiley delete RUN..., or another place by --database (--spool-dir)"

static void look_at_root(struct doctor *doctor, const char *root)
{
	struct stat dir;

	if (stat(root, &dir) < 0)
		doctor_tell(doctor, FINDING_ERROR, NULL, "%s: %s", root, strerror(errno));
	else if (access(root, R_OK | W_OK | X_OK))
		doctor_tell(doctor, FINDING_ERROR,
			"run smiley as its owner, or chown -R it to yourself", "%s: %s", root,
			strerror(errno));
	else if (dir.st_uid != geteuid())
		doctor_tell(doctor, FINDING_WARNING,
			"run smiley as its owner: what you write there belongs to you",
			"%s belongs to another user (%ld)", root, (long)dir.st_uid);
	else if (dir.st_mode & (S_IRWXG | S_IRWXO))
		doctor_tell(doctor, FINDING_WARNING, "chmod 0700 DIR: it holds sources and values",
			"%s: others may look into it (mode %03o)", root,
			(unsigned)dir.st_mode & 0777);
	else
		doctor_tell(doctor, FINDING_OK, NULL, "%s: mode %03o, mine", root,
			(unsigned)dir.st_mode & 0777);
}

/* Where one would be made. */
static void look_above(struct doctor *doctor, const char *root)
{
	struct buf parent = {0};
	const char *slash = strrchr(root, '/');

	if (slash)
		buf_append(&parent, root, slash == root ? 1 : (size_t)(slash - root));
	else
		buf_text(&parent, ".");
	if (access(buf_string(&parent), W_OK | X_OK))
		doctor_tell(doctor, FINDING_ERROR,
			"name a directory that you may write by --database",
			"%s cannot be made: %s", root, strerror(errno));
	else
		doctor_tell(doctor, FINDING_OK, NULL, "%s: none yet, the first run makes it", root);
	buf_release(&parent);
}

static void look_at_folder(struct doctor *doctor, long folder)
{
	if (folder)
		doctor_tell(doctor, FINDING_OK, NULL, "process %ld has its lock and folds", folder);
	else
		doctor_tell(doctor, FINDING_OK, NULL, "its lock is free");
}

void doctor_check_database(struct doctor *doctor)
{
	const struct status *status = &doctor->status;

	if (doctor->unseen.code) {
		doctor_tell(doctor, FINDING_ERROR, NULL, "%s", doctor->unseen.message);
		return;
	}
	if (status->has_database) {
		look_at_root(doctor, status->paths.root);
		look_at_folder(doctor, status->folder);
	} else {
		look_above(doctor, status->paths.root);
	}
}

static void look_at_space(struct doctor *doctor, const char *path)
{
	struct disk_space space;
	struct buf size = {0};

	if (!disk_left(path, &space) || !space.total_bytes)
		return;
	size_text(space.free_bytes, &size);
	if (space.free_bytes < FREE_NONE_BYTES)
		doctor_tell(doctor, FINDING_ERROR, REMEDY_SPACE, "%s: only %s free", path,
			buf_string(&size));
	else if (space.free_bytes < FREE_LOW_BYTES)
		doctor_tell(doctor, FINDING_WARNING, REMEDY_SPACE, "%s: only %s free", path,
			buf_string(&size));
	else
		doctor_tell(doctor, FINDING_OK, NULL, "%s: %s free", path, buf_string(&size));
	if (space.total_files && space.free_files < FREE_FILES_LOW)
		doctor_tell(doctor, FINDING_WARNING, REMEDY_SPACE, "%s: room for only %llu files",
			path, (unsigned long long)space.free_files);
	if (space.remote)
		doctor_tell(doctor, FINDING_WARNING,
			"put database and spools on a disk of this machine",
			"%s is on %s: locks and mapped files may not work there", path,
			space.remote);
	if (space.in_memory)
		doctor_tell(doctor, FINDING_WARNING, "put it on a disk",
			"%s is kept in memory, and gone with the next start", path);
	buf_release(&size);
}

void doctor_check_disk(struct doctor *doctor)
{
	const struct status *status = &doctor->status;

	if (doctor->unseen.code)
		return;
	look_at_space(doctor, status->paths.root);
	/* Without brokers spools are in the database. */
	if (status->paths.spool && status->brokers)
		look_at_space(doctor, status->paths.spool);
}

void doctor_check_store(struct doctor *doctor)
{
	const struct status *status = &doctor->status;

	if (doctor->unseen.code)
		return;
	if (status->store_err.code)
		doctor_tell(
			doctor, FINDING_ERROR, "smiley rebuild", "%s", status->store_err.message);
	else if (!status->has_store)
		doctor_tell(doctor, FINDING_OK, NULL,
			"none yet, the first command that shows something makes it");
	else
		doctor_tell(doctor, FINDING_OK, NULL, "can be read, of this version");
	if (status->set_aside)
		doctor_tell(doctor, FINDING_WARNING, "smiley quarantine list tells which and why",
			"%lld records of the log could not be folded",
			(long long)status->set_aside);
	if (status->removed)
		doctor_tell(doctor, FINDING_WARNING,
			"let `smiley record` run all the time, or retention be longer",
			"retention removed %lld records before they were read",
			(long long)status->removed);
	if (status->damaged)
		doctor_tell(doctor, FINDING_WARNING,
			"look after the broker's disk; smiley quarantine list tells where",
			"%lld records on Kafka are damaged", (long long)status->damaged);
}

void doctor_check_spools(struct doctor *doctor)
{
	const struct status *status = &doctor->status;

	if (doctor->unseen.code)
		return;
	if (status->bad_spools.files)
		doctor_tell(doctor, FINDING_WARNING,
			"what was good in them is in the log: keep them for a report, or remove them",
			"%s: %llu damaged (*.bad)", status->paths.spool,
			(unsigned long long)status->bad_spools.files);
	doctor_tell(doctor, FINDING_OK, NULL,
		"%llu of programs that run, or that the next command picks up",
		(unsigned long long)status->spools.files);
}

void doctor_check_kafka(struct doctor *doctor)
{
	struct status *status = &doctor->status;

	if (doctor->unseen.code)
		return;
	if (!status->brokers)
		doctor_tell(
			doctor, FINDING_OK, NULL, "no brokers are set: the log is in the database");
	if (status->broker_err.code)
		doctor_tell(doctor, FINDING_ERROR,
			"is it up, and may this machine reach it? --brokers, -X "
			"security.protocol=...",
			"%s", status->broker_err.message);
	for (size_t i = 0; i < status->topic_count; i++) {
		struct status_topic *topic = &status->topics[i];

		doctor_tell(doctor, topic->wrong ? FINDING_ERROR : FINDING_OK,
			topic->wrong ? "smiley topics --create, or kafka-configs" : NULL, "%s: %s",
			buf_string(&topic->name),
			topic->what.len ? buf_string(&topic->what) : "as it should be");
	}
}
