/*
 * Long work at a server, seen from the client that waits for its answer: what of the file was
 * sent, then, asked over a connection of its own, how far the server is with it.  It is there to be
 * shown; where it cannot be told, nothing is.
 */
#ifndef ILA_API_CLI_WATCH_H
#define ILA_API_CLI_WATCH_H

#include "api/frame/action.h"
#include "api/http/client.h"

struct watch {
	struct action_call *call;    /* whose progress is told */
	const char *base, *secret;   /* of the server; the key */
	const char *idempotency_key; /* of the request that is waited for */
	struct client *client;       /* NULL: not asked yet */
	int64_t asked;               /* when; monotonic microseconds */
	int off;                     /* it could not be asked */
};

/* watch_waiting(w, sent, size): so many bytes of so many were sent, and no answer has come; as often as one
 * likes.  The function of a struct client_request. */
void watch_waiting(void *watch, int64_t sent, int64_t size);

/* watch_close(w): harmless on {0}. */
void watch_close(struct watch *);

#endif
