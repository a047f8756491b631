/*
 * Pages that are made once: as long as the program runs, a page differs by the address that it begins with,
 * and by nothing else.
 */
#ifndef ILA_API_CONTRACT_KEPT_H
#define ILA_API_CONTRACT_KEPT_H

#include "ledger/base/buf.h"

typedef void contract_make(const char *base, struct buf *out);

/* contract_kept(make, base, out): what make(base) writes; made anew when it was made for another base last.
 */
void contract_kept(contract_make *make, const char *base, struct buf *out);

#endif
