/*
 * api/actions/to_do: how an action that waits is shown; what a decision keeps by another name is said by the
 * name that the body has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/to_do.h"
#include "ledger/base/date.h"

#define UUID "0198c0de-0000-7000-8000-000000000001"

static struct arena arena;
static struct action_call call;
static struct ledger_settings settings = {.currency = "EUR", .exponent = 2};

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	call = (struct action_call){.arena = &arena, .settings = &settings, .actor.role = ROLE_CONTROLLER};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void shows(const struct to_do_on *on, const char *path, const char *needs, const char *body)
{
	char all[256] = "";
	struct to_do out;
	struct err err = {0};

	if (to_do_fill(&call, on, &out, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < out.needs.count; i++)
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i > 0 ? " " : "",
			 ((const char *const *)out.needs.at)[i]);
	assert_string_equal(out.method, "POST");
	assert_string_equal(out.path, path);
	assert_string_equal(all, needs);
	assert_string_equal(out.body, body);
}

static void a_step_needs_what_that_step_takes(void **state)
{
	(void)state;
	shows(&(struct to_do_on){"voucher step", UUID, "exit", "", NULL}, "/v1/vouchers/" UUID "/exit",
	      "exited_on", "");
	shows(&(struct to_do_on){"voucher step", UUID, "validate", "", NULL},
	      "/v1/vouchers/" UUID "/validate", "", "");
	/* Of one name that a provider's step bears, too, it is the caller's. */
	shows(&(struct to_do_on){"voucher step", UUID, "cancel", "", NULL}, "/v1/vouchers/" UUID "/cancel",
	      "reason", "");
	shows(&(struct to_do_on){"pay confirm", UUID, "reject", "", NULL}, "/v1/payments/" UUID "/reject",
	      "amount bank_reference", "");
	shows(&(struct to_do_on){"voucher enter", UUID, "enter", "", NULL}, "/v1/redemptions",
	      "code course started_on", "");
}

static void what_was_said_is_said_again_by_the_names_of_the_body(void **state)
{
	char said[256];
	long long day = day_from_civil(2026, 1, 5);

	(void)state;
	snprintf(said, sizeof said, "{\"amount\":0,\"on\":%lld,\"reason\":\"system_failure\",\"restores\":0}",
		 day);
	shows(&(struct to_do_on){"voucher step", UUID, "enter_late", said, NULL},
	      "/v1/vouchers/" UUID "/enter_late", "started_on reason",
	      "{\"reason\":\"system_failure\",\"started_on\":\"2026-01-05\"}");
	shows(&(struct to_do_on){"voucher step", UUID, "exit_early", said, NULL},
	      "/v1/vouchers/" UUID "/exit_early", "exited_on",
	      "{\"exited_on\":\"2026-01-05\",\"reason\":\"system_failure\"}");
	shows(&(struct to_do_on){"voucher step", UUID, "recover",
				 "{\"amount\":1200,\"reason\":\"no_training\",\"restores\":1}", NULL},
	      "/v1/vouchers/" UUID "/recover", "amount reason",
	      "{\"amount\":1200,\"reason\":\"no_training\",\"restores_learner\":true}");
	snprintf(said, sizeof said, "{\"execution_on\":%lld}", day);
	shows(&(struct to_do_on){"pay file", UUID, "", said, "payment"}, "/v1/payment-files", "",
	      "{\"execution_on\":\"2026-01-05\",\"payment\":\"" UUID "\"}");
	snprintf(
		said, sizeof said,
		"{\"amount\":70,\"on\":%lld,\"purpose\":\"payment\",\"reason\":\"letter\",\"subject\":\"cpf-law\"}",
		day);
	shows(&(struct to_do_on){"bank resolve", "12", "", said, NULL}, "/v1/bank-lines/12/resolve",
	      "purpose subject reason",
	      "{\"amount\":70,\"entered_on\":\"2026-01-05\",\"purpose\":\"payment\",\"reason\":\"letter\","
	      "\"subject\":\"cpf-law\"}");
}

/* What stands in an address cannot leave its place there. */
static void a_subject_stays_one_word_of_the_address(void **state)
{
	(void)state;
	shows(&(struct to_do_on){"provider decide", "a/b?c #\xc3\xa9", "", "", NULL},
	      "/v1/providers/a%2Fb%3Fc%20%23%C3%A9/standing", "standing ground", "");
	/* A file is sent again as a whole. */
	shows(&(struct to_do_on){"import", "organisations", "", "{\"kind\":\"organisations\"}", NULL},
	      "/v1/imports/organisations", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_step_needs_what_that_step_takes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_said_is_said_again_by_the_names_of_the_body, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_subject_stays_one_word_of_the_address, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("unit/api/to_do", tests, NULL, NULL);
}
