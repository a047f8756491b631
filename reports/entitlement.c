#include "reports/entitlement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/calendar.h"
#include "ledger/base/check.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/programme.h"
#include "reports/entitlement_amount.h"
#include "reports/entitlement_cash.h"

#define RIGHTS_MAX 64 /* programmes with a yearly right in one year */

static const char *const finding_names[] = {
	[FINDING_NONE] = "",
	[FINDING_MISSING] = "missing",
	[FINDING_ABSENCE] = "absence_not_counted",
	[FINDING_LOW_QUALIFIED] = "low_qualified_rate_missing",
	[FINDING_NETTED] = "netted_against_law",
	[FINDING_CAP] = "cap",
	[FINDING_HOURS] = "wrong_hours",
	[FINDING_LATE] = "late_posting",
	[FINDING_CASH] = "cash_not_received",
};

const char *finding_name(enum finding finding)
{
	return finding_names[finding];
}

/* One right in one year, and the streams it is read from, each in the order of learners. */
struct right {
	const struct rule *rule;
	struct fund fund;
	int64_t law; /* fund of the right by law that an agreement comes on top of; 0 none, or it is that
			right */
	int period;
	day_t due;
	struct cash cash;
	struct stmt *payroll, *absences, *posted, *law_posted;
	int payroll_left, absence_left, posted_left,
		law_left; /* 1: the stream stands on a row that is not read yet */
};

/* What payroll and the ledger say of one member. */
struct member {
	int64_t learner;
	char code[CODE_MAX + 1];
	int low_qualified, closed;
	struct employer {
		char siret[15];
		int unit;
		int64_t paid, full; /* hundredths, of the year */
	} employer[EMPLOYERS_MAX];
	size_t employers;
	int64_t absence_days;
	int64_t posted, lost, balance_after, law;
	int64_t seq;
	day_t posted_on;
	char hash[SHA256_HEX];
};

/* --- payroll ---------------------------------------------------------------- */

static int is_named(const struct rule *rule, const char *siret)
{
	for (size_t i = 0; i < rule->accrual_employers; i++)
		if (memcmp(rule->accrual_employer[i], siret, 9) == 0)
			return 1;
	return rule->accrual_employers == 0;
}

/* Units of payroll (migrations/0006_rights.sql): 1 hours, 2 days, 3 none, where a rate says it. */
static void read_employer(const struct rule *rule, struct stmt *q, struct member *m)
{
	struct employer *e = &m->employer[m->employers];
	int64_t basis = rule->days_basis * 100;

	if (m->employers == EMPLOYERS_MAX || !is_named(rule, col_text(q, 1)))
		return;
	m->employers++;
	col_copy(q, 1, e->siret, sizeof e->siret);
	e->unit = (int)col_int(q, 2);
	e->paid = e->unit == 3 ? col_int(q, 5) : col_int(q, 3);
	e->full = e->unit == 3 ? 100 : col_int(q, 4) * 12;
	if (e->unit == 2 && basis > 0 && basis < e->full)
		e->full = basis;
}

static void begin_member(struct stmt *q, struct member *m)
{
	memset(m, 0, sizeof *m);
	m->learner = col_int(q, 0);
	col_copy(q, 6, m->code, sizeof m->code);
	m->low_qualified = (int)col_int(q, 7);
	m->closed = !col_null(q, 8);
	m->posted_on = DAY_NONE;
}

/* All rows of the next learner; 1, 0 at the end, -1. */
static int next_member(struct right *r, struct member *m, struct err *err)
{
	int rc;

	if (!r->payroll_left)
		return 0;
	begin_member(r->payroll, m);
	do {
		read_employer(r->rule, r->payroll, m);
		rc = db_step(r->payroll, err);
	} while (rc == 1 && col_int(r->payroll, 0) == m->learner);
	r->payroll_left = rc == 1;
	return rc < 0 ? -1 : 1;
}

static int counts(const struct rule *rule, const char *code)
{
	for (size_t i = 0; i < rule->absences; i++)
		if (strcmp(rule->absence[i], code) == 0)
			return 1;
	return 0;
}

/* Advance to the first row with a learner number of at least that; 1 when it is that learner's. */
static int reach(struct stmt *q, int *left, int64_t learner, struct err *err)
{
	int rc = 1;

	while (*left && col_int(q, 0) < learner) {
		rc = db_step(q, err);
		*left = rc == 1;
	}
	return rc < 0 ? -1 : *left && col_int(q, 0) == learner;
}

/* Each employer's days that count, once each; they come by employer and first day. */
static int add_absences(struct right *r, struct member *m, struct err *err)
{
	day_t first = day_from_civil(r->period, 1, 1), last = day_from_civil(r->period, 12, 31), free = first;
	char siret[15] = "";
	int rc;

	while ((rc = reach(r->absences, &r->absence_left, m->learner, err)) == 1) {
		day_t from = col_day(r->absences, 2), to = col_day(r->absences, 3);

		if (strcmp(siret, col_text(r->absences, 1)) != 0) {
			col_copy(r->absences, 1, siret, sizeof siret);
			free = first;
		}
		from = from < free ? free : from;
		to = to > last ? last : to;
		if (to >= from && counts(r->rule, col_text(r->absences, 4)) && is_named(r->rule, siret)) {
			m->absence_days += to - from + 1;
			free = to + 1;
		}
		rc = db_step(r->absences, err);
		r->absence_left = rc == 1;
		if (rc < 0)
			return -1;
	}
	return rc;
}

/* --- what was posted ---------------------------------------------------------- */

static int add_posted(struct right *r, struct member *m, struct err *err)
{
	size_t n = 0;
	const void *hash;
	int rc = reach(r->posted, &r->posted_left, m->learner, err);

	if (rc == 1) {
		m->lost = col_int(r->posted, 1);
		m->seq = col_int(r->posted, 2);
		m->posted_on = col_day(r->posted, 3);
		m->posted = col_int(r->posted, 4);
		m->balance_after = col_int(r->posted, 5);
		hash = col_blob(r->posted, 6, &n);
		if (n == SHA256_BYTES)
			sha256_hex(hash, m->hash);
	}
	if (rc >= 0 && r->law != 0 && (rc = reach(r->law_posted, &r->law_left, m->learner, err)) == 1)
		m->law = col_int(r->law_posted, 1);
	return rc < 0 ? -1 : 0;
}

/* --- the comparison ----------------------------------------------------------- */

static int64_t expect(const struct right *r, const struct member *m, int low_qualified, int with_absences)
{
	const struct rule *rule = r->rule;
	struct year_part part[PARTS_MAX];
	size_t n = 0;

	for (; n < m->employers; n++)
		part[n] = (struct year_part){m->employer[n].paid < m->employer[n].full ? m->employer[n].paid
										       : m->employer[n].full,
					     m->employer[n].full};
	if (with_absences)
		part[n++] = (struct year_part){m->absence_days, day_from_civil(r->period + 1, 1, 1) -
									day_from_civil(r->period, 1, 1)};
	return amount_of(low_qualified ? rule->accrual_annual_low : rule->accrual_annual,
			 rule->accrual_threshold_pct, part, n);
}

static int met_cap(const struct right *r, const struct member *m, int64_t expected)
{
	int64_t cap = m->low_qualified ? r->rule->accrual_cap_low : r->rule->accrual_cap;

	return m->posted < expected && (m->seq != 0 ? m->balance_after >= cap : m->lost == expected);
}

static enum finding explain(const struct right *r, const struct member *m, int64_t expected, day_t today)
{
	int is_due = r->due == DAY_NONE || today > r->due;

	if (met_cap(r, m, expected))
		return FINDING_CAP;
	if (m->posted == 0)
		return is_due && !m->closed ? FINDING_MISSING : FINDING_NONE;
	if (m->absence_days > 0 && m->posted == expect(r, m, m->low_qualified, 0))
		return FINDING_ABSENCE;
	if (m->low_qualified && m->posted == expect(r, m, 0, 1))
		return FINDING_LOW_QUALIFIED;
	if (m->law > 0 && m->posted == expected - m->law)
		return FINDING_NETTED;
	return FINDING_HOURS;
}

/* Whose payroll counts most, and what it says. */
static void take_employer(const struct member *m, struct entitlement *e)
{
	const struct employer *main = &m->employer[0];

	for (size_t i = 1; i < m->employers; i++)
		if (m->employer[i].paid * main->full > main->paid * m->employer[i].full)
			main = &m->employer[i];
	memcpy(e->siret, main->siret, sizeof e->siret);
	for (size_t i = 0; i < m->employers; i++) {
		if (m->employer[i].unit != main->unit)
			continue;
		e->basis += m->employer[i].paid;
		e->reference += m->employer[i].full;
	}
}

static void compare(const struct right *r, const struct member *m, day_t today, struct entitlement *e)
{
	const struct call *call;

	*e = (struct entitlement){.agreement = r->rule->programme,
				  .clause = r->rule->accrual_clause,
				  .version = r->rule->version,
				  .member = m->code,
				  .period = r->period,
				  .absence_days = m->absence_days,
				  .expected = expect(r, m, m->low_qualified, 1),
				  .posted = m->posted,
				  .posted_on = m->posted_on,
				  .due_on = r->due,
				  .call = "",
				  .received_on = DAY_NONE,
				  .seq = m->seq};
	memcpy(e->hash, m->hash, sizeof e->hash);
	take_employer(m, e);
	call = cash_find(&r->cash, e->siret);
	if (call != NULL) {
		e->call = call->reference;
		e->received_on = call->received_on;
	}
	if (e->posted != e->expected)
		e->finding = explain(r, m, e->expected, today);
	if (e->due_on != DAY_NONE && (e->seq != 0 || e->finding == FINDING_MISSING)) {
		day_t on = e->seq != 0 ? e->posted_on : today;

		e->days_late = on > e->due_on ? (int)(on - e->due_on) : 0;
	}
	if (e->finding != FINDING_NONE || e->posted != e->expected)
		return;
	if (e->days_late > 0)
		e->finding = FINDING_LATE;
	else if (call != NULL && call->received_on == DAY_NONE && e->due_on != DAY_NONE && today > e->due_on)
		e->finding = FINDING_CASH;
}

/* --- the streams --------------------------------------------------------------- */

/* A stream's first row. */
static int begin(struct stmt *q, int *left, struct err *err)
{
	int rc = db_step(q, err);

	*left = rc == 1;
	return rc < 0 ? -1 : 0;
}

static int open_streams(struct report_run *run, struct right *r, struct err *err)
{
	r->payroll = db_query(
		run->db,
		"SELECT p.learner, p.siret, p.unit, p.paid, p.reference, p.rate, l.code, l.low_qualified, l.closed_on "
		"FROM payroll p JOIN learner l ON l.id = p.learner WHERE p.period = $1 AND l.programme = $2 "
		"AND ($3 = 0 OR EXISTS (SELECT 1 FROM union_mandate m WHERE m.union_org = $3 "
		"AND m.learner = p.learner AND m.given_on <= $4 AND (m.ended_on IS NULL OR m.ended_on > $4))) "
		"ORDER BY p.learner, p.siret",
		VALS(v_int(r->period), v_text(r->rule->account), v_int(run->union_org), v_int(run->today)),
		err);
	r->absences =
		db_query(run->db,
			 "SELECT learner, siret, first_day, last_day, code FROM absence WHERE period = $1 "
			 "ORDER BY learner, siret, first_day",
			 VALS(v_int(r->period)), err);
	r->posted = db_query(
		run->db,
		"SELECT a.learner, a.lost, a.seq, e.value_date, t.amount, t.lot_balance, e.hash "
		"FROM accrual a LEFT JOIN entry e ON e.seq = a.seq LEFT JOIN transfer t ON t.id = a.seq * $3 "
		"WHERE a.fund = $1 AND a.period = $2 ORDER BY a.learner",
		VALS(v_int(r->fund.id), v_int(r->period), v_int(TRANSFER_ID_STEP)), err);
	if (begin(r->payroll, &r->payroll_left, err) != 0 || begin(r->absences, &r->absence_left, err) != 0 ||
	    begin(r->posted, &r->posted_left, err) != 0)
		return -1;
	if (r->law == 0)
		return 0;
	r->law_posted =
		db_query(run->db,
			 "SELECT a.learner, t.amount FROM accrual a JOIN transfer t ON t.id = a.seq * $3 "
			 "WHERE a.fund = $1 AND a.period = $2 ORDER BY a.learner",
			 VALS(v_int(r->law), v_int(r->period), v_int(TRANSFER_ID_STEP)), err);
	return begin(r->law_posted, &r->law_left, err);
}

static int walk_right(struct report_run *run, struct right *r,
		      int (*visit)(void *ctx, const struct entitlement *, struct err *), void *ctx,
		      struct err *err)
{
	struct entitlement e;
	struct member m;
	int rc;

	if (cash_read(run->db, r->fund.id, r->period + 1, &r->cash, err) != 0 ||
	    open_streams(run, r, err) != 0)
		return -1;
	while ((rc = next_member(r, &m, err)) == 1) {
		if (m.employers == 0)
			continue;
		if (add_absences(r, &m, err) != 0 || add_posted(r, &m, err) != 0)
			return -1;
		compare(r, &m, run->today, &e);
		if (visit(ctx, &e, err) != 0)
			return -1;
	}
	return rc;
}

static void close_right(struct right *r)
{
	db_done(r->payroll);
	db_done(r->absences);
	db_done(r->posted);
	db_done(r->law_posted);
	cash_free(&r->cash);
}

/* --- the rights of a year ---------------------------------------------------- */

/* The first version of each programme that is in force in a year. */
static int list_versions(struct db *db, int year, int64_t *out, size_t *n, struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT r.id FROM rule r WHERE r.valid_from = (SELECT min(f.valid_from) FROM rule f "
			 "WHERE f.programme = r.programme AND f.valid_from <= $2 AND f.valid_to >= $1) "
			 "ORDER BY r.programme",
			 VALS(v_int(day_from_civil(year, 1, 1)), v_int(day_from_civil(year, 12, 31))), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		if (*n == RIGHTS_MAX) {
			db_done(q);
			return err_set(err, ERR_LIMIT, NULL, "More than %d programmes are in force in %d.",
				       RIGHTS_MAX, year);
		}
		out[(*n)++] = col_int(q, 0);
	}
	return rc;
}

static int find_law(struct db *db, const struct rule *rule, int period, int64_t *fund, struct err *err)
{
	const struct rule *law;
	struct fund f;
	int rc;

	*fund = 0;
	if (strcmp(rule->account, rule->programme) == 0)
		return 0;
	rc = rule_last(db, rule->account, day_from_civil(period + 1, 12, 31), &law, err);
	if (rc == 1 && law->accrual_fund[0] != '\0')
		rc = fund_find(db, law->accrual_fund, &f, err);
	else
		rc = rc < 0 ? -1 : 0;
	if (rc == 1)
		*fund = f.id;
	return rc < 0 ? -1 : 0;
}

static int walk_version(struct report_run *run, int64_t id, int period,
			int (*visit)(void *ctx, const struct entitlement *, struct err *), void *ctx,
			struct err *err)
{
	struct right r = {.period = period, .due = DAY_NONE};
	int rc;

	if (rule_get(run->db, id, &r.rule, err) != 0)
		return -1;
	if (r.rule->accrual_fund[0] == '\0')
		return 0;
	if (fund_of_rule(run->db, r.rule->accrual_fund, &r.fund, err) != 0)
		return -1;
	if (run->fund != 0 && run->fund != r.fund.id)
		return 0;
	if (r.rule->accrual_due != 0)
		r.due = day_from_civil(period + 1, r.rule->accrual_due / 100, r.rule->accrual_due % 100);
	if (find_law(run->db, r.rule, period, &r.law, err) != 0)
		return -1;
	rc = walk_right(run, &r, visit, ctx, err);
	close_right(&r);
	return rc;
}

int entitlement_walk(struct report_run *run,
		     int (*visit)(void *ctx, const struct entitlement *, struct err *), void *ctx,
		     struct err *err)
{
	int64_t version[RIGHTS_MAX];
	size_t n;

	if (report_needs_head(run, err) != 0)
		return -1;
	for (int year = day_year(run->from); year <= day_year(run->to); year++) {
		if (list_versions(run->db, year + 1, version, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (walk_version(run, version[i], year, visit, ctx, err) != 0)
				return -1;
	}
	return 0;
}
