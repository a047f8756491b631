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

struct batch_gate;

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
	const struct batch_gate *gate; /* of a batch (api/frame/batch.h), else NULL */
	struct arena *arena;           /* freed with the request */
};

/* A request as its line and headers have it: borrowed until the answer; NULL: not there. */
struct asked {
	const char *method, *path;
	const char *content_type, *idempotency_key;
	const char *request_id;    /* the client's own name for it */
	const char *if_none_match; /* ETags of what it has */
	const char *accept_encoding;
};

/*
 * request_name(text, out): the client's own name of its request, when that is safe to give back: 1 to
 * REQUEST_ID_MAX of A-Z a-z 0-9 _ : . -; 0 or -1.  request_instance(name, out): it as the URI of a problem's
 * instance; returns out.
 */
#define INSTANCE_TEXT (REQUEST_ID_MAX + 40)
int request_name(const char *text, char out[REQUEST_ID_MAX + 1]);
char *request_instance(const char *name, char out[INSTANCE_TEXT]);

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
