#include "ops/run_end.h"

#include <stdio.h>
#include <unistd.h>

#include "ops/notice.h"

static void summary(const struct call *call, const struct recording *recording)
{
	long long events = (long long)recording->loop.events;
	char id[RUN_ID_TEXT_BYTES];

	run_id_format(&recording->started.run, id);
	notice_tell(call,
		&(struct notice){NOTICE_INFO, NOTICE_NO_PEOPLE, "recorded",
			{{"run", .text = id}, {"events", .number = events}}},
		"%lld events recorded", events);
	if (notice_is_json(call) || call->verbosity < 0 ||
		(!call->verbosity && !isatty(STDERR_FILENO)))
		return;
	id[8] = '\0';
	fprintf(stderr, "smiley: run %s: %lld events, see: smiley replay %s\n", id, events, id);
}

void run_end_tell(const struct call *call, struct python_env *python,
	const struct recording *recording, const struct launch *launch, const struct err *failure)
{
	if (!recording->loop.met_tracer && launch->exit_status >= 0)
		notice_tell(call, &(struct notice){NOTICE_ERROR, .event = "nothing-recorded"},
			"nothing was recorded: %s did not load the tracer, or could not use its "
			"spool (smiley doctor)",
			buf_string(&python->path));
	if (failure)
		notice_tell(call, &(struct notice){NOTICE_ERROR, .event = "not-shipped"},
			"not all is recorded yet: %s (smiley ship tries again)", failure->message);
	else
		summary(call, recording);
}
