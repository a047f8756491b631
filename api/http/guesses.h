/*
 * Wrong voucher codes: who sends many is slowed down, and a controller is told.
 *
 * A person may send so many wrong codes at once, by whatever key, then one every so often (a
 * quota, api/net/rate.h; --wrong-codes).  Beyond that what is sent is refused before it
 * reaches the ledger, which therefore grows by at most so many refusals in so much
 * time, whoever tries.  Whoever hits that bound causes an alert.  What was in
 * flight when the last one was counted is still looked at.
 */
#ifndef ILA_API_HTTP_GUESSES_H
#define ILA_API_HTTP_GUESSES_H

#include "api/net/rate.h"
#include "ledger/ledger.h"

struct guesses;

struct guesses *guesses_open(const struct rate_limit *); /* NULL without a limit, and without memory */
void guesses_close(struct guesses *);                    /* harmless on NULL */

/* guesses_may(g, ledger, actor, left): 0, or -1: it has sent too many. */
int guesses_may(struct guesses *, const struct ledger *, const struct actor *, struct rate_left *);

/* guesses_wrong(g, ledger, actor): one of the codes was wrong. */
void guesses_wrong(struct guesses *, struct ledger *, const struct actor *);

/* guesses_report(g): raise the alerts that are due; from a thread that may wait for the writer.  Harmless on
 * NULL. */
void guesses_report(struct guesses *);

#endif
