/*
 * A hash table, and the hashes of texts.  Slots of one size lie in memory of the
 * caller's and are found by open addressing.  A slot begins with its key, one or
 * two words; a first word of 0 means that it is free.  There is always a free one,
 * and none is freed by itself.
 */
#ifndef ILA_BASE_HASH_H
#define ILA_BASE_HASH_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct hash {
	void *slot;         /* all zero at first */
	size_t size, slots; /* bytes of a slot; how many there are, a power of two */
	int words;          /* of a key: 1 or 2 */
};

/*
 * hash_text(hash, text): FNV-1a, goes on from hash; with the NUL, so that texts do not run into each other.
 */
#define HASH_START 0xCBF29CE484222325u
static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
	while (*text++ != '\0');
	return hash;
}

/* The low bits of FNV-1a, and those of an address, depend on too few of the others. */
static inline uint64_t hash_mix(uint64_t hash)
{
	hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCDu;
	return hash ^ hash >> 33;
}

/* hash_home(t, a, b): where the search for the key a, or (a, b), begins.  hash_find: its slot, or the free
 * one. */
static inline uint64_t *hash_home(const struct hash *t, uint64_t a, uint64_t b)
{
	size_t i = hash_mix(t->words == 2 ? hash_mix(a) + b : a) & (t->slots - 1);

	assert(a != 0 && (t->slots & (t->slots - 1)) == 0);
	return (uint64_t *)((char *)t->slot + i * t->size);
}

static inline void *hash_find(const struct hash *t, uint64_t a, uint64_t b)
{
	const char *end = (char *)t->slot + t->slots * t->size;
	uint64_t *at = hash_home(t, a, b);

	while (at[0] != 0 && (at[0] != a || (t->words == 2 && at[1] != b))) {
		at = (uint64_t *)((char *)at + t->size);
		if ((char *)at == end)
			at = t->slot;
	}
	return at;
}

#endif
