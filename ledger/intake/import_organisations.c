/*
 * organisations: who takes part, and in which roles.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/oversight/bank_change.h"
#include "ledger/intake/column.h"
#include "ledger/registers/org.h"

enum { CODE, NAME, ROLES, SIREN, SIRET, IBAN };

static int roles(const struct import_row *row, unsigned *bits, struct err *err)
{
	char text[NAME_MAX_ + 1], known[256] = "", quoted[QUOTED_MAX];
	size_t n = 0;

	if (column_text(row, ROLES, REQUIRED, text, sizeof text, err) != 0)
		return -1;
	if (roles_parse(text, bits) == 0)
		return 0;
	for (int r = ROLE_NONE + 1; r < ROLE__MAX && n < sizeof known; r++)
		n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n > 0 ? ", " : "",
				      role_name((enum role)r));
	return column_refuse(row, ROLES, err, ERR_FIELD_INVALID,
			     "%s is not a list of roles joined by |: the roles are %s",
			     column_quoted(text, quoted), known);
}

/*
 * The first account of an organisation counts some days after two persons have agreed on it
 * (oversight/bank_change.h).  What a row is refused for is looked at before it writes.
 */
static int put_with_account(const struct import_row *row, struct org *org, enum upsert *done, struct err *err)
{
	char iban[sizeof org->iban];
	struct org known;
	int rc = org_find(row->tx->db, org->code, &known, err);

	if (rc < 0)
		return -1;
	/* A known one stays, or the row is refused. */
	if (rc == 1 && known.iban[0] != '\0')
		return org_upsert(row->tx, org, done, err);
	memcpy(iban, org->iban, sizeof iban);
	org->iban[0] = '\0';
	if ((rc == 1 && bank_change_agreed(row->tx->db, known.id, iban, err) < 0) ||
	    org_upsert(row->tx, org, done, err) != 0)
		return -1;
	rc = bank_change_first(row->tx, org, iban, row->agreed, err);
	if (rc == 1 && *done == UPSERT_UNCHANGED)
		*done = UPSERT_UPDATED;
	return rc < 0 ? -1 : 0;
}

static int put(const struct import_row *row, struct org *org, enum upsert *done, struct err *err)
{
	if (row->agreed != NULL && org->iban[0] != '\0')
		return put_with_account(row, org, done, err);
	if (org_upsert(row->tx, org, done, err) != 0)
		return -1;
	return *done == UPSERT_UNCHANGED ? 0 : alert_watch_account(row->tx, org, err);
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	struct org org = {.iban_since = DAY_NONE};

	int coded = column_code(row, CODE, REQUIRED, org.code, err) == 0;
	int named;

	column_text(row, NAME, REQUIRED, org.name, sizeof org.name, err);
	coded &= roles(row, &org.roles, err) == 0;
	named = column_siren_siret(row, SIREN, SIRET, org.siren, org.siret, err) == 0;
	column_iban(row, IBAN, OPTIONAL, org.iban, err);
	/* The public list knows providers by SIRET: another code would make two of one. */
	if (coded && named && (org.roles & ROLE_BIT(ROLE_PROVIDER)) != 0 && strcmp(org.code, org.siret) != 0)
		column_refuse(row, CODE, err, ERR_FIELD_INVALID,
			      "the code of a provider is its SIRET, which also stands in the column siret");
	return column_sound(err) ? put(row, &org, done, err) : -1;
}

const struct import_format import_organisations = {
	.kinds = {"organisations"},
	.name = "organisations",
	.strict_header = 1,
	.key = CODE,
	.unique = 1,
	.independent_rows = 1,
	.columns = {[CODE] = {"code", 0},
		    [NAME] = {"name", 0},
		    [ROLES] = {"roles", 0},
		    [SIREN] = {"siren", 1},
		    [SIRET] = {"siret", 1},
		    [IBAN] = {"iban", 1}},
	.row = take,
};
