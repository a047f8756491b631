/*
 * Refusals as answers, and what a client puts into its own refusal; http.c walks
 * the catalogue.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/http/reply.h"
#include "ledger/forms/json.h"
#include "ledger/base/limits.h"
#include "tests/lib/raw.h"

#define REQUEST_ID "019b8d2b-8c00-7521-97a6-8adf4cd99787"

static struct reply reply;
static struct json *doc;

static int set_up(void **state)
{
	(void)state;
	reply_init(&reply);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_free(doc);
	doc = NULL;
	reply_free(&reply);
	return 0;
}

/* The problem that err becomes, parsed: it is JSON or the test ends here. */
static const struct json_node *problem_of(const struct err *err, int writes)
{
	struct err why = {0};

	json_free(doc);
	reply_problem(&reply, err, writes, REQUEST_ID);
	assert_true(buf_ok(&reply.body));
	doc = json_parse(buf_text(&reply.body), reply.body.len, &why);
	if (doc == NULL)
		fail_msg("%s\n%s", why.text, buf_text(&reply.body));
	return json_root(doc);
}

static const struct json_node *problem(const struct err *err)
{
	return problem_of(err, 1);
}

static const char *text_of(const struct json_node *node, const char *name)
{
	struct err why = {0};
	const char *text = NULL;

	if (json_text(node, "", name, 2048, &text, &why) != 0)
		fail_msg("%s", why.text);
	return text;
}

static void a_problem_names_the_request_and_when_to_come_back(void **state)
{
	const struct json_node *p;
	struct err err = {0};

	(void)state;
	err_set(&err, ERR_NOT_SANDBOX, NULL, "Not here.");
	p = problem(&err);
	assert_string_equal(text_of(p, "type"), "/problems/not-sandbox");
	assert_string_equal(text_of(p, "title"), err_title(err.code));
	assert_string_equal(text_of(p, "instance"), "urn:uuid:" REQUEST_ID);
	assert_string_equal(reply.content_type, "application/problem+json");
	assert_int_equal(reply.status, 404);
	assert_int_equal(reply.retry_after, 0);
	assert_false(json_has(p, "errors"));
	assert_false(json_has(p, "missing"));
	assert_false(json_has(p, "next_due"));
	err_set(&err, ERR_BUSY, NULL, "Many are waiting.");
	problem(&err);
	assert_int_equal(reply.status, 503);
	assert_int_equal(reply.retry_after, HTTP_RETRY_AFTER_S);
}

static void what_was_to_be_changed_says_what_became_of_it(void **state)
{
	const struct json_node *p;
	struct err err = {0};

	(void)state;
	err_set(&err, ERR_STORAGE, NULL, "The disk failed.");
	p = problem_of(&err, 1);
	assert_string_equal(text_of(p, "effect"), "nothing");
	assert_string_equal(text_of(p, "detail"), "The disk failed. Nothing was changed.");
	err_partly(&err);
	p = problem_of(&err, 1);
	assert_string_equal(text_of(p, "effect"), "partly");
	assert_string_equal(text_of(p, "detail"), "The disk failed. What was done before stays.");
	err.effect = EFFECT_UNKNOWN;
	p = problem_of(&err, 1);
	assert_string_equal(text_of(p, "effect"), "unknown");
	assert_string_equal(text_of(p, "detail"),
			    "The disk failed. Whether anything was changed is unknown.");
	p = problem_of(&err, 0);
	assert_false(json_has(p, "effect"));
	assert_string_equal(text_of(p, "detail"), "The disk failed.");
}

/* The pointer of a refusal whose field is that. */
static const char *pointer_of(const char *field)
{
	const struct json_node *list, *first;
	struct err err = {0}, why = {0};
	int retryable;
	const struct json_node *p;

	err_set(&err, ERR_FIELD_UNKNOWN, field, "Not known here.");
	p = problem(&err);
	assert_int_equal(json_bool(p, "", "retryable", &retryable, &why), 0);
	assert_false(retryable);
	assert_int_equal(json_get_array(p, "", "errors", 1, &list, &why), 0);
	assert_int_equal(json_count(list), 1);
	assert_int_equal(json_object_at(list, "", 0, &first, &why), 0);
	/* The sentence stands once, in detail. */
	assert_false(json_has(first, "detail"));
	assert_int_equal(raw_count(buf_text(&reply.body), "Not known here."), 1);
	return text_of(first, "pointer");
}

static void the_pointer_names_the_member(void **state)
{
	(void)state;
	assert_string_equal(pointer_of("session_start"), "#/session_start");
	assert_string_equal(pointer_of("learner_payment.amount"), "#/learner_payment/amount");
}

/* The name of a member that is not known is the client's own: it stays inside its string. */
static void a_name_from_outside_cannot_leave_its_pointer(void **state)
{
	(void)state;
	assert_string_equal(pointer_of("a\"b"), "#/a%22b");
	assert_string_equal(pointer_of("x\"}],\"retryable\":true,\"y"),
			    "#/x%22%7D%5D%2C%22retryable%22%3Atrue%2C%22y");
	assert_string_equal(pointer_of("a\\"), "#/a%5C");
	assert_string_equal(pointer_of("a/b~c"), "#/a~1b~0c");
	assert_string_equal(pointer_of("\xff\n"), "#/%FF%0A");
}

static void a_second_problem_replaces_the_first(void **state)
{
	struct err err = {0};

	(void)state;
	buf_text_add(&reply.body, "{\"half\":");
	err_set(&err, ERR_STORAGE, NULL, "The disk failed.");
	assert_string_equal(text_of(problem(&err), "code"), "storage");
	err_set(&err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	assert_string_equal(text_of(problem(&err), "code"), "not_found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_problem_names_the_request_and_when_to_come_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_was_to_be_changed_says_what_became_of_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_pointer_names_the_member, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_from_outside_cannot_leave_its_pointer, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_second_problem_replaces_the_first, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("api/reply", tests, NULL, NULL);
}
