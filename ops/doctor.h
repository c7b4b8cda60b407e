/*
 * doctor: is this machine fit for smiley, and is what smiley has here well? Each check finds one
 * thing or several, in words, with a remedy where there is something to mend.
 *
 * Checks only look: what they start (a python) ends at once.
 */
#ifndef SMILEY_OPS_DOCTOR_H
#define SMILEY_OPS_DOCTOR_H

#include "ops/cmd.h"
#include "ops/status.h"
#include "schemas/buf.h"

enum finding_level {
	FINDING_OK,
	FINDING_WARNING, /* it works, but not as well as it could, or not for long */
	FINDING_ERROR,   /* something will not work */
};

/* "ok", "warning", "error" */
const char *finding_level_name(enum finding_level level);

struct finding {
	const char *check; /* name of the check */
	enum finding_level level;
	struct buf words;
	const char *remedy; /* a constant; NULL: none is needed */
};

struct doctor {
	const struct call *call;
	struct status status;
	struct err unseen; /* why there is no status; code 0: there is */
	struct finding *findings;
	size_t count;
	const char *checking; /* name of the check that is at work */
	bool failed;          /* out of memory */
};

/* Runs all checks. doctor_release() follows, whatever it returns. */
int doctor_examine(struct doctor *doctor, const struct call *call, struct err *err);
void doctor_release(struct doctor *doctor);

enum finding_level doctor_worst(const struct doctor *doctor);

/* A check tells what it found. */
void doctor_tell(struct doctor *doctor, enum finding_level level, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The checks, by what they look at: doctor_machine.c, doctor_program.c, doctor_data.c. */
void doctor_check_machine(struct doctor *doctor);
void doctor_check_limits(struct doctor *doctor);
void doctor_check_clock(struct doctor *doctor);
void doctor_check_program(struct doctor *doctor);
void doctor_check_python(struct doctor *doctor);
void doctor_check_kore(struct doctor *doctor);
void doctor_check_settings(struct doctor *doctor);
void doctor_check_database(struct doctor *doctor);
void doctor_check_disk(struct doctor *doctor);
void doctor_check_store(struct doctor *doctor);
void doctor_check_spools(struct doctor *doctor);
void doctor_check_kafka(struct doctor *doctor);

#endif
