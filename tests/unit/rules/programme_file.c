/*
 * The intake window, places, limits of providers and grants in a programme document: what is read, and what
 * is refused by name.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/rules/programme_file.h"

static struct rule rule;
static struct err err;

/*
 * A document with this calendar and this member before its end, for this version, as the programme of
 * account.
 */
static int parse_all(const char *version, const char *account, const char *calendar, const char *member)
{
	char text[4096];

	snprintf(text, sizeof text,
		 "{\"programme\": \"p\", \"version\": \"%s\", \"account\": \"%s\", "
		 "\"valid_from\": \"2026-01-01\", \"valid_to\": \"2026-12-31\", \"currency\": \"EUR\", "
		 "\"time_zone\": \"UTC\", \"calendar\": \"%s\", \"funds\": [], "
		 "\"drawdown\": {\"preset\": \"sfc\"}, \"deadlines\": {\"withdraw_days\": 1, "
		 "\"cancel_free_working_days\": 1, \"entry_declare_working_days\": 1, "
		 "\"exit_declare_working_days\": 1, \"validate_auto_working_days\": 1, \"pay_days\": 1, "
		 "\"iban_quiet_days\": 1, \"start_within_days\": 1}, "
		 "\"completion\": {\"pay_curve\": [{\"from\": 0, \"pay\": \"rate\"}]}%s}",
		 version, account, calendar, member);
	memset(&err, 0, sizeof err);
	return rule_parse(text, strlen(text), &rule, &err);
}

static int parse(const char *version, const char *account, const char *member)
{
	return parse_all(version, account, "NONE", member);
}

static int parse_with(const char *calendar, const char *holidays)
{
	return parse_all("1", "p", calendar, holidays);
}

static void a_window_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse("1", "p", ""), 0);
	assert_int_equal(rule.intake, INTAKE_ALWAYS);
	assert_int_equal(rule.intake_from, DAY_NONE);
	assert_int_equal(parse("1", "p",
			       ", \"intake\": {\"from\": \"2026-03-01\", \"to\": \"2026-03-05\", "
			       "\"order\": \"lottery\"}"),
			 0);
	assert_int_equal(rule.intake, INTAKE_LOTTERY);
	assert_int_equal(rule.intake_from, day_from_civil(2026, 3, 1));
	assert_int_equal(rule.intake_to, day_from_civil(2026, 3, 5));
	/* Orders as they come may be taken to the last day, lots are drawn on the day after. */
	assert_int_equal(parse("1/2", "p",
			       ", \"intake\": {\"from\": \"2026-01-01\", \"to\": \"2026-12-31\", "
			       "\"order\": \"arrival\"}"),
			 0);
	assert_int_equal(rule.intake, INTAKE_ARRIVAL);
}

static void a_bad_window_is_refused_by_name(void **state)
{
	static const struct {
		const char *version, *account, *member, *code, *field;
	} cases[] = {
		{"1", "p", "{\"to\": \"2026-03-05\", \"order\": \"arrival\"}", "field_missing",
		 "intake.from"},
		{"1", "p", "{\"from\": \"2026-03-05\", \"order\": \"arrival\"}", "field_missing",
		 "intake.to"},
		{"1", "p", "{\"from\": \"2026-03-01\", \"to\": \"2026-03-05\"}", "field_missing",
		 "intake.order"},
		{"1", "p", "{\"from\": \"2026-03-01\", \"to\": \"2026-03-05\", \"order\": \"age\"}",
		 "field_invalid", "intake.order"},
		{"1", "p", "{\"from\": \"1.3.2026\", \"to\": \"2026-03-05\", \"order\": \"arrival\"}",
		 "field_invalid", "intake.from"},
		{"1", "p",
		 "{\"from\": \"2026-03-01\", \"to\": \"2026-03-05\", \"order\": \"arrival\", \"max\": 1}",
		 "field_unknown", "intake.max"},
		{"1", "p", "{\"from\": \"2026-03-06\", \"to\": \"2026-03-05\", \"order\": \"arrival\"}",
		 "field_invalid", "intake.to"},
		{"1", "p", "{\"from\": \"2025-12-31\", \"to\": \"2026-03-05\", \"order\": \"arrival\"}",
		 "field_invalid", "intake.from"},
		{"1", "p", "{\"from\": \"2026-03-06\", \"to\": \"2027-01-01\", \"order\": \"arrival\"}",
		 "field_invalid", "intake.to"},
		{"1", "p", "{\"from\": \"2026-03-06\", \"to\": \"2026-12-31\", \"order\": \"lottery\"}",
		 "field_invalid", "intake.to"},
		{"1/2", "p", "{\"from\": \"2026-03-01\", \"to\": \"2026-03-05\", \"order\": \"lottery\"}",
		 "field_invalid", "intake.order"},
		{"1", "other", "{\"from\": \"2026-03-01\", \"to\": \"2026-03-05\", \"order\": \"arrival\"}",
		 "field_invalid", "intake"},
		{"1", "p", "[]", "field_invalid", "intake"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char member[256];

		snprintf(member, sizeof member, ", \"intake\": %s", cases[i].member);
		if (parse(cases[i].version, cases[i].account, member) == 0 ||
		    strcmp(err_name(err.code), cases[i].code) != 0 || strcmp(err.field, cases[i].field) != 0)
			fail_msg("%s: %s %s: %s", cases[i].member, err_name(err.code), err.field, err.text);
	}
}

static void limits_on_places_and_providers_are_read(void **state)
{
	(void)state;
	assert_int_equal(parse("1", "p", ""), 0);
	assert_int_equal(rule.places_per_course, 0);
	assert_int_equal(rule.provider_exposure_max, 0);
	assert_int_equal(rule.provider_new_days, 0);
	assert_int_equal(
		parse("1", "p",
		      ", \"places\": {\"per_course\": 300}, \"provider\": {\"exposure_max\": 5000000000, "
		      "\"new_days\": 90, \"new_ceiling\": 3000000000, \"new_validate_working_days\": 15}"),
		0);
	assert_int_equal(rule.places_per_course, 300);
	assert_int_equal(rule.places_per_provider, 0);
	assert_int_equal(rule.provider_exposure_max, 5000000000);
	assert_int_equal(rule.provider_new_days, 90);
	assert_int_equal(rule.provider_new_ceiling, 3000000000);
	assert_int_equal(rule.provider_new_validate_working_days, 15);
}

static void bad_limits_are_refused_by_name(void **state)
{
	static const struct {
		const char *member, *code, *field;
	} cases[] = {
		{", \"places\": {\"per_learner\": 1}", "field_unknown", "places.per_learner"},
		{", \"places\": {\"per_course\": -1}", "field_invalid", "places.per_course"},
		{", \"places\": 300", "field_invalid", "places"},
		{", \"provider\": {\"exposure_max\": 0}", "field_invalid", "provider.exposure_max"},
		{", \"provider\": {\"new_days\": 60}", "field_missing", "provider.new_ceiling"},
		{", \"provider\": {\"new_ceiling\": 60}", "field_missing", "provider.new_days"},
		{", \"provider\": {\"new\": 60}", "field_unknown", "provider.new"},
		{", \"alerts\": {\"rush\": 60}", "field_unknown", "alerts.rush"},
		{", \"alerts\": {\"course_rush_days\": 0}", "field_invalid", "alerts.course_rush_days"},
		{", \"alerts\": {\"course_rush_orders\": -1}", "field_invalid", "alerts.course_rush_orders"},
		{", \"alerts\": {\"provider_share_pct\": 10}", "field_missing", "alerts.provider_share_from"},
		{", \"alerts\": {\"provider_share_pct\": 101, \"provider_share_from\": 1}", "field_invalid",
		 "alerts.provider_share_pct"},
		{", \"alerts\": {\"provider_growth_from\": 10}", "field_missing",
		 "alerts.provider_growth_pct"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (parse("1", "p", cases[i].member) == 0 || strcmp(err_name(err.code), cases[i].code) != 0 ||
		    strcmp(err.field, cases[i].field) != 0)
			fail_msg("%s: %s %s: %s", cases[i].member, err_name(err.code), err.field, err.text);
}

#define ACCRUAL(more)                                                                                          \
	", \"accrual\": {\"fund\": \"f\", \"annual\": 100, \"cap\": 500, \"full_time_threshold_pct\": 50" more \
	"}"

/* Each member is in order, two of them are not in order together. */
static void what_contradicts_itself_is_refused_by_name(void **state)
{
	static const struct {
		const char *member, *field;
	} cases[] = {
		{ACCRUAL(", \"annual_low_qualified\": 200, \"cap_low_qualified\": 199"),
		 "accrual.cap_low_qualified"},
		{ACCRUAL(", \"annual_low_qualified\": 501"), "accrual.cap_low_qualified"},
		{ACCRUAL(", \"cap_low_qualified\": 99"), "accrual.cap_low_qualified"},
		{ACCRUAL(", \"absences_count\": [\"maternity\"], \"absences_other\": [\"maternity\"]"),
		 "accrual.absences_other"},
	};

	(void)state;
	assert_int_equal(
		parse("1", "p", ACCRUAL(", \"annual_low_qualified\": 200, \"cap_low_qualified\": 200")), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (parse("1", "p", cases[i].member) == 0 || err.code != ERR_FIELD_INVALID ||
		    strcmp(err.field, cases[i].field) != 0)
			fail_msg("%s: %s %s: %s", cases[i].member, err_name(err.code), err.field, err.text);
}

#define CAP(except)                                                                                          \
	", \"caps\": [{\"max\": 100, \"classes\": [\"law\"], \"repertoire\": \"RS\", \"except\": [" except   \
	"]}]"

static void what_a_cap_does_not_hold_for_is_read_whole(void **state)
{
	(void)state;
	assert_int_equal(parse("1", "p", CAP("\"RS1\", \"RS3456789012345\"")), 0);
	assert_int_equal(rule.cap[0].excepts, 2);
	assert_string_equal(rule.cap[0].except[1], "RS3456789012345");
	assert_int_equal(parse("1", "p", CAP("\"RS1\", \"RS34567890123456\"")), -1);
	assert_string_equal(err.field, "caps[0].except[1]");
	assert_int_equal(parse("1", "p", CAP("1")), -1);
	assert_string_equal(err.field, "caps[0].except[0]");
}

#define GRANT(more)                                                                                          \
	", \"grants\": [{\"grant\": \"g\", \"fund\": \"f\", \"envelope\": 1000, \"max\": 100" more "}]"
#define TITLES ", \"per\": \"year\", \"certifications\": [\"RNCP1\"]"

#define CONTROL ", \"control\": {\"max_days\": 90, \"freeze_max_days\": 183}"

static void what_is_asked_about_attendance_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse("1", "p", ""), 0);
	assert_int_equal(rule.free_working_days, 0);
	assert_int_equal(rule.exit_agreed, 0);
	assert_int_equal(
		parse("1", "p",
		      ", \"attendance\": {\"free_working_days\": 20, \"notice_working_days\": 5, "
		      "\"late_entry_working_days\": 10, \"early_exit\": \"agreed\", \"hours_a_day\": 8, "
		      "\"unreferenced_max\": 100000}" CONTROL),
		0);
	assert_int_equal(rule.free_working_days, 20);
	assert_int_equal(rule.free_notice_working_days, 5);
	assert_int_equal(rule.late_entry_working_days, 10);
	assert_int_equal(rule.exit_agreed, 1);
	assert_int_equal(rule.hours_a_day_max, 8);
	assert_int_equal(rule.unreferenced_max, 100000);
	assert_int_equal(parse("1", "p", ", \"attendance\": {\"early_exit\": \"free\"}"), 0);
	assert_int_equal(rule.exit_agreed, 0);
}

/* deadlines.entry_declare_working_days is 1. */
static void a_bad_attendance_is_refused_by_name(void **state)
{
	static const struct {
		const char *member, *code, *field;
	} cases[] = {
		{"{\"hours\": 8}", "field_unknown", "attendance.hours"},
		{"{\"early_exit\": \"never\"}", "field_invalid", "attendance.early_exit"},
		{"{\"hours_a_day\": 25}", "field_invalid", "attendance.hours_a_day"},
		{"{\"hours_a_day\": 8}", "field_invalid", "attendance.hours_a_day"},
		{"{\"unreferenced_max\": 100000}", "field_invalid", "attendance.unreferenced_max"},
		{"{\"free_working_days\": 20}", "field_invalid", "attendance.notice_working_days"},
		{"{\"notice_working_days\": 5}", "field_invalid", "attendance.notice_working_days"},
		{"{\"free_working_days\": 5, \"notice_working_days\": 5}", "field_invalid",
		 "attendance.notice_working_days"},
		{"{\"late_entry_working_days\": 1}", "field_invalid", "attendance.late_entry_working_days"},
		{"{\"free_working_days\": 9, \"notice_working_days\": 5, \"late_entry_working_days\": 10}",
		 "field_invalid", "attendance.late_entry_working_days"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char member[256];

		snprintf(member, sizeof member, ", \"attendance\": %s", cases[i].member);
		if (parse("1", "p", member) == 0 || strcmp(err_name(err.code), cases[i].code) != 0 ||
		    strcmp(err.field, cases[i].field) != 0)
			fail_msg("%s: %s %s: %s", cases[i].member, err_name(err.code), err.field, err.text);
	}
}

static void grants_are_read(void **state)
{
	const struct rule_grant *g = &rule.grant[0];

	(void)state;
	assert_int_equal(parse("1", "other",
			       GRANT(TITLES ", \"courses\": [\"C-1\"], \"to\": \"2026-06-30\", \"public\": "
					    "{\"age_band\": [\"25-34\"], \"low_qualified\": true}")),
			 0);
	assert_int_equal(rule.grants, 1);
	assert_int_equal(g->envelope, 1000);
	assert_int_equal(g->max, 100);
	assert_int_equal(g->yearly, 1);
	assert_int_equal(g->from, day_from_civil(2026, 1, 1));
	assert_int_equal(g->to, day_from_civil(2026, 6, 30));
	assert_int_equal(g->low_qualified, 1);
	assert_int_equal(g->status.count, 0);
	assert_string_equal(g->age_band.code[0], "25-34");
	assert_string_equal(g->certification[0], "RNCP1");
	assert_string_equal(g->courses.code[0], "C-1");
}

static void bad_grants_are_refused_by_name(void **state)
{
	static const struct {
		const char *member, *code, *field;
	} cases[] = {
		{", \"grants\": {}", "field_invalid", "grants"},
		{", \"grants\": [1]", "field_invalid", "grants[0]"},
		{", \"grants\": [{\"fund\": \"f\"}]", "field_missing", "grants[0].grant"},
		{GRANT(""), "field_missing", "grants[0].per"},
		{GRANT(", \"per\": \"month\""), "field_invalid", "grants[0].per"},
		{GRANT(", \"per\": \"year\""), "field_invalid", "grants[0].certifications"},
		{GRANT(TITLES ", \"titles\": 187"), "field_unknown", "grants[0].titles"},
		{GRANT(TITLES ", \"from\": \"2025-12-31\""), "field_invalid", "grants[0].from"},
		{GRANT(TITLES ", \"to\": \"2027-01-01\""), "field_invalid", "grants[0].to"},
		{GRANT(TITLES ", \"from\": \"2026-02-02\", \"to\": \"2026-02-01\""), "field_invalid",
		 "grants[0].to"},
		{GRANT(TITLES ", \"public\": {\"sex\": [\"F\"]}"), "field_unknown", "grants[0].public.sex"},
		{GRANT(TITLES ", \"public\": {\"status\": \"employee\"}"), "field_invalid",
		 "grants[0].public.status"},
		{", \"grants\": [{\"grant\": \"g\", \"fund\": \"f\", \"envelope\": 10, \"max\": 11" TITLES
		 "}]",
		 "field_invalid", "grants[0].max"},
		{", \"grants\": [{\"grant\": \"g\", \"fund\": \"f\", \"envelope\": 0, \"max\": 1" TITLES "}]",
		 "field_invalid", "grants[0].envelope"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (parse("1", "p", cases[i].member) == 0 || strcmp(err_name(err.code), cases[i].code) != 0 ||
		    strcmp(err.field, cases[i].field) != 0)
			fail_msg("%s: %s %s: %s", cases[i].member, err_name(err.code), err.field, err.text);
}

/* A grant's fund is one of the document, and holds money. */
static void a_grant_needs_a_fund_of_cash(void **state)
{
	static const char form[] =
		"{\"programme\": \"p\", \"version\": \"1\", \"account\": \"q\", \"valid_from\": \"2026-01-01\", "
		"\"valid_to\": \"2026-12-31\", \"currency\": \"EUR\", \"time_zone\": \"UTC\", "
		"\"calendar\": \"NONE\", \"funds\": [{\"fund\": \"f\", \"funder\": \"F\", \"class\": \"c\", "
		"\"nature\": \"%s\", \"unspent\": \"pool\"}]" GRANT(TITLES) "}";
	static struct rule_funds funds;
	char text[1024];

	(void)state;
	snprintf(text, sizeof text, form, "cash");
	assert_int_equal(rule_file_parse(text, strlen(text), &rule, &funds, &err), 0);
	/* The second reading begins anew: the fund of the first is none of its own. */
	assert_int_equal(rule_file_parse(text, strlen(text), &rule, &funds, &err), 0);
	assert_int_equal(funds.count, 1);
	snprintf(text, sizeof text, form, "notional");
	assert_int_equal(rule_file_parse(text, strlen(text), &rule, &funds, &err), -1);
	assert_string_equal(err.field, "grants[0].fund");
}

static void a_listed_calendar_reaches_a_year_further(void **state)
{
	static const struct {
		const char *calendar, *holidays, *told;
	} bad[] = {
		{"LISTED", "", "holidays"},
		{"LISTED", ", \"holidays\": []", "lists no day of 2026"},
		{"LISTED", ", \"holidays\": [\"2026-07-21\"]", "lists no day of 2027"},
		{"LISTED", ", \"holidays\": [\"2027-07-21\", \"2026-07-21\"]", "in their order"},
		{"LISTED", ", \"holidays\": [\"2026-07-21\", \"2026-07-21\"]", "in their order"},
		{"LISTED", ", \"holidays\": [\"21/07/2026\"]", "in their order"},
		{"LISTED", ", \"holidays\": [20260721]", "holidays"},
		{"FR", ", \"holidays\": [\"2026-07-21\", \"2027-07-21\"]", "belongs to the calendar LISTED"},
		{"BE", "", "calendar is one of"},
	};

	(void)state;
	assert_int_equal(parse_with("LISTED", ", \"holidays\": [\"2026-07-21\", \"2027-07-21\"]"), 0);
	assert_int_equal(calendar_is_working(&rule.calendar, day_from_civil(2026, 7, 21)), 0);
	assert_int_equal(calendar_is_working(&rule.calendar, day_from_civil(2026, 7, 14)), 1);
	assert_int_equal(calendar_is_working(&rule.calendar, day_from_civil(2027, 7, 21)), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(parse_with(bad[i].calendar, bad[i].holidays), -1);
		if (strstr(err.text, bad[i].told) == NULL)
			fail_msg("%s%s: %s", bad[i].calendar, bad[i].holidays, err.text);
	}
}

static void a_sample_stays_within_the_control(void **state)
{
	static const char control[] = ", \"control\": {\"max_days\": 30, \"freeze_max_days\": 1}";
	static const struct {
		const char *sample, *told;
	} bad[] = {
		{", \"sample\": {\"pct\": 5, \"days\": 31}", "sample.days"},
		{", \"sample\": {\"pct\": 5, \"days\": 0}", "sample.days"},
		{", \"sample\": {\"pct\": 101, \"days\": 30}", "sample.pct"},
		{", \"sample\": {\"pct\": 5}", "sample.days"},
	};
	char text[256];

	(void)state;
	snprintf(text, sizeof text, "%s, \"sample\": {\"pct\": 5, \"days\": 30}", control);
	assert_int_equal(parse("1", "p", text), 0);
	assert_int_equal(rule.sample_pct, 5);
	assert_int_equal(parse("1", "p", ", \"sample\": {\"pct\": 5, \"days\": 30}"), -1);
	assert_string_equal(err.field, "sample.days");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(text, sizeof text, "%s%s", control, bad[i].sample);
		assert_int_equal(parse("1", "p", text), -1);
		assert_string_equal(err.field, bad[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_stays_within_the_control),
		cmocka_unit_test(a_listed_calendar_reaches_a_year_further),
		cmocka_unit_test(a_window_is_read),
		cmocka_unit_test(a_bad_window_is_refused_by_name),
		cmocka_unit_test(limits_on_places_and_providers_are_read),
		cmocka_unit_test(bad_limits_are_refused_by_name),
		cmocka_unit_test(what_is_asked_about_attendance_is_read),
		cmocka_unit_test(a_bad_attendance_is_refused_by_name),
		cmocka_unit_test(grants_are_read),
		cmocka_unit_test(what_contradicts_itself_is_refused_by_name),
		cmocka_unit_test(what_a_cap_does_not_hold_for_is_read_whole),
		cmocka_unit_test(bad_grants_are_refused_by_name),
		cmocka_unit_test(a_grant_needs_a_fund_of_cash),
	};

	return cmocka_run_group_tests_name("rules/programme_file", tests, NULL, NULL);
}
