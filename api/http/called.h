/*
 * An action called over HTTP: its arguments from path, query and body, its answer
 * as JSON.
 */
#ifndef ILA_API_HTTP_CALLED_H
#define ILA_API_HTTP_CALLED_H

#include "api/http/routes.h"

/* The three ways of a route (routes.h), for a route that is an action. */
int called_parse(const struct request *, void **args, struct err *);
int called_run(struct tx *, struct command *, struct err *);
int called_read(const struct request *, struct db *, struct reply *, struct err *);
int called_act(const struct request *, struct reply *, struct err *);

/* called_queries(r, err): a parameter that the action does not take is refused, naming those it takes. */
int called_queries(const struct request *, struct err *);

#endif
