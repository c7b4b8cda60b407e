/* links: materializer ingest schemas */
/*
 * fuzz_stored: values of a database that another has written or a disk has changed, and the text by
 * which a process is told whose child it is. The first byte says which. What is refused does no
 * harm; what is taken can be used, lies in the bytes, and is the same when written and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "materializer/hit_entry.h"
#include "materializer/packed.h"
#include "materializer/profiler.h"
#include "materializer/quarantine.h"
#include "materializer/row_index.h"
#include "materializer/thread_stats.h"
#include "schemas/parent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void open_packed(struct slice bytes)
{
	struct buf room = {0}, packed = {0}, again = {0};
	struct slice value, back;

	if (packed_open(bytes, &room, &value)) {
		packed_make(value, &packed);
		must(packed_open(buf_slice(&packed), &again, &back) && slice_equal(value, back));
	}
	buf_release(&room);
	buf_release(&packed);
	buf_release(&again);
}

static void read_profile(struct slice bytes)
{
	struct profiler *profiler = NULL, *second = NULL;
	struct buf first = {0}, again = {0};
	int64_t next_seq;

	if (profiler_decode(bytes, &profiler, NULL) == 0) {
		profiler_encode(profiler, &first);
		must(profiler_peek(buf_slice(&first), &next_seq));
		must(next_seq == profiler_next_seq(profiler));
		must(profiler_decode(buf_slice(&first), &second, NULL) == 0);
		profiler_encode(second, &again);
		must(slice_equal(buf_slice(&first), buf_slice(&again)));
	}
	profiler_free(profiler);
	profiler_free(second);
	buf_release(&first);
	buf_release(&again);
}

static void read_hits(struct slice bytes)
{
	struct hit_entry entry;
	struct hit_place place;
	struct slice places;

	if (!hit_entry_decode(bytes, &entry))
		return;
	while (hit_entry_next_file(&entry.files, &place.file, &places) == 1) {
		place.line = 0;
		while (hit_entry_next_place(&places, &place) == 1)
			;
	}
}

static void read_row(struct slice bytes)
{
	struct row_entry entry, again;
	struct buf value = {0};

	if (row_entry_decode(bytes, &entry)) {
		row_entry_encode(&entry, &value);
		must(row_entry_decode(buf_slice(&value), &again));
		must(again.block == entry.block && again.count == entry.count);
		must(again.kinds == entry.kinds && again.goes_on == entry.goes_on);
	}
	buf_release(&value);
}

static void read_aside(struct slice bytes)
{
	struct quarantined entry, again;
	struct buf value = {0};

	if (quarantine_decode(bytes, &entry)) {
		quarantine_encode(&entry, &value);
		must(quarantine_decode(buf_slice(&value), &again));
		must(slice_equal(entry.place, again.place));
	}
	buf_release(&value);
}

static void read_thread(struct slice bytes)
{
	struct thread_info info = {0};
	struct buf value = {0};

	if (thread_summary_decode(bytes, &info)) {
		thread_summary_encode(&info, &value);
		must(thread_summary_decode(buf_slice(&value), &info));
	}
	buf_release(&value);
}

static void read_parent(struct slice bytes)
{
	struct parent parent, again;
	char text[PARENT_TEXT_BYTES + 4096];
	size_t len;

	if (!parent_parse(&parent, bytes))
		return;
	len = parent_format(&parent, text, sizeof(text));
	if (len < sizeof(text))
		must(parent_parse(&again, (struct slice){(const uint8_t *)text, len}) &&
			again.seq == parent.seq && run_id_equal(&again.run, &parent.run));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct slice bytes) = {
		open_packed,
		read_profile,
		read_hits,
		read_row,
		read_aside,
		read_thread,
		read_parent,
	};

	if (size)
		readers[data[0] % (sizeof(readers) / sizeof(readers[0]))](
			(struct slice){data + 1, size - 1});
	return 0;
}
