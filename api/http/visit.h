/*
 * A visit: one request and its answer as the library tells of them, call by call.
 *
 * A response queued while headers are processed makes the library close without
 * reading the body: that is what the guard and the length check want, and what
 * every other refusal avoids by waiting for the body.
 *
 * What takes long, a report above all, is worked on by the few threads of a pool
 * while its connection is suspended, and its answer comes through the inbox too:
 * whoever else is served by the same worker does not wait for it.
 */
#ifndef ILA_API_HTTP_VISIT_H
#define ILA_API_HTTP_VISIT_H

#include "api/http/worker.h"

struct MHD_Connection;
struct visit;

/* What the library says at each of its calls: a request line, or a piece of the body (size 0: its end). */
struct visit_call {
	const char *url, *method, *version;
	const char *data;
	size_t *size;
};

/*
 * visit_step(w, c, call, visit): one call of the library's; *visit is NULL at the first, and visit_end()
 * frees it.  -1: the connection is to be given up.
 */
int visit_step(struct worker *, struct MHD_Connection *, const struct visit_call *, struct visit **);
void visit_end(struct visit *); /* harmless on NULL */

/* visit_resume(v): what v was suspended for is done.  For the thread that serves it. */
void visit_resume(struct visit *);

/* reaped_of(c): the connection as the reaper knows it. */
struct reaped *reaped_of(struct MHD_Connection *);

#endif
