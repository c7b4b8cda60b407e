#include "ops/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct check {
	const char *name;
	void (*look)(struct doctor *doctor);
} checks[] = {
	{"machine", doctor_check_machine},
	{"limits", doctor_check_limits},
	{"clock", doctor_check_clock},
	{"program", doctor_check_program},
	{"python", doctor_check_python},
	{"kore", doctor_check_kore},
	{"settings", doctor_check_settings},
	{"database", doctor_check_database},
	{"disk", doctor_check_disk},
	{"store", doctor_check_store},
	{"spools", doctor_check_spools},
	{"kafka", doctor_check_kafka},
};

const char *finding_level_name(enum finding_level level)
{
	static const char *const names[] = {"ok", "warning", "error"};

	return names[level];
}

void doctor_tell(struct doctor *doctor, enum finding_level level, const char *remedy,
	const char *format, ...)
{
	struct finding *findings =
		reallocarray(doctor->findings, doctor->count + 1, sizeof(*findings));
	struct finding *finding;
	char words[1024];
	va_list values;

	if (!findings) {
		doctor->failed = true;
		return;
	}
	doctor->findings = findings;
	finding = &findings[doctor->count++];
	*finding = (struct finding){.check = doctor->checking, .level = level, .remedy = remedy};
	va_start(values, format);
	vsnprintf(words, sizeof(words), format, values);
	va_end(values);
	buf_text(&finding->words, words);
	doctor->failed |= finding->words.failed;
}

int doctor_examine(struct doctor *doctor, const struct call *call, struct err *err)
{
	*doctor = (struct doctor){.call = call};
	status_look(&doctor->status, call, &doctor->unseen);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		doctor->checking = checks[i].name;
		checks[i].look(doctor);
	}
	return doctor->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0;
}

void doctor_release(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++)
		buf_release(&doctor->findings[i].words);
	free(doctor->findings);
	status_release(&doctor->status);
	*doctor = (struct doctor){0};
}

enum finding_level doctor_worst(const struct doctor *doctor)
{
	enum finding_level worst = FINDING_OK;

	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->findings[i].level > worst)
			worst = doctor->findings[i].level;
	return worst;
}
