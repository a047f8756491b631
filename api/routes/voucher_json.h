/*
 * A voucher as the API shows it.
 */
#ifndef ILA_API_ROUTES_VOUCHER_JSON_H
#define ILA_API_ROUTES_VOUCHER_JSON_H

#include "ledger/ledger.h"
#include "ledger/voucher/voucher.h"

/*
 * voucher_json(db, v, actor, settings, with_code, out, err): the object without
 * its closing brace, so that the caller may add members.  A provider is not told
 * who the learner is nor which lots pay (DOMAIN A).  with_code: the blank that
 * becomes the code.
 */
int voucher_json(struct db *, const struct voucher *, const struct actor *, const struct ledger_settings *,
		 int with_code, struct buf *out, struct err *);

#endif
