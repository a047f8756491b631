#include "ledger/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 8192

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){.max = max};
}

void arena_free(struct arena *a)
{
	struct arena_block *block, *next;

	for (block = a->first; block; block = next) {
		next = block->next;
		free(block);
	}
	arena_init(a, a->max);
}

static void *lack(struct arena *a, size_t size)
{
	if (a->lacked == 0)
		a->lacked = size < SIZE_MAX - a->used ? a->used + size : SIZE_MAX;
	return NULL;
}

/* The maximum counts what was asked for (rounded to the alignment), not the slack of the blocks. */
void *arena_alloc(struct arena *a, size_t size)
{
	const size_t unit = alignof(max_align_t);
	struct arena_block *block = a->first;
	void *bytes;

	if (size > a->max)
		return lack(a, size);
	size = size ? (size + unit - 1) / unit * unit : unit;
	if (size > a->max || a->used > a->max - size)
		return lack(a, size);
	if (!block || size > block->size - block->used) {
		size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;

		block = malloc(sizeof *block + room);
		if (!block)
			return lack(a, size);
		block->used = 0;
		block->size = room;
		block->next = a->first;
		a->first = block;
	}
	bytes = block->bytes + block->used;
	block->used += size;
	a->used += size;
	/* Piece by piece: most requests need little of their block. */
	return memset(bytes, 0, size);
}

char *arena_copy(struct arena *a, const char *text, size_t len)
{
	char *copy = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;

	if (copy && len)
		memcpy(copy, text, len);
	return copy;
}
