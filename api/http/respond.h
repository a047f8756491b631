/*
 * An answer as the library sends it: status, headers, body.
 */
#ifndef ILA_API_HTTP_RESPOND_H
#define ILA_API_HTTP_RESPOND_H

#include "api/http/exchange.h"

struct MHD_Connection;

/* respond(c, x, last): queue the reply of x; last: the connection is closed behind it.  0 or -1. */
int respond(struct MHD_Connection *, struct exchange *, int last);

#endif
