/*
 * Quotes over HTTP: what a portal captures before it orders; a reading that writes
 * nothing, beside the writer.
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

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	served_learners(&s, 3);
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

static void call(const char *path, const char *body, int status, const char *part)
{
	served_expect(&s, s.key[ROLE_PORTAL], path, body, status, part, &answer);
}

static void expect(const char *part)
{
	if (strstr(buf_text(&answer), part) == NULL)
		fail_msg("%s is not in %s", part, buf_text(&answer));
}

#define ORDER "{\"learner\":\"X0001\",\"course\":\"C-A1\",\"session_start\":\"2026-02-02\""

/* The portal takes the amount out of the answer, and nothing else. */
static void an_order_with_what_was_quoted_is_accepted(void **state)
{
	char amount[32], body[256];

	(void)state;
	call("/v1/quotes", ORDER "}", 200, "\"possible\":true");
	expect("\"price\":100000");
	expect("\"learner_pays\":50000");
	expect("\"copay\":{\"amount\":10320,\"cause\":\"flat\",\"rights_short\":39680,\"from_credit_notes\":0}");
	expect("\"source\":\"card\"");
	expect("\"source\":\"right\"");
	expect("\"earmark_kind\":null,\"earmark\":null,\"expires_on\":null,\"balance\":50000,\"usable\":true");
	expect("\"missing\":39680,\"more_on\":\"2027-01-01\"");
	expect("\"refusals\":[]");
	json_member(&answer, "learner_pays", amount, sizeof amount);
	snprintf(body, sizeof body, ORDER ",\"learner_payment\":{\"amount\":%ld,\"reference\":\"CARD-Q\"}}",
		 strtol(amount, NULL, 10));
	call("/v1/quotes", body, 200, "\"possible\":true");
	expect("\"captured\":50000");
	call("/v1/vouchers", body, 201, "\"accepted\"");
	call("/v1/quotes", body, 200, "\"possible\":false");
	expect("\"code\":\"session_overlaps\"");
	expect("\"code\":\"reference_used\"");
}

/* The words of a refusal are the order's. */
static void a_quote_refuses_in_the_words_of_the_order(void **state)
{
	static const char body[] = ORDER ",\"learner_payment\":{\"amount\":100,\"reference\":\"CARD-R\"}}";
	static char said[1024];
	const char *begin, *end;

	(void)state;
	call("/v1/vouchers", body, 409, "\"code\":\"insufficient_entitlement\"");
	expect("\"missing\":49900,\"next_due\":\"2027-01-01\"");
	begin = strstr(buf_text(&answer), "\"detail\":\"");
	end = begin != NULL ? strstr(begin, " Nothing was changed.") : NULL;
	assert_non_null(end);
	snprintf(said, sizeof said, "%.*s", (int)(end - begin), begin);
	call("/v1/quotes", body, 200, said);
	expect("\"code\":\"insufficient_entitlement\"");
	expect("\"missing\":49900,\"next_due\":\"2027-01-01\"");
	call("/v1/quotes", "{\"learner\":\"X0001\",\"course\":\"C-B3\",\"session_start\":\"2025-02-02\"}",
	     200, "\"code\":\"not_eligible\"");
	expect("\"member\":\"session_start\"");
	call("/v1/quotes", "{\"learner\":\"NOBODY\",\"course\":\"C-A1\",\"session_start\":\"2026-02-02\"}",
	     422, "\"unknown_reference\"");
	call("/v1/quotes", "{\"learner\":\"X0001\"}", 400, "\"field_missing\"");
	served_expect(&s, s.key[ROLE_PROVIDER], "/v1/quotes", ORDER "}", 403, "\"forbidden\"", &answer);
}

/* The head stays, no answer is kept, and no key is asked for. */
static void nothing_is_written(void **state)
{
	int64_t entries, kept, refusals;

	(void)state;
	entries = served_count(&s, "SELECT count(*) FROM entry");
	kept = served_count(&s, "SELECT count(*) FROM replay");
	refusals = served_count(&s, "SELECT count(*) FROM refusal");
	call("/v1/quotes", ORDER "}", 200, "");
	call("/v1/quotes", ORDER ",\"use_credit_notes\":true}", 200, "");
	assert_int_equal(served_call(&s, NULL,
				     &(struct call){.key = s.key[ROLE_PORTAL],
						    .idem = "",
						    .method = "POST",
						    .path = "/v1/quotes",
						    .body = ORDER "}"},
				     &answer),
			 200);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry"), entries);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM replay"), kept);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM refusal"), refusals);
}

/* At the price that the provider proposed, which is not the catalogue's. */
static void a_proposal_is_quoted_at_its_own_price(void **state)
{
	char id[UUID_TEXT], path[96], body[160], other[KEY_TEXT];

	(void)state;
	call("/v1/requests", ORDER "}", 201, "\"requested\"");
	json_member(&answer, "id", id, sizeof id);
	snprintf(path, sizeof path, "/v1/vouchers/%s/quote", id);
	call(path, NULL, 409, "\"state\"");
	snprintf(path, sizeof path, "/v1/vouchers/%s/propose", id);
	served_expect(&s, s.key[ROLE_PROVIDER], path, "{\"amount\":90000}", 200, "\"proposed\"", &answer);
	snprintf(path, sizeof path, "/v1/vouchers/%s/quote", id);
	call(path, NULL, 200, "\"possible\":true");
	expect("\"price\":90000");
	expect("\"learner_pays\":40000");
	expect("\"refusals\":[]");
	served_key(&s, "OTHER-PORTAL", "portal", "olga", other);
	served_expect(&s, other, path, NULL, 404, "", &answer);
	served_expect(&s, s.key[ROLE_PROVIDER], path, NULL, 403, "\"forbidden\"", &answer);
	snprintf(path, sizeof path, "/v1/vouchers/%s/accept", id);
	snprintf(body, sizeof body, "{\"learner_payment\":{\"amount\":40000,\"reference\":\"CARD-P\"}}");
	call(path, body, 200, "\"accepted\"");
	snprintf(path, sizeof path, "/v1/vouchers/%s/quote", id);
	call(path, NULL, 409, "\"state\"");
}

/* What stands in its way is told all at once, and the first of it is what accepting says. */
static void a_proposal_that_would_be_refused_says_why(void **state)
{
	char id[UUID_TEXT], path[96];

	(void)state;
	call("/v1/requests", ORDER "}", 201, "\"requested\"");
	json_member(&answer, "id", id, sizeof id);
	snprintf(path, sizeof path, "/v1/vouchers/%s/propose", id);
	served_expect(&s, s.key[ROLE_PROVIDER], path, "{}", 200, "\"proposed\"", &answer);
	call("/v1/vouchers", ORDER ",\"learner_payment\":{\"amount\":50000,\"reference\":\"CARD-1\"}}", 201,
	     "");
	snprintf(path, sizeof path, "/v1/vouchers/%s/quote", id);
	call(path, NULL, 200, "\"possible\":false");
	expect("\"code\":\"session_overlaps\"");
	snprintf(path, sizeof path, "/v1/vouchers/%s/accept", id);
	call(path, "{\"learner_payment\":{\"amount\":100000,\"reference\":\"CARD-2\"}}", 409,
	     "\"session_overlaps\"");
	snprintf(path, sizeof path, "/v1/vouchers/%s/quote?overlap_confirmed=true", id);
	call(path, NULL, 200, "\"possible\":true");
	expect("\"learner_pays\":100000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_order_with_what_was_quoted_is_accepted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_proposal_is_quoted_at_its_own_price, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_proposal_that_would_be_refused_says_why, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_quote_refuses_in_the_words_of_the_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_written, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
