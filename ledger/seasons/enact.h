/*
 * A new version of a programme's rule takes its place in the ledger.
 */
#ifndef ILA_SEASONS_ENACT_H
#define ILA_SEASONS_ENACT_H

#include "ledger/registers/programme.h"

/*
 * rule_enact(tx, text, len, done, err): programme_import(), and what the version
 * brings besides its rule: a draw where orders are drawn by lot, a place among
 * those that grant.  Refuses as programme_import().
 */
int rule_enact(struct tx *, const char *text, size_t len, enum upsert *done, struct err *);

#endif
