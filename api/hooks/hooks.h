/*
 * The sender of webhooks: a thread for each ledger that is served, at work while this process leads it.  It
 * reads the journal as any reader does and tells the ledger now and then, by a command like any other, how
 * far it has come (ledger/events/late.h), so that the hot path knows nothing of it: the writer waits for
 * nobody.
 *
 * Each webhook has a lane: some events are read, sent, a few at a time, and when all of them have an outcome
 * the next ones are read.  One slow receiver holds up its own lane only.  What failed is tried again later;
 * after a failure nothing new is sent on that lane for a while.
 */
#ifndef ILA_API_HOOKS_HOOKS_H
#define ILA_API_HOOKS_HOOKS_H

#include "ledger/ledger.h"

struct hooks;

/* hooks_start(l, to_private, err): NULL on failure.  to_private: see posts.h. */
struct hooks *hooks_start(struct ledger *, int to_private, struct err *);

/* hooks_stop(h): what was delivered is written down; before the ledger's desk is closed.  Harmless on NULL.
 */
void hooks_stop(struct hooks *);

#endif
