/*
 * Learners' own money (account 270): what each credit note holds is what its movements
 * add up to, one for each entry that moved the account, and all notes of a learner
 * in a fund are the account's balance.  A share that a note pays, and a payment that
 * pays one back, name the note whose movement their entry is.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/check.h"
#include "ledger/audit/tally.h"

#define OWN 270

/* The columns of the tally: what a learner has in a fund, and what an entry moved of a learner's. */
enum { HELD, MOVED, COLUMNS };

/* All rows for which the question has an answer are wrong: its first column names the note's voucher. */
static const struct tie {
	const char *wrong; /* in a sentence, after "Credit note of voucher N" */
	const char *sql;
	size_t values; /* 1: it asks by SHARE_ID_STEP */
} ties[] = {
	{"is not that voucher's: another learner, fund or card.",
	 "SELECT n.voucher FROM credit_note n WHERE NOT EXISTS (SELECT 1 FROM voucher v WHERE v.id = n.voucher "
	 "AND v.learner = n.learner AND coalesce(v.copay_reference, '') = n.reference) OR NOT EXISTS "
	 "(SELECT 1 FROM share s WHERE s.id >= n.voucher * $1 AND s.id < (n.voucher + 1) * $1 "
	 "AND s.fund + 0 = n.fund AND s.lot IS NULL) ORDER BY n.voucher",
	 1},
	{"does not hold what its movements add up to.",
	 "SELECT n.voucher FROM credit_note n WHERE "
	 "n.moves <> (SELECT count(*) FROM credit_note_move m WHERE m.voucher = n.voucher) OR n.balance <> "
	 "(SELECT coalesce(sum(m.amount), 0) FROM credit_note_move m WHERE m.voucher = n.voucher) "
	 "ORDER BY n.voucher",
	 0},
	{"has a movement that does not follow from the one before.",
	 "SELECT m.voucher FROM credit_note_move m LEFT JOIN credit_note_move p ON p.voucher = m.voucher "
	 "AND p.number = m.number - 1 WHERE m.balance <> m.amount + coalesce(p.balance, 0) "
	 "OR (m.number > 1 AND p.number IS NULL) OR m.number < 1 ORDER BY m.voucher, m.number",
	 0},
	{"has movements, but does not exist.",
	 "SELECT m.voucher FROM credit_note_move m WHERE NOT EXISTS "
	 "(SELECT 1 FROM credit_note n WHERE n.voucher = m.voucher) ORDER BY m.voucher, m.number",
	 0},
	{"moved by a voucher that has no share of it.",
	 "SELECT m.voucher FROM credit_note_move m JOIN entry e ON e.seq = m.entry WHERE e.voucher IS NOT NULL "
	 "AND (m.amount < 0 OR e.voucher <> m.voucher) AND NOT EXISTS (SELECT 1 FROM share s "
	 "WHERE s.id >= e.voucher * $1 AND s.id < (e.voucher + 1) * $1 AND s.credit_note = m.voucher "
	 "AND (m.amount > 0 OR s.amount = -m.amount)) ORDER BY m.voucher, m.number",
	 1},
	{"pays a share, but was not moved for it.",
	 "SELECT s.credit_note FROM share s WHERE s.credit_note IS NOT NULL AND NOT EXISTS (SELECT 1 "
	 "FROM credit_note_move m JOIN entry e ON e.seq = m.entry WHERE m.voucher = s.credit_note "
	 "AND e.voucher = s.id / $1 AND m.amount = -s.amount) ORDER BY s.credit_note, s.id",
	 1},
	{"is paid back, but was not moved for it.",
	 "SELECT r.credit_note FROM refund r JOIN payment p ON p.id = r.payment WHERE r.credit_note IS NOT NULL "
	 "AND NOT EXISTS (SELECT 1 FROM credit_note_move m JOIN entry e ON e.seq = m.entry "
	 "WHERE m.voucher = r.credit_note AND e.payment = r.payment AND m.amount = -p.amount) "
	 "ORDER BY r.credit_note, r.payment",
	 0},
};

struct state {
	struct tally tally;
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	return tally_open(&s->tally, COLUMNS, err);
}

static struct table_key held_key(int64_t fund, int64_t learner)
{
	return (struct table_key){(uint64_t)fund << 33 ^ (uint64_t)learner, 0};
}

static struct table_key moved_key(int64_t seq, int64_t learner)
{
	return (struct table_key){(uint64_t)learner, (uint64_t)seq};
}

static int move(struct state *s, int64_t seq, int64_t fund, int64_t learner, int64_t amount, struct err *err)
{
	return tally_journal(&s->tally, held_key(fund, learner), HELD, amount, seq, err) == 0
		       ? tally_journal(&s->tally, moved_key(seq, learner), MOVED, amount, seq, err)
		       : -1;
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	(void)a;
	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];

		if (t->credit == OWN &&
		    move(state, row->e.seq, t->fund, t->credit_holder, t->amount, err) != 0)
			return -1;
		if (t->debit == OWN &&
		    move(state, row->e.seq, t->fund, t->debit_holder, audit_less(0, t->amount), err) != 0)
			return -1;
	}
	return 0;
}

static int read_notes(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q = db_query(a->db, "SELECT fund, learner, balance FROM credit_note ORDER BY voucher",
				  NO_VALS, err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		audit_looked(a, 1);
		if (tally_stored(&s->tally, held_key(col_int(q, 0), col_int(q, 1)), HELD, col_int(q, 2),
				 err) != 0) {
			db_done(q);
			return -1;
		}
	}
	return rc;
}

static int read_moves(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q = db_query(a->db,
				  "SELECT m.entry, n.learner, m.amount FROM credit_note_move m "
				  "JOIN credit_note n ON n.voucher = m.voucher ORDER BY m.voucher, m.number",
				  NO_VALS, err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		if (tally_stored(&s->tally, moved_key(col_int(q, 0), col_int(q, 1)), MOVED, col_int(q, 2),
				 err) != 0) {
			db_done(q);
			return -1;
		}
	return rc;
}

static void name(struct audit *a, const struct difference *d)
{
	char stored[MONEY_TEXT], journal[MONEY_TEXT];

	audit_money(a, d->stored, stored);
	audit_money(a, d->journal, journal);
	if (d->column == HELD)
		audit_fault(a, d->seq, "Learner %" PRId64 " holds %s on account 270, the credit notes %s.",
			    (int64_t)(d->key.a & HOLDER_MAX), journal, stored);
	else
		audit_fault(a, (int64_t)d->key.b,
			    "Entry %" PRId64 " moves %s of learner %" PRId64
			    " on account 270, the credit notes %s.",
			    (int64_t)d->key.b, journal, (int64_t)d->key.a, stored);
}

static int ask(struct audit *a, const struct tie *t, struct err *err)
{
	const struct val step = v_int(SHARE_ID_STEP);
	struct stmt *q = db_query(a->db, t->sql, &step, t->values, err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		audit_fault(a, 0, "Credit note of voucher %" PRId64 " %s", col_int(q, 0), t->wrong);
	return rc;
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	struct difference d;
	size_t at = 0;

	if (read_notes(a, s, err) != 0 || read_moves(a, s, err) != 0)
		return -1;
	if (tally_close(&s->tally))
		return 1;
	while (tally_next(&s->tally, &at, &d))
		name(a, &d);
	if (tally_more(&s->tally))
		audit_fault(a, 0, "More credit notes differ than can be named in one run.");
	for (size_t i = 0; i < sizeof ties / sizeof ties[0]; i++)
		if (ask(a, &ties[i], err) != 0)
			return -1;
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	tally_free(&s->tally);
	free(s);
}

const struct audit_check check_notes = {
	.name = "notes",
	.what = "learners' own money on account 270 is what their credit notes hold, movement by movement",
	.unit = "credit notes",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
