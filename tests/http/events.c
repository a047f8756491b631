/*
 * Events over HTTP: each sees its own, in the order of the journal, and whoever goes on after looked_through
 * has seen everything.
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

#define NEW_IBAN "{\"iban\":\"FR1420041010050500013M02606\"}"
#define ALL      "/v1/events?limit=100"

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	buf_init(&answer, 1 << 20);
	served_ready(&s, 2);
	served_start(&s);
	served_redeem(&s, NULL, 0, &answer);
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

static const char *read_all(const char *key, const char *path)
{
	served_expect(&s, key, path, NULL, 200, "\"looked_through\"", &answer);
	return buf_text(&answer);
}

static int count(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		n++;
	return n;
}

static void a_provider_hears_of_its_own_vouchers_and_of_no_others(void **state)
{
	const char *all = read_all(s.key[ROLE_PROVIDER], ALL);

	(void)state;
	assert_int_equal(count(all, "\"voucher.accepted\""), 2);
	assert_int_equal(count(all, "\"voucher.entered\""), 1);
	assert_non_null(strstr(all, s.uuid[0]));
	assert_non_null(strstr(all, "\"state\":\"entered\""));
	assert_non_null(strstr(all, "\"livemode\":false"));
	assert_null(strstr(all, "\"learner\""));
	assert_null(strstr(all, "\"right."));
	assert_null(strstr(all, "\"fund."));
	assert_null(strstr(all, "\"key."));
	all = read_all(s.key_b, ALL);
	assert_null(strstr(all, "\"voucher."));
}

static void a_portal_hears_of_its_learners_and_a_funder_of_its_funds(void **state)
{
	const char *all = read_all(s.key[ROLE_PORTAL], ALL "&type=voucher.*");

	(void)state;
	assert_int_equal(count(all, "\"voucher.accepted\""), 2);
	assert_non_null(strstr(all, "\"learner\":\"X0001\""));
	all = read_all(s.key[ROLE_PORTAL], ALL "&type=right.accrued");
	assert_true(count(all, "\"right.accrued\"") >= 2);
	all = read_all(s.key_acme, ALL);
	assert_null(strstr(all, "\"voucher."));
	assert_int_equal(count(all, "\"fund.paid_in\""), 1);
	all = read_all(s.key[ROLE_FUNDER], ALL "&type=voucher.*");
	assert_int_equal(count(all, "\"voucher.accepted\""), 2);
	assert_null(strstr(all, "\"learner\""));
}

static void a_change_of_bank_details_is_told_to_its_provider_alone(void **state)
{
	char path[96];

	(void)state;
	snprintf(path, sizeof path, "/v1/organisations/%s/bank-details", FIXTURE_PROVIDER_A);
	served_expect(&s, s.key[ROLE_OPERATOR], path, NEW_IBAN, 202, "proposed", &answer);
	assert_int_equal(count(read_all(s.key[ROLE_PROVIDER], ALL "&type=bank_details.*"),
			       "\"bank_details.proposed\""),
			 1);
	assert_null(strstr(buf_text(&answer), "FR14"));
	assert_int_equal(count(read_all(s.key_b, ALL), "\"bank_details"), 0);
	assert_int_equal(count(read_all(s.key[ROLE_ACCOUNTANT], ALL "&type=bank_details.proposed"),
			       "\"bank_details.proposed\""),
			 1);
}

static void whoever_goes_on_after_what_was_looked_through_misses_nothing(void **state)
{
	char after[32] = "0", path[96], more[16];
	int found = 0, pages = 0;

	(void)state;
	do {
		snprintf(path, sizeof path, "/v1/events?limit=1&type=voucher.*&after=%s", after);
		found += count(read_all(s.key[ROLE_PROVIDER], path), "\"voucher.");
		json_member(&answer, "looked_through", after, sizeof after);
		json_member(&answer, "has_more", more, sizeof more);
		pages++;
	} while (strcmp(more, "true") == 0);
	assert_int_equal(found, 3);
	assert_true(pages >= 3);
	assert_int_equal(atoll(after), served_count(&s, "SELECT max(seq) FROM entry"));
	served_expect(&s, s.key[ROLE_PROVIDER], "/v1/events?type=voucher.dreamt", NULL, 400,
		      "\"field_invalid\"", &answer);
}

static void what_an_event_says_is_what_its_entry_was(void **state)
{
	char seq[32], path[96];
	const char *at;

	(void)state;
	read_all(s.key[ROLE_AUDITOR], ALL "&type=voucher.entered");
	at = strstr(buf_text(&answer), "\"seq\":");
	assert_non_null(at);
	snprintf(seq, sizeof seq, "%lld", strtoll(at + 6, NULL, 10) - 1);
	snprintf(path, sizeof path, "/v1/events?limit=1&after=%s", seq);
	assert_int_equal(count(read_all(s.key[ROLE_PROVIDER], path), "\"voucher.entered\""), 1);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_provider_hears_of_its_own_vouchers_and_of_no_others),
		cmocka_unit_test(a_portal_hears_of_its_learners_and_a_funder_of_its_funds),
		cmocka_unit_test(whoever_goes_on_after_what_was_looked_through_misses_nothing),
		cmocka_unit_test(what_an_event_says_is_what_its_entry_was),
		cmocka_unit_test(a_change_of_bank_details_is_told_to_its_provider_alone),
	};

	return cmocka_run_group_tests_name("http/events", tests, set_up, tear_down);
}
