#include <string.h>

#include "ops/cmd.h"
#include "ops/doctor.h"
#include "ops/term.h"
#include "schemas/json.h"

#define STATUS_WARNINGS 3

static void put_text(const struct doctor *doctor, struct buf *out)
{
	for (size_t i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];

		if (finding->level == FINDING_OK && doctor->call->verbosity < 0)
			continue;
		buf_printf(out, "%-8s %-9s %.*s\n", finding_level_name(finding->level),
			finding->check, (int)finding->words.len, (const char *)finding->words.data);
		if (finding->remedy)
			buf_printf(out, "%18s remedy: %s\n", "", finding->remedy);
	}
}

static void put_json(const struct doctor *doctor, struct buf *out)
{
	struct json json;

	json_init(&json, out, 2);
	json_array_begin(&json);
	for (size_t i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];

		json_object_begin(&json);
		json_key(&json, "check");
		json_text(&json, finding->check);
		json_key(&json, "level");
		json_text(&json, finding_level_name(finding->level));
		json_key(&json, "found");
		json_slice(&json, buf_slice(&finding->words));
		json_key(&json, "remedy");
		if (finding->remedy)
			json_text(&json, finding->remedy);
		else
			json_null(&json);
		json_object_end(&json);
	}
	json_array_end(&json);
	buf_byte(out, '\n');
}

static int run(const struct call *call, struct err *err)
{
	const char *format = settings_text(call->settings, OPTION_STATE_FORMAT);
	static const int statuses[] = {
		[FINDING_OK] = 0, [FINDING_WARNING] = STATUS_WARNINGS, [FINDING_ERROR] = 1};
	struct doctor doctor;
	struct buf out = {0};
	int rc = doctor_examine(&doctor, call, err);

	if (!rc) {
		(strcmp(format, "json") == 0 ? put_json : put_text)(&doctor, &out);
		rc = term_write(buf_slice(&out), err);
	}
	rc = rc ? rc : statuses[doctor_worst(&doctor)];
	buf_release(&out);
	doctor_release(&doctor);
	return rc;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "check this machine and what smiley has here, with remedies",
	.details =
		"Machine, limits, clock, the program's parts, python and kore, settings, database, "
		"disk, store, spools, and with brokers Kafka: a line for each finding, with a "
		"remedy where there is something to mend. Nothing is changed. Exit status 0: all "
		"is well; 3: warnings; 1: errors. With -q only these are shown.",
	.run = run,
};
