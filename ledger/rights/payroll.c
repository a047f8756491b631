#include "ledger/rights/payroll.h"

#include <string.h>

#include "ledger/base/money.h"
#include "ledger/oversight/conflict.h"

__extension__ typedef unsigned __int128 wide_t;

/* A part of a full year: whole numbers, so that the cent is exact. */
struct part {
	wide_t part, whole;
};

static wide_t common_divisor(wide_t a, wide_t b)
{
	while (b != 0) {
		wide_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* EMPLOYERS_MAX of them, each over less than 2^20 hundredths, and 366 days, times ACCRUAL_MAX stay below
 * 2^128. */
static void add(struct part *sum, wide_t part, wide_t whole)
{
	wide_t divisor;

	sum->part = sum->part * whole + part * sum->whole;
	sum->whole *= whole;
	divisor = common_divisor(sum->part, sum->whole);
	sum->part /= divisor;
	sum->whole /= divisor;
}

static int counts(const struct rule *rule, const char *code)
{
	for (size_t i = 0; i < rule->absences; i++)
		if (strcmp(rule->absence[i], code) == 0)
			return 1;
	return 0;
}

/* What is asked about a learner's year, and about one employer in it. */
static const char absences_sql[] = "SELECT siret, first_day, last_day, code FROM absence "
				   "WHERE period = $1 AND learner = $2 ORDER BY siret, first_day";
static const char employers_sql[] = "SELECT siret, unit, paid, reference, rate FROM payroll "
				    "WHERE period = $1 AND learner = $2 ORDER BY siret";
static const char known_sql[] = "SELECT unit, paid, reference, rate FROM payroll "
				"WHERE period = $1 AND learner = $2 AND siret = $3";
static const char absence_sql[] = "SELECT last_day, code FROM absence "
				  "WHERE period = $1 AND learner = $2 AND siret = $3 AND first_day = $4";
static const char count_sql[] = "SELECT count(*) FROM payroll WHERE period = $1 AND learner = $2";

/* Days of the employer's absences that count, each day once. */
static int absent_days(struct db *db, const struct rule *rule, int period, int64_t learner, const char *siret,
		       int64_t *days, struct err *err)
{
	day_t first = day_from_civil(period, 1, 1), last = day_from_civil(period, 12, 31), next = first;
	struct stmt *q = db_query(db, absences_sql, VALS(v_int(period), v_int(learner)), err);
	int rc;

	*days = 0;
	while ((rc = db_step(q, err)) == 1) {
		day_t from = col_day(q, 1) > next ? col_day(q, 1) : next;
		day_t to = col_day(q, 2) < last ? col_day(q, 2) : last;

		if (strcmp(col_text(q, 0), siret) != 0 || !counts(rule, col_text(q, 3)) || to < from)
			continue;
		*days += to - from + 1;
		next = to + 1;
	}
	return rc;
}

struct employer {
	char siret[15];
	int unit, rate;
	int64_t paid, reference;
};

/* Its payroll counts for that right; a SIREN is what a SIRET begins with. */
static int is_party(const struct rule *rule, const char *siret)
{
	for (size_t i = 0; i < rule->accrual_employers; i++)
		if (strncmp(rule->accrual_employer[i], siret, 9) == 0)
			return 1;
	return rule->accrual_employers == 0;
}

static int read_employers(struct db *db, const struct rule *rule, int period, int64_t learner,
			  struct employer *out, size_t *n, struct err *err)
{
	struct stmt *q = db_query(db, employers_sql, VALS(v_int(period), v_int(learner)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1 && *n < EMPLOYERS_MAX) {
		struct employer *e = &out[*n];

		if (!is_party(rule, col_text(q, 0)))
			continue;
		(*n)++;
		col_copy(q, 0, e->siret, sizeof e->siret);
		e->unit = (int)col_int(q, 1);
		e->paid = col_int(q, 2);
		e->reference = col_int(q, 3);
		e->rate = (int)col_int(q, 4);
	}
	db_done(q);
	return rc < 0 ? -1 : 0;
}

static void add_time(const struct rule *rule, const struct employer *e, struct part *sum)
{
	int64_t full = e->reference * 12;

	if (e->unit == PAYROLL_NO_TIME) {
		add(sum, (wide_t)e->rate, 100);
		return;
	}
	if (e->unit == PAYROLL_DAYS && rule->days_basis > 0 && full > rule->days_basis * 100)
		full = rule->days_basis * 100;
	add(sum, (wide_t)(e->paid < full ? e->paid : full), (wide_t)full);
}

int payroll_expected(struct db *db, const struct rule *rule, int period, int64_t learner, int raised,
		     int64_t *out, struct err *err)
{
	int64_t annual = raised ? rule->accrual_annual_low : rule->accrual_annual;
	wide_t year = (wide_t)(day_from_civil(period + 1, 1, 1) - day_from_civil(period, 1, 1));
	struct employer employer[EMPLOYERS_MAX];
	struct part sum = {0, 1};
	wide_t absent = 0;
	size_t n;

	if (read_employers(db, rule, period, learner, employer, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int64_t days;

		if (absent_days(db, rule, period, learner, employer[i].siret, &days, err) != 0)
			return -1;
		add_time(rule, &employer[i], &sum);
		absent += (uint64_t)days;
	}
	add(&sum, absent, year);
	*out = annual;
	if (sum.part * 100u < sum.whole * (wide_t)(unsigned)rule->accrual_threshold_pct)
		*out = (int64_t)(((wide_t)annual * sum.part + sum.whole - 1) / sum.whole);
	return n > 0;
}

int payroll_any(struct db *db, int period, struct err *err)
{
	int64_t one;

	return db_int(db, "SELECT 1 FROM payroll WHERE period = $1 LIMIT 1", VALS(v_int(period)), &one, err);
}

int payroll_of_late(struct db *db, int64_t learner, int year, struct err *err)
{
	int64_t n = 0;
	int rc = 1;

	for (int back = 0; back <= PAYROLL_LATE_YEARS && rc == 1 && n == 0; back++)
		rc = db_int(db, count_sql, VALS(v_int(year - back), v_int(learner)), &n, err);
	return rc < 0 ? -1 : n > 0;
}

/* 1: known as it is; 0: otherwise, or not; -1. */
static int same_absence(struct db *db, const struct payroll *p, struct err *err)
{
	struct stmt *q = db_query(
		db, absence_sql,
		VALS(v_int(p->period), v_int(p->learner), v_text(p->siret), v_int(p->absent_from)), err);
	int rc = db_step(q, err);

	if (rc == 1)
		rc = col_day(q, 0) == p->absent_to && strcmp(col_text(q, 1), p->absence) == 0;
	db_done(q);
	return rc;
}

static int put_absence(struct tx *tx, const struct payroll *p, enum upsert *done, struct err *err)
{
	int64_t changes = db_changes(tx->db);
	int rc;

	if (p->absent_from == DAY_NONE)
		return 0;
	if (strcmp(p->absence, "none") == 0)
		rc = db_run(
			tx->db,
			"DELETE FROM absence WHERE period = $1 AND learner = $2 AND siret = $3 AND first_day = $4",
			VALS(v_int(p->period), v_int(p->learner), v_text(p->siret), v_int(p->absent_from)),
			err);
	else if ((rc = same_absence(tx->db, p, err)) == 0)
		rc = db_run(tx->db,
			    "INSERT INTO absence (period, learner, siret, first_day, last_day, code) "
			    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (period, learner, siret, first_day) "
			    "DO UPDATE SET last_day = $5, code = $6",
			    VALS(v_int(p->period), v_int(p->learner), v_text(p->siret), v_int(p->absent_from),
				 v_int(p->absent_to), v_text(p->absence)),
			    err);
	if (rc < 0)
		return -1;
	if (db_changes(tx->db) != changes && *done == UPSERT_UNCHANGED)
		*done = UPSERT_UPDATED;
	return 0;
}

static int check_employers(struct tx *tx, const struct payroll *p, struct err *err)
{
	int64_t n = 0;

	if (db_int(tx->db, count_sql, VALS(v_int(p->period), v_int(p->learner)), &n, err) < 0)
		return -1;
	return n < EMPLOYERS_MAX ? 0
				 : err_set(err, ERR_LIMIT, "siret",
					   "A learner has at most %d employers in a year.", EMPLOYERS_MAX);
}

/* 1: known as it is; 2: known otherwise; 0: not known; -1. */
static int compare(struct tx *tx, const struct payroll *p, struct err *err)
{
	struct stmt *q =
		db_query(tx->db, known_sql, VALS(v_int(p->period), v_int(p->learner), v_text(p->siret)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	if (col_int(q, 0) != (int64_t)p->unit || col_int(q, 1) != p->paid || col_int(q, 2) != p->reference ||
	    col_int(q, 3) != p->rate)
		rc = 2;
	db_done(q);
	return rc;
}

void payroll_upsert_ahead(struct db *db, const struct payroll *p)
{
	db_ahead(db, known_sql, VALS(v_int(p->period), v_int(p->learner), v_text(p->siret)));
	db_ahead(db, count_sql, VALS(v_int(p->period), v_int(p->learner)));
	if (p->absent_from != DAY_NONE)
		db_ahead(db, absence_sql,
			 VALS(v_int(p->period), v_int(p->learner), v_text(p->siret), v_int(p->absent_from)));
}

void payroll_expected_ahead(struct db *db, int period, int64_t learner)
{
	db_ahead(db, employers_sql, VALS(v_int(period), v_int(learner)));
	db_ahead(db, absences_sql, VALS(v_int(period), v_int(learner)));
}

int payroll_upsert(struct tx *tx, const struct payroll *p, enum upsert *done, struct err *err)
{
	int rc = compare(tx, p, err);

	if (rc < 0 || (rc == 0 && check_employers(tx, p, err) != 0))
		return -1;
	*done = rc == 0 ? UPSERT_CREATED : rc == 1 ? UPSERT_UNCHANGED : UPSERT_UPDATED;
	if (rc != 1 && conflict_refuse(tx, p->learner, err) != 0)
		return -1;
	if (rc != 1 && db_run(tx->db,
			      "INSERT INTO payroll (period, learner, siret, unit, paid, reference, rate) "
			      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (period, learner, siret) "
			      "DO UPDATE SET unit = $4, paid = $5, reference = $6, rate = $7",
			      VALS(v_int(p->period), v_int(p->learner), v_text(p->siret), v_int(p->unit),
				   v_int(p->paid), v_int(p->reference), v_int(p->rate)),
			      err) != 0)
		return -1;
	return put_absence(tx, p, done, err);
}
