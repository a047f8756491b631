/*
 * Freezing a learner's account on a legal ground (G8, ledger/field.md#holds).
 *
 *	freeze    Dr 220 Cr 225   what each lot holds
 *	unfreeze  Dr 225 Cr 220
 *
 * While it lasts nothing is drawn from the account, not even what is credited
 * meanwhile, and no lot expires; a lot whose day has passed expires afterwards.  A
 * freeze names its ground and its last day, at most six months away, and ends by
 * itself.
 */
#ifndef ILA_RIGHTS_FREEZE_H
#define ILA_RIGHTS_FREEZE_H

#include "ledger/registers/learner.h"

/* freeze_active(db, learner, until, err): 1 the account is frozen, through that day; 0 it is not; -1.
 * freeze_ahead: it will be asked (store/db.h). */
void freeze_ahead(struct db *, int64_t learner);
int freeze_active(struct db *, int64_t learner, day_t *until, struct err *);

/* freeze_refuse(db, learner, err): ACCOUNT_FROZEN when the account is frozen: nothing is done to it now. */
int freeze_refuse(struct db *, const struct learner *, struct err *);

/*
 * account_freeze(tx, learner, ground, until, amount, err): by a controller.
 * *amount is what was frozen.  Refuses NOT_FOUND, FORBIDDEN, ACCOUNT_FROZEN (frozen
 * already), FIELD_INVALID (no ground code; until past, or more than FREEZE_MONTHS_MAX off).
 */
int account_freeze(struct tx *, const char *learner, const char *ground, day_t until, int64_t *amount,
		   struct err *);

/* account_unfreeze(tx, learner, amount, err): by a controller.  Refuses NOT_FOUND, FORBIDDEN,
 * ACCOUNT_NOT_FROZEN. */
int account_unfreeze(struct tx *, const char *learner, int64_t *amount, struct err *);

/*
 * freeze_end(tx, learner, err): the last day is over (timer); does nothing when the freeze has ended already.
 */
int freeze_end(struct tx *, int64_t learner, struct err *);

#endif
