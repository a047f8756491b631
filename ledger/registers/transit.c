#include "ledger/registers/transit.h"

#include <assert.h>
#include <string.h>

#include "ledger/book/account.h"
#include "ledger/registers/fund.h"

int64_t transit_add(struct transit *t, int64_t fund, int64_t amount)
{
	size_t i = 0;

	while (i < t->funds && t->fund[i] != fund)
		i++;
	if (i == t->funds) {
		assert(t->funds < TRANSIT_FUNDS_MAX); /* two vouchers have no more shares */
		t->fund[t->funds] = fund;
		t->owed[t->funds++] = 0;
	}
	return t->owed[i] += amount;
}

/* What fund i is owed, or owes, that clears on its bank account; those before it come first. */
static int64_t cleared(const struct transit *t, const struct fund *f, size_t i)
{
	int64_t in = 0, out = 0, before = 0, both, wanted = t->owed[i] < 0 ? -t->owed[i] : t->owed[i];

	if (f[i].bank_account[0] == '\0')
		return wanted;
	for (size_t j = 0; j < t->funds; j++) {
		if (strcmp(f[j].bank_account, f[i].bank_account) != 0)
			continue;
		*(t->owed[j] < 0 ? &out : &in) += t->owed[j] < 0 ? -t->owed[j] : t->owed[j];
		if (j < i && (t->owed[j] < 0) == (t->owed[i] < 0))
			before += t->owed[j] < 0 ? -t->owed[j] : t->owed[j];
	}
	both = in < out ? in : out;
	if (both <= before)
		return 0;
	return both - before < wanted ? both - before : wanted;
}

static int is_here(const struct fund *f, size_t count, const char *bank_account)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(f[i].bank_account, bank_account) == 0)
			return 1;
	return 0;
}

/* What is open of entries before: of these funds, and of others on their bank accounts as far as there is
 * room. */
static int read_open(struct tx *tx, struct transit *t, const struct fund *f, struct err *err)
{
	static const int64_t of_fund = 1LL << (KIND_BITS + HOLDER_BITS);
	const size_t count = t->funds;
	struct stmt *q = db_query(tx->db,
				  "SELECT f.id, f.bank_account, a.debits - a.credits FROM fund f "
				  "JOIN account a ON a.id = f.id * $1 + $2 WHERE a.debits <> a.credits "
				  "ORDER BY f.id",
				  VALS(v_int(of_fund), v_int(account_id(1, K_TRANSIT, 0) - of_fund)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		size_t i = 0;

		while (i < count && t->fund[i] != col_int(q, 0))
			i++;
		if (i < count || (t->funds < TRANSIT_FUNDS_MAX && is_here(f, count, col_text(q, 1))))
			transit_add(t, col_int(q, 0), col_int(q, 2));
	}
	return rc;
}

static int read_funds(struct tx *tx, const struct transit *t, struct fund *f, struct err *err)
{
	for (size_t i = 0; i < t->funds; i++)
		if (fund_get(tx->db, t->fund[i], &f[i], err) != 0)
			return -1;
	return 0;
}

/* A fund pays what it has: the bank's word may have taken from that since. */
static int limit_to_cash(struct tx *tx, struct transit *t, struct err *err)
{
	for (size_t i = 0; i < t->funds; i++) {
		int64_t cash;

		if (t->owed[i] >= 0)
			continue;
		if (balance_of(tx->db, t->fund[i], K_CASH, 0, &cash, err) != 0)
			return -1;
		if (-t->owed[i] > cash)
			t->owed[i] = -cash;
	}
	return 0;
}

int transit_clear(struct tx *tx, struct transit *t, struct entry *e, struct err *err)
{
	struct fund f[TRANSIT_FUNDS_MAX];

	if (read_funds(tx, t, f, err) != 0 || read_open(tx, t, f, err) != 0 ||
	    read_funds(tx, t, f, err) != 0 || limit_to_cash(tx, t, err) != 0)
		return -1;
	for (size_t i = 0; i < t->funds; i++) {
		int in = t->owed[i] > 0;

		entry_transfer(e, t->fund[i], in ? K_CASH : K_TRANSIT, 0, in ? K_TRANSIT : K_CASH, 0, 0,
			       cleared(t, f, i));
	}
	return 0;
}

int transit_free_cash(struct tx *tx, int64_t fund, int64_t *cash, struct err *err)
{
	int64_t owed;

	if (balance_of(tx->db, fund, K_CASH, 0, cash, err) != 0 ||
	    balance_of(tx->db, fund, K_TRANSIT, 0, &owed, err) != 0)
		return -1;
	owed = owed < 0 ? -owed : 0;
	*cash = owed < *cash ? *cash - owed : 0;
	return 0;
}
