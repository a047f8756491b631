/*
 * The cash of the funds on one bank account is what the bank says
 * (invariant 6 of ledger/field.md): account 110 at value date against every closing
 * balance that was imported.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"

#define CASH 110

struct statement {
	char bank[CODE_MAX + 1];
	int64_t day;
	int64_t balance;
	int64_t moved; /* in account 110 since the statement before, by value date */
};

struct range {
	size_t first, count;
};

struct state {
	struct statement *statement; /* by bank account and day */
	size_t statements;
	struct range *of; /* per fund of the run: the statements of its bank account */
};

static int read_statements(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q;
	int64_t count = 0;
	int rc;

	if (db_int(a->db, "SELECT count(*) FROM bank_balance", NO_VALS, &count, err) < 0)
		return -1;
	s->statement = calloc((size_t)count + 1, sizeof *s->statement);
	s->of = calloc(a->funds + 1, sizeof *s->of);
	if (s->statement == NULL || s->of == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	q = db_query(
		a->db,
		"SELECT bank_account, stated_on, balance FROM bank_balance ORDER BY bank_account, stated_on",
		NO_VALS, err);
	while ((rc = db_step(q, err)) == 1) {
		struct statement *x = &s->statement[s->statements++];

		col_copy(q, 0, x->bank, sizeof x->bank);
		x->day = col_int(q, 1);
		x->balance = col_int(q, 2);
	}
	return rc;
}

static struct range statements_of(const struct state *s, const char *bank)
{
	struct range r = {0, 0};

	while (r.first < s->statements && strcmp(s->statement[r.first].bank, bank) != 0)
		r.first++;
	while (r.first + r.count < s->statements && strcmp(s->statement[r.first + r.count].bank, bank) == 0)
		r.count++;
	return r;
}

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;
	struct stmt *q;
	int rc;

	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	if (read_statements(a, s, err) != 0)
		return -1;
	q = db_query(a->db, "SELECT id, bank_account FROM fund WHERE bank_account IS NOT NULL ORDER BY id",
		     NO_VALS, err);
	while ((rc = db_step(q, err)) == 1) {
		const struct audit_fund *f = audit_fund_find(a, col_int(q, 0));

		if (f != NULL)
			s->of[f - a->fund] = statements_of(s, col_text(q, 1));
	}
	return rc;
}

/* Into the first statement on or after the value date; later money concerns none. */
static void move(struct audit *a, struct state *s, const struct transfer *t, day_t day, int64_t amount)
{
	const struct audit_fund *f = audit_fund_find(a, t->fund);
	size_t low, high, end;

	if (f == NULL)
		return;
	low = s->of[f - a->fund].first;
	high = end = low + s->of[f - a->fund].count;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->statement[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < end)
		s->statement[low].moved = audit_sum(s->statement[low].moved, amount);
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];

		if (t->debit == CASH)
			move(a, state, t, row->e.value_date, t->amount);
		if (t->credit == CASH)
			move(a, state, t, row->e.value_date, audit_less(0, t->amount));
	}
	return 0;
}

/* A difference is named on the day it arises, not again on every day it lasts. */
static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	int64_t cash = 0;
	int64_t apart = 0;
	int64_t now;

	(void)err;
	for (size_t i = 0; i < s->statements; i++) {
		const struct statement *x = &s->statement[i];
		char day[DATE_TEXT], stated[MONEY_TEXT], held[MONEY_TEXT], by[MONEY_TEXT];

		if (i > 0 && strcmp(x->bank, x[-1].bank) != 0)
			cash = apart = 0;
		audit_looked(a, 1);
		cash = audit_sum(cash, x->moved);
		now = audit_less(cash, x->balance);
		if (now != 0 && now != apart)
			audit_fault(
				a, 0,
				"Bank account %s on %s: the statement says %s, account 110 of its funds %s: %s apart.",
				x->bank, day_format((day_t)x->day, day), audit_money(a, x->balance, stated),
				audit_money(a, cash, held),
				audit_money(a, audit_apart(cash, x->balance), by));
		apart = now;
	}
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	free(s->statement);
	free(s->of);
	free(s);
}

const struct audit_check check_bank = {
	.name = "bank",
	.what = "account 110 of the funds on a bank account is what the bank's statements say",
	.unit = "bank statements",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
