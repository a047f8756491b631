/*
 * learners: account holders by pseudonym, and what the rules need to know of
 * them.  Columns that a file does not have keep what is known.
 */
#include <string.h>

#include "ledger/intake/column.h"
#include "ledger/rights/enrol.h"

enum {
	LEARNER,
	PROGRAMME,
	WORK,
	LOW_QUALIFIED,
	DISABLED,
	STATUS,
	SEX,
	AGE_BAND,
	QUALIFICATION,
	REGION,
	ACTIVE_FROM,
	PORTAL,
	IDENTITY
};

static int sex(const struct import_row *row, struct learner *l, struct err *err)
{
	const char *cell = row->cell[SEX];

	if (strlen(cell) > 1 || (*cell != '\0' && strchr("FMX", *cell) == NULL))
		return column_invalid(row, SEX, "is not one of F, M, X", err);
	l->sex[0] = *cell;
	l->sex[1] = '\0';
	return 0;
}

/* The attributes that reports count by.  The cells of absent columns are empty. */
static void traits(const struct import_row *row, struct learner *l, struct err *err)
{
	column_reason(row, STATUS, OPTIONAL, l->status, err);
	sex(row, l, err);
	column_word(row, AGE_BAND, OPTIONAL, l->age_band, err);
	column_word(row, QUALIFICATION, OPTIONAL, l->qualification, err);
	column_word(row, REGION, OPTIONAL, l->region, err);
}

/* Columns that the file does not have; and no file closes or opens an account. */
static unsigned kept(const struct import_row *row)
{
	static const struct {
		int column;
		enum learner_keep keep;
	} all[] = {{STATUS, KEEP_STATUS},     {SEX, KEEP_SEX},
		   {AGE_BAND, KEEP_AGE_BAND}, {QUALIFICATION, KEEP_QUALIFICATION},
		   {REGION, KEEP_REGION},     {PORTAL, KEEP_PORTAL},
		   {DISABLED, KEEP_DISABLED}, {IDENTITY, KEEP_IDENTITY}};
	unsigned keep = KEEP_CLOSED;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (!row->present[all[i].column])
			keep |= all[i].keep;
	return keep;
}

/* Where the check of the person is filed: never what it was checked by. */
static int identity(const struct import_row *row, struct learner *l, struct err *err)
{
	l->identity[0] = '\0';
	return row->cell[IDENTITY][0] == '\0' ? 0 : column_pseudonym(row, IDENTITY, l->identity, err);
}

static void ahead(const struct import_row *row, int round)
{
	if (round == 0)
		column_learner_ahead(row, LEARNER);
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	char portal[CODE_MAX + 1];
	struct learner l;

	l.closed_on = DAY_NONE;
	l.disabled_worker = 0;
	l.portal = 0;
	column_pseudonym(row, LEARNER, l.code, err);
	column_code(row, PROGRAMME, REQUIRED, l.programme, err);
	column_int(row, WORK, 0, 100, &l.work_pct, err);
	column_bool(row, LOW_QUALIFIED, REQUIRED, &l.low_qualified, err);
	if (row->present[DISABLED])
		column_bool(row, DISABLED, REQUIRED, &l.disabled_worker, err);
	traits(row, &l, err);
	column_day(row, ACTIVE_FROM, REQUIRED, &l.active_from, err);
	column_code(row, PORTAL, OPTIONAL, portal, err);
	identity(row, &l, err);
	return column_sound(err) ? enrol(row->tx, &l, portal, kept(row), done, err) : -1;
}

const struct import_format import_learners = {
	.kinds = {"learners"},
	.name = "learners",
	.strict_header = 1,
	.key = LEARNER,
	.unique = 1,
	.independent_rows = 1,
	.columns = {[LEARNER] = {"learner", 0},
		    [PROGRAMME] = {"programme", 0},
		    [WORK] = {"work_pct", 0},
		    [LOW_QUALIFIED] = {"low_qualified", 0},
		    [DISABLED] = {"disabled_worker", 1},
		    [STATUS] = {"status", 1},
		    [SEX] = {"sex", 1},
		    [AGE_BAND] = {"age_band", 1},
		    [QUALIFICATION] = {"qualification", 1},
		    [REGION] = {"region", 1},
		    [ACTIVE_FROM] = {"active_from", 0},
		    [PORTAL] = {"portal", 1},
		    [IDENTITY] = {"identity_reference", 1}},
	.ahead = ahead,
	.row = take,
};
