#include "ops/digest.h"

#include <stdio.h>

int digest_print_query(struct query *query, struct err *err)
{
	struct digest digest;
	int rc = query_digest(query, &digest, err);

	if (rc)
		return rc;
	printf("digest ");
	for (size_t i = 0; i < sizeof(digest.bytes); i++)
		printf("%02x", digest.bytes[i]);
	printf("\n");
	return 0;
}

int digest_print(const struct database_paths *paths, struct err *err)
{
	struct query *query = NULL;
	int rc = query_open(paths, &query, err);

	rc = rc ? rc : digest_print_query(query, err);
	query_close(query);
	return rc;
}
