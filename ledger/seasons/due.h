/*
 * Carries out what the agenda holds, each deadline in its order and once.
 */
#ifndef ILA_SEASONS_DUE_H
#define ILA_SEASONS_DUE_H

#include "ledger/store/tx.h"

/* due_step(tx, max, executed, err): execute up to max timers due at or before tx->now, in order of (due_at,
 * kind, subject).  A draw, a standing, or a stage of a close-down, is one part of it (draw_step,
 * standing_work, close_down_step): its timer is set again behind what else is due, and the step ends. */
int due_step(struct tx *, size_t max, int64_t *executed, struct err *);

#endif
