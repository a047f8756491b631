/*
 * What a handler answers.
 */
#ifndef ILA_API_HTTP_REPLY_H
#define ILA_API_HTTP_REPLY_H

#include "ledger/base/buf.h"
#include "ledger/base/err.h"
#include "ledger/store/head.h"

/* Headers of our own. */
#define HEAD_HEADER "ILA-Head" /* SEQ:HASH, as ila verify --head takes it */
#define FORWARDED_HEADER                                                                                     \
	"ILA-Forwarded" /* a write that another node passed on: not to be passed on again                    \
			 */

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
	struct head head;      /* of the commit that it was answered after; seq 0 none */
	char type[64];         /* what content_type points to, when it came from another node */
};

void reply_init(struct reply *);
void reply_free(struct reply *);

/* reply_problem(reply, err, writes, instance): the refusal as problem+json; writes: the request was to
 * change something; instance: the URN of the request. */
void reply_problem(struct reply *, const struct err *, int writes, const char *request_id);

#endif
