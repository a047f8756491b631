/*
 * From method and path to the action they mean.
 */
#ifndef ILA_API_HTTP_ROUTES_H
#define ILA_API_HTTP_ROUTES_H

#include "api/frame/action.h"
#include "api/http/request.h"

/*
 * route_match(method, path, request, allow, err): fill request->action and its
 * path parameters.  NOT_FOUND for an unknown path; METHOD_NOT_ALLOWED with the
 * methods there are in allow for a known one.  HEAD is GET; OPTIONS asks for no
 * action (NULL) and fills allow.  A path with a '%'
 * in it matches nothing: no id or name of ours needs one.
 */
int route_match(const char *method, const char *path, struct request *, char allow[64], struct err *);

/*
 * route_check_queries(r, err): a parameter that the action does not take is refused, naming those it takes.
 */
int route_check_queries(const struct request *, struct err *);

/* route_takes_file(action): its body is a file. */
int route_takes_file(const struct action *);

#endif
