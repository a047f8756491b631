#include "reports/walk.h"

#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/base/money.h"

#define REDUCE "reduce" /* kind of entry: a controller found less, and the rest goes back */

static enum walk_kind kind_of(const char *kind)
{
	static const struct {
		const char *kind;
		enum walk_kind means;
	} kinds[] = {
		{"accept", WALK_ACCEPT},
		{"approve_cofunding", WALK_ACCEPT},
		{"enter", WALK_ENTER},
		{"validate", WALK_VALIDATE},
		{REDUCE, WALK_VALIDATE},
		{"cancel", WALK_CANCEL},
		{"cancel_provider", WALK_CANCEL},
		{"cancel_late", WALK_CANCEL_LATE},
		{"no_show", WALK_NO_SHOW},
		{"cancel_funder", WALK_WITHDRAW},
		{"expire", WALK_EXPIRE},
		{"account_close", WALK_CLOSE},
		{"collect", WALK_RECOVER},
		{"offset", WALK_RECOVER},
		{"refund_order", WALK_REFUND},
		{"refund_pay", WALK_REFUND},
		{"refund_reject", WALK_REFUND},
		{"pay_back_order", WALK_REFUND},
		{"pay_back", WALK_REFUND},
		{"pay_back_reject", WALK_REFUND},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].means;
	return WALK_OTHER;
}

/* The entry that entry seq takes back, through reversals of reversals; each turns the sign. */
static int resolve(struct db *db, int64_t seq, struct walk_row *row, struct err *err)
{
	int64_t reverses;

	do {
		struct stmt *q = db_query(db, "SELECT kind, reverses FROM entry WHERE seq = $1",
					  VALS(v_int(seq)), err);
		int rc = db_step(q, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a reversal of nothing");
		reverses = col_int(q, 1);
		row->kind = kind_of(col_text(q, 0));
		row->gives_back |= strcmp(col_text(q, 0), REDUCE) == 0;
		db_done(q);
		if (reverses >= seq)
			return err_bug(err, "a reversal of a later entry");
		if (reverses != 0)
			row->sign = -row->sign;
		seq = reverses;
	} while (seq != 0);
	return 0;
}

static int take_entry(struct db *db, struct stmt *q, struct walk_row *row, struct err *err)
{
	row->seq = col_int(q, 0);
	row->sign = 1;
	row->value_date = col_day(q, 2);
	row->session_end = col_day(q, 4);
	row->completion = col_null(q, 5) ? -1 : (int)col_int(q, 5);
	row->gives_back = row->completion < 0 || strcmp(col_text(q, 12), "force_majeure") == 0 ||
			  strcmp(col_text(q, 12), "provider_stop") == 0 ||
			  strcmp(col_text(q, 1), REDUCE) == 0;
	if (!col_null(q, 3))
		return resolve(db, row->seq, row, err);
	row->kind = kind_of(col_text(q, 1));
	return 0;
}

static void take_transfer(struct stmt *q, struct walk_row *row)
{
	int forward = row->sign > 0;

	row->fund = col_int(q, 6);
	row->debit = (int)col_int(q, forward ? 7 : 9);
	row->debit_holder = col_int(q, forward ? 8 : 10);
	row->credit = (int)col_int(q, forward ? 9 : 7);
	row->credit_holder = col_int(q, forward ? 10 : 8);
	row->amount = col_int(q, 11);
}

int walk_journal(struct db *db, int64_t as_of, int (*visit)(void *ctx, const struct walk_row *, struct err *),
		 void *ctx, struct err *err)
{
	struct walk_row row = {0};
	struct stmt *q =
		db_query(db,
			 "SELECT e.seq, e.kind, e.value_date, e.reverses, v.session_end, v.completion, "
			 "       t.fund, t.debit, t.debit_holder, t.credit, t.credit_holder, t.amount, "
			 "       coalesce(v.cause, '') "
			 "FROM transfer t JOIN entry e ON e.seq = t.id / $2 "
			 "LEFT JOIN voucher v ON v.id = e.voucher "
			 "WHERE t.id < $1 ORDER BY t.id",
			 VALS(v_int((as_of + 1) * TRANSFER_ID_STEP), v_int(TRANSFER_ID_STEP)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		if (col_int(q, 0) != row.seq && take_entry(db, q, &row, err) != 0)
			break;
		take_transfer(q, &row);
		if (visit(ctx, &row, err) != 0)
			break;
	}
	db_done(q);
	return rc == 0 ? 0 : -1;
}

int64_t walk_change(const struct walk_row *row, int kind)
{
	return row->sign * row->amount * ((row->debit == kind) - (row->credit == kind));
}

int walk_add(int64_t *sum, int64_t by, struct err *err)
{
	if (money_add(*sum, by, sum) == 0)
		return 0;
	return err_set(err, ERR_LIMIT, NULL,
		       "A sum of the report exceeds the largest amount. The report was not made.");
}
