#include <stdio.h>

#include "ops/cmd.h"
#include "ops/opened.h"
#include "ops/pins.h"

/* All that there are; what is not there is told and the rest is done. */
static int put_all(
	const struct call *call, const struct opened *opened, bool pinned, struct err *err)
{
	int missing = 0;

	for (int i = 0; i < call->argc; i++) {
		char id[RUN_ID_TEXT_BYTES];
		struct err why = {0};
		struct run_id run;
		int rc = opened_resolve(opened, call->argv[i], &run, &why);

		if (rc) {
			fprintf(stderr, "smiley: %s: %s\n", call->command->name, why.message);
			missing++;
			continue;
		}
		rc = pins_put(&opened->paths, &run, pinned, err);
		if (rc)
			return rc;
		if (call->verbosity >= 0)
			printf("%s run %s\n", pinned ? "Pinned" : "Unpinned",
				run_id_format(&run, id));
	}
	return missing > 0;
}

static int put(const struct call *call, bool pinned, struct err *err)
{
	struct opened opened;
	int rc = opened_init(&opened, call, err);

	if (rc)
		return rc;
	rc = put_all(call, &opened, pinned, err);
	opened_release(&opened);
	return rc;
}

static int pin(const struct call *call, struct err *err)
{
	return put(call, true, err);
}

static int unpin(const struct call *call, struct err *err)
{
	return put(call, false, err);
}

const struct command cmd_pin = {
	.name = "pin",
	.arguments = "RUN...",
	.summary = "keep runs: neither delete nor record --retain removes them",
	.details =
		"Pins belong to the database and stay when it is rebuilt: pin where the `record` "
		"with --retain runs. `show RUN` tells a pin.",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = pin,
};

const struct command cmd_unpin = {
	.name = "unpin",
	.arguments = "RUN...",
	.summary = "let pinned runs go like any other",
	.min_arguments = 1,
	.max_arguments = -1,
	.run = unpin,
};
