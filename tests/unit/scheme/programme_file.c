/*
 * The intake window, places and limits of providers in a programme document: what is read, and what is
 * refused by name.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/scheme/programme.h"

static struct rule rule;
static struct err err;

/* A document with this member before its end, for this version, as the programme of account. */
static int parse(const char *version, const char *account, const char *member)
{
	char text[2048];

	snprintf(text, sizeof text,
		 "{\"programme\": \"p\", \"version\": \"%s\", \"account\": \"%s\", "
		 "\"valid_from\": \"2026-01-01\", \"valid_to\": \"2026-12-31\", \"currency\": \"EUR\", "
		 "\"time_zone\": \"UTC\", \"calendar\": \"NONE\", \"funds\": [], "
		 "\"drawdown\": {\"preset\": \"sfc\"}, \"deadlines\": {\"withdraw_days\": 1, "
		 "\"cancel_free_working_days\": 1, \"entry_declare_working_days\": 1, "
		 "\"exit_declare_working_days\": 1, \"validate_auto_working_days\": 1, \"pay_days\": 1, "
		 "\"iban_quiet_days\": 1, \"start_within_days\": 1}, "
		 "\"completion\": {\"pay_curve\": [{\"from\": 0, \"pay\": \"rate\"}]}%s}",
		 version, account, member);
	memset(&err, 0, sizeof err);
	return rule_parse(text, strlen(text), &rule, &err);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_is_read),
		cmocka_unit_test(a_bad_window_is_refused_by_name),
		cmocka_unit_test(limits_on_places_and_providers_are_read),
		cmocka_unit_test(bad_limits_are_refused_by_name),
	};

	return cmocka_run_group_tests_name("scheme/programme_file", tests, NULL, NULL);
}
