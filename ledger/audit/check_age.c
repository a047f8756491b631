/*
 * Accounts that must clear do so in time
 * (ledger/README.md#transit-accounts-have-an-age-limit): money that lies on them for longer
 * than the limits below is a warning, not a fault.  Age is counted from the entry
 * that opened the item to the last one booked, so that a journal always gives the
 * same answer.  What is committed (240) is in time until its session has begun: its
 * age is counted from there, by the vouchers' own rows, whose stages check_shares
 * holds against the journal.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/check.h"
#include "ledger/audit/table.h"

static const struct clearing {
	int kind;
	char side;
	int by_holder;    /* 1: kept per holder; 0: per voucher of the entry */
	int days;         /* longest time an item may be open */
	const char *item; /* what an item is */
} clearing[] = {
	{120, 'D', 1, CLEARING_DAYS_CALL, "call"},        {140, 'D', 0, CLEARING_DAYS_CARD, "voucher"},
	{150, 'D', 0, CLEARING_DAYS_ADVANCE, "voucher"},  {225, 'C', 1, CLEARING_DAYS_FROZEN, "lot"},
	{230, 'C', 0, CLEARING_DAYS_COFUNDER, "voucher"}, {261, 'C', 0, CLEARING_DAYS_FROZEN, "voucher"},
	{265, 'C', 1, CLEARING_DAYS_BANK, "payment"},     {270, 'C', 1, CLEARING_DAYS_NOTE, "learner"},
	{280, 'C', 1, CLEARING_DAYS_FUNDER, "holder"},    {285, 'C', 1, CLEARING_DAYS_RECOVERY, "voucher"},
	{112, 'D', 1, CLEARING_DAYS_TRANSIT, "holder"},
};

/* The words of an open item. */
enum { BALANCE, SINCE, SEQ, WORDS };

struct state {
	struct table open;
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->open, WORDS, 0);
	return 0;
}

static const struct clearing *find(int64_t kind)
{
	for (size_t i = 0; i < sizeof clearing / sizeof clearing[0]; i++)
		if (clearing[i].kind == kind)
			return &clearing[i];
	return NULL;
}

static int move(struct state *s, const struct entry *e, int64_t fund, int kind, int64_t holder, int64_t debit,
		struct err *err)
{
	const struct clearing *c = find(kind);
	struct table_key key = {0, (uint64_t)kind << 32 ^ (uint64_t)fund};
	int64_t *item, was;

	if (c == NULL)
		return 0;
	key.a = (uint64_t)(c->by_holder ? holder : e->voucher);
	item = table_take(&s->open, key, err);
	if (item == NULL)
		return -1;
	was = item[BALANCE];
	item[BALANCE] = c->side == 'D' ? audit_sum(was, debit) : audit_less(was, debit);
	/* What was owed to a fund and is owed by it now was cleared between. */
	if (was == 0 || (was < 0) != (item[BALANCE] < 0)) {
		item[SINCE] = e->booked_at;
		item[SEQ] = e->seq;
	}
	if (item[BALANCE] == 0)
		table_drop(&s->open, key);
	return 0;
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;

	(void)a;
	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];

		if (move(s, &row->e, t->fund, t->debit, t->debit_holder, t->amount, err) != 0 ||
		    move(s, &row->e, t->fund, t->credit, t->credit_holder, audit_less(0, t->amount), err) !=
			    0)
			return -1;
	}
	return 0;
}

/* Orders that nobody has entered, long after their session's start. */
static int check_starts(struct audit *a, struct err *err)
{
	day_t today = (day_t)(a->head_at / US_PER_DAY);
	struct stmt *q =
		db_query(a->db,
			 "SELECT v.id, v.head, v.session_start, s.fund, s.committed "
			 "FROM voucher v JOIN share s ON s.id >= v.id * $1 AND s.id < (v.id + 1) * $1 "
			 "WHERE v.closed_on IS NULL AND s.committed > 0 AND v.session_start < $2 "
			 "ORDER BY v.id, s.id",
			 VALS(v_int(SHARE_ID_STEP), v_int(today - CLEARING_DAYS_START)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		char code[AUDIT_FUND_TEXT], amount[MONEY_TEXT];

		audit_looked(a, 1);
		audit_warn(a, col_int(q, 1),
			   "Account 240 of fund %s, voucher %" PRId64 ": %s is open for %" PRId64
			   " days, since its session's start; it must clear within %d.",
			   audit_fund_code(a, col_int(q, 3), code), col_int(q, 0),
			   audit_money(a, col_int(q, 4), amount), (int64_t)today - col_int(q, 2),
			   CLEARING_DAYS_START);
	}
	return rc;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	struct table_key key;
	const int64_t *item;

	table_sort(&s->open);
	for (size_t i = 0; (item = table_at(&s->open, i, &key)) != NULL; i++) {
		const struct clearing *c = find((int64_t)(key.b >> 32));
		int64_t days = audit_less(a->head_at, item[SINCE]) / US_PER_DAY;
		char code[AUDIT_FUND_TEXT], amount[MONEY_TEXT];

		audit_looked(a, 1);
		if (c != NULL && days > c->days)
			audit_warn(a, item[SEQ],
				   "Account %d of fund %s, %s %" PRId64 ": %s is open for %" PRId64
				   " days, since entry %" PRId64 "; it must clear within %d.",
				   c->kind, audit_fund_code(a, (int64_t)(key.b & UINT32_MAX), code), c->item,
				   (int64_t)key.a, audit_money(a, item[BALANCE], amount), days, item[SEQ],
				   c->days);
	}
	return check_starts(a, err);
}

static void release(void *state)
{
	struct state *s = state;

	table_free(&s->open);
	free(s);
}

const struct audit_check check_age = {
	.name = "age",
	.what = "nothing lies longer than allowed on accounts that must clear",
	.unit = "open items",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
