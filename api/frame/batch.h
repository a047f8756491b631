/*
 * A batch: a file of NDJSON, each line of which is a call of one action (struct lines of
 * action.h), and a result for each line, in their order.
 *
 * A line holds what a single request has in its path and its body, and an
 * `idempotency_key` of its own: it is done, refused and kept for a retry by itself,
 * in whatever batch it comes.  So a batch that was cut off is sent again as it is: what was done is
 * answered once more (`replayed`), what was not is done.  A line that is no good is refused in its place
 * and does not hold up the others; lines are done in their order.  After one that failed (5xx) none is
 * begun, since it may rest on that one: BUSY, and the batch is sent again.
 *
 *	{"line":1,"status":201,"idempotency_key":"k-1","body":{...}}
 *	{"line":2,"status":404,"idempotency_key":"k-2","problem":{...}}
 *
 * body is what the single request would be answered with, problem its refusal (RFC 9457), status
 * its status.  An outcome that is not known is told as the single request tells it: effect `unknown`.
 *
 * Refused as a whole, before anything is done: no line (MALFORMED), more than BATCH_LINES_MAX (LIMIT), one
 * key twice (ROW_REPEATED), more lines than a quota has left (the gate says so).
 *
 * Lines go to the desk a group at a time (GROUP_MAX), without waiting for one
 * another, and the next when these are answered: others are served in between, the
 * memory is that of one group, and a full queue is waited for.
 */
#ifndef ILA_API_FRAME_BATCH_H
#define ILA_API_FRAME_BATCH_H

#include "api/frame/action.h"

#define BATCH_TYPE "application/x-ndjson"

/* What the lines have to pass at a server. */
struct batch_gate {
	void *arg;
	const char *instance; /* URI of the batch; that of a line is behind '#' */
	/* So many lines are so many requests: 0, or -1 and the batch is refused. */
	int (*count)(void *arg, int64_t lines, struct err *);
	/* Of lines with voucher codes (ACTION_BY_CODE): how many may be wrong now, 0: -1 and err; one was. */
	int (*codes)(void *arg, int64_t *left, struct err *);
	void (*wrong_code)(void *arg);
};

/* batch_run(c, text, len, sink, err): c is a call of the batch.  -1: it was refused as a whole, or the answer
 * could not be written: then what was done stays, and the keys find it. */
int batch_run(struct action_call *c, const char *text, size_t len, const struct sink *, struct err *);

/* batch_stream: stream of every batch, whose only member is struct batch_in. */
struct batch_in {
	struct member_file file;
};
int batch_stream(struct action_call *, const struct sink *, struct err *);

/*
 * batch_members(action, out): the members of a line of calls of that action: what the action takes, all
 * of it in the body, and the key, which lies behind the action's own struct.
 */
#define BATCH_MEMBERS (MEMBERS_MAX + 2)
void batch_members(const struct action *, struct member out[BATCH_MEMBERS]);

#endif
