/*
 * Permission to read a report: which roles, and about which fund, members or provider.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/registers/fund.h"
#include "ledger/registers/org.h"
#include "reports/report.h"

/* A funder or a union reads reports of its own funds only, and must name one; a union may read of its members
 * whatever the fund. */
static int permit_fund(struct db *db, const struct report *report, const struct actor *actor,
		       const char *code, struct err *err)
{
	struct fund f;
	int rc;

	if ((actor->role != ROLE_FUNDER && actor->role != ROLE_UNION) ||
	    (actor->role == ROLE_UNION && report->by_union))
		return 0;
	if (!report->by_fund || code[0] == '\0')
		return err_set(
			err, ERR_FORBIDDEN, "fund",
			"A funder or a union can read reports that are made for one fund: name a fund of your own.");
	rc = fund_find(db, code, &f, err);
	if (rc == 0 || (rc == 1 && f.funder != actor->org))
		return err_set(err, ERR_NOT_FOUND, "fund", "There is no such fund.");
	return rc == 1 ? 0 : -1;
}

/* Whose members: a union's own; an auditor may name a union.  Nobody else learns who gave one a mandate. */
static int permit_union(struct db *db, const struct report *report, const struct actor *actor,
			struct report_options *o, struct err *err)
{
	struct org own;

	if (o->union_org[0] != '\0' && actor->role != ROLE_UNION && actor->role != ROLE_AUDITOR)
		return err_set(
			err, ERR_FORBIDDEN, "union",
			"Only that union and auditors may know who gave it a mandate. Ask without a union.");
	if (actor->role != ROLE_UNION || !report->by_union)
		return 0;
	if (org_get(db, actor->org, &own, err) != 0)
		return -1;
	if (o->union_org[0] != '\0' && strcmp(o->union_org, own.code) != 0)
		return err_set(err, ERR_FORBIDDEN, "union", "A union can read only about its own members.");
	memcpy(o->union_org, own.code, sizeof own.code);
	return 0;
}

/* A provider reads what is about itself. */
static int permit_provider(struct db *db, const struct report *report, const struct actor *actor,
			   struct report_options *o, struct err *err)
{
	struct org own;

	if (actor->role != ROLE_PROVIDER)
		return 0;
	if (!report->by_provider)
		return err_set(err, ERR_FORBIDDEN, NULL,
			       "A provider can read reports that are made for one provider: payables, "
			       "recoveries, remittance.");
	if (org_get(db, actor->org, &own, err) != 0)
		return -1;
	if (o->provider[0] != '\0' && strcmp(o->provider, own.code) != 0)
		return err_set(err, ERR_FORBIDDEN, "provider", "A provider can read only about itself.");
	memcpy(o->provider, own.code, sizeof own.code);
	return 0;
}

int report_permit(struct db *db, const struct report *report, const struct actor *actor,
		  struct report_options *options, struct err *err)
{
	if (permit_fund(db, report, actor, options->fund, err) != 0 ||
	    permit_provider(db, report, actor, options, err) != 0)
		return -1;
	return permit_union(db, report, actor, options, err);
}
