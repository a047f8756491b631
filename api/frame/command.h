/*
 * A call as a command of the desk (desk/command.h), and its outcome as it is answered:
 * the same for a request and for a line of a batch.
 */
#ifndef ILA_API_FRAME_COMMAND_H
#define ILA_API_FRAME_COMMAND_H

#include "api/frame/action.h"
#include "ledger/desk/command.h"

/* call_answer(c, live, out): its answer as JSON, which always says whether it is about real money. */
void call_answer(const struct action_call *, int live, struct buf *out);

/* run and ahead of a command whose args are a call: the answer is the call's, as JSON; of a refusal line by
 * line errors says which lines. */
int call_command_run(struct tx *, struct command *, struct err *);
void call_command_ahead(struct db *, const struct command *, int round);

/* call_failed(command): it never came to the desk, or failed there: all that is told is command->err. */
int call_failed(const struct command *);

/*
 * call_outcome(command, ledger, out): what a command that is done is answered with, behind what out holds:
 * the answer, with its voucher's code where it shows one, or the problem of a refusal by rule; 0.  -1:
 * call_failed(), nothing is added, and command->err is to be worded.
 */
int call_outcome(const struct command *, struct ledger *, struct buf *out);

/*
 * key_take(text, out, err): an Idempotency-Key, bare or in the quotes of a structured field string: 1 to
 * IDEMPOTENCY_KEY_MAX of A-Z a-z 0-9 _ : . - (IDEMPOTENCY_KEY_INVALID).
 */
int key_take(const char *text, char out[IDEMPOTENCY_KEY_MAX + 1], struct err *);

#endif
