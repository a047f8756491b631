/*
 * Learners registered, and what is known of them changed: one rule for a row of an
 * import and for a request.
 */
#ifndef ILA_RIGHTS_ENROL_H
#define ILA_RIGHTS_ENROL_H

#include "ledger/registers/learner.h"

/*
 * enrol(tx, l, portal, keep, done, err): learner_upsert(), when the programme is known and has accounts of
 * its own, and portal ("" none: any) is an organisation with that role: UNKNOWN_REFERENCE, FIELD_INVALID.
 * With KEEP_PORTAL portal is not looked at.  CONFLICT_OF_INTEREST when what is known of the learner changes
 * at the hands of somebody who may not act on the account.
 */
int enrol(struct tx *, struct learner *, const char *portal, unsigned keep, enum upsert *done, struct err *);

/* enrol_check_pseudonym(text, field, err): FIELD_INVALID, without repeating it, when it is none
 * (check_pseudonym). */
int enrol_check_pseudonym(const char *text, const char *field, struct err *);

#endif
