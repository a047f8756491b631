/*
 * What waits for whom, over HTTP: a voucher goes through its life by nothing but what
 * each role's list says; everybody sees their own; a second person is found.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/frame/page.h"
#include "tests/lib/served.h"

#define STANDING "/v1/providers/" FIXTURE_PROVIDER_A "/standing"
#define ACME_PAYS                                                                                            \
	"{\"reference\":\"ACME-W\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":500000,"           \
	"\"value_date\":\"2026-01-05\"}"
#define SUSPENSION "{\"standing\":\"suspended_no_new\",\"ground\":\"quality_alert\",\"until\":\"2026-06-30\"}"

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	served_learners(&s, 4);
	served_orders(&s, 2);
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

static void call(const char *key, const char *path, const char *body, int status, const char *part)
{
	served_expect(&s, key, path, body, status, part, &answer);
}

static void clock_to(const char *instant)
{
	char body[80];

	snprintf(body, sizeof body, "{\"advance_to\":\"%s\"}", instant);
	call(s.key[ROLE_OPERATOR], "/v1/sandbox/clock", body, 200, "");
}

static void assert_nothing(const char *key, const char *kind)
{
	char path[80];

	snprintf(path, sizeof path, "/v1/work?kind=%s", kind);
	call(key, path, NULL, 200, "\"data\":[],\"has_more\":false");
}

/* The first item of that kind is done by what it says of its action. */
static void do_work(const char *key, const char *kind, const char *body, int status, const char *part)
{
	char path[160];

	snprintf(path, sizeof path, "/v1/work?kind=%s&limit=1", kind);
	call(key, path, NULL, 200, "\"method\":\"POST\"");
	json_member(&answer, "path", path, sizeof path);
	call(key, path, body, status, part);
}

static void a_request_is_answered_accepted_and_redeemed(void)
{
	char code[VOUCHER_CODE_TEXT], body[160];

	call(s.key[ROLE_PORTAL], "/v1/requests",
	     "{\"learner\":\"X0003\",\"course\":\"C-A2\",\"session_start\":\"2026-01-19\"}", 201, "");
	do_work(s.key[ROLE_PROVIDER], "answer_request", "{}", 200, "\"proposed\"");
	assert_nothing(s.key[ROLE_PROVIDER], "answer_request");
	assert_nothing(s.key_b, "answer_request");
	do_work(s.key[ROLE_PORTAL], "accept",
		"{\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-W\"}}", 200, "\"accepted\"");
	json_member(&answer, "code", code, sizeof code);
	assert_nothing(s.key[ROLE_PORTAL], "accept");
	call(s.key[ROLE_PROVIDER], "/v1/work?kind=enter", NULL, 200, "\"due\":\"2026-01-05\"");
	assert_null(strstr(buf_text(&answer), "2026-01-19"));
	clock_to("2026-01-19T08:00:00Z");
	call(s.key[ROLE_PROVIDER], "/v1/work?kind=enter", NULL, 200,
	     "\"due\":\"2026-01-19\",\"last_day\":\"2026-01-2");
	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-19\"}",
		 code);
	do_work(s.key[ROLE_PROVIDER], "enter", body, 201, "\"entered\"");
}

static void what_was_given_is_declared_validated_and_billed(void)
{
	clock_to("2026-01-26T08:00:00Z");
	do_work(s.key[ROLE_PROVIDER], "exit", "{\"exited_on\":\"2026-01-23\"}", 200, "\"exited\"");
	do_work(s.key[ROLE_PROVIDER], "declare", "{\"completion\":100,\"cause\":\"full\"}", 200,
		"\"declared\"");
	do_work(s.key[ROLE_CONTROLLER], "validate", "{}", 200, "\"validated\"");
	do_work(s.key[ROLE_PROVIDER], "bill", "{\"invoice\":\"I-1\",\"amount\":30000}", 200, "\"billed\"");
	assert_nothing(s.key[ROLE_PROVIDER], "bill");
}

static void what_was_billed_is_ordered_sent_and_paid(void)
{
	static const char accounts[] = "bank_account;iban;holder;bic\n"
				       "CDC-CPF;FR8530003000340000026924634;Caisse;BDFEFRPPCCT\n"
				       "CDC-COPAY;FR5430003000310000024548931;Caisse;\n";
	static const char settled[] =
		"{\"reference\":\"SET-1\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\","
		"\"amount\":10320,\"value_date\":\"2026-02-20\",\"voucher\":\"%s\"}";
	char body[256], id[UUID_TEXT];

	clock_to("2026-02-20T08:00:00Z");
	call(s.key[ROLE_OPERATOR], "/v1/imports/bank_accounts?file=a.csv", accounts, 202, "");
	call(s.key_second, "/v1/work?kind=second_person", NULL, 200,
	     "\"path\":\"/v1/imports/bank_accounts\"");
	call(s.key_second, "/v1/imports/bank_accounts?file=a.csv", accounts, 200, "");
	call(s.key[ROLE_AUTHORISER], "/v1/work?kind=order_payment", NULL, 200, "\"amount\":30000");
	json_member(&answer, "subject", id, sizeof id);
	snprintf(body, sizeof body, settled, id);
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions", body, 202, "");
	call(s.key[ROLE_OPERATOR], "/v1/work?kind=second_person", NULL, 200,
	     "\"subject\":\"SET-1\",\"about\":\"cash\"");
	call(s.key[ROLE_OPERATOR], "/v1/contributions", body, 201, "");
	do_work(s.key[ROLE_AUTHORISER], "order_payment", "{}", 200, "\"ordered\"");
	assert_nothing(s.key[ROLE_AUTHORISER], "order_payment");
	assert_nothing(s.key[ROLE_ACCOUNTANT], "payment_unanswered");
	do_work(s.key[ROLE_ACCOUNTANT], "payment_file", "{}", 201, "");
	assert_nothing(s.key[ROLE_ACCOUNTANT], "payment_file");
	do_work(s.key[ROLE_ACCOUNTANT], "payment_unanswered",
		"{\"amount\":30000,\"bank_reference\":\"BK-1\"}", 200, "\"paid\"");
	assert_nothing(s.key[ROLE_ACCOUNTANT], "payment_unanswered");
}

static void a_voucher_goes_through_its_life_by_what_the_lists_say(void **state)
{
	(void)state;
	a_request_is_answered_accepted_and_redeemed();
	what_was_given_is_declared_validated_and_billed();
	what_was_billed_is_ordered_sent_and_paid();
}

/* Of the voucher that was paid: claimed back, opposed, upheld by two, collected. */
static void a_recovery_goes_from_one_to_the_next(void **state)
{
	static const char claim[] = "{\"reason\":\"not_given\",\"amount\":10000}",
			  upheld[] = "{\"reason\":\"not_founded\"}";
	char id[UUID_TEXT], path[96];

	a_voucher_goes_through_its_life_by_what_the_lists_say(state);
	assert_nothing(s.key[ROLE_PROVIDER], "answer_recovery");
	call(s.key[ROLE_CONTROLLER], "/v1/vouchers?billing=paid", NULL, 200, "");
	json_member(&answer, "id", id, sizeof id);
	snprintf(path, sizeof path, "/v1/vouchers/%s/recover", id);
	call(s.key[ROLE_CONTROLLER], path, claim, 200, "\"awaiting\"");
	do_work(s.key[ROLE_AUTHORISER], "second_person", claim, 200, "\"in_recovery\"");
	assert_nothing(s.key_b, "answer_recovery");
	assert_nothing(s.key[ROLE_ACCOUNTANT], "collect");
	assert_nothing(s.key[ROLE_CONTROLLER], "opposed");
	call(s.key[ROLE_PROVIDER], "/v1/work?kind=answer_recovery", NULL, 200, "\"amount\":10000");
	do_work(s.key[ROLE_PROVIDER], "answer_recovery", "{}", 200, "\"opposed\"");
	assert_nothing(s.key[ROLE_PROVIDER], "answer_recovery");
	do_work(s.key[ROLE_CONTROLLER], "opposed", upheld, 200, "\"awaiting\"");
	assert_nothing(s.key[ROLE_AUTHORISER], "opposed");
	do_work(s.key[ROLE_AUTHORISER], "second_person", upheld, 200, "\"in_recovery\"");
	assert_nothing(s.key[ROLE_CONTROLLER], "opposed");
	clock_to("2026-12-01T08:00:00Z");
	do_work(s.key[ROLE_ACCOUNTANT], "collect", "{\"amount\":10000}", 200, "\"paid\"");
	assert_nothing(s.key[ROLE_ACCOUNTANT], "collect");
}

static void a_funder_is_asked_and_answers(void **state)
{
	char path[96], id[UUID_TEXT];

	(void)state;
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions", ACME_PAYS, 202, "");
	call(s.key[ROLE_OPERATOR], "/v1/contributions", ACME_PAYS, 201, "");
	call(s.key[ROLE_PORTAL], "/v1/requests",
	     "{\"learner\":\"X0003\",\"course\":\"C-A1\",\"session_start\":\"2026-02-02\"}", 201, "");
	do_work(s.key[ROLE_PROVIDER], "answer_request", "{\"amount\":90000}", 200, "\"proposed\"");
	json_member(&answer, "id", id, sizeof id);
	snprintf(path, sizeof path, "/v1/vouchers/%s/request_cofunding", id);
	assert_nothing(s.key_acme, "approve_cofunding");
	call(s.key[ROLE_PORTAL], path,
	     "{\"fund\":\"acme-2026\",\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-W\"}}", 200,
	     "\"cofund_wait\"");
	assert_nothing(s.key[ROLE_FUNDER], "approve_cofunding");
	do_work(s.key_acme, "approve_cofunding", "{}", 200, "\"accepted\"");
	assert_nothing(s.key_acme, "approve_cofunding");
}

static void what_comes_to_an_end_is_told_before_it_does(void **state)
{
	char key[KEY_TEXT];

	(void)state;
	call(s.key[ROLE_CONTROLLER], "/v1/learners/X0004/freeze",
	     "{\"ground\":\"court_order\",\"until\":\"2026-03-31\"}", 201, "");
	do_work(s.key[ROLE_CONTROLLER], "account_frozen", "{}", 200, "");
	assert_nothing(s.key[ROLE_CONTROLLER], "account_frozen");
	call(s.key[ROLE_OPERATOR], "/v1/persons", "{\"code\":\"rita\",\"organisation\":\"PORTAL\"}", 201, "");
	call(s.key[ROLE_OPERATOR], "/v1/roles",
	     "{\"person\":\"rita\",\"role\":\"portal\",\"to\":\"2026-01-20\"}", 201, "");
	call(s.key[ROLE_OPERATOR], "/v1/work?kind=role_ends", NULL, 200,
	     "\"due\":\"2026-01-20\",\"last_day\":null,\"subject\":\"rita\"");
	call(s.key[ROLE_OPERATOR], "/v1/keys",
	     "{\"org\":\"PORTAL\",\"role\":\"portal\",\"principal\":\"rita\"}", 201, "");
	json_member(&answer, "key", key, sizeof key);
	call(key, "/v1/work?kind=own_key_ends", NULL, 200, "\"due\":\"2026-01-20\"");
	do_work(key, "own_key_ends", "{}", 201, "\"key\"");
	assert_nothing(key, "own_key_ends");
	assert_nothing(s.key[ROLE_PORTAL], "own_key_ends");
	assert_nothing(s.key[ROLE_ACCOUNTANT], "year_end");
	clock_to("2027-01-04T08:00:00Z");
	call(s.key[ROLE_ACCOUNTANT], "/v1/work?kind=year_end", NULL, 200, "\"subject\":\"cpf-law\"");
}

static void a_second_person_is_wanted_of_those_who_may_confirm(void **state)
{
	(void)state;
	call(s.key[ROLE_CONTROLLER], STANDING, SUSPENSION, 202, "");
	assert_nothing(s.key[ROLE_CONTROLLER], "second_person");
	assert_nothing(s.key[ROLE_ACCOUNTANT], "second_person");
	do_work(s.key[ROLE_AUTHORISER], "second_person", SUSPENSION, 201, "\"in_force\"");
	assert_nothing(s.key[ROLE_AUTHORISER], "second_person");
	clock_to("2026-06-05T08:00:00Z");
	call(s.key[ROLE_CONTROLLER], "/v1/work?kind=standing_ends", NULL, 200,
	     "\"due\":\"2026-06-30\",\"last_day\":null,\"subject\":\"" FIXTURE_PROVIDER_A "\"");
}

static void step(enum role role, size_t i, const char *name, const char *body)
{
	char path[96];

	snprintf(path, sizeof path, "/v1/vouchers/%s/%s", s.uuid[i], name);
	call(s.key[role], path, body, 200, "\"state\"");
}

/* All of that person's keys. */
static void revoke_controller(void)
{
	char path[64];
	int64_t id;

	while ((id = served_count(&s,
				  "SELECT coalesce(max(id), 0) FROM api_key WHERE principal = 'controller' "
				  "AND revoked_at IS NULL")) != 0) {
		snprintf(path, sizeof path, "/v1/keys/%lld/revoke", (long long)id);
		call(s.key[ROLE_OPERATOR], path, "{}", 200, "");
	}
}

static void two_persons_find_each_other_on_a_voucher(void **state)
{
	static const char hold[] = "{\"reason\":\"sample\",\"until\":\"2026-02-02\"}";

	(void)state;
	assert_int_equal(served_redeem(&s, NULL, 0, &answer), 201);
	step(ROLE_PROVIDER, 0, "exit", "{\"exited_on\":\"2026-01-05\"}");
	step(ROLE_PROVIDER, 0, "declare", "{\"completion\":100,\"cause\":\"full\"}");
	step(ROLE_CONTROLLER, 0, "control", hold);
	assert_nothing(s.key[ROLE_CONTROLLER], "validate");
	call(s.key[ROLE_CONTROLLER], "/v1/work?kind=in_control", NULL, 200, "\"due\":\"2026-02-02\"");
	call(s.key[ROLE_OPERATOR], "/v1/conflicts", "{\"learner\":\"X0001\",\"principal\":\"controller\"}",
	     201, "");
	assert_nothing(s.key[ROLE_CONTROLLER], "in_control");
	call(s.key[ROLE_OPERATOR], "/v1/conflicts/1/end", "{}", 200, "");
	do_work(s.key[ROLE_CONTROLLER], "in_control", "{\"reason\":\"in_order\"}", 200, "\"validated\"");
	step(ROLE_CONTROLLER, 0, "freeze", "{\"reason\":\"fraud_alert\",\"until\":\"2026-02-02\"}");
	assert_nothing(s.key_second, "second_person");
	do_work(s.key[ROLE_AUTHORISER], "second_person",
		"{\"reason\":\"fraud_alert\",\"until\":\"2026-02-02\"}", 200, "\"frozen\":30000");
	call(s.key[ROLE_AUTHORISER], "/v1/work?kind=frozen", NULL, 200, "\"due\":\"2026-02-02\"");
	/* What is proposed waits for the second person, and for nobody else; withdrawn, it waits again. */
	do_work(s.key[ROLE_CONTROLLER], "frozen", "{\"reason\":\"cleared\"}", 200, "\"awaiting\"");
	assert_nothing(s.key[ROLE_CONTROLLER], "frozen");
	assert_nothing(s.key[ROLE_AUTHORISER], "frozen");
	call(s.key[ROLE_AUTHORISER], "/v1/work?kind=second_person", NULL, 200,
	     "\"body\":{\"reason\":\"cleared\"}");
	step(ROLE_CONTROLLER, 0, "withdraw", "{\"step\":\"unfreeze\"}");
	call(s.key[ROLE_CONTROLLER], "/v1/work?kind=frozen", NULL, 200, "\"due\":\"2026-02-02\"");
	/* The word of one whose key was revoked counts no more. */
	do_work(s.key[ROLE_CONTROLLER], "frozen", "{\"reason\":\"cleared\"}", 200, "\"awaiting\"");
	assert_nothing(s.key[ROLE_AUTHORISER], "frozen");
	revoke_controller();
	assert_nothing(s.key[ROLE_AUTHORISER], "second_person");
	call(s.key[ROLE_AUTHORISER], "/v1/work?kind=frozen", NULL, 200, "\"due\":\"2026-02-02\"");
}

static void a_key_waits_for_the_other_operator(void **state)
{
	(void)state;
	call(s.key[ROLE_OPERATOR], "/v1/persons", "{\"code\":\"carla\",\"organisation\":\"FC\"}", 201, "");
	call(s.key[ROLE_OPERATOR], "/v1/roles", "{\"person\":\"carla\",\"role\":\"controller\"}", 202, "");
	do_work(s.key_second, "second_person", "{\"person\":\"carla\",\"role\":\"controller\"}", 201, "");
	call(s.key[ROLE_OPERATOR], "/v1/keys",
	     "{\"org\":\"FC\",\"role\":\"controller\",\"principal\":\"carla\",\"expires_on\":\"2026-01-20\"}",
	     201, "");
	assert_nothing(s.key[ROLE_OPERATOR], "confirm_key");
	do_work(s.key_second, "confirm_key", "{}", 200, "");
	call(s.key[ROLE_OPERATOR], "/v1/work?kind=key_ends", NULL, 200,
	     "\"due\":\"2026-01-20\",\"last_day\":null,\"subject\":");
}

/* Page by page it is the list as a whole, day by day. */
static void pages_go_on_across_kinds(void **state)
{
	char path[160], next[CURSOR_TEXT];
	static char whole[1 << 16];
	size_t items = 0;

	(void)state;
	assert_int_equal(served_redeem(&s, NULL, 0, &answer), 201);
	call(s.key[ROLE_PORTAL], "/v1/requests",
	     "{\"learner\":\"X0003\",\"course\":\"C-A2\",\"session_start\":\"2026-01-19\"}", 201, "");
	call(s.key[ROLE_PORTAL], "/v1/requests",
	     "{\"learner\":\"X0004\",\"course\":\"C-A2\",\"session_start\":\"2026-01-19\"}", 201, "");
	clock_to("2026-01-06T08:00:00Z");
	call(s.key[ROLE_PROVIDER], "/v1/work", NULL, 200, "\"enter\"");
	snprintf(whole, sizeof whole, "%s", buf_text(&answer));
	assert_non_null(strstr(whole, "\"answer_request\""));
	snprintf(path, sizeof path, "/v1/work?limit=1");
	for (;;) {
		char subject[UUID_TEXT];

		call(s.key[ROLE_PROVIDER], path, NULL, 200, "\"subject\"");
		json_member(&answer, "subject", subject, sizeof subject);
		assert_non_null(strstr(whole, subject));
		items++;
		if (strstr(buf_text(&answer), "\"has_more\":false") != NULL)
			break;
		json_member(&answer, "next", next, sizeof next);
		snprintf(path, sizeof path, "/v1/work?limit=1&after=%s", next);
	}
	assert_int_equal(items, 3);
	snprintf(path, sizeof path, "/v1/work?kind=enter&after=%s", next);
	call(s.key[ROLE_PROVIDER], path, NULL, 400, "\"cursor_invalid\"");
	call(s.key[ROLE_PROVIDER], "/v1/work?kind=nonsense", NULL, 400, "kind of work");
	call(NULL, "/v1/work", NULL, 401, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_voucher_goes_through_its_life_by_what_the_lists_say, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_recovery_goes_from_one_to_the_next, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_funder_is_asked_and_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_comes_to_an_end_is_told_before_it_does, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_second_person_is_wanted_of_those_who_may_confirm, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(two_persons_find_each_other_on_a_voucher, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_waits_for_the_other_operator, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pages_go_on_across_kinds, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
