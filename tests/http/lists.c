/*
 * Lists from outside: each role finds its own work by what it may know, in pages that belong to what was
 * asked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/served.h"

#define ORDERS 5

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_ready(&s, ORDERS);
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

static void get(const char *key, const char *path, int status)
{
	int is = served_call(&s, NULL, &(struct call){.key = key, .method = "GET", .path = path}, &answer);

	if (is != status)
		fail_msg("%s: %d %s", path, is, buf_text(&answer));
}

static void post(const char *key, const char *path, const char *body, int status)
{
	served_expect(&s, key, path, body, status, "", &answer);
}

static void there_is(const char *part)
{
	if (strstr(buf_text(&answer), part) == NULL)
		fail_msg("no %s in %s", part, buf_text(&answer));
}

static void there_is_no(const char *part)
{
	if (strstr(buf_text(&answer), part) != NULL)
		fail_msg("%s in %s", part, buf_text(&answer));
}

static int count(const char *part)
{
	int n = 0;

	for (const char *at = buf_text(&answer); (at = strstr(at, part)) != NULL; at += strlen(part))
		n++;
	return n;
}

/* The id of the first of the list. */
static const char *first_id(void)
{
	static char id[UUID_TEXT];

	json_member(&answer, "id", id, sizeof id);
	assert_int_equal(strlen(id), UUID_TEXT - 1);
	return id;
}

static void each_role_finds_its_own(void **state)
{
	(void)state;
	get(s.key[ROLE_PROVIDER], "/v1/vouchers", 200);
	assert_int_equal(count("\"state\":\"accepted\""), ORDERS);
	there_is("\"due\":{\"what\":\"enter\",\"on\":\"2026-01-");
	there_is_no("\"learner\"");
	there_is_no("X000");
	get(s.key_b, "/v1/vouchers", 200);
	there_is("\"data\":[]");
	get(s.key[ROLE_PROVIDER], "/v1/vouchers?provider=" FIXTURE_PROVIDER_B, 200);
	there_is("\"data\":[]");
	get(s.key[ROLE_PORTAL], "/v1/vouchers?learner=X0002", 200);
	assert_int_equal(count("\"learner\":\"X0002\""), 1);
	assert_int_equal(count("\"state\":"), 1);
	get(s.key[ROLE_AUDITOR], "/v1/vouchers?fund=cpf-law&programme=cpf&course=C-A2&state=accepted,entered",
	    200);
	assert_int_equal(count("\"learner\":\"X000"), ORDERS);
	get(NULL, "/v1/vouchers", 401);
}

/* A list can be walked, so that it tells those whose money pays no more than what it pays. */
static void a_funder_finds_amounts_and_not_what_was_bought(void **state)
{
	static const char *const hidden[] = {"\"id\"",    "\"learner\"",       "\"course\"", "\"provider\"",
					     "\"price\"", "\"certification\"", "X000",       "C-A2"};
	static const char *const refused[] = {"learner=X0001", "course=C-A2",
					      ("provider=" FIXTURE_PROVIDER_A), "due_before=2026-03-01",
					      "learner=nobody"};
	char path[128];

	(void)state;
	get(s.key_acme, "/v1/vouchers", 200);
	there_is("\"data\":[]");
	get(s.key_acme, "/v1/vouchers?fund=cpf-law", 422);
	there_is("There is no fund cpf-law");
	get(s.key_acme, "/v1/vouchers?fund=no-such-fund", 422);
	there_is("There is no fund no-such-fund");
	get(s.key[ROLE_FUNDER], "/v1/vouchers?fund=cpf-law", 200);
	assert_int_equal(count("{\"fund\":\"cpf-law\",\"amount\":19680}]"), ORDERS);
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		there_is_no(hidden[i]);
	there_is("\"session_start\":null,\"session_end\":null");
	there_is("\"due\":null");
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		snprintf(path, sizeof path, "/v1/vouchers?%s", refused[i]);
		get(s.key[ROLE_FUNDER], path, 403);
	}
	get(s.key[ROLE_PROVIDER], "/v1/vouchers?learner=X0001", 403);
	get(s.key[ROLE_PROVIDER], "/v1/vouchers?learner=nobody", 403);
}

static void a_learner_of_another_portal_and_one_there_is_not_look_alike(void **state)
{
	char detail[128];

	(void)state;
	get(s.key[ROLE_PORTAL], "/v1/learners/X0003/vouchers", 200);
	assert_int_equal(count("\"learner\":\"X0003\""), 1);
	get(s.key[ROLE_PORTAL], "/v1/learners/nobody/vouchers", 404);
	json_member(&answer, "detail", detail, sizeof detail);
	get(s.key[ROLE_PORTAL], "/v1/vouchers?learner=nobody", 422);
	there_is(detail);
}

/* The whole of a provider's day, from lists alone: nobody tells it an id. */
static void a_provider_answers_a_request_that_it_was_not_told_of(void **state)
{
	char path[96];

	(void)state;
	post(s.key[ROLE_PORTAL], "/v1/requests",
	     "{\"learner\":\"L1\",\"course\":\"C-A1\",\"session_start\":\"2026-02-02\"}", 201);
	get(s.key_b, "/v1/requests", 200);
	there_is("\"data\":[]");
	get(s.key[ROLE_PROVIDER], "/v1/requests?due_before=2026-01-07", 200);
	there_is("\"data\":[]");
	get(s.key[ROLE_PROVIDER], "/v1/requests?due_before=2026-01-08", 200);
	there_is("\"due\":{\"what\":\"propose\",\"on\":\"2026-01-07\",\"by\":[\"provider\"]}");
	snprintf(path, sizeof path, "/v1/vouchers/%s/propose", first_id());
	post(s.key[ROLE_PROVIDER], path, "{\"amount\":90000}", 200);
	get(s.key[ROLE_PROVIDER], "/v1/requests?state=requested", 200);
	there_is("\"data\":[]");
	get(s.key[ROLE_PORTAL], "/v1/requests?state=proposed,requested", 200);
	there_is("\"price\":90000");
	get(s.key[ROLE_PROVIDER], "/v1/requests?state=accepted", 400);
	there_is("It is one of: requested, proposed, cofund_wait");
}

static void what_changed_is_found_in_the_order_of_the_change(void **state)
{
	char path[160], since[64];
	const char *a, *b;

	(void)state;
	get(NULL, "/v1/ledger", 200);
	json_member(&answer, "now", since, sizeof since);
	assert_int_equal(served_redeem(&s, NULL, 3, &answer), 201);
	assert_int_equal(served_redeem(&s, NULL, 1, &answer), 201);
	snprintf(path, sizeof path, "/v1/vouchers?changed_since=%s&state=entered", since);
	get(s.key[ROLE_PROVIDER], path, 200);
	assert_int_equal(count("\"state\":\"entered\""), 2);
	a = strstr(buf_text(&answer), s.uuid[3]);
	b = strstr(buf_text(&answer), s.uuid[1]);
	assert_true(a != NULL && b != NULL && a < b);
	get(s.key[ROLE_PROVIDER], "/v1/vouchers?changed_since=2099-01-01T00:00:00Z", 200);
	there_is("\"data\":[],\"has_more\":false");
}

static void a_cursor_belongs_to_what_was_asked(void **state)
{
	char next[64], path[160];

	(void)state;
	get(s.key[ROLE_PROVIDER], "/v1/vouchers?state=accepted&limit=2", 200);
	there_is("\"has_more\":true");
	json_member(&answer, "next", next, sizeof next);
	snprintf(path, sizeof path, "/v1/vouchers?state=accepted&limit=9&after=%s", next);
	get(s.key[ROLE_PROVIDER], path, 200);
	assert_int_equal(count("\"state\":\"accepted\""), ORDERS - 2);
	snprintf(path, sizeof path, "/v1/vouchers?state=entered&after=%s", next);
	get(s.key[ROLE_PROVIDER], path, 400);
	there_is("cursor_invalid");
	snprintf(path, sizeof path, "/v1/vouchers?after=%s", next);
	get(s.key[ROLE_PROVIDER], path, 400);
	snprintf(path, sizeof path, "/v1/requests?after=%s", next);
	get(s.key[ROLE_PROVIDER], path, 400);
}

static void what_is_no_state_is_refused_with_those_that_are(void **state)
{
	static const char *const wrong[] = {"acepted",           "accepted,",        ",accepted",
					    "accepted,,entered", "accepted entered", ""};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char *blank;

		snprintf(path, sizeof path, "/v1/vouchers?state=%s", wrong[i]);
		if ((blank = strchr(path, ' ')) != NULL)
			*blank = '+';
		get(s.key[ROLE_PROVIDER], path, 400);
		there_is("It is one of: accepted, entered");
	}
}

/* The courses of one page, by their codes. */
static void expect_courses(const char *query, const char *codes)
{
	static const char *const all[] = {"C-A1", "C-A2", "C-A3", "C-A4", "C-B1", "C-B3"};
	char path[160], found[64] = "";

	snprintf(path, sizeof path, "/v1/courses?%s", query);
	get(NULL, path, 200);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		char part[32];

		snprintf(part, sizeof part, "\"course\":\"%s\"", all[i]);
		if (strstr(buf_text(&answer), part) != NULL)
			snprintf(found + strlen(found), sizeof found - strlen(found), " %s", all[i]);
	}
	if (strcmp(found, codes) != 0)
		fail_msg("%s finds%s, not%s", query, found, codes);
}

static void anybody_finds_courses_by_what_they_look_for(void **state)
{
	(void)state;
	expect_courses("", " C-A1 C-A2 C-A3 C-A4 C-B1");
	expect_courses("certification=RNCP1", " C-A1 C-A2 C-A3");
	expect_courses("certification=RNCP9", "");
	expect_courses("price_max=50000", " C-A2 C-B1");
	expect_courses("price_max=49999", " C-A2");
	expect_courses("provider=" FIXTURE_PROVIDER_B, " C-B1");
	expect_courses("q=course+c-b1", " C-B1");
	expect_courses("q=nothing", "");
	expect_courses("place=76", "");
	expect_courses("on=2026-02-02&certification=RNCP1&price_max=100000", " C-A1 C-A2");
	expect_courses("on=2025-12-31", "");
	get(NULL, "/v1/courses?provider=nobody", 422);
	get(NULL, "/v1/courses?price_max=cheap", 400);
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		SERVED(each_role_finds_its_own),
		SERVED(a_funder_finds_amounts_and_not_what_was_bought),
		SERVED(a_learner_of_another_portal_and_one_there_is_not_look_alike),
		SERVED(a_provider_answers_a_request_that_it_was_not_told_of),
		SERVED(what_changed_is_found_in_the_order_of_the_change),
		SERVED(a_cursor_belongs_to_what_was_asked),
		SERVED(what_is_no_state_is_refused_with_those_that_are),
		SERVED(anybody_finds_courses_by_what_they_look_for),
	};

	return cmocka_run_group_tests_name("http/lists", tests, NULL, NULL);
}
