/*
 * What a handler answers.
 */
#ifndef ILA_API_HTTP_REPLY_H
#define ILA_API_HTTP_REPLY_H

#include "api/net/rate.h"
#include "ledger/base/buf.h"
#include "ledger/base/err.h"
#include "ledger/store/head.h"

/* Headers of our own. */
#define HEAD_HEADER "ILA-Head" /* SEQ:HASH, as ila verify --head takes it */
#define FORWARDED_HEADER                                                                                     \
	"ILA-Forwarded" /* a write that another node passed on: not to be passed on again                    \
			 */

#define ETAG_TEXT       48
#define REPLY_BYTES_MAX (4 << 20) /* answers that are not streamed from a file */

/* A quota that the request counted against. */
struct reply_quota {
	const char *name; /* "key", "address" */
	struct rate_limit limit;
	struct rate_left left;
};
#define QUOTAS_MAX 2

struct reply {
	int status;               /* 0 means 200 */
	const char *content_type; /* NULL: application/json */
	struct buf body;
	int file;              /* descriptor sent instead of body and closed after; -1 none */
	char disposition[128]; /* Content-Disposition, "" none */
	char etag[ETAG_TEXT];  /* "" none */
	int is_public;         /* anybody may see it: caches may keep it, and ask whether it has changed */
	int is_reading;        /* it may be asked for in gzip */
	int is_gzip;           /* the body is */
	char allow[64];        /* of a 405 and of OPTIONS: the methods there are; "" else */
	int retry_after;       /* seconds, 0 none */
	int replayed;          /* Idempotent-Replayed: true */
	struct reply_quota quota[QUOTAS_MAX];
	size_t quotas;        /* the last of them is the one that was used up, of a 429 */
	const char *origin;   /* of a page that may read it, NULL none (Access-Control-Allow-Origin) */
	int varies_by_origin; /* another page might get another answer */
	int preflight;        /* what such a page may send is asked for */
	struct head head;     /* of the commit that it was answered after; seq 0 none */
	char type[64];        /* what content_type points to, when it came from another node */
};

void reply_init(struct reply *);
void reply_free(struct reply *);

/* reply_problem(reply, err, writes, request_id): the refusal as problem+json with the request as its
 * instance, after a quota was used up with that one; writes: the request was to change something. */
void reply_problem(struct reply *, const struct err *, int writes, const char *request_id);

/* reply_gzip(reply): the body is made smaller, where it is long enough for that to help. */
void reply_gzip(struct reply *);

/* reply_livemode(reply, live): the member livemode, in a JSON object that has none: true in a real ledger. */
void reply_livemode(struct reply *, int live);

#endif
