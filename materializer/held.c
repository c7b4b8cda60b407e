#include "materializer/held.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/err.h"

int held_add(struct held *held, int64_t first_seq, int64_t now_ms, struct slice body)
{
	struct held_block *block = malloc(sizeof(*block) + body.len);
	struct held_block **at = &held->first;
	uint8_t *bytes = (uint8_t *)(block + 1);

	if (!block)
		return ERR_MEMORY;
	memcpy(bytes, body.data, body.len);
	while (*at && (*at)->first_seq <= first_seq)
		at = &(*at)->next;
	*block = (struct held_block){*at, first_seq, now_ms, {bytes, body.len}};
	*at = block;
	return 0;
}

void held_drop(struct held *held)
{
	struct held_block *block = held->first;

	held->first = block->next;
	free(block);
}
