/*
 * The hash of a key stands for it.  Two keys that share all 63 bits would be
 * taken for one: with a million and a half keys that is one file in ten million.
 */
#include "ledger/intake/seen.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/hash.h"

#define SLOTS_FIRST 1024

struct slot {
	uint64_t key;
	uint32_t content; /* hash of all the cells */
	uint32_t line;
};

struct seen {
	struct hash slots;
	size_t used;
};

struct seen *seen_open(void)
{
	struct seen *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->slots =
		(struct hash){calloc(SLOTS_FIRST, sizeof(struct slot)), sizeof(struct slot), SLOTS_FIRST, 1};
	if (s->slots.slot == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void seen_close(struct seen *s)
{
	if (s == NULL)
		return;
	free(s->slots.slot);
	free(s);
}

/*
 * Twice the slots, in place: old and new side by side would be half as much
 * again.  Beginning behind a free slot, each key moves to a place no later than
 * its own, or as far into the new half, past none that has yet to move.
 */
static int widen(struct hash *t)
{
	size_t old = t->slots, free_one = 0;
	struct slot *slot = realloc(t->slot, 2 * old * sizeof *slot);

	if (slot == NULL)
		return 0;
	memset(slot + old, 0, old * sizeof *slot);
	t->slot = slot;
	t->slots *= 2;
	while (slot[free_one].key != 0)
		free_one++;
	for (size_t n = 1; n < old; n++) {
		struct slot *from = &slot[(free_one + n) & (old - 1)];
		struct slot moved = *from;

		from->key = 0;
		if (moved.key != 0)
			*(struct slot *)hash_find(t, moved.key, 0) = moved;
	}
	return 1;
}

/* Room for one more; 0 when the maximum, or the memory, is reached. */
static int grow(struct seen *s)
{
	if (s->used < s->slots.slots / 4 * 3)
		return 1;
	return s->slots.slots < SEEN_SLOTS_MAX && widen(&s->slots);
}

enum seen_before seen_check(struct seen *s, const char *key, const char *const *cell, size_t n, int64_t line,
			    int64_t *first)
{
	uint64_t hash = hash_text(HASH_START, key) | 1, content = HASH_START;
	struct slot *at;

	/* The slot lies anywhere in many megabytes: it is fetched while the cells are hashed. */
	__builtin_prefetch(hash_home(&s->slots, hash, 0), 1);
	for (size_t i = 0; i < n; i++)
		content = hash_text(content, cell[i]);
	content = hash_mix(content);
	at = hash_find(&s->slots, hash, 0);
	if (at->key != 0) {
		*first = at->line;
		return at->content == (uint32_t)content ? SEEN_SAME : SEEN_OTHER;
	}
	if (grow(s)) {
		s->used++;
		at = hash_find(&s->slots, hash, 0);
		*at = (struct slot){hash, (uint32_t)content, (uint32_t)line};
	}
	return SEEN_NEW;
}
