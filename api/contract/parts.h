/*
 * What openapi.c and page.c put together.
 */
#ifndef ILA_API_CONTRACT_PARTS_H
#define ILA_API_CONTRACT_PARTS_H

#include "api/contract/operation.h"

/* parts_info(out): the member `info`.  parts_components(out): `components`: problems, headers, security, the
 * schemas of answers and requests. */
void parts_info(struct buf *out);
void parts_components(struct buf *out);

/* parts_paths(out), parts_tags(out): `paths`, with every operation; `tags`. */
void parts_paths(struct buf *out);
void parts_tags(struct buf *out);

/* parts_webhooks(out): `webhooks`, an entry for each type of event. */
void parts_webhooks(struct buf *out);

/* parts_schema(o, suffix, out): the name of one of its schemas: "VoucherOrderRequest". */
void parts_schema(const struct operation *, const char *suffix, struct buf *out);

/* problems_table(base, out): the catalogue of refusals, for a page. */
void problems_table(const char *base, struct buf *out);

/* parts_answers(o): its answer is JSON with members.  parts_keyed(o): its request has an Idempotency-Key; the
 * lines of a batch have keys of their own. */
int parts_answers(const struct operation *);
int parts_keyed(const struct operation *);

#endif
