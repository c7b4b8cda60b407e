/*
 * pins: runs that are not to be deleted, as long as they are pinned. They belong to a database,
 * stay through a rebuild, and bind who deletes by way of this database (delete, the server's
 * pages, `record --retain`).
 *
 * The file `pins` in the database grows by a line for each pin and unpin; the last of a run counts.
 */
#ifndef SMILEY_OPS_PINS_H
#define SMILEY_OPS_PINS_H

#include "materializer/database.h"
#include "schemas/run_id.h"

#include <stdbool.h>
#include <stddef.h>

struct pins {
	struct run_id *runs;
	size_t count;
};

/* No file: no pins. pins_release() follows, whatever it returns. */
int pins_load(const struct database_paths *paths, struct pins *pins, struct err *err);
void pins_release(struct pins *pins);

bool pins_have(const struct pins *pins, const struct run_id *run);

/* Pins or unpins a run, for good when it returns 0. */
int pins_put(
	const struct database_paths *paths, const struct run_id *run, bool pinned, struct err *err);

#endif
