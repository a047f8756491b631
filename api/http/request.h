/*
 * What a handler sees of a request: no library, no socket.
 */
#ifndef ILA_API_HTTP_REQUEST_H
#define ILA_API_HTTP_REQUEST_H

#include "ledger/base/arena.h"
#include "ledger/base/json.h"
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
	const struct route *route;
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

/* request_uuid: the {id} of the path; NOT_FOUND when it is no UUID. */
int request_uuid(const struct request *, const char *name, struct uuid *, struct err *);

/* request_number(text, out): a number as we write it, digits without a leading zero; 0 or -1. */
int request_number(const char *text, int64_t *out);

/* request_limit: ?limit= from 1 to PAGE_MAX, PAGE_DEFAULT when absent. */
int request_limit(const struct request *, size_t *limit, struct err *);

/*
 * Cursors are opaque: a position and a hash of the filter it belongs to.
 * request_after: the position of ?after=, 0 when absent; CURSOR_INVALID when it
 * was made for another filter.  request_cursor writes one.
 */
#define CURSOR_TEXT 40
int request_after(const struct request *, const char *filter, int64_t *after, struct err *);
char *request_cursor(const char *filter, int64_t position, char out[CURSOR_TEXT]);

/* request_day: a date in the query; DAY_NONE when absent. */
int request_day(const struct request *, const char *name, day_t *, struct err *);

/* request_idempotency(text, out, err): strip the quotes of a structured field string and check the form. */
int request_idempotency(const char *text, char out[IDEMPOTENCY_KEY_MAX + 1], struct err *);

/*
 * request_add_query(r, name, value, err): add a query parameter as it was sent
 * (value NULL: there was no '='); the value is percent-decoded, the name is not,
 * for none of ours needs it.
 */
int request_add_query(struct request *, const char *name, const char *value, struct err *);

#endif
