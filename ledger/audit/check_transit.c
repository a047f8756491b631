/*
 * Cash in transit between funds (ledger/field.md#offsets-between-funds): what offsets put on account 112 of
 * all funds adds up to zero, so that they create no money; only cash clears it, and what the bank moves of a
 * fund's is at most what is open there.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/check.h"
#include "ledger/audit/table.h"

#define CASH    110
#define TRANSIT 112

struct state {
	struct table open; /* by fund: what is owed to it */
	int64_t owed;      /* by offsets, over all funds */
	int64_t since;     /* the entry that kept it back */
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->open, 1, 0);
	return 0;
}

/* Whether what the bank moved was open on its side. */
static void check_bank_part(struct audit *a, const struct entry *e, const struct transfer *t, int64_t was,
			    int64_t is)
{
	char code[AUDIT_FUND_TEXT], moved[MONEY_TEXT], open[MONEY_TEXT];

	if (t->credit == TRANSIT ? is < 0 : is > 0)
		audit_fault(a, e->seq,
			    "Entry %" PRId64 " moves %s %s fund %s, of whose account 112 %s was open.",
			    e->seq, audit_money(a, t->amount, moved), t->credit == TRANSIT ? "to" : "from",
			    audit_fund_code(a, t->fund, code), audit_money(a, was, open));
}

static void name_apart(struct audit *a, struct state *s, int64_t seq)
{
	char by[MONEY_TEXT];

	audit_fault(a, seq,
		    "Entry %" PRId64 " leaves account 112 of all funds %s apart: an offset adds up to zero.",
		    seq, audit_money(a, audit_apart(s->owed, 0), by));
	s->owed = 0;
}

static int transfer(struct audit *a, struct state *s, const struct entry *e, const struct transfer *t,
		    struct err *err)
{
	int64_t change = t->debit == TRANSIT ? t->amount : audit_less(0, t->amount);
	struct table_key key = {(uint64_t)t->fund, 0};
	int64_t *open = table_take(&s->open, key, err), was;

	if (open == NULL)
		return -1;
	audit_looked(a, 1);
	was = *open;
	*open = audit_sum(was, change);
	if (t->debit != CASH && t->credit != CASH)
		s->owed = audit_sum(s->owed, change);
	else if (e->voucher == 0)
		check_bank_part(a, e, t, was, *open);
	if (*open == 0)
		table_drop(&s->open, key);
	return 0;
}

/* What one entry of an offset keeps back, the next one that moves the account claims. */
static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;
	int keeps = 0, claims = 0;

	for (size_t i = 0; i < row->e.count; i++) {
		keeps |= row->e.transfer[i].credit == TRANSIT && row->e.transfer[i].debit != CASH;
		claims |= row->e.transfer[i].debit == TRANSIT && row->e.transfer[i].credit != CASH;
	}
	if (keeps && s->owed != 0)
		name_apart(a, s, s->since);
	if (keeps)
		s->since = row->e.seq;
	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];

		if ((t->debit == TRANSIT) != (t->credit == TRANSIT) && transfer(a, s, &row->e, t, err) != 0)
			return -1;
	}
	if (claims && s->owed != 0)
		name_apart(a, s, row->e.seq);
	return 0;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;

	(void)err;
	if (s->owed != 0)
		name_apart(a, s, s->since);
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	table_free(&s->open);
	free(s);
}

const struct audit_check check_transit = {
	.name = "transit",
	.what = "what offsets owe between funds adds up to zero, and the bank moves no more than is open",
	.unit = "movements",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
