/*
 * THE table of what the API offers: it drives dispatch, permission, the checks
 * of bodies and the tests that walk it.
 */
#ifndef ILA_API_HTTP_ROUTES_H
#define ILA_API_HTTP_ROUTES_H

#include "api/actions/action.h"
#include "api/http/reply.h"
#include "api/http/request.h"
#include "ledger/desk/command.h"

enum field_type {
	FIELD_CODE,   /* text that check_code() accepts */
	FIELD_WORD,   /* a reason code */
	FIELD_TEXT,   /* short free text that stays out of the journal */
	FIELD_AMOUNT, /* cents, 1 to AMOUNT_MAX */
	FIELD_SUM,    /* cents, 0 to AMOUNT_MAX */
	FIELD_INT,    /* 0 to 1,000,000 */
	FIELD_ID,     /* a number of ours */
	FIELD_DAY,
	FIELD_INSTANT,
	FIELD_UUID,
	FIELD_FLAG,  /* true or false */
	FIELD_OBJECT /* its members are read by the handler */
};

#define BODY_MEMBERS_MAX 24 /* of one route */

struct field {
	const char *name; /* NULL ends a table */
	enum field_type type;
	int required;
};

/*
 * A route reads, or writes, or acts:
 *	read   runs on an HTTP thread with a reading connection;
 *	parse  makes the arguments of run (from the request's arena); run is the
 *	       command, in the writer's transaction: it writes the answer's JSON;
 *	act    runs on an HTTP thread and takes what connections it needs itself (reports,
 *	       which open their own snapshot; the sandbox clock, which sends commands).
 */
struct route {
	const char *method; /* "GET" or "POST" */
	const char *path; /* segments; {name} matches one; a segment may end in a fixed suffix: {name}.csv */
	unsigned roles;   /* ROLE_BIT set; 0 public */
	const struct field *fields; /* of the JSON body of a POST; NULL: the body is a file (upload) */
	int (*read)(const struct request *, struct db *, struct reply *, struct err *);
	int (*parse)(const struct request *, void **args, struct err *);
	int (*run)(struct tx *, struct command *, struct err *);
	int (*act)(const struct request *, struct reply *, struct err *);
	const char *summary;
	const char *queries;         /* names of the query parameters it takes, blanks between; NULL none */
	const struct action *action; /* NULL, or what it calls: the action's own description holds then */
};

const struct route *route_at(size_t i); /* NULL past the last */

/*
 * route_match(method, path, request, allow, err): fill request->route and its
 * path parameters.  NOT_FOUND for an unknown path; METHOD_NOT_ALLOWED with the
 * methods there are in allow for a known one.  HEAD is GET.  A path with a '%'
 * in it matches nothing: no id or name of ours needs one.
 */
int route_match(const char *method, const char *path, struct request *, char allow[64], struct err *);

/* route_check_queries(r, err): a parameter that the route does not take is refused, naming those it takes. */
int route_check_queries(const struct request *, struct err *);

/* route_check_body(route, body, err): unknown, missing and malformed members are refused, naming them. */
int route_check_body(const struct route *, const struct json_node *body, struct err *);

/* Every command's arguments begin with this. */
struct write_args {
	const struct ledger_settings *settings;
	const unsigned char *master;
};

/* The handlers, one file each in api/routes. */
int vouchers_post_parse(const struct request *, void **, struct err *);
int vouchers_post_run(struct tx *, struct command *, struct err *);
int requests_post_run(struct tx *, struct command *, struct err *);
int redemptions_post_parse(const struct request *, void **, struct err *);
int redemptions_post_run(struct tx *, struct command *, struct err *);
int vouchers_transition_parse(const struct request *, void **, struct err *);
int vouchers_transition_run(struct tx *, struct command *, struct err *);
int vouchers_withdraw_parse(const struct request *, void **, struct err *);
int vouchers_withdraw_run(struct tx *, struct command *, struct err *);
int withdraw_parse(const struct request *, void **, struct err *);
int providers_standing_withdraw_run(struct tx *, struct command *, struct err *);
int close_downs_withdraw_run(struct tx *, struct command *, struct err *);
int vouchers_get(const struct request *, struct db *, struct reply *, struct err *);
int tickets_get(const struct request *, struct db *, struct reply *, struct err *);
int tickets_collect_post_parse(const struct request *, void **, struct err *);
int tickets_collect_post_run(struct tx *, struct command *, struct err *);
int samples_get(const struct request *, struct db *, struct reply *, struct err *);
int draws_get(const struct request *, struct db *, struct reply *, struct err *);
int draws_tickets_get(const struct request *, struct db *, struct reply *, struct err *);
int learners_account_get(const struct request *, struct db *, struct reply *, struct err *);
int learners_statement_get(const struct request *, struct db *, struct reply *, struct err *);
int learners_correct_parse(const struct request *, void **, struct err *);
int learners_correct_run(struct tx *, struct command *, struct err *);
int learners_close_parse(const struct request *, void **, struct err *);
int learners_close_run(struct tx *, struct command *, struct err *);
int learners_freeze_parse(const struct request *, void **, struct err *);
int learners_freeze_run(struct tx *, struct command *, struct err *);
int learners_unfreeze_run(struct tx *, struct command *, struct err *);
int mandates_parse(const struct request *, void **, struct err *);
int mandates_give_run(struct tx *, struct command *, struct err *);
int mandates_end_run(struct tx *, struct command *, struct err *);
int funds_amount_parse(const struct request *, void **, struct err *);
int refunds_post_run(struct tx *, struct command *, struct err *);
int reserve_uses_post_run(struct tx *, struct command *, struct err *);
int close_downs_post_parse(const struct request *, void **, struct err *);
int close_downs_post_run(struct tx *, struct command *, struct err *);
int close_downs_get(const struct request *, struct db *, struct reply *, struct err *);
int funds_get(const struct request *, struct db *, struct reply *, struct err *);
int funds_statement_get(const struct request *, struct db *, struct reply *, struct err *);
int contributions_post_parse(const struct request *, void **, struct err *);
int contributions_post_run(struct tx *, struct command *, struct err *);
int topups_post_parse(const struct request *, void **, struct err *);
int topups_post_run(struct tx *, struct command *, struct err *);
int courses_get(const struct request *, struct db *, struct reply *, struct err *);
int providers_get(const struct request *, struct db *, struct reply *, struct err *);
int providers_standing_post_parse(const struct request *, void **, struct err *);
int providers_standing_post_run(struct tx *, struct command *, struct err *);
int providers_standing_get(const struct request *, struct db *, struct reply *, struct err *);
int bank_details_post_parse(const struct request *, void **, struct err *);
int bank_details_post_run(struct tx *, struct command *, struct err *);
int bank_details_withdraw_parse(const struct request *, void **, struct err *);
int bank_details_withdraw_run(struct tx *, struct command *, struct err *);
int bank_details_get(const struct request *, struct db *, struct reply *, struct err *);
int conflicts_post_parse(const struct request *, void **, struct err *);
int conflicts_post_run(struct tx *, struct command *, struct err *);
int conflicts_end_post_parse(const struct request *, void **, struct err *);
int conflicts_end_post_run(struct tx *, struct command *, struct err *);
int conflicts_get(const struct request *, struct db *, struct reply *, struct err *);
int alerts_get(const struct request *, struct db *, struct reply *, struct err *);
int alerts_close_post_parse(const struct request *, void **, struct err *);
int alerts_close_post_run(struct tx *, struct command *, struct err *);
int imports_post_parse(const struct request *, void **, struct err *);
int imports_post_run(struct tx *, struct command *, struct err *);
int reports_get(const struct request *, struct reply *, struct err *);
int journal_get(const struct request *, struct db *, struct reply *, struct err *);
int health_get(const struct request *, struct reply *, struct err *);
int metrics_get(const struct request *, struct db *, struct reply *, struct err *);

#endif
