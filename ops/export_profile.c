#include "materializer/profile_range.h"
#include "materializer/profile_text.h"
#include "ops/export_format.h"

int export_write_profile(const struct export_format *format, const struct export_request *request,
	struct export_out *out, struct err *err)
{
	struct profile profile;
	int rc = query_profile_range(request->query, &request->run, &request->range, &profile, err);

	if (rc == 0)
		rc = format->render(&profile, &out->buf, err);
	profile_release(&profile);
	return rc;
}

int export_profile_json(const struct profile *profile, struct buf *out, struct err *err)
{
	struct profile_list list;
	int rc = profile_list_init(&list, profile, profile_sort_find("cumulative"), err);

	if (rc == 0)
		profile_list_json(&list, out);
	profile_list_release(&list);
	return rc ? rc : (out->failed ? err_set(err, ERR_MEMORY, "out of memory") : 0);
}
