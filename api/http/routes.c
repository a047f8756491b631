#include "api/http/routes.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "api/http/called.h"
#include "ledger/base/check.h"
#include "ledger/registers/org.h"

static const struct field voucher_fields[] = {
	{"learner", FIELD_CODE, 1},           {"course", FIELD_CODE, 1},
	{"session_start", FIELD_DAY, 1},      {"session_end", FIELD_DAY, 0},
	{"learner_payment", FIELD_OBJECT, 0}, {NULL, 0, 0}};

static const struct field redemption_fields[] = {
	{"code", FIELD_TEXT, 1}, {"course", FIELD_CODE, 1}, {"started_on", FIELD_DAY, 1}, {NULL, 0, 0}};

static const struct field request_fields[] = {{"learner", FIELD_CODE, 1},
					      {"course", FIELD_CODE, 1},
					      {"session_start", FIELD_DAY, 1},
					      {"session_end", FIELD_DAY, 0},
					      {NULL, 0, 0}};

/* Which of them a transition needs, its own handler knows. */
static const struct field transition_fields[] = {{"exited_on", FIELD_DAY, 0},
						 {"completion", FIELD_INT, 0},
						 {"cause", FIELD_WORD, 0},
						 {"missed_hours", FIELD_INT, 0},
						 {"invoice", FIELD_CODE, 0},
						 {"amount", FIELD_SUM, 0},
						 {"bank_reference", FIELD_CODE, 0},
						 {"reason", FIELD_WORD, 0},
						 {"until", FIELD_DAY, 0},
						 {"session_start", FIELD_DAY, 0},
						 {"session_end", FIELD_DAY, 0},
						 {"fund", FIELD_CODE, 0},
						 {"learner_payment", FIELD_OBJECT, 0},
						 {"voucher", FIELD_UUID, 0},
						 {"restores_learner", FIELD_FLAG, 0},
						 {NULL, 0, 0}};

static const struct field contribution_fields[] = {
	{"reference", FIELD_CODE, 1}, {"kind", FIELD_WORD, 1},     {"fund", FIELD_CODE, 1},
	{"amount", FIELD_AMOUNT, 1},  {"currency", FIELD_CODE, 0}, {"value_date", FIELD_DAY, 1},
	{"call", FIELD_CODE, 0},      {"voucher", FIELD_UUID, 0},  {NULL, 0, 0}};

static const struct field topup_fields[] = {
	{"reference", FIELD_CODE, 1}, {"learner", FIELD_CODE, 1},   {"fund", FIELD_CODE, 1},
	{"amount", FIELD_AMOUNT, 1},  {"currency", FIELD_CODE, 0},  {"earmark_kind", FIELD_WORD, 0},
	{"earmark", FIELD_CODE, 0},   {"expires_on", FIELD_DAY, 0}, {NULL, 0, 0}};

static const struct field correction_fields[] = {{"period", FIELD_INT, 1},
						 {"work_pct", FIELD_INT, 1},
						 {"low_qualified", FIELD_FLAG, 1},
						 {"reason", FIELD_WORD, 1},
						 {NULL, 0, 0}};

static const struct field closing_fields[] = {
	{"reason", FIELD_WORD, 1}, {"evidence", FIELD_CODE, 1}, {NULL, 0, 0}};

static const struct field freeze_fields[] = {
	{"ground", FIELD_WORD, 1}, {"until", FIELD_DAY, 1}, {NULL, 0, 0}};

static const struct field refund_fields[] = {
	{"amount", FIELD_AMOUNT, 1}, {"currency", FIELD_CODE, 0}, {NULL, 0, 0}};

static const struct field reserve_fields[] = {
	{"amount", FIELD_AMOUNT, 1}, {"currency", FIELD_CODE, 0}, {"reason", FIELD_WORD, 1}, {NULL, 0, 0}};

static const struct field standing_fields[] = {
	{"standing", FIELD_WORD, 1}, {"ground", FIELD_WORD, 1}, {"until", FIELD_DAY, 0}, {NULL, 0, 0}};

static const struct field alert_fields[] = {{"outcome", FIELD_WORD, 1}, {NULL, 0, 0}};

static const struct field bank_fields[] = {{"iban", FIELD_TEXT, 1}, {NULL, 0, 0}};

static const struct field conflict_fields[] = {{"learner", FIELD_CODE, 1},
					       {"principal", FIELD_CODE, 0},
					       {"organisation", FIELD_CODE, 0},
					       {NULL, 0, 0}};

static const struct field close_down_fields[] = {{"last_request", FIELD_DAY, 1}, {"last_order", FIELD_DAY, 1},
						 {"last_start", FIELD_DAY, 1},   {"last_claim", FIELD_DAY, 1},
						 {"reason", FIELD_WORD, 1},      {NULL, 0, 0}};

static const struct field withdraw_fields[] = {{"step", FIELD_WORD, 1}, {NULL, 0, 0}};

static const struct field mandate_fields[] = {{"union", FIELD_CODE, 1}, {NULL, 0, 0}};

static const struct field no_fields[] = {{NULL, 0, 0}};

#define ANY_PARTY                                                                                            \
	(BY(PORTAL) | BY(PROVIDER) | BY(FUNDER) | BY(OPERATOR) | BY(CONTROLLER) | BY(AUTHORISER) |           \
	 BY(ACCOUNTANT) | BY(QUALITY) | BY(AUDITOR))
#define STEPS         (BY(PORTAL) | BY(PROVIDER) | BY(FUNDER) | BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT))
#define CHANGES_BANK  (BY(OPERATOR) | BY(AUTHORISER) | BY(ACCOUNTANT))
#define READS_FUNDS   (BY(FUNDER) | BY(UNION) | BY(OPERATOR) | BY(AUDITOR))
#define READS_REPORTS (BY(OPERATOR) | BY(UNION) | BY(FUNDER) | BY(AUDITOR) | BY(CONTROLLER) | BY(ACCOUNTANT))

static const struct route routes[] = {
	/* method, path, roles, body, read, parse, run, act, summary, query parameters */
	{"POST", "/v1/vouchers", BY(PORTAL), voucher_fields, NULL, vouchers_post_parse, vouchers_post_run,
	 NULL,
	 "order a course: draws the plan, commits the money, shows the code once; where the rule draws lots: a "
	 "ticket (202)",
	 NULL, NULL},
	{"POST", "/v1/requests", BY(PORTAL), request_fields, NULL, vouchers_post_parse, requests_post_run,
	 NULL, "ask a provider for a course: nothing is committed yet", NULL, NULL},
	{"POST", "/v1/redemptions", BY(PROVIDER), redemption_fields, NULL, redemptions_post_parse,
	 redemptions_post_run, NULL, "the learner has started", NULL, NULL},
	{"GET", "/v1/vouchers/{id}", ANY_PARTY, NULL, vouchers_get, NULL, NULL, NULL,
	 "state, plan, amounts by stage, history with deadlines", NULL, NULL},
	{"POST", "/v1/vouchers/{id}/withdraw", BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT),
	 withdraw_fields, NULL, vouchers_withdraw_parse, vouchers_withdraw_run, NULL,
	 "take back the first word on a step that two persons decide", NULL, NULL},
	{"POST", "/v1/vouchers/{id}/{transition}", STEPS, transition_fields, NULL, vouchers_transition_parse,
	 vouchers_transition_run, NULL, "every other step of the transition table", NULL, NULL},
	{"GET", "/v1/tickets/{id}", BY(PORTAL), NULL, tickets_get, NULL, NULL, NULL,
	 "an order that waits for its draw: state, rank, voucher or refusal", NULL, NULL},
	{"POST", "/v1/tickets/{id}/collect", BY(PORTAL), no_fields, NULL, tickets_collect_post_parse,
	 tickets_collect_post_run, NULL, "the voucher of an accepted ticket; shows the code once", NULL,
	 NULL},
	{"GET", "/v1/draws/{programme}/{version}", 0, NULL, draws_get, NULL, NULL, NULL,
	 "a draw: hash of its seed; once the window has closed the seed and the hash of the list", NULL,
	 NULL},
	{"GET", "/v1/draws/{programme}/{version}/tickets", 0, NULL, draws_tickets_get, NULL, NULL, NULL,
	 "its closed list: ids in the order of arrival, ranks", "limit after", NULL},
	{"GET", "/v1/samples/{month}", 0, NULL, samples_get, NULL, NULL, NULL,
	 "a month's sample of declarations (2026-01): hash of its seed; once the month is over the seed",
	 NULL, NULL},
	{"GET", "/v1/learners/{id}/account", BY(PORTAL), NULL, learners_account_get, NULL, NULL, NULL,
	 "balance and lots", NULL, NULL},
	{"GET", "/v1/learners/{id}/statement", BY(PORTAL), NULL, learners_statement_get, NULL, NULL, NULL,
	 "movements of a lot, newest first (?lot=)", "lot limit after", NULL},
	{"POST", "/v1/learners/{id}/corrections", BY(CONTROLLER), correction_fields, NULL,
	 learners_correct_parse, learners_correct_run, NULL, "correct the accrual of a year by better data",
	 NULL, NULL},
	{"POST", "/v1/learners/{id}/close", BY(OPERATOR), closing_fields, NULL, learners_close_parse,
	 learners_close_run, NULL, "close the account: retirement or death", NULL, NULL},
	{"POST", "/v1/learners/{id}/freeze", BY(CONTROLLER), freeze_fields, NULL, learners_freeze_parse,
	 learners_freeze_run, NULL, "freeze the account on a legal ground, six months at most", NULL, NULL},
	{"POST", "/v1/learners/{id}/unfreeze", BY(CONTROLLER), no_fields, NULL, learners_freeze_parse,
	 learners_unfreeze_run, NULL, "end a freeze before its day", NULL, NULL},
	{"POST", "/v1/learners/{id}/mandate", BY(PORTAL), mandate_fields, NULL, mandates_parse,
	 mandates_give_run, NULL, "let a union see what was posted for the learner", NULL, NULL},
	{"POST", "/v1/learners/{id}/revoke-mandate", BY(PORTAL), mandate_fields, NULL, mandates_parse,
	 mandates_end_run, NULL, "end a union's mandate, from today on", NULL, NULL},
	{"GET", "/v1/funds/{id}", READS_FUNDS, NULL, funds_get, NULL, NULL, NULL,
	 "balances by stage, now or as of an entry (?seq=) or an instant (?at=)", "seq at", NULL},
	{"GET", "/v1/funds/{id}/statement", READS_FUNDS, NULL, funds_statement_get, NULL, NULL, NULL,
	 "movements of a fund", "limit after", NULL},
	{"POST", "/v1/funds/{id}/refunds", BY(OPERATOR) | BY(AUTHORISER), refund_fields, NULL,
	 funds_amount_parse, refunds_post_run, NULL, "order unspent money back to the funder: a payment",
	 NULL, NULL},
	{"POST", "/v1/funds/{id}/reserve-uses", BY(ACCOUNTANT), reserve_fields, NULL, funds_amount_parse,
	 reserve_uses_post_run, NULL, "use what was set aside as reserve", NULL, NULL},
	{"POST", "/v1/contributions", BY(FUNDER) | BY(OPERATOR) | BY(ACCOUNTANT), contribution_fields, NULL,
	 contributions_post_parse, contributions_post_run, NULL,
	 "money in: call, receipt, payment, settlement", NULL, NULL},
	{"POST", "/v1/topups", BY(FUNDER) | BY(OPERATOR) | BY(ACCOUNTANT), topup_fields, NULL,
	 topups_post_parse, topups_post_run, NULL, "entitlement to a learner out of a cash-backed fund", NULL,
	 NULL},
	{"GET", "/v1/courses", 0, NULL, courses_get, NULL, NULL, NULL, "courses that are eligible today",
	 "limit after", NULL},
	{"GET", "/v1/providers", 0, NULL, providers_get, NULL, NULL, NULL,
	 "providers accredited today, their standing", "limit after", NULL},
	{"POST", "/v1/providers/{id}/standing", BY(CONTROLLER) | BY(AUTHORISER), standing_fields, NULL,
	 providers_standing_post_parse, providers_standing_post_run, NULL,
	 "suspend or remove a provider, or end that: two persons, the first is answered 202", NULL, NULL},
	{"POST", "/v1/providers/{id}/standing/withdraw", BY(CONTROLLER) | BY(AUTHORISER), no_fields, NULL,
	 withdraw_parse, providers_standing_withdraw_run, NULL,
	 "take back the first word on a provider's standing", NULL, NULL},
	{"GET", "/v1/providers/{id}/standing", BY(CONTROLLER) | BY(AUTHORISER) | BY(QUALITY) | BY(AUDITOR),
	 NULL, providers_standing_get, NULL, NULL, NULL,
	 "decisions on a provider, newest first, and what awaits a second person", "limit after", NULL},
	{"POST", "/v1/organisations/{id}/bank-details", CHANGES_BANK, bank_fields, NULL,
	 bank_details_post_parse, bank_details_post_run, NULL,
	 "change a known bank account: two persons, the first is answered 202; in force after a delay", NULL,
	 NULL},
	{"POST", "/v1/organisations/{id}/bank-details/withdraw", CHANGES_BANK, no_fields, NULL,
	 bank_details_withdraw_parse, bank_details_withdraw_run, NULL,
	 "withdraw a change that is not in force yet", NULL, NULL},
	{"GET", "/v1/organisations/{id}/bank-details", CHANGES_BANK | BY(CONTROLLER) | BY(AUDITOR), NULL,
	 bank_details_get, NULL, NULL, NULL,
	 "changes of a bank account, newest first: who, when, from which day", "limit after", NULL},
	{"POST", "/v1/conflicts", BY(OPERATOR) | BY(CONTROLLER) | BY(AUDITOR), conflict_fields, NULL,
	 conflicts_post_parse, conflicts_post_run, NULL,
	 "declare that a person, or a team, may not act on a learner's account", NULL, NULL},
	{"POST", "/v1/conflicts/{id}/end", BY(OPERATOR) | BY(CONTROLLER) | BY(AUDITOR), no_fields, NULL,
	 conflicts_end_post_parse, conflicts_end_post_run, NULL,
	 "end a conflict of interest; not by whom it is about", NULL, NULL},
	{"GET", "/v1/conflicts", BY(OPERATOR) | BY(CONTROLLER) | BY(AUDITOR), NULL, conflicts_get, NULL, NULL,
	 NULL, "conflicts of interest, ended ones too", "limit after", NULL},
	{"GET", "/v1/alerts", BY(CONTROLLER) | BY(AUDITOR), NULL, alerts_get, NULL, NULL, NULL,
	 "what to look at: budgets, concentration, shared bank accounts; open ones first", "limit after",
	 NULL},
	{"POST", "/v1/alerts/{id}/close", BY(CONTROLLER), alert_fields, NULL, alerts_close_post_parse,
	 alerts_close_post_run, NULL, "close an alert with its outcome", NULL, NULL},
	{"GET", "/v1/reports/{name}.csv", READS_REPORTS, NULL, NULL, NULL, NULL, reports_get,
	 "a report, the same bytes as ila report", "from to fund union", NULL},
	{"GET", "/v1/journal", BY(AUDITOR) | BY(UNION), NULL, journal_get, NULL, NULL, NULL,
	 "entries in order", "limit after", NULL},
	{"POST", "/v1/imports/{kind}", BY(OPERATOR), NULL, NULL, imports_post_parse, imports_post_run, NULL,
	 "a file of a kind that ila import knows, as the body (?dry_run=true, ?seen_on=)", "dry_run seen_on",
	 NULL},
	{"POST", "/v1/programmes/{id}/close-down", BY(AUTHORISER) | BY(ACCOUNTANT) | BY(OPERATOR),
	 close_down_fields, NULL, close_downs_post_parse, close_downs_post_run, NULL,
	 "close a programme down, or move its days later: two persons decide", NULL, NULL},
	{"POST", "/v1/programmes/{id}/close-down/withdraw", BY(AUTHORISER) | BY(ACCOUNTANT) | BY(OPERATOR),
	 no_fields, NULL, withdraw_parse, close_downs_withdraw_run, NULL,
	 "take back the first word on a close-down", NULL, NULL},
	{"GET", "/v1/programmes/{id}/close-down",
	 BY(AUTHORISER) | BY(ACCOUNTANT) | BY(OPERATOR) | BY(CONTROLLER) | BY(AUDITOR), NULL, close_downs_get,
	 NULL, NULL, NULL, "how far a close-down is, its decisions, what is left open", NULL, NULL},
	{"GET", "/healthz", 0, NULL, NULL, NULL, NULL, health_get,
	 "liveness: 503 once a commit has failed at the disk", NULL, NULL},
	{"GET", "/metrics", 0, NULL, metrics_get, NULL, NULL, NULL, "Prometheus text", NULL, NULL},
};

#define ROUTES (sizeof routes / sizeof routes[0])

#define ACTIONS_MAX 128

/* The routes of the actions, made once. */
static struct route of_actions[ACTIONS_MAX];
static size_t of_actions_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_routes(void)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL && i < ACTIONS_MAX; i++) {
		struct route *r = &of_actions[of_actions_count++];

		*r = (struct route){.method = a->method,
				    .path = a->path,
				    .roles = a->roles,
				    .fields = no_fields,
				    .summary = a->summary,
				    .action = a};
		if (a->read != NULL) {
			r->read = called_read;
		} else if (a->act != NULL || (a->flags & ACTION_SECRET) != 0) {
			r->act = called_act;
		} else {
			r->parse = called_parse;
			r->run = called_run;
		}
	}
}

const struct route *route_at(size_t i)
{
	pthread_once(&once, make_routes);
	if (i < ROUTES)
		return &routes[i];
	return i - ROUTES < of_actions_count ? &of_actions[i - ROUTES] : NULL;
}

/* One segment of the template against one of the path; a {name} stores its value. */
static int match_segment(const char *t, size_t tn, const char *p, size_t pn, struct request *r)
{
	const char *close = memchr(t, '}', tn);
	struct param *param;
	size_t suffix;

	if (tn == 0 || t[0] != '{' || close == NULL)
		return tn == pn && memcmp(t, p, tn) == 0;
	suffix = tn - (size_t)(close + 1 - t);
	if (pn <= suffix || memcmp(close + 1, p + pn - suffix, suffix) != 0 || pn - suffix >= PARAM_MAX ||
	    r->path_params == PATH_PARAMS_MAX)
		return 0;
	param = &r->path_param[r->path_params++];
	param->name = arena_copy(r->arena, t + 1, (size_t)(close - t - 1));
	if (param->name == NULL)
		return 0;
	memcpy(param->value, p, pn - suffix);
	param->value[pn - suffix] = '\0';
	return 1;
}

/* Segment by segment, all of them. */
static int match_path(const char *t, const char *p, struct request *r)
{
	r->path_params = 0;
	while (*t == '/' && *p == '/') {
		size_t tn = strcspn(++t, "/"), pn = strcspn(++p, "/");

		if (!match_segment(t, tn, p, pn, r))
			return 0;
		t += tn;
		p += pn;
	}
	return *t == '\0' && *p == '\0';
}

int route_match(const char *method, const char *path, struct request *r, char allow[64], struct err *err)
{
	const struct route *route;
	size_t n = 0;

	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	allow[0] = '\0';
	for (size_t i = 0; (route = route_at(i)) != NULL && strchr(path, '%') == NULL; i++) {
		if (!match_path(route->path, path, r))
			continue;
		if (strcmp(route->method, method) == 0) {
			r->route = route;
			return 0;
		}
		n += (size_t)snprintf(allow + n, 64 - n, "%s%s", n ? ", " : "", route->method);
	}
	r->path_params = 0;
	if (n > 0)
		return err_set(err, ERR_METHOD_NOT_ALLOWED, NULL, "This address offers %s only.", allow);
	return err_set(err, ERR_NOT_FOUND, NULL, "There is no such address in this API.");
}

int route_check_queries(const struct request *r, struct err *err)
{
	const char *known = r->route->queries ? r->route->queries : "";

	if (r->route->action != NULL)
		return called_queries(r, err);
	for (size_t i = 0; i < r->queries; i++) {
		const char *at = strstr(known, r->query[i].name);
		size_t n = strlen(r->query[i].name);

		if (n == 0 || at == NULL || (at != known && at[-1] != ' ') || (at[n] != '\0' && at[n] != ' '))
			return err_set(err, ERR_FIELD_UNKNOWN, r->query[i].name,
				       "This address takes no query parameter of that name. It takes: %s.",
				       *known ? known : "none");
	}
	return 0;
}

static int check_text_field(const struct json_node *body, const struct field *f, struct err *err)
{
	const char *text;

	if (json_text(body, "", f->name, 256, &text, err) != 0)
		return -1;
	if (f->type == FIELD_CODE && !check_code(text))
		return err_set(err, ERR_FIELD_INVALID, f->name,
			       "%s is 1 to %d letters, digits and _.:/- and begins with a letter or digit.",
			       f->name, CODE_MAX);
	if (f->type == FIELD_WORD && !check_reason(text))
		return err_set(err, ERR_FIELD_INVALID, f->name,
			       "%s is a word of a-z, 0-9 and _, at most %d long.", f->name, REASON_MAX);
	return 0;
}

static int check_field(const struct json_node *body, const struct field *f, struct err *err)
{
	const struct json_node *object;
	const char *text;
	struct uuid uuid;
	int64_t i;
	day_t day;
	int flag;

	switch (f->type) {
	case FIELD_CODE:
	case FIELD_WORD:
	case FIELD_TEXT:
		return check_text_field(body, f, err);
	case FIELD_AMOUNT:
		return json_int(body, "", f->name, 1, AMOUNT_MAX, &i, err);
	case FIELD_SUM:
		return json_int(body, "", f->name, 0, AMOUNT_MAX, &i, err);
	case FIELD_ID:
		return json_int(body, "", f->name, 0, HOLDER_MAX, &i, err);
	case FIELD_INT:
		return json_int(body, "", f->name, 0, 1000000, &i, err);
	case FIELD_DAY:
		return json_day(body, "", f->name, &day, err);
	case FIELD_UUID:
		return json_uuid(body, "", f->name, &uuid, err);
	case FIELD_FLAG:
		return json_bool(body, "", f->name, &flag, err);
	case FIELD_OBJECT:
		return json_get_object(body, "", f->name, &object, err);
	case FIELD_INSTANT:
		if (json_text(body, "", f->name, INSTANT_TEXT + 8, &text, err) != 0)
			return -1;
		if (instant_parse(text, &i) != 0)
			return err_set(err, ERR_FIELD_INVALID, f->name,
				       "%s is an instant such as 2026-01-31T09:00:00Z.", f->name);
		return 0;
	}
	return err_bug(err, "a field without a type");
}

int route_check_body(const struct route *route, const struct json_node *body, struct err *err)
{
	const char *names[BODY_MEMBERS_MAX + 1] = {NULL};
	size_t n = 0;

	if (route->action != NULL)
		return 0; /* it looks at its body itself, while reading it */
	for (const struct field *f = route->fields; f->name != NULL; f++)
		names[n++] = f->name;
	if (json_only(body, "", names, err) != 0)
		return -1;
	for (const struct field *f = route->fields; f->name != NULL; f++)
		if ((f->required || json_has(body, f->name)) && check_field(body, f, err) != 0)
			return -1;
	return 0;
}
