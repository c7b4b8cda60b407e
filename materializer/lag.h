/*
 * lag: a small file beside `applied` in which who folds a log on Kafka says how far behind its
 * end it is, for readers that ask no broker. Of a file log they see it themselves.
 */
#ifndef SMILEY_MATERIALIZER_LAG_H
#define SMILEY_MATERIALIZER_LAG_H

#include "schemas/err.h"

#include <stdbool.h>
#include <stdint.h>

struct lag {
	int64_t told_ns;   /* when the log's end was compared with what is folded */
	int64_t records;   /* behind, then */
	int64_t newest_ns; /* when the last record folded was appended; 0: not known */
};

/* How far behind it may be now. 0: it is not, as far as was told just now. */
int64_t lag_ns(const struct lag *lag, int64_t now_ns);

/* applied_path: of the file `applied`. A failure is none of the fold's: it is told again soon. */
void lag_write(const char *applied_path, const struct lag *lag);

/* False: nobody has told it, or what is told is not whole. */
bool lag_read(const char *applied_path, struct lag *lag);

#endif
