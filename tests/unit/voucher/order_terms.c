/*
 * What cpf asks of orders of some kinds since 26 February 2026, by decret 2026-127: a skills assessment, a
 * driving licence for light vehicles, the specific register; and what needs no certification.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"

#include "ledger/registers/course.h"

static struct scenario *s;
static struct fixture *f;

static void line(const char *text)
{
	const char *refusal = scenario_try(s, text);

	if (*refusal != '\0')
		fail_msg("%s: %s", text, f->err.text);
}

static void refused(const char *text, const char *code, const char *says)
{
	assert_string_equal(scenario_try(s, text), code);
	if (strstr(f->err.text, says) == NULL)
		fail_msg("%s: %s", text, f->err.text);
}

/* --- courses of those kinds ------------------------------------------------------- */

static const struct {
	const char *code, *certification;
	enum action_type action;
	int64_t price;
	int hours;
} courses[] = {
	{"ASSESS", "", ACTION_ASSESSMENT, 180000, 13},     {"ASSESS-12", "", ACTION_ASSESSMENT, 180000, 12},
	{"LICENCE", "", ACTION_LIGHT_LICENCE, 120000, 20}, {"LORRY", "", ACTION_HEAVY_LICENCE, 250000, 70},
	{"EXCEL", "RS1", ACTION_TRAINING, 200000, 35},     {"CLEA", "RS5080", ACTION_TRAINING, 200000, 35},
};

static int put_title(struct tx *tx, const char *code, struct err *err)
{
	struct certification c = {.effect_on = DAY_NONE, .ends_on = DAY_NONE, .active = 1};
	struct training_right r = {.kind = RIGHT_CERTIFIER};
	enum upsert done;

	snprintf(c.code, sizeof c.code, "%s", code);
	snprintf(c.title, sizeof c.title, "Title %s", code);
	snprintf(r.certification, sizeof r.certification, "%s", code);
	snprintf(r.siret, sizeof r.siret, "%s", FIXTURE_PROVIDER_A);
	snprintf(r.name, sizeof r.name, "Provider A");
	return certification_upsert(tx, &c, tx->today, &done, err) == 0
		       ? training_right_upsert(tx, &r, &done, err)
		       : -1;
}

static int put_course(struct tx *tx, size_t i, int64_t provider, struct err *err)
{
	struct course c = {.provider = provider,
			   .action_type = courses[i].action,
			   .price = courses[i].price,
			   .hours = courses[i].hours,
			   .days = 5,
			   .open_from = tx->today,
			   .open_to = DAY_NONE};
	enum upsert done;

	snprintf(c.code, sizeof c.code, "%s", courses[i].code);
	snprintf(c.certification, sizeof c.certification, "%s", courses[i].certification);
	snprintf(c.title, sizeof c.title, "Course %s", courses[i].code);
	return course_upsert(tx, &c, &done, err);
}

/* Provider A is accredited for assessments too; a licence is a training. */
static int put_courses(struct tx *tx, struct command *c, struct err *err)
{
	struct provider p = {.certified = {[ACTION_TRAINING] = 1, [ACTION_ASSESSMENT] = 1}};
	struct org provider;
	enum upsert done;

	(void)c;
	snprintf(p.nda, sizeof p.nda, "11755000001");
	snprintf(p.siret, sizeof p.siret, "%s", FIXTURE_PROVIDER_A);
	snprintf(p.siren, sizeof p.siren, "%.9s", FIXTURE_PROVIDER_A);
	snprintf(p.name, sizeof p.name, "Provider %s", FIXTURE_PROVIDER_A);
	if (provider_upsert(tx, &p, tx->today, &done, err) != 0 || put_title(tx, "RS1", err) != 0 ||
	    put_title(tx, "RS5080", err) != 0 || org_find(tx->db, FIXTURE_PROVIDER_A, &provider, err) != 1)
		return -1;
	for (size_t i = 0; i < sizeof courses / sizeof courses[0]; i++)
		if (put_course(tx, i, provider.id, err) != 0)
			return -1;
	return 0;
}

/* Eleven years of the right, so that each learner has 5,000.00; money for top-ups. */
static int set_up(void **state)
{
	struct actor itself = {0};

	(void)state;
	s = scenario_open();
	f = scenario_fixture(s);
	assert_int_equal(fixture_run(f, &itself, put_courses, NULL), 0);
	line("rules c2p.json");
	for (int year = 2015; year <= 2025; year++) {
		char text[32];

		snprintf(text, sizeof text, "accrue %d", year);
		line(text);
	}
	line("fund payment acme-2026 1000.00 FUNDS-1");
	line("fund payment c2p-2026 1000.00 FUNDS-2");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scenario_audit(s);
	scenario_close(s);
	return 0;
}

#define WITH_SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* --- what holds ---------------------------------------------------------------------- */

static void before_the_decree_nothing_is_capped(void **state)
{
	(void)state;
	line("clock 2026-02-25");
	line("accept A L1 ASSESS 2026-03-09 103.20");
	line("plan A cpf-copay=103.20 cpf-law=1696.80");
	line("accept B L2 LICENCE 2026-03-09 103.20");
	line("plan B cpf-copay=103.20 cpf-law=1096.80");
	line("accept C L3 EXCEL 2026-03-09 103.20");
	line("plan C cpf-copay=103.20 cpf-law=1896.80");
}

static void an_assessment_is_capped_and_has_thirteen_hours(void **state)
{
	(void)state;
	line("clock 2026-02-26");
	refused("accept A L1 ASSESS-12 2026-03-09 103.20", "not_eligible",
		"Course ASSESS-12 has 12 hours; programme cpf asks for 13 at least.");
	refused("accept A L1 ASSESS 2026-03-09 103.20", "insufficient_entitlement",
		"The rule caps this action at 1600.00.");
	line("accept A L1 ASSESS 2026-03-09 200.00");
	line("plan A cpf-copay=200.00 cpf-law=1600.00");
}

/* Five years from the day on which the last one began, whatever rule it was ordered under. */
static void an_assessment_is_paid_once_in_five_years(void **state)
{
	(void)state;
	line("accept A L1 ASSESS 2026-01-26 103.20");
	line("accept B L2 ASSESS 2026-01-26 103.20");
	line("cancel B");
	line("clock 2026-01-26");
	line("enter A ASSESS 2026-01-26");
	line("clock 2026-03-02");
	refused("accept C L1 ASSESS 2026-03-09 200.00", "too_early",
		"The last skills_assessment that funds paid for this learner is of 2026-01-26: the next can be "
		"ordered from 2031-01-26 on.");
	line("accept C L2 ASSESS 2026-03-09 200.00");
	refused("accept D L2 ASSESS 2026-03-16 200.00", "too_early", "is of 2026-03-09");
	line("accept D L1 EXCEL 2026-03-09 500.00"); /* another kind */
}

static void a_light_licence_needs_other_money(void **state)
{
	(void)state;
	line("clock 2026-03-02");
	refused("accept A L3 LICENCE 2026-03-09 300.00", "third_party",
		"Other funds have to pay at least 100.00 of this order, and would pay 0.00.");
	line("topup L3 acme-2026 99.99 T-1");
	refused("accept A L3 LICENCE 2026-03-09 200.01", "third_party", "would pay 99.99");
	line("topup L3 acme-2026 0.01 T-2");
	line("accept A L3 LICENCE 2026-03-09 200.00");
	line("plan A cpf-copay=200.00 cpf-law=900.00 acme-2026=100.00");
	line("accept B L3 LORRY 2026-03-09 103.20");
	line("plan B cpf-copay=103.20 cpf-law=2396.80");
	line("status L4 job_seeker");
	line("accept C L4 LICENCE 2026-03-09 300.00");
	line("plan C cpf-copay=300.00 cpf-law=900.00");
}

static void the_specific_register_is_capped_but_for_the_basis(void **state)
{
	(void)state;
	line("clock 2026-03-02");
	line("accept A L5 EXCEL 2026-03-09 500.00");
	line("plan A cpf-copay=500.00 cpf-law=1500.00");
	line("accept B L6 CLEA 2026-03-09 103.20");
	line("plan B cpf-copay=103.20 cpf-law=1896.80");
}

/* Points of the account of prevention that are used on an order waive its co-payment. */
static void points_of_the_prevention_account_waive_the_co_payment(void **state)
{
	(void)state;
	line("clock 2026-03-02");
	line("topup L7 c2p-2026 500.00 P-1");
	line("accept A L7 EXCEL 2026-03-09");
	line("plan A cpf-law=1500.00 c2p-2026=500.00");
}

/* The test rules of alerts.json are cpf without the list. */
static void what_a_rule_does_not_list_needs_a_certification(void **state)
{
	struct fixture_scheme scheme = {FIXTURE_START, "alerts.json", "cpf", "FC", NULL};
	struct actor itself = {0};
	struct fixture other;

	(void)state;
	fixture_open_with(&other, &scheme);
	s = scenario_of(&other, "cpf");
	f = scenario_fixture(s);
	assert_int_equal(fixture_run(f, &itself, put_courses, NULL), 0);
	line("accrue 2025");
	refused("accept A L1 ASSESS 2026-01-26 1300.00", "not_eligible",
		"Course ASSESS leads to no certification of a register, which programme cpf asks for.");
	scenario_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCENARIO(before_the_decree_nothing_is_capped),
		WITH_SCENARIO(an_assessment_is_capped_and_has_thirteen_hours),
		WITH_SCENARIO(an_assessment_is_paid_once_in_five_years),
		WITH_SCENARIO(a_light_licence_needs_other_money),
		WITH_SCENARIO(the_specific_register_is_capped_but_for_the_basis),
		WITH_SCENARIO(points_of_the_prevention_account_waive_the_co_payment),
		cmocka_unit_test(what_a_rule_does_not_list_needs_a_certification),
	};

	return cmocka_run_group_tests_name("voucher/order_terms", tests, NULL, NULL);
}
