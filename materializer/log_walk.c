#include "materializer/log_walk.h"

#include "schemas/now.h"

#define WAIT_MS 100
/* Between two looks at how far it is. */
#define CHECK_RECORDS 32

static void tell(const struct log_walk *walk, struct log_reader *reader)
{
	uint64_t done, total;

	if (walk->progress && log_reader_progress(reader, &done, &total) == 0)
		walk->progress(walk->progress_context, done, total);
}

static bool at_end(const struct log_reader *reader, const struct position *end)
{
	struct position position;

	log_reader_position(reader, &position);
	return position_compare(&position, end) >= 0;
}

static int read_on(struct log_reader *reader, const struct log_walk *walk,
	int (*each)(void *context, const struct log_record *record, struct err *err), void *context,
	struct err *err)
{
	int64_t deadline = monotonic_ms() + walk->patience_ms;
	struct log_record record;
	size_t count = 0;
	int rc = 0;

	while (rc == 0 && !(count % CHECK_RECORDS == 0 && at_end(reader, walk->end))) {
		rc = log_reader_next(reader, walk->patience_ms ? WAIT_MS : 0, &record, err);
		if (rc == 1) {
			rc = each(context, &record, err);
			tell(walk, reader);
			deadline = monotonic_ms() + walk->patience_ms;
			count++;
		} else if (rc == 0 && !walk->patience_ms) {
			return 0;
		} else if (rc == 0 && monotonic_ms() >= deadline) {
			rc = err_set(
				err, ERR_BUSY, "the log gave nothing for %d ms", walk->patience_ms);
		} else {
			count = 0;
		}
	}
	return rc;
}

int log_walk(struct log *log, const struct log_walk *walk,
	int (*each)(void *context, const struct log_record *record, struct err *err), void *context,
	struct err *err)
{
	struct log_walk own = *walk;
	struct position end;
	struct log_reader *reader;
	int rc = 0;

	if (!own.end) {
		rc = log_end(log, &end, err);
		own.end = &end;
	}
	rc = rc ? rc : log_reader_open(log, LOG_FROM_START, &reader, err);
	if (rc)
		return rc;
	rc = read_on(reader, &own, each, context, err);
	log_reader_close(reader);
	return rc;
}
