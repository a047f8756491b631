/* The member own_money of a programme document: learners' own money that came back. */
#include "ledger/rules/programme_member.h"

int member_own_money(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"pay_back_days", "prescribed_years", NULL};
	const struct json_node *n;

	r->own_pay_back_days = OWN_PAY_BACK_DAYS;
	if (!json_has(root, "own_money"))
		return 0;
	if (json_get_object(root, "", "own_money", &n, err) != 0 ||
	    json_only(n, "own_money", names, err) != 0)
		return -1;
	if (json_has(n, "pay_back_days") &&
	    member_int(n, "own_money", "pay_back_days", RULE_DAYS_MAX, &r->own_pay_back_days, err) != 0)
		return -1;
	if (!json_has(n, "prescribed_years"))
		return 0;
	return member_int(n, "own_money", "prescribed_years", PRESCRIBED_YEARS_MAX, &r->own_prescribed_years,
			  err);
}
