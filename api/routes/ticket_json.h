/*
 * A ticket as the API shows it to the portal that ordered.
 */
#ifndef ILA_API_ROUTES_TICKET_JSON_H
#define ILA_API_ROUTES_TICKET_JSON_H

#include "ledger/ledger.h"
#include "ledger/seasons/ticket.h"

/* ticket_json(db, t, settings, out, err): the whole object, with what is published of its draw. */
int ticket_json(struct db *, const struct ticket *, const struct ledger_settings *, struct buf *out,
		struct err *);

#endif
