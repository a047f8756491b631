/*
 * Examples of requests, made of the examples of their members.
 */
#ifndef ILA_API_CONTRACT_EXAMPLE_H
#define ILA_API_CONTRACT_EXAMPLE_H

#include "api/contract/operation.h"

/* example_value(m, out): one member's, as JSON.  example_text(m, out): as it stands in a path or query. */
void example_value(const struct member *, struct buf *out);
void example_text(const struct member *, struct buf *out);

/* example_body(o, out): the JSON body: what the operation needs, and what its table marks (M_SHOWN).
 * example_path(o, out): the path with its {names} filled in. */
void example_body(const struct operation *, struct buf *out);
void example_path(const struct operation *, struct buf *out);

#endif
