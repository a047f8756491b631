/*
 * One request and its answer, from the first header to the last byte, without
 * the library: server.c feeds it and sends what it holds.
 */
#ifndef ILA_API_HTTP_EXCHANGE_H
#define ILA_API_HTTP_EXCHANGE_H

#include "api/frame/batch.h"
#include "api/http/auth.h"
#include "api/http/guesses.h"
#include "api/http/reply.h"
#include "api/http/routes.h"
#include "ledger/base/temp.h"

/* Whose quota a request counts against. */
struct counted {
	struct rate *rate;
	uint64_t who;
};

struct exchange {
	struct request request;
	struct reply reply;
	struct arena arena;
	struct buf body; /* as received */
	int upload;      /* descriptor of the temporary file of an upload, -1 none */
	char upload_path[TEMP_PATH];
	int64_t received;        /* bytes of the body so far */
	struct sha256 *digest;   /* of method, path and body: the fingerprint; NULL for a reading */
	struct auth_shown shown; /* of who sends it; filled by auth_show() before exchange_begin() */
	unsigned char witnessed[SHA256_BYTES]; /* its certificate, where another node has seen it */
	const char *content_type;              /* the header, borrowed until the answer; NULL none */
	const char *if_none_match;             /* likewise */
	int takes_gzip;
	struct buf target; /* path and query as they were sent; of what is passed on */
	int forwarded;     /* likewise: another node has passed it on already */
	struct json *doc;
	struct command command;
	char request_id[REQUEST_ID_MAX + 1]; /* the client's own name for it, or one that was made */
	struct guesses *guesses;             /* who sends wrong codes; NULL: nobody counts them */
	struct err early;                    /* a refusal found before the body was read; code NONE: none */
	int content_is_json;
	struct counted counted[QUOTAS_MAX]; /* beside reply.quota */
	struct batch_gate gate;             /* of a batch */
	char instance[INSTANCE_TEXT];       /* likewise */
};

struct exchange *exchange_open(struct ledger *);
void exchange_free(struct exchange *);

/* exchange_locate(x, shelf, url): the ledger that it is about; what is left of the path. */
const char *exchange_locate(struct exchange *, const struct shelf *, const char *url);

/*
 * exchange_begin(x, asked): route and permission; that of a reading is looked at
 * in the snapshot that answers it.  A refusal is kept in x->early and answered
 * once the body is read.
 */
void exchange_begin(struct exchange *, const struct asked *);

/* exchange_limit(x): bytes the body may have; exchange_body(x, bytes, len): -1 when it has far more, or there
 * is no room on disk. */
int64_t exchange_limit(const struct exchange *);
int exchange_body(struct exchange *, const char *bytes, size_t len);

/*
 * exchange_takes_long(x): is it better not run by a thread that serves connections?  If not sent to the desk.
 */
int exchange_takes_long(const struct exchange *);

/* exchange_is_batch(x): it is worked on by a thread of its own kind: it waits for the desk. */
int exchange_is_batch(const struct exchange *);

/* exchange_count(x, i, n, err): n requests more of its i-th quota: 0, or -1 with TOO_MANY_REQUESTS. */
int exchange_count(struct exchange *, size_t i, int64_t n, struct err *);

/* exchange_writes(x): is it for the node that leads? */
int exchange_writes(const struct exchange *);

/*
 * exchange_run(x): the request is complete.  1: x->reply is the answer.  0:
 * x->command is to be sent to the desk; exchange_finish() turns its outcome into
 * the answer.
 */
int exchange_run(struct exchange *);
void exchange_finish(struct exchange *);
void exchange_refuse(struct exchange *, const struct err *); /* answer with a problem */

/* Nothing was begun: the server stops (DRAINING); as many as may wait do (BUSY). */
void exchange_refuse_draining(struct exchange *);
void exchange_refuse_full(struct exchange *);

#endif
