/*
 * Answers kept for retries (draft-ietf-httpapi-idempotency-key-header).
 *
 * The key is looked up before any rule: the same key and body of the same person
 * get the same answer, the same key with another body is refused.  A person is
 * (organisation, principal), whatever API key was used.  Executed commands are
 * kept, refusals by rule too; what never ran (a bad body, a full queue, a failed
 * disk) is not, so that it may be sent again.  Kept IDEMPOTENCY_DAYS.
 *
 * An answer never stores a voucher code: the command leaves a blank and names
 * the voucher in secret_for; the code is made again from the ledger's secret,
 * the voucher's number and the Idempotency-Key (ledger/voucher/voucher.h).
 */
#ifndef ILA_DESK_REPLAY_H
#define ILA_DESK_REPLAY_H

#include "ledger/desk/command.h"

/*
 * replay_find(tx, c, err): 1 the command was executed before and c holds its
 * answer; 0 it is new; -1 refused (IDEMPOTENCY_KEY_REUSED) or failed.  replay_ahead: it will be asked.
 */
void replay_ahead(struct db *, const struct command *);
int replay_find(struct tx *, struct command *, struct err *);

/* replay_same_key(a, b): do they carry one Idempotency-Key of one person? */
int replay_same_key(const struct command *, const struct command *);

/* replay_keep(tx, c, err): store what c answers. */
int replay_keep(struct tx *, const struct command *, struct err *);

/* replay_refused(tx, c, err): one line in the refusal log. */
int replay_refused(struct tx *, const struct command *, struct err *);

/*
 * replay_forget(tx, before, err): drop answers older than before, at most 1,000 a call; number dropped or -1.
 */
int replay_forget(struct tx *, int64_t before, struct err *);

#endif
