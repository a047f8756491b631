/*
 * What the rule asks about the attendance of a course.
 */
#include <string.h>

#include "ledger/rules/programme_member.h"

#define AT "attendance"

static int optional(const struct json_node *n, const char *name, int max, int *out, struct err *err)
{
	return json_has(n, name) ? member_int(n, AT, name, max, out, err) : 0;
}

static int parse_early_exit(const struct json_node *n, struct rule *r, struct err *err)
{
	const char *word;

	if (!json_has(n, "early_exit"))
		return 0;
	if (json_text(n, AT, "early_exit", CODE_MAX, &word, err) != 0)
		return -1;
	r->exit_agreed = strcmp(word, "agreed") == 0;
	return r->exit_agreed || strcmp(word, "free") == 0
		       ? 0
		       : member_refuse(AT, "early_exit", "is one of free, agreed", err);
}

/* What is freed, noticed and taken late comes in an order that leaves everybody time. */
static int check_days(const struct rule *r, struct err *err)
{
	int freed = r->free_working_days, late = r->late_entry_working_days;

	if (freed > 0 && (r->free_notice_working_days < 1 ||
			  freed - r->free_notice_working_days < r->entry_declare_working_days))
		return member_refuse(AT, "notice_working_days",
				     "is at least 1, and begins after deadlines.entry_declare_working_days",
				     err);
	if (freed == 0 && r->free_notice_working_days > 0)
		return member_refuse(AT, "notice_working_days", "belongs to free_working_days", err);
	if (late > 0 && late <= r->entry_declare_working_days)
		return member_refuse(AT, "late_entry_working_days",
				     "is more than deadlines.entry_declare_working_days", err);
	if (freed > 0 && late > freed)
		return member_refuse(AT, "late_entry_working_days",
				     "is at most free_working_days: then the order is freed", err);
	return 0;
}

int member_attendance(const struct json_node *root, struct rule *r, struct err *err)
{
	static const char *const names[] = {"free_working_days",
					    "notice_working_days",
					    "late_entry_working_days",
					    "early_exit",
					    "hours_a_day",
					    "unreferenced_max",
					    NULL};
	const struct json_node *n;

	if (!json_has(root, AT))
		return 0;
	if (json_get_object(root, "", AT, &n, err) != 0 || json_only(n, AT, names, err) != 0 ||
	    optional(n, "free_working_days", RULE_DAYS_MAX, &r->free_working_days, err) != 0 ||
	    optional(n, "notice_working_days", RULE_DAYS_MAX, &r->free_notice_working_days, err) != 0 ||
	    optional(n, "late_entry_working_days", RULE_DAYS_MAX, &r->late_entry_working_days, err) != 0 ||
	    optional(n, "hours_a_day", 24, &r->hours_a_day_max, err) != 0 ||
	    parse_early_exit(n, r, err) != 0 ||
	    (json_has(n, "unreferenced_max") &&
	     json_int(n, AT, "unreferenced_max", 0, AMOUNT_MAX, &r->unreferenced_max, err) != 0))
		return -1;
	if (r->unreferenced_max > 0 && !r->controls)
		return member_refuse(AT, "unreferenced_max", "needs control: an order of more is held there",
				     err);
	if (r->hours_a_day_max > 0 && !r->controls)
		return member_refuse(AT, "hours_a_day", "needs control: a declaration of more is held there",
				     err);
	return check_days(r, err);
}
