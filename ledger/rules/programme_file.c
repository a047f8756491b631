#include "ledger/rules/programme_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/rules/programme_member.h"

/* The presets: the keys that rank lots, in order (ledger/field.md#drawing-on-funds). */
static const struct {
	const char *name;
	enum rank_key rank[RANK__MAX];
	size_t ranks;
} presets[] = {
	{"cpf-arrete-2020", {RANK_CLASS, RANK_EXPIRY, RANK_GRANTED, RANK_LOT}, 4},
	{"sfc", {RANK_EXPIRY, RANK_RESTRICTED, RANK_GRANTED, RANK_LOT}, 4},
	{"earmark-first", {RANK_RESTRICTED, RANK_CLASS, RANK_EXPIRY, RANK_GRANTED, RANK_LOT}, 5},
};

static int parse_head(const struct json_node *root, struct rule *r, struct err *err)
{
	const char *zone, *calendar, *currency;

	if (member_code(root, "", "programme", r->programme, err) != 0)
		return -1;
	snprintf(r->account, sizeof r->account, "%s", r->programme);
	if (json_has(root, "account") && member_code(root, "", "account", r->account, err) != 0)
		return -1;
	if (member_code(root, "", "version", r->version, err) != 0 ||
	    json_day(root, "", "valid_from", &r->valid_from, err) != 0 ||
	    json_day(root, "", "valid_to", &r->valid_to, err) != 0 ||
	    json_text(root, "", "time_zone", CODE_MAX, &zone, err) != 0 ||
	    json_text(root, "", "calendar", CODE_MAX, &calendar, err) != 0 ||
	    json_text(root, "", "currency", 3, &currency, err) != 0)
		return -1;
	if (currency_exponent(currency) < 0)
		return err_set(err, ERR_FIELD_INVALID, "currency",
			       "currency \"%s\" is not known here (ISO 4217, such as EUR).", currency);
	snprintf(r->currency, sizeof r->currency, "%s", currency);
	if (r->valid_to < r->valid_from)
		return err_set(err, ERR_FIELD_INVALID, "valid_to", "valid_to lies before valid_from.");
	if (zone_find(zone, err) < 0) {
		if (err->code == ERR_FIELD_INVALID)
			snprintf(err->field, sizeof err->field, "time_zone");
		return -1;
	}
	snprintf(r->time_zone, sizeof r->time_zone, "%s", zone);
	if (calendar_find(calendar, &r->calendar) != 0)
		return err_set(err, ERR_FIELD_INVALID, "calendar",
			       "calendar is one of FR, FR-ALSACE-MOSELLE, NONE, LISTED; not \"%s\".",
			       calendar);
	return member_holidays(root, r, err);
}

static int parse_copay(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"fund", "flat", "pct", "exempt_status", "exempt_class", NULL};
	const struct json_node *n;

	if (!json_has(root, "copay"))
		return 0;
	if (json_get_object(root, "", "copay", &n, err) != 0 || json_only(n, "copay", names, err) != 0 ||
	    member_code(n, "copay", "fund", r->copay_fund, err) != 0)
		return -1;
	if (json_has(n, "flat") && json_has(n, "pct"))
		return err_set(err, ERR_FIELD_INVALID, "copay.pct",
			       "A co-payment is flat or a percentage of the price (pct), not both.");
	if (json_has(n, "pct") ? member_int(n, "copay", "pct", 100, &r->copay_pct, err) != 0
			       : json_int(n, "copay", "flat", 0, AMOUNT_MAX, &r->copay_flat, err) != 0)
		return -1;
	if (member_words(n, "copay", "exempt_status", r->copay_exempt_status, &r->copay_exempt_statuses,
			 err) != 0)
		return -1;
	return member_words(n, "copay", "exempt_class", r->copay_exempt_class, &r->copay_exempt_classes, err);
}

static int parse_drawdown(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"preset", "classes", NULL};
	const struct json_node *n;

	if (!json_has(root, "drawdown"))
		return err_set(err, ERR_FIELD_MISSING, "drawdown",
			       "drawdown is missing: the order in which lots are spent.");
	if (json_get_object(root, "", "drawdown", &n, err) != 0 ||
	    json_only(n, "drawdown", names, err) != 0 ||
	    member_code(n, "drawdown", "preset", r->preset, err) != 0 ||
	    member_words(n, "drawdown", "classes", r->class_order, &r->classes, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
		if (strcmp(presets[i].name, r->preset) != 0)
			continue;
		memcpy(r->rank, presets[i].rank, sizeof r->rank);
		r->ranks = presets[i].ranks;
		return 0;
	}
	return err_set(err, ERR_FIELD_INVALID, "drawdown.preset",
		       "drawdown.preset is one of cpf-arrete-2020, sfc, earmark-first; not \"%s\".",
		       r->preset);
}

#define GROUP_MEMBERS_MAX 8

struct int_rule {
	const char *name;
	int max;
	int *out;
};

/* An object whose members are all whole numbers, and all there. */
static int parse_numbers(const struct json_node *root, const char *group, const struct int_rule *members,
			 size_t count, struct err *err)
{
	const char *names[GROUP_MEMBERS_MAX + 1] = {NULL};
	const struct json_node *n;

	for (size_t i = 0; i < count; i++)
		names[i] = members[i].name;
	if (json_get_object(root, "", group, &n, err) != 0 || json_only(n, group, names, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (member_int(n, group, members[i].name, members[i].max, members[i].out, err) != 0)
			return -1;
	return 0;
}

#define NUMBERS(list) list, sizeof(list) / sizeof(list)[0]

static int parse_deadlines(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"withdraw_days", RULE_DAYS_MAX, &r->withdraw_days},
		{"cancel_free_working_days", RULE_DAYS_MAX, &r->cancel_free_working_days},
		{"entry_declare_working_days", RULE_DAYS_MAX, &r->entry_declare_working_days},
		{"exit_declare_working_days", RULE_DAYS_MAX, &r->exit_declare_working_days},
		{"validate_auto_working_days", RULE_DAYS_MAX, &r->validate_auto_working_days},
		{"pay_days", RULE_DAYS_MAX, &r->pay_days},
		{"iban_quiet_days", RULE_DAYS_MAX, &r->iban_quiet_days},
		{"start_within_days", RULE_DAYS_MAX, &r->start_within_days},
	};

	return parse_numbers(root, "deadlines", NUMBERS(members), err);
}

static int parse_requests(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"provider_reply_working_days", RULE_DAYS_MAX, &r->provider_reply_working_days},
		{"learner_accept_working_days", RULE_DAYS_MAX, &r->learner_accept_working_days},
		{"cofund_reply_days", RULE_DAYS_MAX, &r->cofund_reply_days},
		{"max_parallel", REQUESTS_OPEN_MAX, &r->requests_max},
	};

	r->takes_requests = json_has(root, "requests");
	return r->takes_requests ? parse_numbers(root, "requests", NUMBERS(members), err) : 0;
}

static int parse_cancellation(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"late_fee_pct", 100, &r->late_fee_pct},
		{"no_show_fee_pct", 100, &r->no_show_fee_pct},
		{"no_show_after_working_days", RULE_DAYS_MAX, &r->no_show_after_working_days},
		{"contest_days", RULE_DAYS_MAX, &r->contest_days},
	};

	r->charges_late = json_has(root, "cancellation");
	return r->charges_late ? parse_numbers(root, "cancellation", NUMBERS(members), err) : 0;
}

static int parse_control(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"max_days", RULE_DAYS_MAX, &r->control_max_days},
		{"freeze_max_days", RULE_DAYS_MAX, &r->freeze_max_days},
	};

	r->controls = json_has(root, "control");
	return r->controls ? parse_numbers(root, "control", NUMBERS(members), err) : 0;
}

static int parse_sample(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"pct", 100, &r->sample_pct},
		{"days", RULE_DAYS_MAX, &r->sample_days},
	};

	if (!json_has(root, "sample"))
		return 0;
	if (parse_numbers(root, "sample", NUMBERS(members), err) != 0)
		return -1;
	if (r->sample_days < 1 || !r->controls || r->sample_days > r->control_max_days)
		return member_refuse("sample", "days", "is at least 1, and at most control.max_days", err);
	return 0;
}

static int parse_recovery(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"demand_days", "oppose_days", "first_class", NULL};
	const struct json_node *n;

	r->recovers = json_has(root, "recovery");
	if (!r->recovers)
		return 0;
	if (json_get_object(root, "", "recovery", &n, err) != 0 ||
	    json_only(n, "recovery", names, err) != 0 ||
	    member_int(n, "recovery", "demand_days", RULE_DAYS_MAX, &r->recovery_demand_days, err) != 0 ||
	    member_int(n, "recovery", "oppose_days", RULE_DAYS_MAX, &r->recovery_oppose_days, err) != 0)
		return -1;
	if (!json_has(n, "first_class"))
		return 0;
	return member_word(n, "recovery", "first_class", r->recovery_first_class, err);
}

/* Members that may be absent. */
static int parse_some(const struct json_node *root, const char *group, const struct int_rule *members,
		      size_t count, struct err *err)
{
	const char *names[GROUP_MEMBERS_MAX + 1] = {NULL};
	const struct json_node *n;

	if (!json_has(root, group))
		return 0;
	for (size_t i = 0; i < count; i++)
		names[i] = members[i].name;
	if (json_get_object(root, "", group, &n, err) != 0 || json_only(n, group, names, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (json_has(n, members[i].name) &&
		    member_int(n, group, members[i].name, members[i].max, members[i].out, err) != 0)
			return -1;
	return 0;
}

static int parse_places(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"per_course", INT_MAX, &r->places_per_course},
		{"per_provider", INT_MAX, &r->places_per_provider},
	};

	return parse_some(root, "places", NUMBERS(members), err);
}

static int parse_provider(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"new_days", "new_ceiling", "new_validate_working_days",
					    "exposure_max", NULL};
	const struct json_node *n;

	if (!json_has(root, "provider"))
		return 0;
	if (json_get_object(root, "", "provider", &n, err) != 0 ||
	    json_only(n, "provider", names, err) != 0 ||
	    (json_has(n, "exposure_max") &&
	     json_int(n, "provider", "exposure_max", 1, AMOUNT_MAX, &r->provider_exposure_max, err) != 0))
		return -1;
	if (!json_has(n, "new_days") && !json_has(n, "new_ceiling") &&
	    !json_has(n, "new_validate_working_days"))
		return 0;
	if (member_int(n, "provider", "new_days", RULE_DAYS_MAX, &r->provider_new_days, err) != 0 ||
	    json_int(n, "provider", "new_ceiling", 1, AMOUNT_MAX, &r->provider_new_ceiling, err) != 0)
		return -1;
	return member_int(n, "provider", "new_validate_working_days", RULE_DAYS_MAX,
			  &r->provider_new_validate_working_days, err);
}

static int parse_alerts(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"course_rush_orders",
					    "course_rush_days",
					    "provider_share_pct",
					    "provider_share_from",
					    "provider_growth_pct",
					    "provider_growth_from",
					    NULL};
	const struct json_node *n;

	r->alert_rush_days = RUSH_DAYS;
	if (!json_has(root, "alerts"))
		return 0;
	if (json_get_object(root, "", "alerts", &n, err) != 0 || json_only(n, "alerts", names, err) != 0 ||
	    (json_has(n, "course_rush_orders") &&
	     member_int(n, "alerts", "course_rush_orders", INT_MAX, &r->alert_rush_orders, err) != 0) ||
	    (json_has(n, "course_rush_days") &&
	     member_int(n, "alerts", "course_rush_days", RULE_DAYS_MAX, &r->alert_rush_days, err) != 0))
		return -1;
	if (r->alert_rush_days < 1)
		return member_refuse("alerts", "course_rush_days", "is at least 1", err);
	if ((json_has(n, "provider_share_pct") || json_has(n, "provider_share_from")) &&
	    (member_int(n, "alerts", "provider_share_pct", 100, &r->alert_share_pct, err) != 0 ||
	     json_int(n, "alerts", "provider_share_from", 0, AMOUNT_MAX, &r->alert_share_from, err) != 0))
		return -1;
	if (!json_has(n, "provider_growth_pct") && !json_has(n, "provider_growth_from"))
		return 0;
	if (member_int(n, "alerts", "provider_growth_pct", RULE_GROWTH_PCT_MAX, &r->alert_growth_pct, err) !=
	    0)
		return -1;
	return json_int(n, "alerts", "provider_growth_from", 0, AMOUNT_MAX, &r->alert_growth_from, err);
}

static int parse_curve_step(const struct json_node *n, const char *path, struct curve_step *s,
			    struct err *err)
{
	static const char *const names[] = {"from", "pay", "pay_pct", NULL};
	const char *word;

	if (json_only(n, path, names, err) != 0 || member_int(n, path, "from", 100, &s->from, err) != 0)
		return -1;
	if (json_has(n, "pay_pct"))
		return member_int(n, path, "pay_pct", 100, &s->pay, err);
	s->pay = -1;
	if (json_text(n, path, "pay", CODE_MAX, &word, err) != 0)
		return -1;
	return strcmp(word, "rate") == 0 ? 0 : member_refuse(path, "pay", "is rate; or say pay_pct", err);
}

static int parse_curve(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"pay_curve", NULL};
	const struct json_node *n, *list, *step;
	char path[32];

	if (json_get_object(root, "", "completion", &n, err) != 0 ||
	    json_only(n, "completion", names, err) != 0 ||
	    json_get_array(n, "completion", "pay_curve", CURVE_MAX, &list, err) != 0)
		return -1;
	r->curve_steps = json_count(list);
	for (size_t i = 0; i < r->curve_steps; i++) {
		struct curve_step *s = &r->curve[i];

		snprintf(path, sizeof path, "completion.pay_curve[%u]", (unsigned)i);
		if (json_object_at(list, "completion.pay_curve", i, &step, err) != 0 ||
		    parse_curve_step(step, path, s, err) != 0)
			return -1;
		if (i == 0 && s->from != 0)
			return member_refuse(path, "from", "is 0, where the curve begins", err);
		if (i > 0 && s->from <= r->curve[i - 1].from)
			return member_refuse(path, "from", "is not above that of the step before", err);
	}
	if (r->curve_steps == 0)
		return member_refuse("completion", "pay_curve", "has at least one step", err);
	return 0;
}

static int parse_advance(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"pct", "min_days", NULL};
	const struct json_node *n;

	if (!json_has(root, "advance"))
		return 0;
	/* Law ceiling for private contracts: 30 % (L6353-6). */
	if (json_get_object(root, "", "advance", &n, err) != 0 || json_only(n, "advance", names, err) != 0 ||
	    member_int(n, "advance", "pct", 100, &r->advance_pct, err) != 0)
		return -1;
	return member_int(n, "advance", "min_days", 3650, &r->advance_min_days, err);
}

/* Which days, and in which order; the draw itself is held on the day after the last. */
static int parse_intake(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"from", "to", "order", NULL};
	const struct json_node *n;
	const char *order;

	r->intake_from = r->intake_to = DAY_NONE;
	if (!json_has(root, "intake"))
		return 0;
	if (strcmp(r->account, r->programme) != 0)
		return err_set(err, ERR_FIELD_INVALID, "intake",
			       "intake belongs to the programme that has the accounts, %s.", r->account);
	if (json_get_object(root, "", "intake", &n, err) != 0 || json_only(n, "intake", names, err) != 0 ||
	    json_day(n, "intake", "from", &r->intake_from, err) != 0 ||
	    json_day(n, "intake", "to", &r->intake_to, err) != 0 ||
	    json_text(n, "intake", "order", CODE_MAX, &order, err) != 0)
		return -1;
	if (strcmp(order, "arrival") == 0)
		r->intake = INTAKE_ARRIVAL;
	else if (strcmp(order, "lottery") == 0)
		r->intake = INTAKE_LOTTERY;
	else
		return err_set(err, ERR_FIELD_INVALID, "intake.order",
			       "intake.order is one of arrival, lottery; not \"%s\".", order);
	if (r->intake_to < r->intake_from)
		return err_set(err, ERR_FIELD_INVALID, "intake.to", "intake.to lies before intake.from.");
	if (r->intake_from < r->valid_from)
		return err_set(err, ERR_FIELD_INVALID, "intake.from", "intake.from lies before valid_from.");
	if (r->intake_to > r->valid_to - (r->intake == INTAKE_LOTTERY))
		return err_set(
			err, ERR_FIELD_INVALID, "intake.to",
			r->intake == INTAKE_LOTTERY
				? "intake.to must lie before valid_to: the lots are drawn on the day after."
				: "intake.to lies after valid_to.");
	if (r->intake == INTAKE_LOTTERY && (strchr(r->programme, '/') || strchr(r->version, '/')))
		return err_set(
			err, ERR_FIELD_INVALID, "intake.order",
			"A draw is published under the names of programme and version: for order lottery "
			"neither may hold a '/'.");
	return 0;
}

/* A fault is kept and reading goes on while the caller wants all of them. */
static int go_on(struct rule_faults *faults, const struct err *err)
{
	if (faults == NULL || faults->count == RULE_FAULTS_MAX)
		return 0;
	faults->fault[faults->count++] = *err;
	return 1;
}

static int parse_funds(const struct json_node *root, struct rule *r, struct rule_funds *funds,
		       struct rule_faults *faults, struct err *err)
{
	const struct json_node *list, *n;
	struct rule_fund scratch = {0};

	if (json_get_array(root, "", "funds", FUNDS_PER_RULE_MAX, &list, err) != 0)
		return go_on(faults, err) ? 0 : -1;
	for (size_t i = 0; i < json_count(list); i++) {
		struct rule_fund *f = funds ? &funds->fund[funds->count++] : &scratch;
		char at[sizeof err->field];

		snprintf(at, sizeof at, "funds[%zu]", i);
		if ((json_object_at(list, "funds", i, &n, err) != 0 || member_fund(n, at, r, f, err) != 0) &&
		    !go_on(faults, err))
			return -1;
	}
	return 0;
}

/* A fund that a rule speaks of is one of its own document, of a right nature: one of natures, in words. */
static int check_fund(const struct rule_funds *funds, const char *field, const char *code, unsigned natures,
		      const char *words, struct rule_faults *faults, struct err *err)
{
	if (code[0] == '\0')
		return 0;
	for (size_t i = 0; i < funds->count; i++)
		if (strcmp(funds->fund[i].code, code) == 0 && (1u << funds->fund[i].nature & natures) != 0)
			return 0;
	err_set(err, ERR_FIELD_INVALID, field, "%s is %s, and funds[] has no such fund of nature %s.", field,
		code, words);
	return go_on(faults, err) ? 0 : -1;
}

static int check_funds(const struct rule *r, const struct rule_funds *funds, struct rule_faults *faults,
		       struct err *err)
{
	const unsigned cash = 1u << NATURE_CASH, lots = cash | 1u << NATURE_NOTIONAL;
	char at[sizeof err->field];

	if (check_fund(funds, "accrual.fund", r->accrual_fund, lots, "notional or cash", faults, err) != 0 ||
	    check_fund(funds, "copay.fund", r->copay_fund, 1u << NATURE_COPAY, "copay", faults, err) != 0)
		return -1;
	for (size_t i = 0; i < r->grants; i++) {
		snprintf(at, sizeof at, "grants[%zu].fund", i);
		if (check_fund(funds, at, r->grant[i].fund, cash, "cash", faults, err) != 0)
			return -1;
	}
	return 0;
}

/* The members, in the order they are read; some only where a programme has accounts of its own: one that tops
 * up others' does not say how they are used. */
static const struct {
	int (*parse)(const struct json_node *, struct rule *, struct err *);
	int accounts;
} members[] = {
	{parse_head, 0},        {member_accrual, 0},  {parse_copay, 0},    {member_caps, 0},
	{parse_drawdown, 1},    {parse_deadlines, 1}, {parse_requests, 1}, {parse_cancellation, 1},
	{parse_control, 1},     {parse_sample, 1},    {parse_recovery, 1}, {parse_curve, 1},
	{member_attendance, 1}, {parse_intake, 0},    {parse_advance, 1},  {parse_places, 1},
	{parse_provider, 1},    {parse_alerts, 1},    {member_grants, 0},  {member_untitled, 0},
	{member_own_money, 1},
};

static int parse_members(const struct json_node *root, struct rule *r, struct rule_funds *funds,
			 struct rule_faults *faults, struct err *err)
{
	static const char *const names[] = {
		"programme", "version",      "title",     "sources",    "account",  "holidays", "valid_from",
		"valid_to",  "currency",     "time_zone", "calendar",   "funds",    "accrual",  "copay",
		"caps",      "drawdown",     "deadlines", "completion", "advance",  "intake",   "requests",
		"recovery",  "cancellation", "control",   "places",     "provider", "alerts",   "grants",
		"sample",    "attendance",   "untitled",  "own_money",  NULL};
	size_t before;

	if (json_only(root, "", names, err) != 0 && !go_on(faults, err))
		return -1;
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		if (members[i].accounts && strcmp(r->account, r->programme) != 0)
			continue;
		if (members[i].parse(root, r, err) != 0 && !go_on(faults, err))
			return -1;
	}
	before = faults ? faults->count : 0;
	if (parse_funds(root, r, funds, faults, err) != 0)
		return -1;
	if (funds == NULL || (faults && faults->count > before))
		return 0;
	return check_funds(r, funds, faults, err);
}

static int parse_document(const char *text, size_t len, struct rule *r, struct rule_funds *funds,
			  struct rule_faults *faults, struct err *err)
{
	struct json *doc;
	int rc;

	memset(r, 0, sizeof *r);
	if (funds != NULL)
		memset(funds, 0, sizeof *funds);
	if (len > RULE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, NULL, "A programme document has at most %d bytes.",
			       RULE_BYTES_MAX);
	doc = json_parse(text, len, err);
	if (doc == NULL)
		return -1;
	rc = parse_members(json_root(doc), r, funds, faults, err);
	json_free(doc);
	return rc;
}

int rule_file_parse(const char *text, size_t len, struct rule *r, struct rule_funds *funds, struct err *err)
{
	return parse_document(text, len, r, funds, NULL, err);
}

void rule_file_check(const char *text, size_t len, struct rule *r, struct rule_funds *funds,
		     struct rule_faults *faults)
{
	struct err err = {0};

	faults->count = 0;
	if (parse_document(text, len, r, funds, faults, &err) != 0 && faults->count < RULE_FAULTS_MAX)
		faults->fault[faults->count++] = err;
}

int rule_parse(const char *text, size_t len, struct rule *r, struct err *err)
{
	return rule_file_parse(text, len, r, NULL, err);
}
