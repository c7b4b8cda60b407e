#include "ops/exporter.h"

#include "ops/notice.h"

int exporter_start_asked(struct exporter *exporter, const struct call *call, struct err *err)
{
	long long port = settings_number(call->settings, OPTION_METRICS, -1);
	int rc;

	if (port < 0)
		return 0;
	if (port > UINT16_MAX)
		return err_set(err, ERR_USAGE, "--metrics %lld: there are 65535", port);
	rc = exporter_start(exporter, (int)port, err);
	if (!rc)
		notice_tell(call,
			&(struct notice){NOTICE_INFO, NOTICE_VERBOSE, "metrics",
				{{"url", .text = exporter->url}}},
			"metrics at %s", exporter->url);
	return rc;
}
