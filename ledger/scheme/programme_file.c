#include "ledger/scheme/programme_file.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/json.h"

/* The presets of DOMAIN E3: the keys that rank lots, in order. */
static const struct {
	const char *name;
	enum rank_key rank[RANK__MAX];
	size_t ranks;
} presets[] = {
	{"cpf-arrete-2020", {RANK_CLASS, RANK_EXPIRY, RANK_GRANTED, RANK_LOT}, 4},
	{"sfc", {RANK_EXPIRY, RANK_RESTRICTED, RANK_GRANTED, RANK_LOT}, 4},
	{"earmark-first", {RANK_RESTRICTED, RANK_CLASS, RANK_EXPIRY, RANK_GRANTED, RANK_LOT}, 5},
};

/* A member that has the right type and is not well formed. */
static int refuse(const char *path, const char *name, const char *what, struct err *err)
{
	char field[sizeof err->field];

	snprintf(field, sizeof field, "%s%s%s", path, *path ? "." : "", name);
	return err_set(err, ERR_FIELD_INVALID, field, "%s %s.", field, what);
}

static int code_member(const struct json_node *n, const char *path, const char *name, char *out,
		       struct err *err)
{
	const char *text;

	if (json_text(n, path, name, CODE_MAX, &text, err) != 0)
		return -1;
	if (!check_code(text))
		return refuse(path, name, "is a code of letters, digits and _.:/- only", err);
	snprintf(out, CODE_MAX + 1, "%s", text);
	return 0;
}

static int word_member(const struct json_node *n, const char *path, const char *name,
		       char out[REASON_MAX + 1], struct err *err)
{
	const char *text;

	if (json_text(n, path, name, REASON_MAX, &text, err) != 0)
		return -1;
	if (!check_reason(text))
		return refuse(path, name, "is a word of a-z, 0-9 and _ only", err);
	snprintf(out, REASON_MAX + 1, "%s", text);
	return 0;
}

static int int_member(const struct json_node *n, const char *path, const char *name, int max, int *out,
		      struct err *err)
{
	int64_t value;

	if (json_int(n, path, name, 0, max, &value, err) != 0)
		return -1;
	*out = (int)value;
	return 0;
}

static int words(const struct json_node *n, const char *path, const char *name, char out[][REASON_MAX + 1],
		 size_t *count, struct err *err)
{
	const struct json_node *list;

	*count = 0;
	if (!json_has(n, name))
		return 0;
	if (json_get_array(n, path, name, CLASSES_MAX, &list, err) != 0)
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		const char *text;

		if (json_text_at(list, name, i, REASON_MAX, &text, err) != 0)
			return -1;
		if (!check_reason(text))
			return refuse(path, name, "holds words of a-z, 0-9 and _ only", err);
		snprintf(out[(*count)++], REASON_MAX + 1, "%s", text);
	}
	return 0;
}

static int parse_head(const struct json_node *root, struct rule *r, struct err *err)
{
	const char *zone, *calendar, *currency;

	if (code_member(root, "", "programme", r->programme, err) != 0 ||
	    code_member(root, "", "version", r->version, err) != 0 ||
	    json_day(root, "", "valid_from", &r->valid_from, err) != 0 ||
	    json_day(root, "", "valid_to", &r->valid_to, err) != 0 ||
	    json_text(root, "", "time_zone", CODE_MAX, &zone, err) != 0 ||
	    json_text(root, "", "calendar", CODE_MAX, &calendar, err) != 0 ||
	    json_text(root, "", "currency", 3, &currency, err) != 0)
		return -1;
	snprintf(r->account, sizeof r->account, "%s", r->programme);
	if (json_has(root, "account") && code_member(root, "", "account", r->account, err) != 0)
		return -1;
	if (r->valid_to < r->valid_from)
		return err_set(err, ERR_FIELD_INVALID, "valid_to", "valid_to lies before valid_from.");
	r->zone = zone_find(zone);
	if (r->zone < 0)
		return err_set(err, ERR_FIELD_INVALID, "time_zone", "time_zone \"%s\" is not known here.",
			       zone);
	if (calendar_find(calendar, &r->calendar) != 0)
		return err_set(err, ERR_FIELD_INVALID, "calendar",
			       "calendar is one of FR, FR-ALSACE-MOSELLE, NONE; not \"%s\".", calendar);
	return 0;
}

static int parse_accrual(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"fund",
					    "annual",
					    "cap",
					    "annual_low_qualified",
					    "cap_low_qualified",
					    "full_time_threshold_pct",
					    NULL};
	const struct json_node *n;

	if (!json_has(root, "accrual"))
		return 0;
	if (json_get_object(root, "", "accrual", &n, err) != 0 || json_only(n, "accrual", names, err) != 0 ||
	    code_member(n, "accrual", "fund", r->accrual_fund, err) != 0 ||
	    json_int(n, "accrual", "annual", 0, AMOUNT_MAX, &r->accrual_annual, err) != 0 ||
	    json_int(n, "accrual", "cap", 0, AMOUNT_MAX, &r->accrual_cap, err) != 0 ||
	    int_member(n, "accrual", "full_time_threshold_pct", 100, &r->accrual_threshold_pct, err) != 0)
		return -1;
	r->accrual_annual_low = r->accrual_annual;
	r->accrual_cap_low = r->accrual_cap;
	if (json_has(n, "annual_low_qualified") &&
	    json_int(n, "accrual", "annual_low_qualified", 0, AMOUNT_MAX, &r->accrual_annual_low, err) != 0)
		return -1;
	if (json_has(n, "cap_low_qualified") &&
	    json_int(n, "accrual", "cap_low_qualified", 0, AMOUNT_MAX, &r->accrual_cap_low, err) != 0)
		return -1;
	return 0;
}

static int parse_copay(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"fund", "flat", "exempt_status", "exempt_class", NULL};
	const struct json_node *n;

	if (!json_has(root, "copay"))
		return 0;
	if (json_get_object(root, "", "copay", &n, err) != 0 || json_only(n, "copay", names, err) != 0 ||
	    code_member(n, "copay", "fund", r->copay_fund, err) != 0 ||
	    json_int(n, "copay", "flat", 0, AMOUNT_MAX, &r->copay_flat, err) != 0)
		return -1;
	if (words(n, "copay", "exempt_status", r->copay_exempt_status, &r->copay_exempt_statuses, err) != 0)
		return -1;
	return words(n, "copay", "exempt_class", r->copay_exempt_class, &r->copay_exempt_classes, err);
}

static int parse_drawdown(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"preset", "classes", NULL};
	const struct json_node *n;

	if (!json_has(root, "drawdown"))
		return 0;
	if (json_get_object(root, "", "drawdown", &n, err) != 0 ||
	    json_only(n, "drawdown", names, err) != 0 ||
	    code_member(n, "drawdown", "preset", r->preset, err) != 0 ||
	    words(n, "drawdown", "classes", r->class_order, &r->classes, err) != 0)
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

#define DAYS_MAX          3650
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
		if (int_member(n, group, members[i].name, members[i].max, members[i].out, err) != 0)
			return -1;
	return 0;
}

#define NUMBERS(list) list, sizeof(list) / sizeof(list)[0]

static int parse_deadlines(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"withdraw_days", DAYS_MAX, &r->withdraw_days},
		{"cancel_free_working_days", DAYS_MAX, &r->cancel_free_working_days},
		{"entry_declare_working_days", DAYS_MAX, &r->entry_declare_working_days},
		{"exit_declare_working_days", DAYS_MAX, &r->exit_declare_working_days},
		{"validate_auto_working_days", DAYS_MAX, &r->validate_auto_working_days},
		{"pay_days", DAYS_MAX, &r->pay_days},
		{"iban_quiet_days", DAYS_MAX, &r->iban_quiet_days},
		{"start_within_days", DAYS_MAX, &r->start_within_days},
	};

	return parse_numbers(root, "deadlines", NUMBERS(members), err);
}

static int parse_requests(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"provider_reply_working_days", DAYS_MAX, &r->provider_reply_working_days},
		{"learner_accept_working_days", DAYS_MAX, &r->learner_accept_working_days},
		{"cofund_reply_days", DAYS_MAX, &r->cofund_reply_days},
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
		{"no_show_after_working_days", DAYS_MAX, &r->no_show_after_working_days},
		{"contest_days", DAYS_MAX, &r->contest_days},
	};

	r->charges_late = json_has(root, "cancellation");
	return r->charges_late ? parse_numbers(root, "cancellation", NUMBERS(members), err) : 0;
}

static int parse_control(const struct json_node *root, struct rule *r, struct err *err)
{
	const struct int_rule members[] = {
		{"max_days", DAYS_MAX, &r->control_max_days},
		{"freeze_max_days", DAYS_MAX, &r->freeze_max_days},
	};

	r->controls = json_has(root, "control");
	return r->controls ? parse_numbers(root, "control", NUMBERS(members), err) : 0;
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
	    int_member(n, "recovery", "demand_days", DAYS_MAX, &r->recovery_demand_days, err) != 0 ||
	    int_member(n, "recovery", "oppose_days", DAYS_MAX, &r->recovery_oppose_days, err) != 0)
		return -1;
	if (!json_has(n, "first_class"))
		return 0;
	return word_member(n, "recovery", "first_class", r->recovery_first_class, err);
}

static int parse_curve_step(const struct json_node *n, struct curve_step *s, struct err *err)
{
	static const char *const names[] = {"from", "pay", "pay_pct", NULL};
	const char *word;

	if (json_only(n, "completion.pay_curve", names, err) != 0 ||
	    int_member(n, "completion.pay_curve", "from", 100, &s->from, err) != 0)
		return -1;
	if (json_has(n, "pay_pct"))
		return int_member(n, "completion.pay_curve", "pay_pct", 100, &s->pay, err);
	s->pay = -1;
	if (json_text(n, "completion.pay_curve", "pay", CODE_MAX, &word, err) != 0)
		return -1;
	if (strcmp(word, "rate") != 0)
		return err_set(err, ERR_FIELD_INVALID, "completion.pay_curve.pay",
			       "A step of the pay curve has pay_pct (a percentage), or pay: \"rate\".");
	return 0;
}

static int parse_curve(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"pay_curve", NULL};
	const struct json_node *n, *list, *step;

	if (json_get_object(root, "", "completion", &n, err) != 0 ||
	    json_only(n, "completion", names, err) != 0 ||
	    json_get_array(n, "completion", "pay_curve", CURVE_MAX, &list, err) != 0)
		return -1;
	r->curve_steps = json_count(list);
	for (size_t i = 0; i < r->curve_steps; i++) {
		struct curve_step *s = &r->curve[i];

		if (json_object_at(list, "completion.pay_curve", i, &step, err) != 0 ||
		    parse_curve_step(step, s, err) != 0)
			return -1;
		if (i == 0 ? s->from != 0 : s->from <= r->curve[i - 1].from)
			return err_set(
				err, ERR_FIELD_INVALID, "completion.pay_curve",
				"The pay curve begins at 0 and each step begins above the one before.");
	}
	if (r->curve_steps == 0)
		return err_set(err, ERR_FIELD_INVALID, "completion.pay_curve",
			       "The pay curve has at least one step.");
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
	    int_member(n, "advance", "pct", 100, &r->advance_pct, err) != 0)
		return -1;
	return int_member(n, "advance", "min_days", 3650, &r->advance_min_days, err);
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

static int parse_nature(const struct json_node *n, struct fund *f, struct err *err)
{
	const char *nature, *unspent;

	if (json_text(n, "funds", "nature", CODE_MAX, &nature, err) != 0 ||
	    json_text(n, "funds", "unspent", CODE_MAX, &unspent, err) != 0)
		return -1;
	if (strcmp(nature, "notional") == 0)
		f->nature = NATURE_NOTIONAL;
	else if (strcmp(nature, "cash") == 0)
		f->nature = NATURE_CASH;
	else if (strcmp(nature, "copay") == 0)
		f->nature = NATURE_COPAY;
	else
		return err_set(err, ERR_FIELD_INVALID, "funds.nature",
			       "funds.nature is one of notional, cash, copay.");
	if (strcmp(unspent, "pool") == 0)
		f->unspent = UNSPENT_POOL;
	else if (strcmp(unspent, "funder") == 0)
		f->unspent = UNSPENT_FUNDER;
	else
		return err_set(err, ERR_FIELD_INVALID, "funds.unspent",
			       "funds.unspent is one of pool, funder.");
	return 0;
}

static int parse_budget(const struct json_node *n, struct rule_fund *f, struct err *err)
{
	static const char *const names[] = {"year", "ae", "cp", NULL};
	const struct json_node *list, *b;

	if (!json_has(n, "budget"))
		return 0;
	f->fund.budgeted = 1;
	if (f->fund.nature == NATURE_COPAY)
		return err_set(err, ERR_FIELD_INVALID, "funds.budget",
			       "The co-payment fund carries no budget.");
	if (json_get_array(n, "funds", "budget", BUDGET_YEARS_MAX, &list, err) != 0)
		return -1;
	for (f->budgets = 0; f->budgets < json_count(list); f->budgets++) {
		if (json_object_at(list, "funds.budget", f->budgets, &b, err) != 0 ||
		    json_only(b, "funds.budget", names, err) != 0 ||
		    int_member(b, "funds.budget", "year", 2100, &f->budget[f->budgets].year, err) != 0 ||
		    json_int(b, "funds.budget", "ae", 0, AMOUNT_MAX, &f->budget[f->budgets].ae, err) != 0 ||
		    json_int(b, "funds.budget", "cp", 0, AMOUNT_MAX, &f->budget[f->budgets].cp, err) != 0)
			return -1;
		if (f->budget[f->budgets].year < 2000)
			return err_set(err, ERR_FIELD_INVALID, "funds.budget.year",
				       "A budget year is from 2000 to 2100.");
	}
	return 0;
}

static int parse_fund(const struct json_node *n, const struct rule *r, struct rule_fund *f, struct err *err)
{
	static const char *const names[] = {"fund",    "funder",       "class",  "nature",
					    "unspent", "bank_account", "budget", NULL};

	memset(f, 0, sizeof *f);
	memcpy(f->fund.programme, r->programme, sizeof f->fund.programme);
	if (json_only(n, "funds", names, err) != 0 ||
	    code_member(n, "funds", "fund", f->fund.code, err) != 0 ||
	    code_member(n, "funds", "funder", f->funder, err) != 0 ||
	    word_member(n, "funds", "class", f->fund.class_, err) != 0 || parse_nature(n, &f->fund, err) != 0)
		return -1;
	if (json_has(n, "bank_account") &&
	    code_member(n, "funds", "bank_account", f->fund.bank_account, err) != 0)
		return -1;
	return parse_budget(n, f, err);
}

static int parse_funds(const struct json_node *root, const struct rule *r, struct rule_funds *funds,
		       struct err *err)
{
	const struct json_node *list, *n;
	struct rule_fund scratch = {0};

	if (json_get_array(root, "", "funds", FUNDS_PER_RULE_MAX, &list, err) != 0)
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		struct rule_fund *f = funds ? &funds->fund[funds->count++] : &scratch;

		if (json_object_at(list, "funds", i, &n, err) != 0 || parse_fund(n, r, f, err) != 0)
			return -1;
	}
	return 0;
}

/* A programme with accounts of its own says how they are used; one that tops up others' does not. */
static int parse_account_rules(const struct json_node *root, struct rule *r, struct err *err)
{
	if (strcmp(r->account, r->programme) != 0) {
		if (json_has(root, "intake"))
			return err_set(err, ERR_FIELD_INVALID, "intake",
				       "intake belongs to the programme that has the accounts, %s.",
				       r->account);
		return 0;
	}
	if (parse_drawdown(root, r, err) != 0 || parse_deadlines(root, r, err) != 0 ||
	    parse_requests(root, r, err) != 0 || parse_cancellation(root, r, err) != 0 ||
	    parse_control(root, r, err) != 0 || parse_recovery(root, r, err) != 0 ||
	    parse_curve(root, r, err) != 0)
		return -1;
	if (r->ranks == 0)
		return err_set(err, ERR_FIELD_MISSING, "drawdown",
			       "drawdown is missing: the order in which lots are spent.");
	return parse_intake(root, r, err) == 0 ? parse_advance(root, r, err) : -1;
}

int rule_file_parse(const char *text, size_t len, struct rule *r, struct rule_funds *funds, struct err *err)
{
	static const char *const names[] = {
		"programme", "version",    "title",     "sources",  "account",  "valid_from",
		"valid_to",  "currency",   "time_zone", "calendar", "funds",    "accrual",
		"copay",     "drawdown",   "deadlines", "requests", "recovery", "cancellation",
		"control",   "completion", "advance",   "intake",   NULL};
	struct json *doc;
	int rc = -1;

	memset(r, 0, sizeof *r);
	if (len > RULE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, NULL, "A programme document has at most %d bytes.",
			       RULE_BYTES_MAX);
	doc = json_parse(text, len, err);
	if (doc == NULL)
		return -1;
	if (json_only(json_root(doc), "", names, err) == 0 && parse_head(json_root(doc), r, err) == 0 &&
	    parse_accrual(json_root(doc), r, err) == 0 && parse_copay(json_root(doc), r, err) == 0 &&
	    parse_account_rules(json_root(doc), r, err) == 0 &&
	    parse_funds(json_root(doc), r, funds, err) == 0)
		rc = 0;
	json_free(doc);
	return rc;
}

int rule_parse(const char *text, size_t len, struct rule *r, struct err *err)
{
	return rule_file_parse(text, len, r, NULL, err);
}
