/*
 * Every account holds exactly what the transfers add up to, and no account
 * stands there that no transfer made.  A transfer names one fund, two accounts
 * of the chart, both money or both budget: so every entry balances per fund
 * (invariant 1 of ledger/field.md) and a replay from zero gives these balances (8).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/audit_chart.h"
#include "ledger/audit/check.h"
#include "ledger/audit/tally.h"

enum { DEBITS, CREDITS, COLUMNS };

struct state {
	struct tally tally;
};

/* Kinds fit in ten bits, holders in 33: what does not is a finding of its own. */
static struct table_key key_of(int64_t fund, int64_t kind, int64_t holder)
{
	return (struct table_key){(uint64_t)fund, (uint64_t)kind << 33 ^ (uint64_t)holder};
}

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	return tally_open(&s->tally, COLUMNS, err);
}

static int64_t kind_of(struct table_key key)
{
	return (int64_t)(key.b >> 33);
}

static int64_t holder_of(struct table_key key)
{
	return (int64_t)(key.b & HOLDER_MAX);
}

/* NULL, or what is wrong with an account as a place for money. */
static const char *no_account(int64_t fund, int64_t kind, int64_t holder)
{
	const struct audit_kind *k = audit_kind(kind);

	if (k == NULL)
		return "the chart has no such account";
	if (fund < 1 || fund > FUND_ID_MAX)
		return "no fund has such a number";
	if (holder < 0 || holder > HOLDER_MAX)
		return "no holder has such a number";
	if ((k->holder == NULL) != (holder == 0))
		return k->holder ? "it must have a holder" : "it is the fund's own and has no holder";
	return NULL;
}

static void check_transfer(struct audit *a, int64_t seq, int line, const struct transfer *t)
{
	const char *debit = no_account(t->fund, t->debit, t->debit_holder);
	const char *credit = no_account(t->fund, t->credit, t->credit_holder);
	char text[AUDIT_ACCOUNT_TEXT], amount[MONEY_TEXT];

	if (debit != NULL)
		audit_fault(a, seq, "Entry %" PRId64 ", line %d debits %s: %s.", seq, line,
			    audit_account_text(a, t->fund, t->debit, t->debit_holder, text), debit);
	if (credit != NULL)
		audit_fault(a, seq, "Entry %" PRId64 ", line %d credits %s: %s.", seq, line,
			    audit_account_text(a, t->fund, t->credit, t->credit_holder, text), credit);
	if (t->amount < 1 || t->amount > AMOUNT_MAX)
		audit_fault(a, seq, "Entry %" PRId64 ", line %d moves %s, which is not an amount.", seq, line,
			    audit_money(a, t->amount, amount));
	if (debit != NULL || credit != NULL)
		return;
	if (audit_kind(t->debit)->memo != audit_kind(t->credit)->memo)
		audit_fault(a, seq, "Entry %" PRId64 ", line %d moves between money and budget: Dr %d Cr %d.",
			    seq, line, t->debit, t->credit);
	if (t->debit == t->credit && t->debit_holder == t->credit_holder)
		audit_fault(a, seq, "Entry %" PRId64 ", line %d moves account %d onto itself.", seq, line,
			    t->debit);
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;

	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];
		int64_t seq = row->e.seq;

		check_transfer(a, seq, row->line[i], t);
		if (tally_journal(&s->tally, key_of(t->fund, t->debit, t->debit_holder), DEBITS, t->amount,
				  seq, err) ||
		    tally_journal(&s->tally, key_of(t->fund, t->credit, t->credit_holder), CREDITS, t->amount,
				  seq, err))
			return -1;
	}
	return 0;
}

static int account(struct audit *a, void *state, const struct audit_account *x, struct err *err)
{
	struct state *s = state;
	struct table_key key = key_of(x->fund, x->kind, x->holder);
	const char *wrong = no_account(x->fund, x->kind, x->holder);
	char text[AUDIT_ACCOUNT_TEXT];

	audit_looked(a, 1);
	if (wrong != NULL)
		audit_fault(a, 0, "There is a row for %s: %s.",
			    audit_account_text(a, x->fund, x->kind, x->holder, text), wrong);
	else if (x->id != ((x->fund << KIND_BITS | x->kind) << HOLDER_BITS | x->holder))
		audit_fault(a, 0, "The row of %s has the id %" PRId64 ", it must be %" PRId64 ".",
			    audit_account_text(a, x->fund, x->kind, x->holder, text), x->id,
			    (x->fund << KIND_BITS | x->kind) << HOLDER_BITS | x->holder);
	/* An empty row weighs nothing: sums cannot see it. */
	if (x->debits == 0 && x->credits == 0 && !tally_moved(&s->tally, key))
		audit_fault(a, 0, "There is a row for %s, but no transfer ever touched it.",
			    audit_account_text(a, x->fund, x->kind, x->holder, text));
	return tally_stored(&s->tally, key, DEBITS, x->debits, err) ||
			       tally_stored(&s->tally, key, CREDITS, x->credits, err)
		       ? -1
		       : 0;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	struct difference d;
	size_t at = 0;

	(void)err;
	if (tally_close(&s->tally))
		return 1;
	while (tally_next(&s->tally, &at, &d)) {
		char text[AUDIT_ACCOUNT_TEXT], stored[MONEY_TEXT], journal[MONEY_TEXT], by[MONEY_TEXT];

		audit_fault(a, 0, "The %s of %s are stored as %s, the transfers add up to %s: %s too %s.",
			    d.column == DEBITS ? "debits" : "credits",
			    audit_account_text(a, (int64_t)d.key.a, kind_of(d.key), holder_of(d.key), text),
			    audit_money(a, d.stored, stored), audit_money(a, d.journal, journal),
			    audit_money(a, audit_apart(d.stored, d.journal), by),
			    d.stored > d.journal ? "much" : "little");
	}
	if (tally_more(&s->tally))
		audit_fault(a, 0, "More accounts differ than can be named in one run.");
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	tally_free(&s->tally);
	free(s);
}

const struct audit_check check_balance = {
	.name = "balance",
	.what = "every balance equals the sum of its transfers; every entry balances per fund",
	.unit = "accounts",
	.open = begin,
	.entry = entry,
	.account = account,
	.close = end,
	.free = release,
};
