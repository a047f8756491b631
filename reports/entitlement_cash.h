/*
 * Calls to employers for one fund in one year, and when their money came, matched
 * by the SIREN that stands in a reference.
 */
#ifndef ILA_REPORTS_ENTITLEMENT_CASH_H
#define ILA_REPORTS_ENTITLEMENT_CASH_H

#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/store/db.h"

#define CALLS_MAX 200000

struct call {
	char siren[10];
	char reference[CODE_MAX + 1];
	day_t received_on; /* in full; DAY_NONE not yet */
};

struct cash {
	struct call *call; /* by SIREN, those that have not come first */
	size_t count, size;
};

/* cash_read(db, fund, year, cash, err): calls, and payments without a call, dated in that year and not taken
 * back. cash_free in any case. */
int cash_read(struct db *, int64_t fund, int year, struct cash *, struct err *);
void cash_free(struct cash *);

/* cash_find(cash, siret): the employer's first; NULL none. */
const struct call *cash_find(const struct cash *, const char *siret);

#endif
