/*
 * The quick check: whether a ledger may be served at all.
 */
#ifndef ILA_API_SERVICE_QUICK_H
#define ILA_API_SERVICE_QUICK_H

#include "ledger/ledger.h"

/*
 * quick_check(l, err): the engine finds the pages of the file whole, and its tables, indexes and triggers are
 * those that this program makes; VERIFY says what is not.  It reads the file once, and no entry of the
 * journal. A server keeps its own pages: of a ledger on one nothing is looked at.
 */
int quick_check(struct ledger *, struct err *);

#endif
