/*
 * Accounts and years from outside: corrections, freezes, closings, refunds, year
 * ends, each sent twice with the same Idempotency-Key.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/served.h"

static struct served s;
static struct buf answer;
static int keys;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	served_learners(&s, 2);
	served_start(&s);
	buf_init(&answer, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_verify(&s);
	buf_free(&answer);
	served_close(&s);
	return 0;
}

static void expect(const char *part)
{
	if (strstr(buf_text(&answer), part) == NULL)
		fail_msg("no %s in %s", part, buf_text(&answer));
}

/* Sent twice: the second time nothing happens and the answer is the same. */
static void twice(enum role role, const char *path, const char *body, int status)
{
	char idem[32], first[4096];
	struct call call = {.key = s.key[role], .idem = idem, .method = "POST", .path = path, .body = body};
	int is;

	snprintf(idem, sizeof idem, "account-%d", keys++);
	is = served_call(&s, NULL, &call, &answer);
	if (is != status)
		fail_msg("%s %s: %d %s", path, body, is, buf_text(&answer));
	snprintf(first, sizeof first, "%s", buf_text(&answer));
	assert_int_equal(served_call(&s, NULL, &call, &answer), status);
	assert_int_equal(served_replayed(), 1);
	assert_string_equal(buf_text(&answer), first);
}

static void clock_to(const char *instant)
{
	char body[64];
	struct call call = {
		.key = s.key[ROLE_OPERATOR], .method = "POST", .path = "/v1/sandbox/clock", .body = body};

	snprintf(body, sizeof body, "{\"advance_to\":\"%s\"}", instant);
	assert_int_equal(served_call(&s, NULL, &call, &answer), 200);
}

static void an_accrual_is_corrected(void **state)
{
	static const char path[] = "/v1/learners/X0001/corrections";
	static const char less[] =
		"{\"period\":2025,\"work_pct\":40,\"low_qualified\":false,\"reason\":\"hours_corrected\"}";

	(void)state;
	twice(ROLE_CONTROLLER, path, less, 201);
	expect("\"changed\":true,\"expected\":20000,\"credited_before\":50000,\"credited\":20000");
	twice(ROLE_CONTROLLER, path, less, 200);
	expect("\"changed\":false");
	twice(ROLE_CONTROLLER, path,
	      "{\"period\":1999,\"work_pct\":40,\"low_qualified\":false,\"reason\":\"hours_corrected\"}",
	      404);
	twice(ROLE_CONTROLLER, "/v1/learners/nobody/corrections", less, 404);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM accrual_correction"), 1);
	/* What takes back names the accrual. */
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry r JOIN entry a ON a.seq = r.reverses "
					  "WHERE r.kind = 'reverse' AND a.kind = 'accrue'"),
			 1);
}

static void an_account_is_frozen_released_and_closed(void **state)
{
	struct call account = {
		.key = s.key[ROLE_PORTAL], .method = "GET", .path = "/v1/learners/X0001/account"};

	(void)state;
	twice(ROLE_CONTROLLER, "/v1/learners/X0001/freeze",
	      "{\"ground\":\"fraud_inquiry\",\"until\":\"2026-02-05\"}", 201);
	expect("\"frozen_until\":\"2026-02-05\",\"frozen\":50000");
	assert_int_equal(served_call(&s, NULL, &account, &answer), 200);
	expect("\"balance\":0,\"frozen\":50000,\"frozen_until\":\"2026-02-05\",\"closed_on\":null");
	twice(ROLE_OPERATOR, "/v1/learners/X0001/close", "{\"reason\":\"death\",\"evidence\":\"DOC-1\"}",
	      409);
	expect("\"account_frozen\"");
	twice(ROLE_CONTROLLER, "/v1/learners/X0001/unfreeze", "{}", 200);
	expect("\"released\":50000");
	twice(ROLE_CONTROLLER, "/v1/learners/X0001/freeze",
	      "{\"ground\":\"fraud_inquiry\",\"until\":\"2026-02-05\"}", 201);
	clock_to("2026-02-06T08:00:00Z");
	twice(ROLE_OPERATOR, "/v1/learners/X0001/close", "{\"reason\":\"death\",\"evidence\":\"DOC-1\"}",
	      201);
	expect("\"lapsed\":50000,\"due_to_funders\":0");
	assert_int_equal(served_call(&s, NULL, &account, &answer), 200);
	expect("\"balance\":0,\"frozen\":0,\"frozen_until\":null,\"closed_on\":\"2026-02-06\"");
}

static void unspent_money_goes_back(void **state)
{
	static const char paid_in[] =
		"{\"reference\":\"P\",\"kind\":\"payment\",\"fund\":\"branch-metal-2026\",\"amount\":50000,"
		"\"value_date\":\"2026-01-05\"}";
	char path[128], id[64];

	(void)state;
	twice(ROLE_OPERATOR, "/v1/contributions", paid_in, 202);
	twice(ROLE_ACCOUNTANT, "/v1/contributions", paid_in, 201);
	twice(ROLE_OPERATOR, "/v1/topups",
	      "{\"reference\":\"T\",\"learner\":\"X0001\",\"fund\":\"branch-metal-2026\",\"amount\":20000,"
	      "\"expires_on\":\"2026-01-31\"}",
	      201);
	clock_to("2026-02-06T08:00:00Z");
	twice(ROLE_AUTHORISER, "/v1/funds/branch-metal-2026/refunds", "{\"amount\":20001}", 409);
	expect("\"missing\":1");
	twice(ROLE_AUTHORISER, "/v1/funds/branch-metal-2026/refunds", "{\"amount\":20000}", 201);
	expect("\"state\":\"ordered\",\"fund\":\"branch-metal-2026\",\"funder\":\"OPCO-M\",\"amount\":20000");
	snprintf(path, sizeof path, "/v1/payments/%s/confirm", json_member(&answer, "id", id, sizeof id));
	twice(ROLE_ACCOUNTANT, path, "{\"amount\":20000,\"bank_reference\":\"B-1\"}", 200);
	expect("\"state\":\"paid\"");
	assert_int_equal(served_balance(&s, "branch-metal-2026", 280), 0);
	assert_int_equal(served_balance(&s, "branch-metal-2026", 110), 30000);
}

static void a_year_is_ended(void **state)
{
	struct call no_fund = {.key = s.key[ROLE_ACCOUNTANT],
			       .method = "POST",
			       .path = "/v1/year-ends",
			       .body = "{\"year\":2026,\"reserve\":100}"};

	(void)state;
	twice(ROLE_ACCOUNTANT, "/v1/year-ends", "{\"year\":2026}", 409);
	expect("\"too_early\"");
	assert_int_equal(served_call(&s, NULL, &no_fund, &answer), 400);
	clock_to("2027-01-11T08:00:00Z");
	twice(ROLE_ACCOUNTANT, "/v1/year-ends", "{\"year\":2026,\"fund\":\"cpf-law\",\"reserve\":100000}",
	      201);
	expect("{\"fund\":\"cpf-law\",\"ae_left\":200000000000,\"cp_left\":200000000000,\"carried\":false,"
	       "\"reserve\":100000");
	twice(ROLE_ACCOUNTANT, "/v1/year-ends", "{\"year\":2026}", 201);
	expect("\"branch-metal-2026\",\"ae_left\":750000000,\"cp_left\":750000000,\"carried\":true");
	expect("\"finished\":true");
	twice(ROLE_ACCOUNTANT, "/v1/funds/cpf-law/reserve-uses",
	      "{\"amount\":40000,\"reason\":\"shortfall\"}", 201);
	assert_int_equal(served_balance(&s, "cpf-law", 215), 60000);
}

/* The same from the command line, through the server and without one. */
static void a_year_is_ended_from_the_command_line(void **state)
{
	struct program_run *run = malloc(sizeof *run);
	const char *key = s.key[ROLE_ACCOUNTANT];

	(void)state;
	assert_non_null(run);
	clock_to("2027-01-11T08:00:00Z");
	program_run_as(run, key,
		       (const char *const[]){"--url", s.address, "year-end", "2026", "--fund", "cpf-law",
					     "--reserve", "10.00", NULL});
	assert_int_equal(run->status, 0);
	assert_non_null(strstr(run->out, "  reserve 10.00 EUR\n"));
	served_stop(&s);
	ledger_close(s.f.l);
	s.f.l = NULL;
	ILA(run, "--db", s.f.path, "year-end", "2026");
	assert_int_equal(run->status, 1);
	program_run_as(run, key, (const char *const[]){"--db", s.f.path, "year-end", "2026", NULL});
	assert_int_equal(run->status, 0);
	if (strstr(run->out, "branch-metal-2026  AE 7,500,000.00 EUR and CP 7,500,000.00 EUR carried\n") ==
	    NULL)
		fail_msg("%s", run->out);
	program_run_as(run, key, (const char *const[]){"--db", s.f.path, "year-end", "2026", NULL});
	assert_int_equal(run->status, 1);
	ILA(run, "--db", s.f.path, "year-end", "2026", "--reserve", "1.00");
	assert_int_equal(run->status, 2);
	ILA(run, "--db", s.f.path, "year-end", "two");
	assert_int_equal(run->status, 2);
	free(run);
	fixture_reopen(&s.f);
}

/* Two persons decide, everyone who must see how far it is does. */
static void a_programme_is_closed_down(void **state)
{
	static const char path[] = "/v1/programmes/cpf/close-down";
	static const char days[] = "{\"last_request\":\"2026-01-06\",\"last_order\":\"2026-01-07\","
				   "\"last_start\":\"2026-01-08\",\"last_billing\":\"2026-01-09\","
				   "\"reason\":\"budget\"}";
	struct call look = {.key = s.key[ROLE_AUDITOR], .method = "GET", .path = path};
	struct call early = {.key = s.key[ROLE_AUTHORISER], .method = "POST", .path = path, .idem = "early"};

	(void)state;
	early.body = "{\"last_request\":\"2026-01-06\",\"last_order\":\"2026-01-05\","
		     "\"last_start\":\"2026-01-08\",\"last_billing\":\"2026-01-09\",\"reason\":\"budget\"}";
	assert_int_equal(served_call(&s, NULL, &look, &answer), 404);
	assert_int_equal(served_call(&s, NULL, &early, &answer), 400);
	expect("last_order");
	twice(ROLE_AUTHORISER, path, days, 202);
	expect("\"state\":\"proposed\"");
	assert_int_equal(served_call(&s, NULL, &look, &answer), 200);
	expect("\"stage\":\"not_decided\"");
	twice(ROLE_ACCOUNTANT, path, days, 201);
	assert_int_equal(served_call(&s, NULL, &look, &answer), 200);
	expect("\"stage\":\"requests\",\"last_request\":\"2026-01-06\"");
	expect("\"confirmed_as\":\"accountant\"");
	expect("{\"fund\":\"cpf-law\",\"balances\":[");
	clock_to("2026-01-10T08:00:00Z");
	assert_int_equal(served_call(&s, NULL, &look, &answer), 200);
	expect("\"open_vouchers\":[]");
	/* The funder's bank account is not known: the money waits for it. */
	expect("\"stage\":\"rights\"");
	expect("{\"kind\":280,\"name\":\"due back to funder\",\"balance\":10000000}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_accrual_is_corrected, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_account_is_frozen_released_and_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unspent_money_goes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_year_is_ended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_programme_is_closed_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_year_is_ended_from_the_command_line, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/account", tests, NULL, NULL);
}
