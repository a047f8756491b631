/*
 * No account that may not be negative was ever below zero after an entry (invariant
 * 2).  An entry is atomic: between two of its transfers an account may pass below.
 *
 * Balances are kept while they are not zero.  Those of lots (220), of which
 * there are as many as learners, are read from the movement itself: check_lots
 * proves that figure.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/audit_chart.h"
#include "ledger/audit/check.h"
#include "ledger/audit/table.h"

#define LOT_KIND 220

struct touched {
	struct table_key key;
	int64_t fund, holder;
	int kind;
	int64_t before, after;
};

struct state {
	struct table balance; /* per account: balance on its own side */
	struct touched touched[ENTRY_ACCOUNTS_MAX];
	size_t count;
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->balance, 1, 0);
	return 0;
}

/* The account as this entry finds it, on first sight; NULL when it has no floor. */
static struct touched *touch(struct state *s, const struct transfer *t, int debit, int64_t change)
{
	int kind = debit ? t->debit : t->credit;
	int64_t holder = debit ? t->debit_holder : t->credit_holder;
	struct touched *x = &s->touched[s->count];
	const int64_t *balance;

	for (size_t i = 0; i < s->count; i++)
		if (s->touched[i].kind == kind && s->touched[i].holder == holder &&
		    s->touched[i].fund == t->fund)
			return &s->touched[i];
	*x = (struct touched){.fund = t->fund, .holder = holder, .kind = kind};
	x->key = (struct table_key){(uint64_t)t->fund, (uint64_t)kind << 33 ^ (uint64_t)holder};
	if (kind == LOT_KIND) {
		x->before = audit_less(t->lot_balance, change);
	} else {
		balance = table_find(&s->balance, x->key);
		x->before = balance ? *balance : 0;
	}
	x->after = x->before;
	s->count++;
	return x;
}

static void move(struct state *s, const struct transfer *t, int debit)
{
	const struct audit_kind *k = audit_kind(debit ? t->debit : t->credit);
	int64_t change;
	struct touched *x;

	if (k == NULL || !k->floored)
		return;
	change = debit == (k->side == 'D') ? t->amount : audit_less(0, t->amount);
	x = touch(s, t, debit, change);
	x->after = k->number == LOT_KIND ? t->lot_balance : audit_sum(x->after, change);
}

static int keep(struct state *s, const struct touched *x, struct err *err)
{
	int64_t *balance;

	if (x->kind == LOT_KIND)
		return 0;
	if (x->after == 0) {
		table_drop(&s->balance, x->key);
		return 0;
	}
	balance = table_take(&s->balance, x->key, err);
	if (balance == NULL)
		return -1;
	*balance = x->after;
	return 0;
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;

	s->count = 0;
	for (size_t i = 0; i < row->e.count; i++) {
		move(s, &row->e.transfer[i], 1);
		move(s, &row->e.transfer[i], 0);
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct touched *x = &s->touched[i];
		char text[AUDIT_ACCOUNT_TEXT], balance[MONEY_TEXT];

		/* Named where it falls, not again at every entry until it recovers. */
		if (x->after < 0 && x->before >= 0)
			audit_fault(a, row->e.seq, "Entry %" PRId64 " leaves %s at %s, below zero.",
				    row->e.seq, audit_account_text(a, x->fund, x->kind, x->holder, text),
				    audit_money(a, x->after, balance));
		if (keep(s, x, err) != 0)
			return -1;
	}
	audit_looked(a, (int64_t)s->count);
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	table_free(&s->balance);
	free(s);
}

const struct audit_check check_floor = {
	.name = "floor",
	.what = "no account that may not fall below zero ever did, after any entry",
	.unit = "balances",
	.open = begin,
	.entry = entry,
	.free = release,
};
