/*
 * Quotes: of each sample scheme, an order with exactly what was quoted is accepted, and
 * with a cent less or more is not; why the learner owes a co-payment; several refusals
 * at once.  tests/lib/scenario_voucher.c quotes each order of tests/tables, too.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/seasons/quote.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"

static struct scenario *s;
static struct fixture *f;
static struct quote q;

static void line(const char *text)
{
	const char *refusal = scenario_try(s, text);

	if (*refusal != '\0')
		fail_msg("%s: %s", text, f->err.text);
}

/* Read beside the writer, as the API does. */
static void quote(const char *learner, const char *course, const char *start)
{
	struct actor portal = fixture_as(f, "PORTAL", ROLE_PORTAL, "portal");
	struct accept a = {.session_end = DAY_NONE};
	struct err err = {0};
	struct db *db = ledger_reader(f->l, &err);
	struct tx tx;

	assert_non_null(db);
	assert_int_equal(day_parse(start, &a.session_start), 0);
	snprintf(a.learner, sizeof a.learner, "%s", learner);
	snprintf(a.course, sizeof a.course, "%s", course);
	assert_int_equal(db_begin(db, &err), 0);
	ledger_look(f->l, db, &portal, &tx);
	if (order_quote(&tx, &a, &q, &err) != 0)
		fail_msg("%s", err.text);
	db_rollback(db);
	ledger_reader_back(f->l, db);
}

static const char *words_of(const char *name, const char *learner, const char *course, const char *start,
			    int64_t pays)
{
	static char text[160];
	char money[MONEY_TEXT];

	snprintf(text, sizeof text, "accept %s %s %s %s %s", name, learner, course, start,
		 money_format(pays, 2, money));
	return text;
}

/* --- the samples ------------------------------------------------------------------------ */

static const struct {
	const char *begins, *given[3];
	const char *course, *start;
} schemes[] = {
	{"begins 2024-05-02 cpf-2024.json cpf FC", {"accrue 2023"}, "C-A2", "2024-06-03"},
	{"begins 2025-01-02 cpf-2025.json cpf FC", {"accrue 2024"}, "C-A2", "2025-02-03"},
	{"begins 2026-01-05 cpf-2026.json cpf FC", {"accrue 2025"}, "C-A2", "2026-02-02"},
	{"begins 2026-01-05 cpf-2026.json cpf FC",
	 {"accrue 2025", "rules cpf-2026-02-26.json", "clock 2026-03-02"},
	 "C-A1",
	 "2026-03-30"},
	{"begins 2026-01-05 skillsfuture.json skillsfuture SSG SGD", {"accrue 2026"}, "C-A1", "2026-02-02"},
	{"begins 2026-01-05 opleidingscheques.json opleidingscheques VLAANDEREN",
	 {"accrue 2026"},
	 "C-A2",
	 "2026-02-02"},
	{"begins 2026-01-05 bildungsgutschein.json bildungsgutschein BA",
	 {"fund payment bildungsgutschein-2026 1500.00 BA-1",
	  "topup L1 bildungsgutschein-2026 1000.00 BG-1 certification RNCP1 2026-04-05"},
	 "C-A1",
	 "2026-02-02"},
	{"begins 2026-01-05 region-cash.json region-bzh REGION-BZH",
	 {"fund payment region-bzh-2026 1500.00 RB-1", "topup L1 region-bzh-2026 1000.00 RT-1"},
	 "C-A2",
	 "2026-02-02"},
};

static void expect_exact(size_t i, int64_t pays)
{
	if (pays > 0)
		assert_string_not_equal(
			scenario_try(s, words_of("A", "L1", schemes[i].course, schemes[i].start, pays - 1)),
			"");
	assert_string_not_equal(
		scenario_try(s, words_of("B", "L1", schemes[i].course, schemes[i].start, pays + 1)), "");
	line(words_of("C", "L1", schemes[i].course, schemes[i].start, pays));
}

static void what_is_quoted_is_what_an_order_takes_in_each_scheme(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		s = scenario_open();
		f = scenario_fixture(s);
		line(schemes[i].begins);
		for (size_t k = 0; k < 3 && schemes[i].given[k] != NULL; k++)
			line(schemes[i].given[k]);
		quote("L1", schemes[i].course, schemes[i].start);
		if (q.refusals.count > 0)
			fail_msg("%s: %s", schemes[i].begins, q.refusals.at[0].text);
		assert_int_equal(q.copay + q.short_ - q.notes, q.order.plan.card);
		expect_exact(i, q.order.plan.card);
		scenario_close(s);
	}
}

/* --- cpf of 2026 ---------------------------------------------------------------------------- */

static int set_up(void **state)
{
	(void)state;
	s = scenario_open();
	f = scenario_fixture(s);
	line("accrue 2025");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scenario_close(s);
	return 0;
}

static void the_cause_of_what_the_learner_pays_is_told(void **state)
{
	(void)state;
	quote("L1", "C-A2", "2026-02-02");
	assert_string_equal(copay_cause_name(q.cause), "flat");
	assert_int_equal(q.copay, 10320);
	assert_int_equal(q.short_, 0);
	assert_int_equal(q.order.plan.count, 2);
	assert_int_equal(q.rights, 1);
	assert_int_equal(q.usable[0], 1);
	assert_int_equal(q.more_on, day_from_civil(2027, 1, 1));
	/* 1,000.00, of which 500.00 are held. */
	quote("L1", "C-A1", "2026-02-02");
	assert_int_equal(q.copay, 10320);
	assert_int_equal(q.short_, 39680);
	assert_int_equal(q.order.plan.card, 50000);
	line("status L1 job_seeker");
	quote("L1", "C-A1", "2026-02-02");
	assert_string_equal(copay_cause_name(q.cause), "exempt_status");
	assert_int_equal(q.copay, 0);
	assert_int_equal(q.short_, 50000);
	line("fund payment acme-2026 1000.00 AC-1");
	line("topup L2 acme-2026 100.00 TU-1");
	quote("L2", "C-A1", "2026-02-02");
	assert_string_equal(copay_cause_name(q.cause), "exempt_fund");
	assert_int_equal(q.order.plan.card, 40000);
	assert_int_equal(q.short_, 40000);
	assert_int_equal(q.rights, 2);
}

/* What an exempt learner lacks is no co-payment. */
static void rights_that_are_used_up_are_named_as_the_cause(void **state)
{
	(void)state;
	line("status L1 job_seeker");
	line("accept A L1 C-A2 2026-02-02");
	line("accept B L1 C-B1 2026-03-02 300.00");
	assert_string_equal(scenario_try(s, "accept C L1 C-A2 2026-04-06 150.00"),
			    "insufficient_entitlement");
	assert_non_null(strstr(f->err.text, "The learner may pay 300.00 in all; 150.00 was captured."));
	assert_null(strstr(f->err.text, "co-payment"));
	assert_int_equal(f->err.missing, 15000);
	assert_int_equal(f->err.has_next_due, 1);
	assert_int_equal(f->err.next_due, day_from_civil(2027, 1, 1));
}

static void all_that_stands_in_the_way_is_told_at_once(void **state)
{
	(void)state;
	line("accept A L1 C-A2 2026-02-02 103.20");
	quote("L1", "C-A2", "2026-02-02");
	assert_int_equal(q.refusals.count, 1);
	assert_int_equal(q.refusals.at[0].code, ERR_SESSION_OVERLAPS);
	quote("L1", "C-B3", "2025-12-01");
	assert_int_equal(q.refusals.count, 2);
	assert_int_equal(q.refusals.at[0].code, ERR_NOT_ELIGIBLE);
	assert_int_equal(q.refusals.at[1].code, ERR_FIELD_INVALID);
}

/* Inside a window whose orders are drawn, a quote is that of a ticket. */
static void a_ticket_is_quoted_as_what_it_asks(void **state)
{
	(void)state;
	s = scenario_open();
	f = scenario_fixture(s);
	line("begins 2026-01-05 lots-1.json lots FC");
	line("rules lots-2.json");
	line("rules lots-3.json");
	line("accrue 2024");
	line("accrue 2025");
	line("clock 2026-01-08");
	quote("L1", "C-A1", "2026-01-25");
	assert_int_equal(q.order.rule->intake, INTAKE_LOTTERY);
	assert_int_equal(q.refusals.count, 1);
	assert_int_equal(q.refusals.at[0].code, ERR_SESSION_TOO_EARLY);
	assert_int_equal(q.order.plan.card, 5000);
	quote("L1", "C-A1", "2026-02-02");
	assert_int_equal(q.refusals.count, 0);
	line("ticket A L1 C-A1 2026-02-02 50.00");
	scenario_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_quoted_is_what_an_order_takes_in_each_scheme),
		cmocka_unit_test(a_ticket_is_quoted_as_what_it_asks),
		cmocka_unit_test_setup_teardown(the_cause_of_what_the_learner_pays_is_told, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(rights_that_are_used_up_are_named_as_the_cause, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(all_that_stands_in_the_way_is_told_at_once, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
