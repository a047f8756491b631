/*
 * Budget authority follows the money (invariant 7 of ledger/field.md): in a fund
 * that carries a budget, what is committed and not yet paid (812 - 822) is what is
 * open of vouchers (240 + 250 + 260 + 261 + 265 - 150), after every entry.  What
 * was voted is what was imported or last amended, less what was left when the year was
 * ended, and what was carried from the year before; no year goes over its vote, but
 * of a budget that does not stop, by what stands on 814 and 824.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/audit/audit_chart.h"
#include "ledger/audit/check.h"
#include "ledger/audit/table.h"

/* The words of a fund's year. */
enum { AE_POSTED, AE_USED, AE_BEYOND, CP_POSTED, CP_USED, CP_BEYOND, AE_VOTED, CP_VOTED, WORDS };

struct change {
	int64_t fund;
	int64_t open;   /* of 240 + 250 + 260 + 261 + 265 - 150 */
	int64_t unpaid; /* of 812 - 822 */
	int budget;     /* 1: a budget account moved */
};

struct state {
	struct table years; /* by fund and year */
	struct change change[ENTRY_TRANSFERS_MAX];
	size_t changes;
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	table_init(&s->years, WORDS, 0);
	return 0;
}

static struct change *change_of(struct state *s, int64_t fund)
{
	for (size_t i = 0; i < s->changes; i++)
		if (s->change[i].fund == fund)
			return &s->change[i];
	s->change[s->changes] = (struct change){.fund = fund};
	return &s->change[s->changes++];
}

/* What amount on the credit of an account changes; a debit is its opposite. */
static int credit(struct state *s, struct change *c, int is_refund, int kind, int64_t holder, int64_t amount,
		  struct err *err)
{
	int64_t *year;

	switch (kind) {
	case 150:
	case 240:
	case 250:
	case 260:
	case 261:
	case 265: /* a refund to a funder, which concerns no voucher, was never committed */
		if (!is_refund)
			c->open = audit_sum(c->open, amount);
		return 0;
	default:
		break;
	}
	if (kind < 800)
		return 0;
	c->budget = 1;
	year = table_take(&s->years, (struct table_key){(uint64_t)c->fund, (uint64_t)holder}, err);
	if (year == NULL)
		return -1;
	if (kind == 810)
		year[AE_POSTED] = audit_less(year[AE_POSTED], amount);
	if (kind == 820)
		year[CP_POSTED] = audit_less(year[CP_POSTED], amount);
	if (kind == 814)
		year[AE_BEYOND] = audit_less(year[AE_BEYOND], amount);
	if (kind == 824)
		year[CP_BEYOND] = audit_less(year[CP_BEYOND], amount);
	if (kind == 812)
		year[AE_USED] = audit_sum(year[AE_USED], amount);
	if (kind == 822 || kind == 823)
		year[CP_USED] = audit_sum(year[CP_USED], amount);
	if (kind == 812)
		c->unpaid = audit_sum(c->unpaid, amount);
	if (kind == 822)
		c->unpaid = audit_less(c->unpaid, amount);
	return 0;
}

static void judge(struct audit *a, int64_t seq, const struct change *c)
{
	const struct audit_fund *f = audit_fund_find(a, c->fund);
	char code[AUDIT_FUND_TEXT], open[MONEY_TEXT], unpaid[MONEY_TEXT];

	if ((f == NULL || !f->budgeted) && c->budget)
		audit_fault(a, seq, "Entry %" PRId64 " moves a budget of fund %s, which carries none.", seq,
			    audit_fund_code(a, c->fund, code));
	else if (f != NULL && f->budgeted && c->open != c->unpaid)
		audit_fault(a, seq,
			    "Entry %" PRId64
			    " changes what is open in fund %s by %s, but its commitments not yet paid "
			    "(812 - 822) by %s.",
			    seq, audit_fund_code(a, c->fund, code), audit_money(a, c->open, open),
			    audit_money(a, c->unpaid, unpaid));
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;
	int is_refund = row->e.voucher == 0 && !row->headless;

	s->changes = 0;
	for (size_t i = 0; i < row->e.count; i++) {
		const struct transfer *t = &row->e.transfer[i];
		struct change *c = change_of(s, t->fund);

		if (credit(s, c, is_refund, t->debit, t->debit_holder, audit_less(0, t->amount), err) != 0 ||
		    credit(s, c, is_refund, t->credit, t->credit_holder, t->amount, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < s->changes; i++)
		judge(a, row->e.seq, &s->change[i]);
	return 0;
}

static int add_vote(struct state *s, struct table_key key, int64_t ae, int64_t cp, struct err *err)
{
	int64_t *year = table_take(&s->years, key, err);

	if (year == NULL)
		return -1;
	year[AE_VOTED] = audit_sum(year[AE_VOTED], ae);
	year[CP_VOTED] = audit_sum(year[CP_VOTED], cp);
	return 0;
}

static int read_votes(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q =
		db_query(a->db,
			 "SELECT b.fund, b.year, coalesce(m.ae, b.ae), coalesce(m.cp, b.cp) FROM budget b "
			 "LEFT JOIN budget_amendment m ON m.fund = b.fund AND m.year = b.year AND NOT EXISTS "
			 "(SELECT 1 FROM budget_amendment l WHERE l.fund = m.fund AND l.year = m.year "
			 "AND l.number > m.number) ORDER BY b.fund, b.year",
			 NO_VALS, err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		struct table_key key = {(uint64_t)col_int(q, 0), (uint64_t)col_int(q, 1)};

		if (add_vote(s, key, col_int(q, 2), col_int(q, 3), err) != 0) {
			db_done(q);
			return -1;
		}
	}
	return rc;
}

/* The end of a year takes what is left out of its vote; what is carried adds to the next one's. */
static int read_year_ends(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *q = db_query(
		a->db, "SELECT fund, year, ae_left, cp_left, carried FROM year_end ORDER BY fund, year",
		NO_VALS, err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		struct table_key key = {(uint64_t)col_int(q, 0), (uint64_t)col_int(q, 1)};
		struct table_key next = {key.a, key.b + 1};
		int64_t ae = col_int(q, 2), cp = col_int(q, 3);

		if (add_vote(s, key, audit_less(0, ae), audit_less(0, cp), err) != 0 ||
		    (col_int(q, 4) != 0 && add_vote(s, next, ae, cp, err) != 0)) {
			db_done(q);
			return -1;
		}
	}
	return rc;
}

/* One side of a year: the words of it. */
struct side {
	const char *name;
	int voted, posted, used, beyond;
};

static void compare(struct audit *a, struct table_key key, const int64_t *year, const struct side *s)
{
	const struct audit_fund *f = audit_fund_find(a, (int64_t)key.a);
	int64_t voted = year[s->voted], posted = year[s->posted], used = year[s->used];
	int64_t beyond = year[s->beyond], most = audit_sum(posted, beyond);
	const char *what = s->name;
	char code[AUDIT_FUND_TEXT], left[MONEY_TEXT], right[MONEY_TEXT], over[MONEY_TEXT];

	audit_fund_code(a, (int64_t)key.a, code);
	if (voted != posted)
		audit_fault(a, 0, "%s of fund %s for %" PRId64 ": %s was voted, the journal has %s.", what,
			    code, (int64_t)key.b, audit_money(a, voted, left), audit_money(a, posted, right));
	if (beyond != 0 && (f == NULL || f->stops))
		audit_fault(a, 0, "%s of fund %s for %" PRId64 ": %s is used beyond a vote that stops.", what,
			    code, (int64_t)key.b, audit_money(a, beyond, left));
	if (used > most)
		audit_fault(a, 0, "%s of fund %s for %" PRId64 ": %s is used of %s, %s too much.", what, code,
			    (int64_t)key.b, audit_money(a, used, left), audit_money(a, most, right),
			    audit_money(a, audit_apart(used, most), over));
}

static int end(struct audit *a, void *state, struct err *err)
{
	static const struct side ae = {"Commitment authority (AE)", AE_VOTED, AE_POSTED, AE_USED, AE_BEYOND};
	static const struct side cp = {"Payment credit (CP)", CP_VOTED, CP_POSTED, CP_USED, CP_BEYOND};
	struct state *s = state;
	struct table_key key;
	const int64_t *year;

	if (read_votes(a, s, err) != 0 || read_year_ends(a, s, err) != 0)
		return -1;
	table_sort(&s->years);
	for (size_t i = 0; (year = table_at(&s->years, i, &key)) != NULL; i++) {
		audit_looked(a, 1);
		compare(a, key, year, &ae);
		compare(a, key, year, &cp);
	}
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	table_free(&s->years);
	free(s);
}

const struct audit_check check_budget = {
	.name = "budget",
	.what = "812 - 822 is what is open in every budgeted fund; no year is over its vote",
	.unit = "budget years",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
