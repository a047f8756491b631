/*
 * Open addressing on 64 bits of hash.  Two keys that share all of them would be
 * taken for one: with a million and a half keys that is one file in ten million.
 */
#include "ledger/intake/seen.h"

#include <stdlib.h>

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

/* Room for one more; 0 when the maximum, or the memory, is reached. */
static int grow(struct seen *s)
{
	struct slot *wider;

	if (s->used < s->slots / 4 * 3)
		return 1;
	if (s->slots == SEEN_SLOTS_MAX)
		return 0;
	wider = calloc(s->slots * 2, sizeof *wider);
	if (wider == NULL)
		return 0;
	for (size_t i = 0; i < s->slots; i++)
		if (s->slot[i].key != 0)
			*find(wider, s->slots * 2, s->slot[i].key) = s->slot[i];
	free(s->slot);
	s->slot = wider;
	s->slots *= 2;
	return 1;
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
