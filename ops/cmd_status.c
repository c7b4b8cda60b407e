#include <string.h>

#include "ops/cmd.h"
#include "ops/status.h"
#include "ops/term.h"

static int run(const struct call *call, struct err *err)
{
	const char *format = settings_text(call->settings, OPTION_STATE_FORMAT);
	struct status status;
	struct buf out = {0};
	bool well = false;
	int rc = status_look(&status, call, err);

	if (!rc) {
		well = status_is_well(&status);
		(strcmp(format, "json") == 0 ? status_json : status_text)(&status, &out);
		rc = term_write(buf_slice(&out), err);
	}
	buf_release(&out);
	status_release(&status);
	return rc ? rc : !well;
}

const struct command cmd_status = {
	.name = "status",
	.arguments = "",
	.summary = "show on one screen how database, log and brokers stand",
	.details =
		"Sizes, what waits in spools, brokers and topics, how far the log is folded and by "
		"whom, the runs by state and the newest of them. It only looks: nothing is made, "
		"folded or waited for (a broker that is away for five seconds). Exit status 1: "
		"the store cannot be read, no broker answers, or a topic is not as it should be.",
	.run = run,
};
