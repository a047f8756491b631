/*
 * What the contract tells about, one after the other: each action, and in place of that which takes every
 * step of a voucher each of these steps with the members that it takes.
 */
#ifndef ILA_API_CONTRACT_OPERATION_H
#define ILA_API_CONTRACT_OPERATION_H

#include "api/actions/voucher_step.h"
#include "api/frame/action.h"

#define OPERATION_TEXT 96

struct operation {
	const struct action *action;
	const char *step;          /* a step of a voucher, by its name; NULL: the action as it is */
	unsigned roles;            /* ROLE_BIT set; 0 public */
	char id[OPERATION_TEXT];   /* "voucherOrder", "voucherStepExit" */
	char path[OPERATION_TEXT]; /* "/v1/vouchers/{id}/exit" */
	char tag[OPERATION_TEXT];  /* "vouchers" */
};

/* operation_at(i): the i-th; NULL past the last. */
const struct operation *operation_at(size_t i);

/* operation_row(o, i): of a step the i-th row of the transition table that its name means; NULL past the
 * last. */
const struct transition *operation_row(const struct operation *, size_t i);

/* operation_takes(o, m): whether it takes that member of its action. */
enum step_takes operation_takes(const struct operation *, const struct member *);

/* operation_in_body(m): it is a member of the JSON body.  operation_has_body(o): there is one;
 * operation_file(o): the body is a file, and this member stands for it, or NULL. */
int operation_in_body(const struct member *);
int operation_has_body(const struct operation *);
const struct member *operation_file(const struct operation *);

/* operation_roles(roles, out): "portal, provider". */
void operation_roles(unsigned roles, struct buf *out);

/* operation_tell(o, out): what is to be known of it, in paragraphs of Markdown. */
void operation_tell(const struct operation *, struct buf *out);

#endif
