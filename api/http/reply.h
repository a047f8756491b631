/*
 * What a handler answers.
 */
#ifndef ILA_API_HTTP_REPLY_H
#define ILA_API_HTTP_REPLY_H

#include "ledger/base/buf.h"
#include "ledger/base/err.h"

#define REPLY_BYTES_MAX (4 << 20) /* answers that are not streamed from a file */

struct reply {
	int status;               /* 0 means 200 */
	const char *content_type; /* NULL: application/json */
	struct buf body;
	int file;              /* descriptor sent instead of body and closed after; -1 none */
	char disposition[128]; /* Content-Disposition, "" none */
	char etag[24];         /* "" none */
	char allow[64];        /* 405: the methods there are */
	int retry_after;       /* seconds, 0 none */
	int replayed;          /* Idempotent-Replayed: true */
};

void reply_init(struct reply *);
void reply_free(struct reply *);

/* reply_problem(reply, err, writes, request_id): the refusal as problem+json with instance
 * urn:uuid:request_id; writes: the request was to change something. */
void reply_problem(struct reply *, const struct err *, int writes, const char *request_id);

#endif
