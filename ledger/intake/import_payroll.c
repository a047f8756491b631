/*
 * payroll: paid and reference time of a learner by employer and year, and absences
 * (by pseudonym).  A row per employer, or one per absence that repeats the first
 * columns.  A later file with other figures replaces them.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/intake/column.h"
#include "ledger/registers/learner.h"
#include "ledger/rights/absence.h"
#include "ledger/rights/payroll.h"

enum { LEARNER, SIRET, PERIOD, UNIT, PAID, REFERENCE, RATE, ABSENT_FROM, ABSENT_TO, ABSENCE };

#define HUNDREDTHS    2
#define PAID_MAX      (8784 * 100) /* hours of a leap year */
#define REFERENCE_MAX (744 * 100)  /* hours of a month */
#define FIRST_PERIOD  2015

static int unit(const struct import_row *row, enum payroll_unit *out, struct err *err)
{
	static const char *const names[] = {"hours", "days", "none"};

	for (int i = 0; i < 3; i++)
		if (strcmp(row->cell[UNIT], names[i]) == 0) {
			*out = (enum payroll_unit)(i + 1);
			return 0;
		}
	return column_invalid(row, UNIT, "is not hours, days or none", err);
}

static int time_of(const struct import_row *row, int col, int64_t min, int64_t max, int64_t *out,
		   struct err *err)
{
	char form[MONEY_TEXT], reason[64];

	if (dialect_amount(row->dialect, row->cell[col], HUNDREDTHS, out) == 0 && *out >= min && *out <= max)
		return 0;
	snprintf(reason, sizeof reason, "is not a time such as %s",
		 dialect_amount_form(row->dialect, 15167, HUNDREDTHS, form));
	return column_invalid(row, col, reason, err);
}

/* Time, or the rate where there is none. */
static int working_time(const struct import_row *row, struct payroll *p, struct err *err)
{
	p->rate = 100;
	if (unit(row, &p->unit, err) != 0)
		return -1;
	if (p->unit == PAYROLL_NO_TIME)
		return column_int(row, RATE, 0, 100, &p->rate, err);
	time_of(row, PAID, 0, PAID_MAX, &p->paid, err);
	return time_of(row, REFERENCE, 1, REFERENCE_MAX, &p->reference, err);
}

/* "none" takes back an absence. */
static int check_code(const struct import_row *row, const struct learner *l, const char *code,
		      struct err *err)
{
	char codes[ABSENCE_CODES_TEXT], quoted[QUOTED_MAX];
	int rc = strcmp(code, "none") == 0 ? 1 : absence_known(row->tx->db, l->programme, code, codes, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return column_refuse(
		row, ABSENCE, err, ERR_FIELD_INVALID,
		"%s is an absence that no rule of %s names; they name %s, and none takes one back",
		column_quoted(code, quoted), l->programme, codes);
}

/* period: 0 it was refused. */
static void days_absent(const struct import_row *row, int period, struct payroll *p, struct err *err)
{
	int apart = column_day(row, ABSENT_FROM, REQUIRED, &p->absent_from, err);

	apart |= column_day(row, ABSENT_TO, REQUIRED, &p->absent_to, err);
	if (apart != 0)
		return;
	if (p->absent_to < p->absent_from)
		column_invalid(row, ABSENT_TO, "lies before the first day", err);
	else if (period != 0 && (day_year(p->absent_to) < period || day_year(p->absent_from) > period))
		column_invalid(row, ABSENT_FROM, "is an absence of another year", err);
}

/* l: NULL when the learner was refused. */
static void absence(const struct import_row *row, const struct learner *l, int period, struct payroll *p,
		    struct err *err)
{
	p->absent_from = p->absent_to = DAY_NONE;
	/* An absence is given whole or not at all. */
	if (column_filled(row, ABSENT_FROM, OPTIONAL, err) == 0 &&
	    column_filled(row, ABSENT_TO, OPTIONAL, err) == 0 &&
	    column_filled(row, ABSENCE, OPTIONAL, err) == 0)
		return;
	days_absent(row, period, p, err);
	if (column_reason(row, ABSENCE, REQUIRED, p->absence, err) == 0 && l != NULL)
		check_code(row, l, p->absence, err);
}

static int find_learner(const struct import_row *row, struct learner *l, struct err *err)
{
	char code[CODE_MAX + 1];
	int rc;

	if (column_pseudonym(row, LEARNER, code, err) != 0)
		return -1;
	rc = learner_find(row->tx->db, code, l, err);
	if (rc == 0)
		return column_refuse(row, LEARNER, err, ERR_UNKNOWN_REFERENCE,
				     "no such learner is known: import learners first");
	return rc < 0 ? -1 : 0;
}

static int understand(const struct import_row *row, struct payroll *p, struct err *err)
{
	struct learner l = {0};
	int known = find_learner(row, &l, err) == 0, dated;

	memset(p, 0, sizeof *p);
	p->learner = l.id;
	column_siret(row, SIRET, REQUIRED, p->siret, err);
	dated = column_int(row, PERIOD, FIRST_PERIOD, day_year(row->tx->today), &p->period, err) == 0;
	working_time(row, p, err);
	absence(row, known ? &l : NULL, dated ? p->period : 0, p, err);
	return column_sound(err) ? 0 : -1;
}

static void ahead(const struct import_row *row, int round)
{
	struct err ignored = {0};
	struct payroll p;

	if (round == 0)
		column_learner_ahead(row, LEARNER);
	else if (understand(row, &p, &ignored) == 0)
		payroll_upsert_ahead(row->tx->db, &p);
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	struct payroll p;

	return understand(row, &p, err) == 0 ? payroll_upsert(row->tx, &p, done, err) : -1;
}

const struct import_format import_payroll = {
	.kinds = {"payroll"},
	.name = "payroll",
	.strict_header = 1,
	.key = LEARNER,
	.unique = 1,
	.key_columns = PERIOD + 1,
	.same_columns = RATE + 1,
	.columns = {[LEARNER] = {"learner", 0},
		    [SIRET] = {"siret", 0},
		    [PERIOD] = {"period", 0},
		    [UNIT] = {"unit", 0},
		    [PAID] = {"paid_time", 0},
		    [REFERENCE] = {"reference_time", 0},
		    [RATE] = {"part_time_rate", 1},
		    [ABSENT_FROM] = {"absence_start", 1},
		    [ABSENT_TO] = {"absence_end", 1},
		    [ABSENCE] = {"absence_code", 1}},
	.ahead = ahead,
	.row = take,
};
