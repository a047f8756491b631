#include "reports/entitlement/entitlement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/calendar.h"
#include "reports/entitlement/cap.h"
#include "reports/entitlement/member.h"

#define RIGHTS_MAX 64 /* programmes with a yearly right in one year */

static const char *const finding_names[] = {
	[FINDING_NONE] = "",
	[FINDING_TWICE] = "posted_twice",
	[FINDING_ANOTHERS] = "another_members_entry",
	[FINDING_NO_PAYROLL] = "no_payroll",
	[FINDING_CAP] = "cap",
	[FINDING_WITHHELD] = "withheld",
	[FINDING_MISSING] = "missing",
	[FINDING_ABSENCE] = "absence_not_counted",
	[FINDING_LOW_QUALIFIED] = "low_qualified_rate_missing",
	[FINDING_NETTED] = "netted_against_law",
	[FINDING_HOURS] = "wrong_hours",
	[FINDING_LATE] = "late_posting",
	[FINDING_CASH] = "cash_not_received",
};

const char *finding_name(enum finding finding)
{
	return finding_names[finding];
}

/* --- the comparison ----------------------------------------------------------- */

/* 1: the cap took what is lacking; 0; -1. */
static int met_cap(struct db *db, const struct right *r, const struct member *m, int64_t expected,
		   struct err *err)
{
	struct cap cap = {
		.fund = r->fund.id,
		.learner = m->learner,
		.amount = m->raised ? r->rule->accrual_cap_low : r->rule->accrual_cap,
		.expected = expected,
		.from = day_from_civil(r->period + !r->rule->accrual_in_advance, 1, 1),
	};

	return m->posted.amount < expected ? cap_explains(db, &cap, &m->posted, err) : 0;
}

/* Why another amount was posted, by what payroll and the rule say. */
static enum finding explain_amount(const struct right *r, const struct member *m, int64_t expected)
{
	int64_t posted = m->posted.amount;
	int is_due = r->due == DAY_NONE || r->today > r->due;

	if (m->lost > 0 && posted == m->credited && posted + m->lost == expected)
		return FINDING_WITHHELD;
	if (posted == 0)
		return is_due && !m->closed ? FINDING_MISSING : FINDING_NONE;
	if (m->absence_days > 0 && posted == right_expects(r, m, m->raised, 0))
		return FINDING_ABSENCE;
	if (m->raised && posted == right_expects(r, m, 0, 1))
		return FINDING_LOW_QUALIFIED;
	if (m->posted.other > 0 && posted == expected - m->posted.other)
		return FINDING_NETTED;
	return FINDING_HOURS;
}

static int explain(struct db *db, const struct right *r, const struct member *m, int64_t expected,
		   enum finding *out, struct err *err)
{
	int capped;

	*out = FINDING_NONE;
	if (m->posted.entries > 1)
		*out = FINDING_TWICE;
	else if (m->row_owner != 0 && m->row_owner != m->learner)
		*out = FINDING_ANOTHERS;
	else if (m->employers == 0)
		*out = FINDING_NO_PAYROLL;
	if (*out != FINDING_NONE || m->posted.amount == expected)
		return 0;
	capped = met_cap(db, r, m, expected, err);
	*out = capped == 1 ? FINDING_CAP : explain_amount(r, m, expected);
	return capped < 0 ? -1 : 0;
}

/* Whose payroll counts most; NULL: nobody's. */
static const struct employer *main_employer(const struct member *m)
{
	const struct employer *main = &m->employer[0];

	for (size_t i = 1; i < m->employers; i++)
		if (m->employer[i].paid * main->full > main->paid * m->employer[i].full)
			main = &m->employer[i];
	return m->employers > 0 ? main : NULL;
}

/* What that employer, and those who count in the same unit, say; a rate is told of 100. */
static void take_employer(const struct member *m, struct entitlement *e)
{
	const struct employer *main = main_employer(m);

	if (main == NULL)
		return;
	memcpy(e->siret, main->siret, sizeof e->siret);
	for (size_t i = 0; i < m->employers; i++) {
		if (m->employer[i].unit != main->unit)
			continue;
		e->basis += m->employer[i].paid * (main->unit == 3 ? 100 : 1);
		e->reference += m->employer[i].full * (main->unit == 3 ? 100 : 1);
	}
}

/* When it was posted, and whether the employer has paid for it. */
static void judge_time(const struct right *r, const struct call *call, struct entitlement *e)
{
	if (e->due_on != DAY_NONE && (e->seq != 0 || e->finding == FINDING_MISSING)) {
		day_t on = e->seq != 0 ? e->posted_on : r->today;

		e->days_late = on > e->due_on ? (int)(on - e->due_on) : 0;
	}
	if (e->finding != FINDING_NONE || e->posted != e->expected)
		return;
	if (e->days_late > 0)
		e->finding = FINDING_LATE;
	else if (call != NULL && e->received_on == DAY_NONE && e->due_on != DAY_NONE && r->today > e->due_on)
		e->finding = FINDING_CASH;
}

static int compare(struct db *db, const struct right *r, const struct member *m, struct entitlement *e,
		   struct err *err)
{
	const struct call *call;

	*e = (struct entitlement){.agreement = r->rule->programme,
				  .clause = r->rule->accrual_clause,
				  .version = r->rule->version,
				  .member = m->code,
				  .period = r->period,
				  .absence_days = m->absence_days,
				  .expected = right_expects(r, m, m->raised, 1),
				  .posted = m->posted.amount,
				  .posted_on = m->posted.on,
				  .due_on = r->due,
				  .call = "",
				  .received_on = DAY_NONE,
				  .seq = m->posted.seq};
	memcpy(e->hash, m->posted.hash, sizeof e->hash);
	take_employer(m, e);
	call = cash_find(&r->cash, e->siret);
	if (call != NULL) {
		e->call = call->reference;
		e->received_on = cash_received_on(&r->cash, call);
	}
	if (explain(db, r, m, e->expected, &e->finding, err) != 0)
		return -1;
	judge_time(r, call, e);
	return 0;
}

/* --- the members of a right ------------------------------------------------------ */

/* Whom the report is about: those whose payroll is known or for whom the ledger has posted; a union's members
 * also when no employer has reported them at all. */
static int is_concerned(const struct right *r, const struct member *m)
{
	if (m->employers > 0 || m->posted.entries > 0 || m->row_owner != 0)
		return 1;
	return r->union_org != 0 && !m->reported && !m->closed;
}

/* What each employer's members are due, for those who pay without being called. */
static int add_dues(struct report_run *run, struct right *r, struct err *err)
{
	int64_t union_org = r->union_org;
	struct member m;
	int rc;

	r->union_org = 0;
	if (right_begin_reported(r, run->db, err) != 0)
		return -1;
	while ((rc = right_member(r, &m, err)) == 1) {
		const struct employer *main = main_employer(&m);

		if (main != NULL &&
		    cash_add_due(&r->cash, main->siret, right_expects(r, &m, m.raised, 1), err) != 0)
			return -1;
	}
	right_end(r);
	r->union_org = union_org;
	return rc;
}

static int walk_right(struct report_run *run, struct right *r,
		      int (*visit)(void *ctx, const struct entitlement *, struct err *), void *ctx,
		      struct err *err)
{
	struct entitlement e;
	struct member m;
	int rc;

	if (cash_read(run->db, r->fund.id, r->period + 1, &r->cash, err) != 0 ||
	    (cash_uncalled(&r->cash) && add_dues(run, r, err) != 0) || right_begin(r, run->db, err) != 0)
		return -1;
	while ((rc = right_member(r, &m, err)) == 1) {
		if (!is_concerned(r, &m))
			continue;
		if (compare(run->db, r, &m, &e, err) != 0 || visit(ctx, &e, err) != 0)
			return -1;
	}
	return rc;
}

/* --- the rights of a year ---------------------------------------------------- */

struct programmes {
	char code[RIGHTS_MAX][CODE_MAX + 1];
	size_t n;
};

/* Those that could grant that year. */
static int list_programmes(struct db *db, int period, struct programmes *out, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT DISTINCT programme FROM rule WHERE valid_from <= $2 AND valid_to >= $1 "
		"ORDER BY programme",
		VALS(v_int(day_from_civil(period, 1, 1)), v_int(day_from_civil(period + 1, 12, 31))), err);
	int rc;

	out->n = 0;
	while ((rc = db_step(q, err)) == 1) {
		if (out->n == RIGHTS_MAX) {
			db_done(q);
			return err_set(err, ERR_LIMIT, NULL, "More than %d programmes are in force in %d.",
				       RIGHTS_MAX, period);
		}
		col_copy(q, 0, out->code[out->n++], CODE_MAX + 1);
	}
	return rc;
}

/* The first version of a programme that is in force in a year: 1, 0 none, -1. */
static int first_version(struct db *db, const char *programme, int year, const struct rule **rule,
			 struct err *err)
{
	int64_t id;
	int rc = db_int(db,
			"SELECT id FROM rule WHERE programme = $1 AND valid_from <= $3 AND valid_to >= $2 "
			"ORDER BY valid_from LIMIT 1",
			VALS(v_text(programme), v_int(day_from_civil(year, 1, 1)),
			     v_int(day_from_civil(year, 12, 31))),
			&id, err);

	return rc == 1 && rule_get(db, id, rule, err) != 0 ? -1 : rc;
}

/* The version by which the year was posted, where none is in force in the year after it: 1, 0 none, -1. */
static int posted_version(struct db *db, int64_t fund, int period, const struct rule **rule, struct err *err)
{
	char subject[SUBJECT_PATTERN];
	int64_t id;
	int rc;

	snprintf(subject, sizeof subject, "%" PRId64 "/%d/%%", fund, period);
	rc = db_int(db,
		    "SELECT rule FROM entry WHERE kind = 'accrue' AND subject LIKE $1 ORDER BY seq LIMIT 1",
		    VALS(v_text(subject)), &id, err);
	return rc == 1 && rule_get(db, id, rule, err) != 0 ? -1 : rc;
}

/* The version that grants a programme's right of the year: 1, 0 none does, -1. */
static int find_version(struct db *db, const char *programme, int period, struct right *r, struct err *err)
{
	const struct rule *running = NULL;
	int rc = first_version(db, programme, period, &running, err);

	if (rc == 1 && running->accrual_in_advance)
		r->rule = running;
	else if (rc >= 0)
		rc = first_version(db, programme, period + 1, &r->rule, err);
	if (rc < 0)
		return -1;
	if (r->rule == NULL)
		r->rule = running;
	if (r->rule == NULL || r->rule->accrual_fund[0] == '\0')
		return 0;
	if (fund_of_rule(db, r->rule->accrual_fund, &r->fund, err) != 0)
		return -1;
	return r->rule == running && !running->accrual_in_advance
		       ? posted_version(db, r->fund.id, period, &r->rule, err)
		       : 1;
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

static int walk_programme(struct report_run *run, const char *programme, int period,
			  int (*visit)(void *ctx, const struct entitlement *, struct err *), void *ctx,
			  struct err *err)
{
	struct right r = {
		.period = period, .due = DAY_NONE, .today = run->today, .union_org = run->union_org};
	int rc = find_version(run->db, programme, period, &r, err);

	if (rc != 1 || (run->fund != 0 && run->fund != r.fund.id))
		return rc < 0 ? -1 : 0;
	if (r.rule->accrual_due != 0)
		r.due = day_from_civil(period + 1, r.rule->accrual_due / 100, r.rule->accrual_due % 100);
	if (find_law(run->db, r.rule, period, &r.law, err) != 0)
		return -1;
	rc = walk_right(run, &r, visit, ctx, err);
	right_end(&r);
	cash_free(&r.cash);
	return rc;
}

int entitlement_walk(struct report_run *run,
		     int (*visit)(void *ctx, const struct entitlement *, struct err *), void *ctx,
		     struct err *err)
{
	struct programmes programmes;

	for (int year = day_year(run->from); year <= day_year(run->to); year++) {
		if (list_programmes(run->db, year, &programmes, err) != 0)
			return -1;
		for (size_t i = 0; i < programmes.n; i++)
			if (walk_programme(run, programmes.code[i], year, visit, ctx, err) != 0)
				return -1;
	}
	return 0;
}
