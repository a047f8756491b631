/*
 * What a payment orders for each voucher, and all together, is what the journal
 * moves to its account 265 (ledger/field.md#the-moneys-path).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/check.h"
#include "ledger/audit/tally.h"

static int begin(struct audit *a, void **state, struct err *err)
{
	(void)a;
	return audit_state(sizeof(struct tally), state, err) == 0 ? tally_open(*state, 1, err) : -1;
}

/* Voucher 0: the payment as a whole. */
static struct table_key key_of(int64_t payment, int64_t voucher)
{
	return (struct table_key){(uint64_t)payment, (uint64_t)voucher};
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	const struct entry *e = &row->e;

	(void)a;
	for (size_t i = 0; i < e->count; i++) {
		const struct transfer *t = &e->transfer[i];

		if (t->credit != 265)
			continue;
		if (tally_journal(state, key_of(t->credit_holder, 0), 0, t->amount, e->seq, err) != 0)
			return -1;
		if (e->voucher != 0 && tally_journal(state, key_of(t->credit_holder, e->voucher), 0,
						     t->amount, e->seq, err) != 0)
			return -1;
	}
	return 0;
}

/* Of both questions: payment, voucher, amount. */
static int read_ordered(struct audit *a, struct tally *t, struct stmt *q, struct err *err)
{
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		audit_looked(a, 1);
		if (tally_stored(t, key_of(col_int(q, 0), col_int(q, 1)), 0, col_int(q, 2), err) != 0) {
			db_done(q);
			return -1;
		}
	}
	return rc;
}

static void name(struct audit *a, const struct difference *d)
{
	char stored[MONEY_TEXT], journal[MONEY_TEXT];

	audit_money(a, d->stored, stored);
	audit_money(a, d->journal, journal);
	if (d->key.b == 0)
		audit_fault(a, d->seq, "Payment %" PRId64 " is of %s, the journal orders %s.",
			    (int64_t)d->key.a, stored, journal);
	else
		audit_fault(a, d->seq,
			    "Payment %" PRId64 " pays %s for voucher %" PRId64 ", the journal orders %s.",
			    (int64_t)d->key.a, stored, (int64_t)d->key.b, journal);
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct difference d;
	size_t at = 0;

	if (read_ordered(a, state,
			 db_query(a->db, "SELECT id, 0, amount FROM payment ORDER BY id", NO_VALS, err),
			 err) != 0 ||
	    read_ordered(
		    a, state,
		    db_query(a->db,
			     "SELECT payment, voucher, amount FROM payment_line ORDER BY payment, voucher",
			     NO_VALS, err),
		    err) != 0)
		return -1;
	if (tally_close(state))
		return 1;
	while (tally_next(state, &at, &d))
		name(a, &d);
	if (tally_more(state))
		audit_fault(a, 0, "More payments differ than can be named in one run.");
	return 0;
}

static void release(void *state)
{
	tally_free(state);
	free(state);
}

const struct audit_check check_payments = {
	.name = "payments",
	.what = "a payment orders, for each voucher and all together, what the journal orders",
	.unit = "payment parts",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
