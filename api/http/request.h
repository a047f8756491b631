/*
 * What a handler sees of a request: no library, no socket.
 */
#ifndef ILA_API_HTTP_REQUEST_H
#define ILA_API_HTTP_REQUEST_H

#include "ledger/base/arena.h"
#include "ledger/forms/json.h"
#include "ledger/ledger.h"
#include "ledger/store/tx.h"

#define PATH_PARAMS_MAX  2
#define QUERY_PARAMS_MAX 8
#define PARAM_MAX        128

struct param {
	const char *name; /* of the route's table, or of the query */
	char value[PARAM_MAX];
};

struct request {
	struct ledger *ledger;
	const struct shelf *shelf;   /* it is about all of them (api/http/shelf.h); NULL: about that ledger */
	const struct action *action; /* what is asked for */
	const char
		*base; /* where this ledger's API is found: the server's public URL and the ledger's name */
	char method[8];
	char path[PARAM_MAX]; /* as asked for, cut; what a command answers to is shorter */
	struct param path_param[PATH_PARAMS_MAX];
	size_t path_params;
	struct param query[QUERY_PARAMS_MAX];
	size_t queries;
	size_t query_bytes;           /* as sent, with '?', '&' and '=' */
	const struct json_node *body; /* root of the JSON body; NULL for a GET and for an upload */
	const char *upload;           /* an upload: the temporary file that holds it, else NULL */
	struct actor actor;           /* all zero on public routes */
	char idempotency_key[IDEMPOTENCY_KEY_MAX + 1];
	struct arena *arena; /* freed with the request */
};

/* request_path(r, name): a {name} of the route's path; request_query: a query parameter, NULL when absent. */
const char *request_path(const struct request *, const char *name);
const char *request_query(const struct request *, const char *name);

/* request_decode(text, out): percent-decoding; out is as large as text; -1 when it is malformed or hides a
 * NUL. */
int request_decode(const char *text, char *out);

/* request_idempotency(text, out, err): strip the quotes of a structured field string and check the form. */
int request_idempotency(const char *text, char out[IDEMPOTENCY_KEY_MAX + 1], struct err *);

/*
 * request_add_query(r, name, value, err): add a query parameter as it was sent
 * (value NULL: there was no '='); the value is percent-decoded, the name is not,
 * for none of ours needs it.
 */
int request_add_query(struct request *, const char *name, const char *value, struct err *);

#endif
