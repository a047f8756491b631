/*
 * Staff and the accounts they may not act on, over HTTP: a conflict of interest is
 * declared, holds for every key of the person or the team, and is ended by others.
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

#define FREEZE "{\"ground\":\"fraud_inquiry\",\"until\":\"2026-02-01\"}"

static struct served s;
static struct buf answer;
static char carl[KEY_TEXT], olga[KEY_TEXT], chloe[KEY_TEXT];

static void call(const char *key, const char *path, const char *body, int status, const char *part)
{
	served_expect(&s, key, path, body, status, part, &answer);
}

static void make_key(const char *role, const char *principal, char out[KEY_TEXT])
{
	served_key(&s, "FC", role, principal, out);
}

static int set_up(void **state)
{
	(void)state;
	served_ready(&s, 1);
	served_start(&s);
	buf_init(&answer, 1 << 20);
	make_key("controller", "carl", carl);
	make_key("operator", "olga", olga);
	make_key("accountant", "chloe", chloe);
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

static void a_person_in_conflict_is_refused_until_somebody_else_ends_it(void **state)
{
	(void)state;
	call(s.key[ROLE_PORTAL], "/v1/conflicts", "{\"learner\":\"L1\",\"principal\":\"carl\"}", 403,
	     "\"forbidden\"");
	call(s.key[ROLE_PORTAL], "/v1/conflicts", NULL, 403, "\"forbidden\"");
	call(olga, "/v1/conflicts", "{\"learner\":\"L1\"}", 400, "\"field_missing\"");
	call(olga, "/v1/conflicts", "{\"learner\":\"NOBODY\",\"principal\":\"carl\"}", 422,
	     "\"unknown_reference\"");
	call(olga, "/v1/conflicts", "{\"learner\":\"L1\",\"principal\":\"carl\"}", 201,
	     "\"id\":1,\"learner\":\"L1\",\"principal\":\"carl\",\"organisation\":null,"
	     "\"declared_on\":\"2026-01-05\",\"declared_by\":\"olga\",\"ended_on\":null");
	call(carl, "/v1/learners/L1/freeze", FREEZE, 409, "\"conflict_of_interest\"");
	call(carl, "/v1/learners/L2/freeze", FREEZE, 201, "");
	call(s.key[ROLE_CONTROLLER], "/v1/learners/L1/freeze", FREEZE, 201, "");
	/* The two freezes end by themselves, on a day that no programme's rule gave. */
	assert_int_equal(served_count(&s, "SELECT count(*) FROM timer WHERE kind = 8 AND rule IS NULL"), 2);
	call(carl, "/v1/conflicts/1/end", "{}", 409, "\"conflict_of_interest\"");
	call(carl, "/v1/conflicts/one/end", "{}", 404, "\"not_found\"");
	call(olga, "/v1/conflicts/2/end", "{}", 404, "\"not_found\"");
	call(olga, "/v1/conflicts/1/end", "{}", 200, "\"ended_on\":\"2026-01-05\",\"ended_by\":\"olga\"");
	call(olga, "/v1/conflicts/1/end", "{}", 409, "\"conflict_ended\"");
	call(carl, "/v1/learners/L1/unfreeze", "{}", 200, "");
}

static void a_team_in_conflict_is_refused_as_a_whole(void **state)
{
	(void)state;
	call(s.key[ROLE_AUDITOR], "/v1/conflicts", "{\"learner\":\"L3\",\"organisation\":\"FC\"}", 201,
	     "\"organisation\":\"FC\"");
	call(olga, "/v1/conflicts", "{\"learner\":\"L4\",\"principal\":\"carl\"}", 201, "\"id\":2");
	call(carl, "/v1/learners/L3/freeze", FREEZE, 409, "\"conflict_of_interest\"");
	call(s.key[ROLE_CONTROLLER], "/v1/learners/L3/freeze", FREEZE, 409, "\"conflict_of_interest\"");
	call(s.key[ROLE_PORTAL], "/v1/learners/L3/account", NULL, 200, "");
	call(s.key[ROLE_AUDITOR], "/v1/conflicts/1/end", "{}", 409, "\"conflict_of_interest\"");
	call(s.key[ROLE_AUDITOR], "/v1/conflicts?limit=1", NULL, 200, "\"id\":1,");
	assert_non_null(strstr(buf_text(&answer), "\"has_more\":true"));
}

static void working_time_is_not_recorded_by_whom_it_favours(void **state)
{
	static const char file[] =
		"learner;siret;period;unit;paid_time;reference_time;part_time_rate;absence_start;absence_end;absence_code\n"
		"L1;11004301500012;2025;hours;1820.04;151.67;;;;\n";

	(void)state;
	call(carl, "/v1/conflicts", "{\"learner\":\"L1\",\"principal\":\"olga\"}", 201, "");
	call(olga, "/v1/imports/payroll", file, 409, "\"conflict_of_interest\"");
	call(s.key[ROLE_OPERATOR], "/v1/imports/payroll", file, 200, "\"created\":1");
}

static void step(enum role role, const char *name, const char *body)
{
	char path[96];

	snprintf(path, sizeof path, "/v1/vouchers/%s/%s", s.uuid[0], name);
	call(s.key[role], path, body, 200, "\"state\"");
}

/* What can no longer be done waits for nobody. */
static void a_first_word_on_what_is_past_is_not_shown(void **state)
{
	char path[96];

	(void)state;
	assert_int_equal(served_redeem(&s, NULL, 0, &answer), 201);
	step(ROLE_PROVIDER, "exit", "{\"exited_on\":\"2026-01-05\"}");
	step(ROLE_PROVIDER, "declare", "{\"completion\":100,\"cause\":\"full\"}");
	step(ROLE_CONTROLLER, "control", "{\"reason\":\"sample\",\"until\":\"2026-02-02\"}");
	step(ROLE_CONTROLLER, "reduce", "{\"reason\":\"hours_not_given\",\"amount\":10000}");
	assert_non_null(
		strstr(buf_text(&answer), "\"awaiting\":[{\"step\":\"reduce\",\"by\":\"controller\""));
	step(ROLE_CONTROLLER, "release", "{\"reason\":\"in_order\"}");
	snprintf(path, sizeof path, "/v1/vouchers/%s", s.uuid[0]);
	call(carl, path, NULL, 200, "\"awaiting\":[]");
	step(ROLE_CONTROLLER, "freeze", "{\"reason\":\"fraud_alert\",\"until\":\"2026-02-02\"}");
	call(carl, path, NULL, 200,
	     "\"awaiting\":[{\"step\":\"freeze\",\"by\":\"controller\",\"reason\":\"fraud_alert\",\"amount\":0,"
	     "\"until\":\"2026-02-02\"");
	assert_null(strstr(buf_text(&answer), "reduce"));
}

static void a_payment_is_settled_by_somebody_without_an_interest(void **state)
{
	static const char settled[] = "{\"amount\":30000,\"bank_reference\":\"BK-1\"}";
	char id[80], path[128], body[256];

	(void)state;
	assert_int_equal(served_redeem(&s, NULL, 0, &answer), 201);
	step(ROLE_PROVIDER, "exit", "{\"exited_on\":\"2026-01-05\"}");
	step(ROLE_PROVIDER, "declare", "{\"completion\":100,\"cause\":\"full\"}");
	step(ROLE_CONTROLLER, "validate", "{}");
	step(ROLE_PROVIDER, "bill", "{\"invoice\":\"I-1\",\"amount\":30000}");
	call(s.key[ROLE_OPERATOR], "/v1/sandbox/clock", "{\"advance_to\":\"2026-02-20T08:00:00Z\"}", 200, "");
	snprintf(body, sizeof body,
		 "{\"reference\":\"SET-1\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\",\"amount\":10320,"
		 "\"value_date\":\"2026-02-20\",\"voucher\":\"%s\"}",
		 s.uuid[0]);
	call(s.key[ROLE_OPERATOR], "/v1/contributions", body, 202, "\"state\":\"proposed\"");
	call(chloe, "/v1/contributions", body, 201, "\"state\":\"recorded\"");
	call(olga, "/v1/conflicts", "{\"learner\":\"X0001\",\"principal\":\"chloe\"}", 201, "");
	call(s.key[ROLE_AUTHORISER], "/v1/payments", "{}", 201, "\"id\"");
	json_member(&answer, "id", id, sizeof id);
	snprintf(path, sizeof path, "/v1/payments/%s/confirm", id);
	call(chloe, path, settled, 409, "\"conflict_of_interest\"");
	call(s.key[ROLE_ACCOUNTANT], path, settled, 200, "");
}

/* Of a voucher, a standing and a close-down: a first word that is another's to replace, or to take back. */
static void a_first_word_goes_with_its_key_and_can_be_taken_back(void **state)
{
	static const char cancel
		[] = "{\"reason\":\"funding_ended\"}",
	  standing[] = "/v1/providers/11004301500012/standing", closing[] = "/v1/programmes/cpf/close-down",
	  suspend[] = "{\"standing\":\"removed_clean\",\"ground\":\"closed\"}",
	  days[] = "{\"last_request\":\"2026-02-01\",\"last_order\":\"2026-02-01\","
		   "\"last_start\":\"2026-03-01\",\"last_billing\":\"2026-04-01\",\"reason\":\"budget\"}";
	const char *authoriser = s.key[ROLE_AUTHORISER];
	char path[128], id[32];

	(void)state;
	snprintf(path, sizeof path, "/v1/vouchers/%s/cancel", s.uuid[0]);
	call(carl, path, cancel, 200, "\"awaiting\":[{\"step\":\"cancel\",\"by\":\"carl\"");
	snprintf(id, sizeof id, "%d", atoi(carl + strlen("ila_test_")));
	snprintf(path, sizeof path, "/v1/keys/%s/revoke", id);
	call(s.key[ROLE_OPERATOR], path, "{}", 200, "true");
	snprintf(path, sizeof path, "/v1/vouchers/%s/cancel", s.uuid[0]);
	call(authoriser, path, cancel, 200, "\"state\":\"accepted\"");
	assert_non_null(strstr(buf_text(&answer), "\"by\":\"authoriser\""));
	snprintf(path, sizeof path, "/v1/vouchers/%s/withdraw", s.uuid[0]);
	call(s.key[ROLE_PORTAL], path, "{\"step\":\"cancel\"}", 403, "\"forbidden\"");
	call(authoriser, path, "{\"step\":\"cancel\"}", 200, "\"awaiting\":[]");
	call(authoriser, path, "{\"step\":\"cancel\"}", 409, "\"nothing_waits\"");
	call(authoriser, standing, suspend, 202, "\"proposed\"");
	snprintf(path, sizeof path, "%s/withdraw", standing);
	call(s.key[ROLE_CONTROLLER], path, "{}", 200, "\"state\":\"withdrawn\"");
	call(s.key[ROLE_CONTROLLER], path, "{}", 409, "\"nothing_waits\"");
	call(authoriser, closing, days, 202, "\"proposed\"");
	snprintf(path, sizeof path, "%s/withdraw", closing);
	call(chloe, path, "{}", 200, "\"state\":\"withdrawn\"");
	call(chloe, path, "{}", 409, "\"nothing_waits\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_person_in_conflict_is_refused_until_somebody_else_ends_it,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_first_word_goes_with_its_key_and_can_be_taken_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_first_word_on_what_is_past_is_not_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(working_time_is_not_recorded_by_whom_it_favours, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_payment_is_settled_by_somebody_without_an_interest, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_team_in_conflict_is_refused_as_a_whole, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/staff", tests, NULL, NULL);
}
