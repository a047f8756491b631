/* The member accrual of a programme document. */
#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/rules/programme_member.h"

#define YEAR_MIN 1900
#define YEAR_MAX 2100

/* "04-30": a day of the year after the one that is rewarded. */
static int parse_due(const struct json_node *n, struct rule *r, struct err *err)
{
	const char *text;
	unsigned month, day;
	char date[DATE_TEXT];
	day_t any;

	if (!json_has(n, "due"))
		return 0;
	if (json_text(n, "accrual", "due", 5, &text, err) != 0)
		return -1;
	snprintf(date, sizeof date, "2025-%s", text);
	if (strlen(text) != 5 || day_parse(date, &any) != 0 || sscanf(text, "%2u-%2u", &month, &day) != 2)
		return err_set(err, ERR_FIELD_INVALID, "accrual.due",
			       "accrual.due is a month and a day, such as 04-30; not \"%s\".", text);
	r->accrual_due = (int)(month * 100 + day);
	return 0;
}

static int parse_employers(const struct json_node *n, struct rule *r, struct err *err)
{
	const struct json_node *list;

	if (!json_has(n, "employers"))
		return 0;
	if (json_get_array(n, "accrual", "employers", EMPLOYERS_NAMED_MAX, &list, err) != 0)
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		const char *siren;

		if (json_text_at(list, "accrual.employers", i, 9, &siren, err) != 0)
			return -1;
		if (!check_siren(siren))
			return member_refuse("accrual", "employers", "holds the SIRENs of employers", err);
		memcpy(r->accrual_employer[r->accrual_employers++], siren, 10);
	}
	return 0;
}

/* The members by which a union checks it: reports/entitlement/entitlement.h. */
static int parse_agreement(const struct json_node *n, struct rule *r, struct err *err)
{
	if (json_has(n, "clause") && member_code(n, "accrual", "clause", r->accrual_clause, err) != 0)
		return -1;
	if (parse_due(n, r, err) != 0)
		return -1;
	return parse_employers(n, r, err);
}

/* Which years it rewards. */
static int parse_years(const struct json_node *n, struct rule *r, struct err *err)
{
	if (json_has(n, "first_year")) {
		if (member_int(n, "accrual", "first_year", YEAR_MAX, &r->accrual_first_year, err) != 0)
			return -1;
		if (r->accrual_first_year < YEAR_MIN)
			return member_refuse("accrual", "first_year", "is a year, such as 2015", err);
	}
	return json_has(n, "in_advance") ? json_bool(n, "accrual", "in_advance", &r->accrual_in_advance, err)
					 : 0;
}

/* Whom the higher amount and cap are for; absent: the low-qualified. */
static int parse_raised(const struct json_node *n, struct rule *r, struct err *err)
{
	char word[CLASSES_MAX][REASON_MAX + 1];
	size_t words;

	r->accrual_raises_low_qualified = !json_has(n, "raised_for");
	if (member_words(n, "accrual", "raised_for", word, &words, err) != 0)
		return -1;
	for (size_t i = 0; i < words; i++) {
		if (strcmp(word[i], "low_qualified") == 0)
			r->accrual_raises_low_qualified = 1;
		else if (strcmp(word[i], "disabled_worker") == 0)
			r->accrual_raises_disabled = 1;
		else
			return member_refuse("accrual", "raised_for", "holds low_qualified, disabled_worker",
					     err);
	}
	return 0;
}

/* Codes of absences that employers may report: those that count as worked, and those that do not. */
static int parse_absences(const struct json_node *n, struct rule *r, struct err *err)
{
	if (member_words(n, "accrual", "absences_count", r->absence, &r->absences, err) != 0 ||
	    member_words(n, "accrual", "absences_other", r->absence_other, &r->absences_other, err) != 0)
		return -1;
	for (size_t i = 0; i < r->absences_other; i++)
		for (size_t k = 0; k < r->absences; k++)
			if (strcmp(r->absence_other[i], r->absence[k]) == 0)
				return member_refuse("accrual", "absences_other",
						     "names a code that absences_count names too", err);
	return 0;
}

int member_accrual(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"fund",
					    "annual",
					    "cap",
					    "annual_low_qualified",
					    "cap_low_qualified",
					    "full_time_threshold_pct",
					    "valid_months",
					    "days_basis",
					    "absences_count",
					    "absences_other",
					    "raised_for",
					    "clause",
					    "due",
					    "employers",
					    "first_year",
					    "in_advance",
					    NULL};
	const struct json_node *n;
	int days = 0;

	if (!json_has(root, "accrual"))
		return 0;
	if (json_get_object(root, "", "accrual", &n, err) != 0 || json_only(n, "accrual", names, err) != 0 ||
	    member_code(n, "accrual", "fund", r->accrual_fund, err) != 0 ||
	    json_int(n, "accrual", "annual", 0, ACCRUAL_MAX, &r->accrual_annual, err) != 0 ||
	    json_int(n, "accrual", "cap", 0, AMOUNT_MAX, &r->accrual_cap, err) != 0 ||
	    member_int(n, "accrual", "full_time_threshold_pct", 100, &r->accrual_threshold_pct, err) != 0)
		return -1;
	if (json_has(n, "valid_months") &&
	    member_int(n, "accrual", "valid_months", 1200, &r->accrual_valid_months, err) != 0)
		return -1;
	if ((json_has(n, "days_basis") && member_int(n, "accrual", "days_basis", 366, &days, err) != 0) ||
	    parse_absences(n, r, err) != 0 || parse_raised(n, r, err) != 0)
		return -1;
	r->days_basis = days;
	r->accrual_annual_low = r->accrual_annual;
	r->accrual_cap_low = r->accrual_cap;
	if (json_has(n, "annual_low_qualified") &&
	    json_int(n, "accrual", "annual_low_qualified", 0, ACCRUAL_MAX, &r->accrual_annual_low, err) != 0)
		return -1;
	if (json_has(n, "cap_low_qualified") &&
	    json_int(n, "accrual", "cap_low_qualified", 0, AMOUNT_MAX, &r->accrual_cap_low, err) != 0)
		return -1;
	if (r->accrual_cap < r->accrual_annual)
		return member_refuse("accrual", "cap", "is less than what one year grants", err);
	if (r->accrual_cap_low < r->accrual_annual_low)
		return member_refuse("accrual", "cap_low_qualified", "is less than what one year grants",
				     err);
	return parse_years(n, r, err) != 0 ? -1 : parse_agreement(n, r, err);
}
