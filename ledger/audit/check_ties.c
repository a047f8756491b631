/*
 * Rows that no entry seals, but that others imply, are what these say.
 *
 * An invoice is its voucher's, an envelope is used by its grants, a settlement and
 * an accrual name the entry of their money, the open requests are the vouchers that
 * were requested.
 */
#include "ledger/audit/check.h"

#define KIND_AVAILABLE  220 /* of account */
#define KIND_REFUND     3   /* of payment */
#define KIND_BACK       4
#define KIND_SETTLEMENT 4 /* of contribution */
#define STATE_REQUESTED 8 /* of voucher */
#define STATE_PROPOSED  9
#define STATE_WAITING   10 /* for a co-funder */
#define TIE_VALUES_MAX  3

/* All rows for which the question has an answer are wrong: its first column names the row. */
static const struct tie {
	const char *called;
	const char *wrong; /* in a sentence, after its name */
	const char *sql;
	int64_t value[TIE_VALUES_MAX];
	size_t values;
} ties[] = {
	{"Invoice",
	 "is not the one that its voucher names, or not of what is payable",
	 "SELECT i.number FROM invoice i WHERE NOT EXISTS (SELECT 1 FROM voucher v WHERE v.id = i.voucher "
	 "AND v.invoice = i.number AND v.provider = i.provider AND v.billed_on = i.billed_on "
	 "AND v.payable = i.amount) ORDER BY i.provider, i.number",
	 {0},
	 0},
	{"Voucher",
	 "names an invoice that does not exist",
	 "SELECT v.id FROM voucher v WHERE v.invoice IS NOT NULL AND NOT EXISTS "
	 "(SELECT 1 FROM invoice i WHERE i.provider = v.provider AND i.number = v.invoice AND i.voucher = v.id) "
	 "ORDER BY v.id",
	 {0},
	 0},
	{"Grant",
	 "has not used of its envelope what was granted and not returned",
	 "SELECT e.code FROM grant_envelope e WHERE e.used <> (SELECT coalesce(sum(m.amount - m.returned), 0) "
	 "FROM grant_made m WHERE m.fund = e.fund AND m.code = e.code AND m.year = e.year) "
	 "ORDER BY e.fund, e.code, e.year",
	 {0},
	 0},
	{"Grant to voucher",
	 "is counted against no envelope",
	 "SELECT m.voucher FROM grant_made m WHERE NOT EXISTS (SELECT 1 FROM grant_envelope e "
	 "WHERE e.fund = m.fund AND e.code = m.code AND e.year = m.year) ORDER BY m.voucher",
	 {0},
	 0},
	{"Settlement",
	 "is not what its entry moved",
	 "SELECT c.reference FROM contribution c JOIN entry e ON e.seq = c.seq "
	 "WHERE e.kind = 'copay_settlement' AND (c.kind <> $2 OR c.call IS NOT NULL "
	 "OR e.value_date <> c.value_date OR c.amount <> (SELECT coalesce(sum(t.amount), 0) FROM transfer t "
	 "WHERE t.id >= c.seq * $1 AND t.id < (c.seq + 1) * $1 AND t.fund = c.fund)) ORDER BY c.id",
	 {TRANSFER_ID_STEP, KIND_SETTLEMENT},
	 2},
	{"Entry",
	 "settles a co-payment, which is recorded by no contribution",
	 "SELECT e.seq FROM entry e WHERE e.kind = 'copay_settlement' AND e.seq NOT IN "
	 "(SELECT c.seq FROM contribution c WHERE c.kind = $1) ORDER BY e.seq",
	 {KIND_SETTLEMENT},
	 1},
	{"Payment",
	 "has a fund to give back to, but is not a refund",
	 "SELECT r.payment FROM refund r WHERE NOT EXISTS "
	 "(SELECT 1 FROM payment p WHERE p.id = r.payment AND ((p.kind = $1 AND r.credit_note IS NULL) "
	 "OR (p.kind = $2 AND r.credit_note IS NOT NULL))) ORDER BY r.payment",
	 {KIND_REFUND, KIND_BACK},
	 2},
	{"Request",
	 "counts as open, but it has no voucher, or another learner's or course's",
	 "SELECT o.voucher FROM open_request o WHERE NOT EXISTS (SELECT 1 FROM voucher v WHERE v.id = o.voucher "
	 "AND v.learner = o.learner AND v.course = o.course AND v.state IN ($1, $2, $3)) ORDER BY o.voucher",
	 {STATE_REQUESTED, STATE_PROPOSED, STATE_WAITING},
	 3},
	{"Voucher",
	 "is a request that does not count as open",
	 "SELECT v.id FROM voucher v WHERE v.state IN ($1, $2, $3) AND NOT EXISTS "
	 "(SELECT 1 FROM open_request o WHERE o.learner = v.learner AND o.voucher = v.id) ORDER BY v.id",
	 {STATE_REQUESTED, STATE_PROPOSED, STATE_WAITING},
	 3},
	{"Rule version",
	 "grants on other days than it is in force",
	 "SELECT g.rule FROM grant_rule g WHERE NOT EXISTS (SELECT 1 FROM rule r WHERE r.id = g.rule "
	 "AND r.valid_from = g.valid_from AND r.valid_to = g.valid_to) ORDER BY g.rule",
	 {0},
	 0},
	{"Ticket",
	 "is of a draw that does not exist",
	 "SELECT t.id FROM ticket t WHERE NOT EXISTS (SELECT 1 FROM draw d WHERE d.rule = t.rule) ORDER BY t.id",
	 {0},
	 0},
	{"Accrual of learner",
	 "does not name the entry of its credit",
	 "SELECT a.learner FROM accrual a WHERE a.sealed IS NOT NULL AND ((a.seq IS NULL AND a.credited > 0) "
	 "OR (a.seq IS NOT NULL AND a.credited = 0) OR (a.seq <> a.sealed AND NOT EXISTS "
	 "(SELECT 1 FROM entry s JOIN entry c ON c.lot = s.lot JOIN transfer t ON t.id = c.seq * $1 "
	 "WHERE s.seq = a.sealed AND c.seq = a.seq AND c.kind = 'accrue' AND t.amount = a.credited))) "
	 "ORDER BY a.fund, a.period, a.learner",
	 {TRANSFER_ID_STEP},
	 1},
	{"Accrual of learner",
	 "names an entry that credited another learner, or another amount, or nothing of the kind",
	 "SELECT a.learner FROM accrual a LEFT JOIN entry e ON e.seq = a.seq "
	 "LEFT JOIN transfer t ON t.id = a.seq * $1 LEFT JOIN lot l ON l.id = t.credit_holder "
	 "WHERE (a.seq IS NULL AND a.credited > 0) OR (a.seq IS NOT NULL AND (e.seq IS NULL OR l.id IS NULL "
	 "OR e.kind <> 'accrue' OR t.credit <> $2 OR t.fund <> a.fund OR l.learner <> a.learner "
	 "OR t.amount <> a.credited)) ORDER BY a.fund, a.period, a.learner",
	 {TRANSFER_ID_STEP, KIND_AVAILABLE},
	 2},
	{"Entry",
	 "credits a yearly right, stands, and is named by no accrual",
	 "SELECT e.seq FROM entry e LEFT JOIN accrual a ON a.seq = e.seq "
	 "LEFT JOIN (SELECT reverses AS seq FROM entry WHERE reverses IS NOT NULL) b ON b.seq = e.seq "
	 "WHERE e.kind = 'accrue' AND a.seq IS NULL AND b.seq IS NULL ORDER BY e.seq",
	 {0},
	 0},
};

static int ask(struct audit *a, const struct tie *t, struct err *err)
{
	struct val vals[TIE_VALUES_MAX];
	struct stmt *q;
	int rc;

	for (size_t i = 0; i < t->values; i++)
		vals[i] = v_int(t->value[i]);
	q = db_query(a->db, t->sql, vals, t->values, err);
	while ((rc = db_step(q, err)) == 1)
		audit_fault(a, 0, "%s %s %s.", t->called, col_text(q, 0), t->wrong);
	return rc;
}

static int read_ties(struct audit *a, void *state, struct err *err)
{
	(void)state;
	for (size_t i = 0; i < sizeof ties / sizeof ties[0]; i++) {
		audit_looked(a, 1);
		if (ask(a, &ties[i], err) != 0)
			return -1;
	}
	return 0;
}

const struct audit_check check_ties = {
	.name = "ties",
	.what = "invoices, envelopes, settlements and credits fit what they are of",
	.unit = "kinds of rows",
	.beside = read_ties,
};
