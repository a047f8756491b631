/*
 * Calls to employers for one fund in one year, and when their money came, matched
 * by the SIREN that stands in a reference.  All calls and payments of an employer
 * are taken together, by amount: what it was called for has come when as much has
 * come.  One that pays without being called owes what its members are due.
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
	int64_t called, received; /* cents; a payment without a call calls nothing */
	int64_t due;              /* to the members of the employer; of its first call only */
	day_t last;               /* on which something came; DAY_NONE nothing has */
};

struct cash {
	struct call *call; /* by SIREN, those that have not come in full first */
	size_t count, size;
};

/* cash_read(db, fund, year, cash, err): calls, and payments without a call, dated in that year and not taken
 * back. cash_free in any case. */
int cash_read(struct db *, int64_t fund, int year, struct cash *, struct err *);
void cash_free(struct cash *);

/* cash_find(cash, siret): the employer's first; NULL none. */
struct call *cash_find(const struct cash *, const char *siret);

/* cash_uncalled(cash): somebody paid without being called: what its members are due has to be known.
 * cash_add_due(cash, siret, cents): a member of that employer is due so much. */
int cash_uncalled(const struct cash *);
int cash_add_due(struct cash *, const char *siret, int64_t cents, struct err *);

/* cash_received_on(cash, call): the day by which all of it had come from the employer of that first call;
 * DAY_NONE: not yet. */
day_t cash_received_on(const struct cash *, const struct call *);

#endif
