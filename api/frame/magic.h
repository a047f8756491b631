/*
 * Refusals on demand, in a sandbox: a learner, course, voucher code or any other text that reads
 * REFUSE-CODE, CODE being that of a refusal (REFUSE-ACCOUNT-FROZEN), is refused so.  An integrator sees
 * each refusal in the form, with the status and the headers that it has when it is meant.
 */
#ifndef ILA_API_FRAME_MAGIC_H
#define ILA_API_FRAME_MAGIC_H

#include "api/frame/action.h"

#define MAGIC_PREFIX "REFUSE-"

/*
 * magic_check(c, err): of a refusal of form, or of a server that cannot, which comes before anything is
 * done and is kept for no retry.  magic_run(c, err): of a refusal by rule.  0: none is asked for, or this is
 * no sandbox.
 */
int magic_check(const struct action_call *, struct err *);
int magic_run(const struct action_call *, struct err *);

#endif
