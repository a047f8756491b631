#include "ledger/audit/sieve.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/env.h"

int sieve_open(struct sieve *s, size_t columns, struct err *err)
{
	struct env env;

	memset(s, 0, sizeof *s);
	env_system(&env);
	if (env.random(&env, s->secret, sizeof s->secret) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system gives no random numbers.");
	s->columns = columns;
	s->sum = calloc(SIEVE_GROUPS * columns, sizeof *s->sum);
	return s->sum ? 0 : err_set(err, ERR_STORAGE, NULL, "Out of memory.");
}

void sieve_free(struct sieve *s)
{
	free(s->sum);
	s->sum = NULL;
}

/* Both halves of a product, folded: every bit of the result depends on every bit of both factors. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	wide_t product = (wide_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t sieve_hash(const struct sieve *s, uint64_t a, uint64_t b)
{
	return fold(fold(a ^ s->secret[0], b ^ s->secret[1]) ^ s->secret[2], a ^ s->secret[3]);
}

void sieve_put(struct sieve *s, struct table_key key, size_t column, wide_t value)
{
	s->sum[sieve_hash(s, key.a, key.b) % SIEVE_GROUPS * s->columns + column] += value;
}

void sieve_take(struct sieve *s, struct table_key key, size_t column, wide_t value)
{
	uint64_t group = sieve_hash(s, key.a, key.b) % SIEVE_GROUPS;

	s->sum[group * s->columns + column] -= value;
	s->taken[group]++;
}

/* A negative amount counts as its complement: the sums are modulo 2^128. */
void sieve_put_amount(struct sieve *s, struct table_key key, size_t column, int64_t amount)
{
	uint64_t h = sieve_hash(s, key.a, key.b);

	s->sum[h % SIEVE_GROUPS * s->columns + column] += h * (wide_t)amount;
}

void sieve_take_amount(struct sieve *s, struct table_key key, size_t column, int64_t amount)
{
	uint64_t h = sieve_hash(s, key.a, key.b);

	s->sum[h % SIEVE_GROUPS * s->columns + column] -= h * (wide_t)amount;
	s->taken[h % SIEVE_GROUPS]++;
}

static int differs(const struct sieve *s, size_t group)
{
	for (size_t c = 0; c < s->columns; c++)
		if (s->sum[group * s->columns + c] != 0)
			return 1;
	return 0;
}

int sieve_close(struct sieve *s)
{
	size_t rows = 0;

	for (size_t g = 0; g < SIEVE_GROUPS; g++) {
		if (!differs(s, g))
			continue;
		/* At least one group, whatever its size. */
		if (s->locating && rows + s->taken[g] > LOCATE_ROWS_MAX) {
			s->more = 1;
			continue;
		}
		s->wanted[g] = 1;
		s->locating = 1;
		rows += s->taken[g];
	}
	return s->locating;
}

int sieve_wants(const struct sieve *s, struct table_key key)
{
	return s->locating && s->wanted[sieve_hash(s, key.a, key.b) % SIEVE_GROUPS];
}
