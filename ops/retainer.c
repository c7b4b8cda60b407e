#include "ops/retainer.h"

#include "ops/deletion.h"
#include "ops/disk.h"
#include "ops/notice.h"
#include "schemas/now.h"

#define EVERY_NS 5000000000ll
/* Of the time that passes looking takes a hundredth at most. */
#define PAUSE_FACTOR 100
#define FLUSH_MS 5000

int retainer_init(struct retainer *retainer, const struct call *call,
	const struct database_paths *paths, struct log *log, struct err *err)
{
	size_t count;
	const char **words = settings_list(call->settings, OPTION_RETAIN, &count);
	int rc = 0;

	*retainer = (struct retainer){.call = call, .paths = paths, .log = log};
	for (size_t i = 0; i < count && !rc; i++)
		rc = retention_parse(words[i], &retainer->policy, err);
	if (rc)
		return err_wrap(err, "--retain");
	if (settings_flag(call->settings, OPTION_KEEP_ERRORS))
		retainer->policy.errors = RETENTION_ERRORS_STAY;
	return 0;
}

static int append_all(struct retainer *retainer, const struct retention_list *list, size_t doomed,
	struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < list->count && !rc; i++)
		if (list->runs[i].doomed)
			rc = deletion_append(retainer->log, &list->runs[i].id, err);
	rc = rc ? rc : log_flush(retainer->log, FLUSH_MS, err);
	rc = rc ? rc : log_sync(retainer->log, err);
	if (rc)
		return rc;
	retainer->deleted += doomed;
	notice_tell(retainer->call,
		&(struct notice){NOTICE_INFO, NOTICE_VERBOSE, "deleted",
			{{"runs", .number = (int64_t)doomed}}},
		"%zu run%s deleted by --retain", doomed, doomed == 1 ? "" : "s");
	return 0;
}

static int look(struct retainer *retainer, struct err *err)
{
	uint64_t used = 0;
	struct retention_list list = {0};
	struct query *query = NULL;
	size_t doomed = 0;
	int rc = query_open(retainer->paths, &query, err);

	/* The store's write-ahead log goes by itself, and takes some MiB whatever is stored. */
	if (retainer->policy.by_bytes)
		used = disk_used(retainer->paths->log, NULL).bytes +
		       disk_used(retainer->paths->store, ".sst").bytes;
	rc = rc ? rc : retention_list_load(query, retainer->paths, &list, err);
	query_close(query);
	if (!rc)
		doomed = retention_doom(&list, &retainer->policy, wall_ns(), used);
	if (doomed)
		rc = append_all(retainer, &list, doomed, err);
	retention_list_release(&list);
	return rc ? err_wrap(err, "--retain") : 0;
}

int retainer_step(struct retainer *retainer, struct materializer *materializer, struct err *err)
{
	const struct retention_policy *policy = &retainer->policy;
	int64_t begin = monotonic_ns(), took;
	int rc = 0;

	/* First: it changes what there is to look at. */
	if (materializer_has_deleted(materializer))
		return materializer_give_back(materializer, err);
	if (begin < retainer->next_ns || !(policy->by_age || policy->by_runs || policy->by_bytes))
		return 0;
	rc = look(retainer, err);
	took = monotonic_ns() - begin;
	retainer->next_ns =
		begin + (took * PAUSE_FACTOR > EVERY_NS ? took * PAUSE_FACTOR : EVERY_NS);
	return rc;
}
