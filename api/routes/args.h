/*
 * What the routes that write have in common: arguments from the body, answers
 * in JSON.
 */
#ifndef ILA_API_ROUTES_ARGS_H
#define ILA_API_ROUTES_ARGS_H

#include "api/http/routes.h"

/* args_alloc(r, size, err): zeroed arguments from the request's arena; they begin with struct write_args,
 * which is filled. */
void *args_alloc(const struct request *, size_t size, struct err *);

/*
 * Members whose form route_check_body() has checked.  Absent ones leave "" (0,
 * DAY_NONE).  body_code copies into an array of CODE_MAX + 1, body_word of
 * REASON_MAX + 1.
 */
void body_code(const struct json_node *, const char *name, char *out);
void body_word(const struct json_node *, const char *name, char *out);
/* path_code: the same of a parameter of the path; "" when it is longer than any code. */
void path_code(const struct request *, const char *name, char out[CODE_MAX + 1]);
int64_t body_int(const struct json_node *, const char *name, int64_t absent);
day_t body_day(const struct json_node *, const char *name);

/* body_need(body, name, err): FIELD_MISSING when a member that this step needs is absent. */
int body_need(const struct json_node *, const char *name, struct err *);

/* body_currency(body, settings, err): a currency that is named must be the ledger's. */
int body_currency(const struct json_node *, const struct ledger_settings *, struct err *);

/*
 * body_learner_payment(body, settings, amount, reference, err): the member
 * learner_payment, what the learner paid by card or bank; 0 and "" when absent.
 * reference is an array of CODE_MAX + 1.
 */
int body_learner_payment(const struct json_node *, const struct ledger_settings *, int64_t *amount,
			 char *reference, struct err *);

/* check_own_fund(tx, code, err): a funder acts on its own funds only; others' keys are not limited
 * (FORBIDDEN). */
int check_own_fund(struct tx *, const char *code, struct err *);

/* Members of an answer; each writes its comma unless it follows an opening bracket. */
void out_text(struct buf *, const char *name, const char *value);
void out_optional(struct buf *, const char *name, const char *value); /* null when "" */
void out_int(struct buf *, const char *name, int64_t value);
void out_known(struct buf *, const char *name, int64_t value); /* null when negative */
void out_day(struct buf *, const char *name, day_t);           /* null when DAY_NONE */
void out_instant(struct buf *, const char *name, int64_t);
void out_bool(struct buf *, const char *name, int value);
void out_name(struct buf *, const char *name); /* comma, name and colon: a value of one's own follows */

/* The end of a list: "has_more" and "next" (NULL: there is no more). */
void out_page(struct buf *, const char *next);

#endif
