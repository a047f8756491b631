#include "ledger/rules/programme_member.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"

/* A member that has the right type and is not well formed. */
int member_refuse(const char *path, const char *name, const char *what, struct err *err)
{
	char field[sizeof err->field];

	snprintf(field, sizeof field, "%.30s%s%.30s", path, *path ? "." : "", name);
	return err_set(err, ERR_FIELD_INVALID, field, "%s %s.", field, what);
}

int member_code(const struct json_node *n, const char *path, const char *name, char out[CODE_MAX + 1],
		struct err *err)
{
	const char *text;

	if (json_text(n, path, name, CODE_MAX, &text, err) != 0)
		return -1;
	if (!check_code(text))
		return member_refuse(path, name, "is a code of letters, digits and _.:/- only", err);
	snprintf(out, CODE_MAX + 1, "%s", text);
	return 0;
}

int member_word(const struct json_node *n, const char *path, const char *name, char out[REASON_MAX + 1],
		struct err *err)
{
	const char *text;

	if (json_text(n, path, name, REASON_MAX, &text, err) != 0)
		return -1;
	if (!check_reason(text))
		return member_refuse(path, name, "is a word of a-z, 0-9 and _ only", err);
	snprintf(out, REASON_MAX + 1, "%s", text);
	return 0;
}

int member_int(const struct json_node *n, const char *path, const char *name, int max, int *out,
	       struct err *err)
{
	int64_t value;

	if (json_int(n, path, name, 0, max, &value, err) != 0)
		return -1;
	*out = (int)value;
	return 0;
}

int member_text_at(const struct json_node *list, const char *path, const char *name, size_t i, size_t max,
		   const char **out, struct err *err)
{
	char at[sizeof err->field];

	snprintf(at, sizeof at, "%.40s%s%.20s", path, *path ? "." : "", name);
	return json_text_at(list, at, i, max, out, err);
}

int member_words(const struct json_node *n, const char *path, const char *name, char out[][REASON_MAX + 1],
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

		if (member_text_at(list, path, name, i, REASON_MAX, &text, err) != 0)
			return -1;
		if (!check_reason(text))
			return member_refuse(path, name, "holds words of a-z, 0-9 and _ only", err);
		snprintf(out[(*count)++], REASON_MAX + 1, "%s", text);
	}
	return 0;
}

static int parse_nature(const struct json_node *n, const char *at, struct rule_fund *f, struct err *err)
{
	const char *nature, *unspent;

	if (json_text(n, at, "nature", CODE_MAX, &nature, err) != 0 ||
	    json_text(n, at, "unspent", CODE_MAX, &unspent, err) != 0)
		return -1;
	if (strcmp(nature, "notional") == 0)
		f->nature = NATURE_NOTIONAL;
	else if (strcmp(nature, "cash") == 0)
		f->nature = NATURE_CASH;
	else if (strcmp(nature, "copay") == 0)
		f->nature = NATURE_COPAY;
	else
		return member_refuse(at, "nature", "is one of notional, cash, copay", err);
	if (strcmp(unspent, "pool") == 0)
		f->unspent = UNSPENT_POOL;
	else if (strcmp(unspent, "funder") == 0)
		f->unspent = UNSPENT_FUNDER;
	else
		return member_refuse(at, "unspent", "is one of pool, funder", err);
	return 0;
}

static int parse_budget(const struct json_node *n, const char *path, struct rule_fund *f, struct err *err)
{
	static const char *const names[] = {"year", "ae", "cp", NULL};
	const struct json_node *list, *b;
	char in[sizeof err->field], at[sizeof err->field];

	if (!json_has(n, "budget"))
		return 0;
	f->budgeted = BUDGET_STOPS;
	if (f->nature == NATURE_COPAY)
		return member_refuse(path, "budget", "has no place in the co-payment fund", err);
	if (json_get_array(n, path, "budget", BUDGET_YEARS_MAX, &list, err) != 0)
		return -1;
	snprintf(in, sizeof in, "%.20s.budget", path);
	for (f->budgets = 0; f->budgets < json_count(list); f->budgets++) {
		snprintf(at, sizeof at, "%.30s[%zu]", in, f->budgets);
		if (json_object_at(list, in, f->budgets, &b, err) != 0 || json_only(b, at, names, err) != 0 ||
		    member_int(b, at, "year", 2100, &f->budget[f->budgets].year, err) != 0 ||
		    json_int(b, at, "ae", 0, AMOUNT_MAX, &f->budget[f->budgets].ae, err) != 0 ||
		    json_int(b, at, "cp", 0, AMOUNT_MAX, &f->budget[f->budgets].cp, err) != 0)
			return -1;
		if (f->budget[f->budgets].year < 2000)
			return member_refuse(at, "year", "is from 2000 to 2100", err);
	}
	return 0;
}

/* Absent: orders and payments stop where the budget ends. */
static int parse_over_budget(const struct json_node *n, const char *path, struct rule_fund *f,
			     struct err *err)
{
	const char *word;

	if (!json_has(n, "over_budget"))
		return 0;
	if (json_text(n, path, "over_budget", CODE_MAX, &word, err) != 0)
		return -1;
	if (f->budgeted == BUDGET_NONE)
		return member_refuse(path, "over_budget",
				     "says what happens where a budget ends, and the fund has none", err);
	if (strcmp(word, "alert") == 0)
		f->budgeted = BUDGET_ALERTS;
	else if (strcmp(word, "stop") != 0)
		return member_refuse(path, "over_budget", "is one of stop, alert", err);
	return 0;
}

/* Absent: what is left of a year is cancelled. */
static int parse_carry(const struct json_node *n, const char *path, const struct rule_fund *f, struct rule *r,
		       struct err *err)
{
	const char *carry;

	if (!json_has(n, "carry"))
		return 0;
	if (json_text(n, path, "carry", CODE_MAX, &carry, err) != 0)
		return -1;
	if (!f->budgeted)
		return member_refuse(path, "carry", "says what becomes of a budget, and the fund has none",
				     err);
	if (strcmp(carry, "carry") == 0)
		memcpy(r->carry_fund[r->carry_funds++], f->code, sizeof f->code);
	else if (strcmp(carry, "cancel") != 0)
		return member_refuse(path, "carry", "is one of cancel, carry", err);
	return 0;
}

int member_fund(const struct json_node *n, const char *at, struct rule *r, struct rule_fund *f,
		struct err *err)
{
	static const char *const names[] = {"fund",         "funder", "class",       "nature", "unspent",
					    "bank_account", "budget", "over_budget", "carry",  NULL};

	memset(f, 0, sizeof *f);
	if (json_only(n, at, names, err) != 0 || member_code(n, at, "fund", f->code, err) != 0 ||
	    member_code(n, at, "funder", f->funder, err) != 0 ||
	    member_word(n, at, "class", f->class_, err) != 0 || parse_nature(n, at, f, err) != 0)
		return -1;
	if (json_has(n, "bank_account") && member_code(n, at, "bank_account", f->bank_account, err) != 0)
		return -1;
	if (parse_budget(n, at, f, err) != 0 || parse_over_budget(n, at, f, err) != 0)
		return -1;
	return parse_carry(n, at, f, r, err);
}

/* Deadlines run on after the last order: each year has a day that is listed, the one after valid_to too. */
static int check_years(const struct rule *r, struct err *err)
{
	const struct calendar *c = &r->calendar;
	char text[96];

	for (int year = day_year(r->valid_from); year <= day_year(r->valid_to) + 1; year++) {
		size_t i = 0;

		while (i < c->holidays && day_year(c->holiday[i]) != year)
			i++;
		if (i == c->holidays) {
			snprintf(text, sizeof text,
				 "lists no day of %d; it reaches through the year after valid_to", year);
			return member_refuse("", "holidays", text, err);
		}
	}
	return 0;
}

int member_holidays(const struct json_node *root, struct rule *r, struct err *err)
{
	struct calendar *c = &r->calendar;
	const struct json_node *list;
	const char *text;

	if (c->kind != CALENDAR_LISTED)
		return json_has(root, "holidays")
			       ? member_refuse("", "holidays", "belongs to the calendar LISTED", err)
			       : 0;
	if (json_get_array(root, "", "holidays", HOLIDAYS_MAX, &list, err) != 0)
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		day_t day;

		if (json_text_at(list, "holidays", i, 10, &text, err) != 0)
			return -1;
		if (day_parse(text, &day) != 0 || (i > 0 && day <= c->holiday[i - 1]))
			return member_refuse("", "holidays", "holds days written YYYY-MM-DD, in their order",
					     err);
		c->holiday[c->holidays++] = day;
	}
	return check_years(r, err);
}
