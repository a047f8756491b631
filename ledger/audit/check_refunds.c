/*
 * Money that goes back to funders (G9) and to learners (G14): every payment that took
 * from account 280, or 270, is recorded as one, of that fund and amount, and
 * what it left the bank with or gave back to that account is what its state says.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/check.h"
#include "ledger/audit/table.h"

/* The words of a payment. */
enum { FUND, FROM, ORDERED, PAID, REJECTED, SEQ, RECORDED, WORDS };

/* States and kinds of table payment, restated. */
enum { STATE_ORDERED = 1, STATE_PAID = 2, STATE_REJECTED = 3, KIND_REFUND = 3, KIND_BACK = 4 };

#define FUNDER  280
#define LEARNER 270

struct state {
	struct table payments; /* by number */
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->payments, WORDS, 0);
	return 0;
}

static int note(struct state *s, int64_t seq, const struct transfer *t, int64_t payment, int word,
		struct err *err)
{
	int64_t *row = table_take(&s->payments, (struct table_key){(uint64_t)payment, 0}, err);

	if (row == NULL)
		return -1;
	if (row[SEQ] == 0) {
		row[FUND] = t->fund;
		row[SEQ] = seq;
	}
	if (word != PAID && row[FROM] == 0)
		row[FROM] = word == ORDERED ? t->debit : t->credit;
	/* Of another fund: it is no refund of the first one. */
	if (row[FUND] == t->fund)
		row[word] = audit_sum(row[word], t->amount);
	return 0;
}

static int is_source(int kind)
{
	return kind == FUNDER || kind == LEARNER;
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;

	(void)a;
	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];
		int rc = 0;

		if (is_source(t->debit) && t->credit == 265)
			rc = note(s, row->e.seq, t, t->credit_holder, ORDERED, err);
		else if (row->e.voucher == 0 && t->debit == 265 && t->credit == 110)
			rc = note(s, row->e.seq, t, t->debit_holder, PAID, err);
		else if (t->debit == 265 && is_source(t->credit))
			rc = note(s, row->e.seq, t, t->debit_holder, REJECTED, err);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* What the journal must have of a recorded one. */
static void compare(struct audit *a, int64_t id, int64_t amount, int64_t fund, int64_t stands, int64_t from,
		    const int64_t *row)
{
	int same = row[FUND] == fund && row[FROM] == from;
	char had[MONEY_TEXT], want[MONEY_TEXT];
	int64_t paid = stands == STATE_PAID ? amount : 0;
	int64_t rejected = stands == STATE_REJECTED ? amount : 0;

	if (row[ORDERED] != amount || !same)
		audit_fault(a, row[SEQ],
			    "Refund %" PRId64
			    " is of %s, the journal orders %s from that fund's account %" PRId64 ".",
			    id, audit_money(a, amount, want), audit_money(a, same ? row[ORDERED] : 0, had),
			    from);
	if (row[PAID] != paid)
		audit_fault(a, row[SEQ],
			    "Refund %" PRId64 ": %s should have left the bank, the journal has %s.", id,
			    audit_money(a, paid, want), audit_money(a, row[PAID], had));
	if (row[REJECTED] != rejected)
		audit_fault(a, row[SEQ], "Refund %" PRId64 ": %s should be due again, the journal has %s.",
			    id, audit_money(a, rejected, want), audit_money(a, row[REJECTED], had));
}

static int read_refunds(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q =
		db_query(a->db,
			 "SELECT p.id, p.amount, r.fund, p.state, p.kind FROM payment p "
			 "LEFT JOIN refund r ON r.payment = p.id WHERE p.kind IN ($1, $2) ORDER BY p.id",
			 VALS(v_int(KIND_REFUND), v_int(KIND_BACK)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		int64_t *row = table_take(&s->payments, (struct table_key){(uint64_t)col_int(q, 0), 0}, err);

		if (row == NULL) {
			db_done(q);
			return -1;
		}
		row[RECORDED] = 1;
		audit_looked(a, 1);
		compare(a, col_int(q, 0), col_int(q, 1), col_int(q, 2), col_int(q, 3),
			col_int(q, 4) == KIND_BACK ? LEARNER : FUNDER, row);
	}
	return rc;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	struct table_key key;
	const int64_t *row;

	if (read_refunds(a, s, err) != 0)
		return -1;
	table_sort(&s->payments);
	for (size_t i = 0; (row = table_at(&s->payments, i, &key)) != NULL; i++)
		if (!row[RECORDED])
			audit_fault(a, row[SEQ],
				    "Entry %" PRId64 " moves money of payment %" PRId64
				    " as a refund, which is not recorded.",
				    row[SEQ], (int64_t)key.a);
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	table_free(&s->payments);
	free(s);
}

const struct audit_check check_refunds = {
	.name = "refunds",
	.what = "what goes back to funders and learners is what was ordered, and what the bank did",
	.unit = "refunds",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
