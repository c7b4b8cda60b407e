#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "materializer/query_records.h"
#include "ops/cmd.h"
#include "ops/export.h"
#include "ops/opened.h"
#include "schemas/container.h"

struct writing {
	struct container container;
	struct export_out *out;
};

static int add(void *context, enum schema_id schema, struct slice body, struct err *err)
{
	struct writing *writing = context;

	container_add(&writing->container, schema, body, &writing->out->buf);
	return export_flush(writing->out, false, err);
}

static int write_container(const struct export_format *format, const struct export_request *request,
	struct export_out *out, struct err *err)
{
	struct writing writing = {.out = out};
	struct run_id sync;

	(void)format;
	/* 16 bytes of chance, as an id is. */
	if (run_id_new(&sync))
		return err_set(err, ERR_IO, "the kernel gives no random bytes");
	container_begin(&writing.container, sync.bytes, &out->buf);
	return query_records(request->query, &request->run, add, &writing, err);
}

/* Of a run that goes on there would be no end. */
static int check_ended(const struct opened *opened, const struct run_id *run, struct err *err)
{
	struct run_info info;
	bool running;
	int rc = query_run(opened->query, run, &info, err);

	if (rc)
		return rc;
	running = info.state == RUN_RUNNING;
	run_info_release(&info);
	return running ? err_set(err, ERR_STATE,
				 "the run goes on still: export it when it has ended")
		       : 0;
}

static int run(const struct call *call, struct err *err)
{
	static const struct export_format avro = {.name = "avro", .write = write_container};
	struct export_request request = {0};
	struct opened opened;
	int rc = opened_init(&opened, call, err);

	if (rc)
		return rc;
	rc = opened_resolve(&opened, call->argv[0], &request.run, err);
	rc = rc ? rc : check_ended(&opened, &request.run, err);
	request.query = opened.query;
	/* Sources and values are in it, as in the database. */
	umask(077);
	rc = rc ? rc : export_file(&avro, &request, call->argv[1], err);
	opened_release(&opened);
	return rc;
}

const struct command cmd_export = {
	.name = "export",
	.arguments = "RUN FILE.avro",
	.summary = "write a run as an Avro file, for smiley import or any Avro tool",
	.details =
		"An object container file, its schema inside: the run's beginning, sources, blocks "
		"of events, children that were not traced, its end. FILE - is standard output. "
		"Readable by its owner only.",
	.min_arguments = 2,
	.max_arguments = 2,
	.run = run,
};
