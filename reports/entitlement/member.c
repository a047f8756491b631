#include "reports/entitlement/member.h"

#include <string.h>

#include "ledger/base/calendar.h"
#include "reports/entitlement/amount.h"

/* --- the streams --------------------------------------------------------------- */

static struct stmt *query_learners(struct right *r, struct db *db, struct err *err)
{
	return db_query(
		db,
		"SELECT l.id, l.code, l.low_qualified, l.closed_on, l.work_pct, "
		"l.disabled_worker FROM learner l WHERE l.programme = $1 "
		"AND ($2 = 0 OR EXISTS (SELECT 1 FROM union_mandate m WHERE m.union_org = $2 "
		"AND m.learner = l.id AND m.given_on <= $3 AND (m.ended_on IS NULL OR m.ended_on > $3))) "
		"ORDER BY l.id",
		VALS(v_text(r->rule->account), v_int(r->union_org), v_int(r->today)), err);
}

static struct stmt *query_payroll(struct right *r, struct db *db, struct err *err)
{
	return db_query(db,
			"SELECT learner, siret, unit, paid, reference, rate FROM payroll WHERE period = $1 "
			"ORDER BY learner, siret",
			VALS(v_int(r->period)), err);
}

static struct stmt *query_absences(struct right *r, struct db *db, struct err *err)
{
	return db_query(db,
			"SELECT learner, siret, first_day, last_day, code FROM absence WHERE period = $1 "
			"ORDER BY learner, siret, first_day",
			VALS(v_int(r->period)), err);
}

static struct stmt *query_rows(struct right *r, struct db *db, struct err *err)
{
	return db_query(db,
			"SELECT a.learner, a.credited, a.lost, l.learner FROM accrual a "
			"LEFT JOIN entry e ON e.seq = a.seq LEFT JOIN lot l ON l.id = e.lot "
			"WHERE a.fund = $1 AND a.period = $2 ORDER BY a.learner",
			VALS(v_int(r->fund.id), v_int(r->period)), err);
}

int right_begin_reported(struct right *r, struct db *db, struct err *err)
{
	return stream_begin(&r->learners, query_learners(r, db, err), err) != 0 ||
			       stream_begin(&r->payroll, query_payroll(r, db, err), err) != 0 ||
			       stream_begin(&r->absences, query_absences(r, db, err), err) != 0
		       ? -1
		       : 0;
}

int right_begin(struct right *r, struct db *db, struct err *err)
{
	return right_begin_reported(r, db, err) != 0 ||
			       stream_begin(&r->rows, query_rows(r, db, err), err) != 0 ||
			       posted_begin(&r->posted, db, r->fund.id, r->law, r->period, err) != 0
		       ? -1
		       : 0;
}

void right_end(struct right *r)
{
	db_done(r->learners.q);
	db_done(r->payroll.q);
	db_done(r->absences.q);
	db_done(r->rows.q);
	db_done(r->posted.q);
	r->learners.q = r->payroll.q = r->absences.q = r->rows.q = r->posted.q = NULL;
}

/* --- payroll ------------------------------------------------------------------- */

static int is_named(const struct rule *rule, const char *siret)
{
	for (size_t i = 0; i < rule->accrual_employers; i++)
		if (memcmp(rule->accrual_employer[i], siret, 9) == 0)
			return 1;
	return rule->accrual_employers == 0;
}

static void take_employer(const struct rule *rule, struct stmt *q, struct member *m)
{
	struct employer *e = &m->employer[m->employers];
	int64_t basis = rule->days_basis * 100;

	m->reported = 1;
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

static int add_payroll(struct right *r, struct member *m, struct err *err)
{
	int rc;

	while ((rc = stream_reach(&r->payroll, m->learner, err)) == 1) {
		take_employer(r->rule, r->payroll.q, m);
		if (stream_next(&r->payroll, err) != 0)
			return -1;
	}
	return rc;
}

static int counts(const struct rule *rule, const char *code)
{
	for (size_t i = 0; i < rule->absences; i++)
		if (strcmp(rule->absence[i], code) == 0)
			return 1;
	return 0;
}

/* Each employer's days that count, once each; they come by employer and first day. */
static int add_absences(struct right *r, struct member *m, struct err *err)
{
	day_t first = day_from_civil(r->period, 1, 1), last = day_from_civil(r->period, 12, 31), free = first;
	struct stmt *q = r->absences.q;
	char siret[15] = "";
	int rc;

	while ((rc = stream_reach(&r->absences, m->learner, err)) == 1) {
		day_t from = col_day(q, 2), to = col_day(q, 3);

		if (strcmp(siret, col_text(q, 1)) != 0) {
			col_copy(q, 1, siret, sizeof siret);
			free = first;
		}
		from = from < free ? free : from;
		to = to > last ? last : to;
		if (to >= from && counts(r->rule, col_text(q, 4)) && is_named(r->rule, siret)) {
			m->absence_days += to - from + 1;
			free = to + 1;
		}
		if (stream_next(&r->absences, err) != 0)
			return -1;
	}
	return rc;
}

/* --- one member ---------------------------------------------------------------- */

static int add_row(struct right *r, struct member *m, struct err *err)
{
	int rc = stream_reach(&r->rows, m->learner, err);

	if (rc != 1)
		return rc;
	m->credited = col_int(r->rows.q, 1);
	m->lost = col_int(r->rows.q, 2);
	m->row_owner = col_int(r->rows.q, 3);
	return 0;
}

int right_member(struct right *r, struct member *m, struct err *err)
{
	struct stmt *q = r->learners.q;

	if (!r->learners.left)
		return 0;
	memset(m, 0, sizeof *m);
	m->learner = col_int(q, 0);
	col_copy(q, 1, m->code, sizeof m->code);
	m->raised = (r->rule->accrual_raises_low_qualified && col_int(q, 2)) ||
		    (r->rule->accrual_raises_disabled && col_int(q, 5));
	m->closed = !col_null(q, 3);
	m->work_pct = (int)col_int(q, 4);
	if (stream_next(&r->learners, err) != 0 || add_payroll(r, m, err) != 0 ||
	    add_absences(r, m, err) != 0 || add_row(r, m, err) != 0)
		return -1;
	return posted_read(&r->posted, r->fund.id, m->learner, &m->posted, err) == 0 ? 1 : -1;
}

int64_t right_expects(const struct right *r, const struct member *m, int raised, int with_absences)
{
	const struct rule *rule = r->rule;
	struct year_part part[PARTS_MAX];
	size_t n = 0;

	for (; n < m->employers; n++)
		part[n] = (struct year_part){m->employer[n].paid < m->employer[n].full ? m->employer[n].paid
										       : m->employer[n].full,
					     m->employer[n].full};
	if (n == 0 && strcmp(rule->account, rule->programme) != 0)
		return 0;
	if (n == 0)
		part[n++] = (struct year_part){m->work_pct, 100};
	else if (with_absences)
		part[n++] = (struct year_part){m->absence_days, day_from_civil(r->period + 1, 1, 1) -
									day_from_civil(r->period, 1, 1)};
	return amount_of(raised ? rule->accrual_annual_low : rule->accrual_annual,
			 rule->accrual_threshold_pct, part, n);
}
