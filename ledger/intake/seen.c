/*
 * Open addressing on 64 bits of hash.  Two keys that share all of them would be
 * taken for one: with a million and a half keys that is one file in ten million.
 */
#include "ledger/intake/seen.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024
#define FNV_START   0xCBF29CE484222325u
#define FNV_PRIME   0x100000001B3u

struct slot {
	uint64_t key;     /* 0: free */
	uint32_t content; /* hash of all the cells */
	uint32_t line;
};

struct seen {
	struct slot *slot;
	size_t slots; /* a power of two */
	size_t used;
};

/* FNV-1a, the NUL included so that cells do not run into each other. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
	while (*text++ != '\0');
	return hash;
}

/* The low bits of FNV-1a depend on too few of the others. */
static uint64_t mix(uint64_t hash)
{
	hash ^= hash >> 33;
	hash *= 0xFF51AFD7ED558CCDu;
	hash ^= hash >> 33;
	return hash != 0 ? hash : 1;
}

struct seen *seen_open(void)
{
	struct seen *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->slots = SLOTS_FIRST;
	s->slot = calloc(s->slots, sizeof *s->slot);
	if (s->slot == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void seen_close(struct seen *s)
{
	if (s == NULL)
		return;
	free(s->slot);
	free(s);
}

/* The slot of key, or the free one where it belongs. */
static struct slot *find(struct slot *slot, size_t slots, uint64_t key)
{
	size_t i = key & (slots - 1);

	while (slot[i].key != 0 && slot[i].key != key)
		i = (i + 1) & (slots - 1);
	return &slot[i];
}

/*
 * Twice the slots, in place: old and new side by side would be half as much
 * again.  Beginning behind a free slot, each key moves to a place no later than
 * its own, or as far into the new half, past none that has yet to move.
 */
static int widen(struct seen *s)
{
	struct slot *slot = realloc(s->slot, 2 * s->slots * sizeof *slot);
	size_t free_one = 0;

	if (slot == NULL)
		return 0;
	memset(slot + s->slots, 0, s->slots * sizeof *slot);
	while (slot[free_one].key != 0)
		free_one++;
	for (size_t n = 1; n < s->slots; n++) {
		struct slot *from = &slot[(free_one + n) & (s->slots - 1)];
		struct slot moved = *from;

		from->key = 0;
		if (moved.key != 0)
			*find(slot, 2 * s->slots, moved.key) = moved;
	}
	s->slot = slot;
	s->slots *= 2;
	return 1;
}

/* Room for one more; 0 when the maximum, or the memory, is reached. */
static int grow(struct seen *s)
{
	if (s->used < s->slots / 4 * 3)
		return 1;
	return s->slots < SEEN_SLOTS_MAX && widen(s);
}

enum seen_before seen_check(struct seen *s, const char *key, const char *const *cell, size_t n, int64_t line,
			    int64_t *first)
{
	uint64_t hash = mix(hash_text(FNV_START, key)), content = FNV_START;
	struct slot *at;

	/* The slot lies anywhere in many megabytes: it is fetched while the cells are hashed. */
	__builtin_prefetch(&s->slot[hash & (s->slots - 1)], 1);
	for (size_t i = 0; i < n; i++)
		content = hash_text(content, cell[i]);
	content = mix(content);
	at = find(s->slot, s->slots, hash);
	if (at->key != 0) {
		*first = at->line;
		return at->content == (uint32_t)content ? SEEN_SAME : SEEN_OTHER;
	}
	if (grow(s)) {
		s->used++;
		*find(s->slot, s->slots, hash) = (struct slot){hash, (uint32_t)content, (uint32_t)line};
	}
	return SEEN_NEW;
}
