#include "materializer/run_prefix.h"

#include <string.h>

int run_prefix_init(struct run_prefix *prefix, const char *text, struct err *err)
{
	char whole[RUN_ID_TEXT_BYTES] = "00000000-0000-0000-0000-000000000000";
	size_t len = strlen(text);

	*prefix = (struct run_prefix){.text = text, .latest = strcmp(text, "@latest") == 0};
	if (prefix->latest)
		return 0;
	if (len < RUN_PREFIX_MIN)
		return err_set(err, ERR_USAGE,
			"%s is too short for a run: give %d characters or more", text,
			RUN_PREFIX_MIN);
	if (len >= sizeof(whole))
		return run_prefix_verdict(prefix, 0, err);
	memcpy(whole, text, len);
	if (!run_id_parse(&prefix->first, slice_text(whole)))
		return run_prefix_verdict(prefix, 0, err);
	run_id_format(&prefix->first, prefix->normal);
	prefix->len = len;
	return 0;
}

bool run_prefix_matches(const struct run_prefix *prefix, const struct run_id *id)
{
	char text[RUN_ID_TEXT_BYTES];

	return strncmp(run_id_format(id, text), prefix->normal, prefix->len) == 0;
}

int run_prefix_verdict(const struct run_prefix *prefix, size_t found, struct err *err)
{
	if (found == 0 && prefix->latest)
		return err_set(err, ERR_NOT_FOUND, "no run @latest: there are none yet");
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "no run %s", prefix->text);
	if (found > 1 && !prefix->latest)
		return err_set(err, ERR_USAGE,
			"%s is the beginning of several runs: give more of it", prefix->text);
	return 0;
}
