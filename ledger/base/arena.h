/*
 * Memory of one request, one command or one import line: allocated piece by
 * piece, freed at once.  Limited: arena_alloc returns NULL past the maximum, and
 * the arena remembers it, for those who ask once at the end.
 */
#ifndef ILA_BASE_ARENA_H
#define ILA_BASE_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *first;
	size_t used;
	size_t max;
	size_t lacked; /* what it would have had to hold when it was first exhausted; 0: it never was */
};

void arena_init(struct arena *, size_t max);
void arena_free(struct arena *);

/* Zeroed, aligned for any type; NULL when the maximum or the memory is exhausted. */
void *arena_alloc(struct arena *, size_t);
char *arena_copy(struct arena *, const char *text, size_t len); /* NUL-terminated copy */

#endif
