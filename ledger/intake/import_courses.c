/*
 * courses: what a provider offers, at what price, for which certification.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/intake/column.h"
#include "ledger/registers/course.h"

enum { COURSE, PROVIDER, CERTIFICATION, ACTION, TITLE, PRICE, HOURS, DAYS, REGION, OPEN_FROM, OPEN_TO };

static int provider(const struct import_row *row, struct course *c, struct err *err)
{
	char siret[15];
	struct org org;
	int rc;

	if (column_siret(row, PROVIDER, REQUIRED, siret, err) != 0)
		return -1;
	rc = org_find(row->tx->db, siret, &org, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || (org.roles & ROLE_BIT(ROLE_PROVIDER)) == 0)
		return column_refuse(row, PROVIDER, err, ERR_UNKNOWN_REFERENCE,
				     "no provider of SIRET %s is known: import providers first", siret);
	c->provider = org.id;
	return 0;
}

/* Read after the action type, which says whether there may be none. */
static int certification(const struct import_row *row, struct course *c, struct err *err)
{
	struct certification known;
	int rc;

	c->certification[0] = '\0';
	if (action_untitled(c->action_type) && column_filled(row, CERTIFICATION, OPTIONAL, err) == 0)
		return 0;
	if (column_certification(row, CERTIFICATION, c->certification, err) != 0)
		return -1;
	rc = certification_find(row->tx->db, c->certification, &known, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return column_refuse(row, CERTIFICATION, err, ERR_UNKNOWN_REFERENCE,
				     "%s is not in the register: import certifications first",
				     c->certification);
	return 0;
}

static int action(const struct import_row *row, struct course *c, struct err *err)
{
	if (column_filled(row, ACTION, REQUIRED, err) != 1)
		return -1;
	if (action_type_find(row->cell[ACTION], &c->action_type) != 0)
		return column_invalid(
			row, ACTION,
			"is not an action type: training, skills_assessment, vae, apprenticeship, "
			"light_vehicle_licence, heavy_vehicle_licence",
			err);
	return 0;
}

/* When sessions may start; columns the file does not have keep what is known. */
static void opening(const struct import_row *row, struct course *c, struct err *err)
{
	int apart = column_day(row, OPEN_FROM, REQUIRED, &c->open_from, err);
	char day[DATE_TEXT];

	if (row->present[OPEN_TO])
		apart |= column_day(row, OPEN_TO, OPTIONAL, &c->open_to, err);
	if (apart == 0 && c->open_to != DAY_NONE && c->open_to < c->open_from)
		column_refuse(row, OPEN_TO, err, ERR_FIELD_INVALID, "%s is before open_from",
			      day_format(c->open_to, day));
}

/* The course as it is known, or a new one.  -1: the ledger could not be asked. */
static int known(const struct import_row *row, struct course *c, struct err *err)
{
	char code[CODE_MAX + 1];
	int rc = 0;

	if (column_code(row, COURSE, REQUIRED, code, err) == 0)
		rc = course_find(row->tx->db, code, c, err);
	if (rc == 0) {
		*c = (struct course){.open_to = DAY_NONE};
		snprintf(c->code, sizeof c->code, "%s", code);
	}
	return rc < 0 ? -1 : 0;
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	struct course c;

	if (known(row, &c, err) != 0)
		return -1;
	provider(row, &c, err);
	if (action(row, &c, err) == 0)
		certification(row, &c, err);
	column_text(row, TITLE, REQUIRED, c.title, sizeof c.title, err);
	column_amount(row, PRICE, &c.price, err);
	column_int(row, HOURS, 1, COURSE_HOURS_MAX, &c.hours, err);
	column_int(row, DAYS, 1, COURSE_DAYS_MAX, &c.days, err);
	if (row->present[REGION])
		column_word(row, REGION, OPTIONAL, c.region, err);
	opening(row, &c, err);
	return column_sound(err) ? course_upsert(row->tx, &c, done, err) : -1;
}

const struct import_format import_courses = {
	.kinds = {"courses"},
	.name = "courses",
	.strict_header = 1,
	.key = COURSE,
	.unique = 1,
	.independent_rows = 1,
	.columns = {[COURSE] = {"course", 0},
		    [PROVIDER] = {"provider_siret", 0},
		    [CERTIFICATION] = {"certification", 0},
		    [ACTION] = {"action_type", 0},
		    [TITLE] = {"title", 0},
		    [PRICE] = {"price_$", 0},
		    [HOURS] = {"hours", 0},
		    [DAYS] = {"days", 0},
		    [REGION] = {"region", 1},
		    [OPEN_FROM] = {"open_from", 0},
		    [OPEN_TO] = {"open_to", 1}},
	.row = take,
};
