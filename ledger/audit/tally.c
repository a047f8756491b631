#include "ledger/audit/tally.h"

#include <assert.h>

/* The words of a row: three for each column. */
enum { JOURNAL, STORED, LAST, WORDS };

int tally_open(struct tally *t, size_t columns, struct err *err)
{
	assert(columns <= TALLY_COLUMNS_MAX);
	table_init(&t->found, columns * WORDS, LOCATE_ROWS_MAX);
	return sieve_open(&t->sieve, columns, err);
}

void tally_free(struct tally *t)
{
	table_free(&t->found);
	sieve_free(&t->sieve);
}

/* Sums of amounts that were tampered with may run over: they wrap, and differ all the same. */
static void wrap_add(int64_t *sum, int64_t amount)
{
	*sum = (int64_t)((uint64_t)*sum + (uint64_t)amount);
}

static int locate(struct tally *t, struct table_key key, size_t column, int side, int64_t amount, int64_t seq,
		  struct err *err)
{
	int64_t *row;

	if (!sieve_wants(&t->sieve, key))
		return 0;
	row = table_take(&t->found, key, err);
	if (row == NULL)
		return t->found.overfull ? 0 : -1;
	wrap_add(&row[column * WORDS + (size_t)side], amount);
	if (seq != 0)
		row[column * WORDS + LAST] = seq;
	return 0;
}

int tally_journal(struct tally *t, struct table_key key, size_t column, int64_t amount, int64_t seq,
		  struct err *err)
{
	if (amount == 0)
		return 0;
	if (t->sieve.locating)
		return locate(t, key, column, JOURNAL, amount, seq, err);
	sieve_put_amount(&t->sieve, key, column, amount);
	return 0;
}

int tally_stored(struct tally *t, struct table_key key, size_t column, int64_t amount, struct err *err)
{
	if (amount == 0)
		return 0;
	if (t->sieve.locating)
		return locate(t, key, column, STORED, amount, 0, err);
	sieve_take_amount(&t->sieve, key, column, amount);
	return 0;
}

int tally_close(struct tally *t)
{
	if (!t->sieve.locating)
		return sieve_close(&t->sieve);
	table_sort(&t->found);
	return 0;
}

int tally_next(const struct tally *t, size_t *at, struct difference *d)
{
	const int64_t *row;

	for (;; ++*at) {
		size_t columns = t->sieve.columns;
		const int64_t *figures;

		row = table_at(&t->found, *at / columns, &d->key);
		if (row == NULL)
			return 0;
		d->column = *at % columns;
		figures = row + d->column * WORDS;
		if (figures[JOURNAL] == figures[STORED])
			continue;
		d->journal = figures[JOURNAL];
		d->stored = figures[STORED];
		d->seq = figures[LAST];
		++*at;
		return 1;
	}
}

int tally_more(const struct tally *t)
{
	return t->found.overfull || t->sieve.more;
}

int tally_moved(const struct tally *t, struct table_key key)
{
	const int64_t *row = table_find(&t->found, key);

	for (size_t c = 0; row != NULL && c < t->sieve.columns; c++)
		if (row[c * WORDS + JOURNAL] != 0)
			return 1;
	return 0;
}
