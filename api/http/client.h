/*
 * A client of the API, over libcurl: what the demo drives the server with, and what a node
 * that does not lead passes writes on with.
 * One connection, kept; no redirects, no proxy from the environment, no retry
 * (a write is retried only by its Idempotency-Key).
 */
#ifndef ILA_API_HTTP_CLIENT_H
#define ILA_API_HTTP_CLIENT_H

#include <stdio.h>

#include "ledger/base/buf.h"
#include "ledger/base/err.h"
#include "ledger/store/head.h"

struct client;

/* Over https://; "" or NULL each: the system's authorities, and no certificate. */
struct client_tls {
	const char *ca_file;           /* who may have signed the server's certificate; PEM */
	const char *certificate, *key; /* to show; PEM */
};

struct client_request {
	const char *method;          /* "GET", "POST" */
	const char *path;            /* "/v1/vouchers" */
	const char *key;             /* API key, NULL none */
	const char *idempotency_key; /* NULL none */
	const char *request_id;      /* NULL: the server makes one */
	const char *body;            /* NULL none */
	size_t body_len;             /* 0: body is text, of its own length */
	const char *body_file;       /* NULL, or the name of the file that is the body */
	const char *content_type;    /* NULL: application/json */
	int forwarded;               /* 1: by a node that does not lead, for a client of its own */
	const char *witness;         /* and what that node has seen (api/http/witness.h); NULL nothing */
	/* NULL, or called about once a second, and oftener while it is sent, until the answer has come. */
	void (*waiting)(void *arg, int64_t sent, int64_t size);
	void *waiting_arg;
	int patience_ms; /* how long an answer is waited for; 0: a minute, longer for a large file */
};

struct client_reply {
	long status;
	int replayed;    /* 1: Idempotent-Replayed: true */
	int retry_after; /* seconds, 0 none */
	char content_type[64];
	struct head head; /* ILA-Head, booked_at unknown; seq 0 none */
	struct buf body;  /* the caller initialises and frees it; emptied by each call */
	FILE *to;         /* NULL, or where the body of what was not refused is written instead */
};

/* client_open(base, err): base is "http://HOST:PORT", or "https://...".  NULL with err.  client_close is
 * harmless on NULL. */
struct client *client_open(const char *base, struct err *);
void client_secure(struct client *, const struct client_tls *); /* borrowed; the system's without */
void client_close(struct client *);

/* client_call(c, request, reply, err): 0 and whatever the server answered; -1 when there was no answer. */
int client_call(struct client *, const struct client_request *, struct client_reply *, struct err *);

#endif
