/*
 * A refusal as a problem, and back: what a client of a server shows is what was refused there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/forms/problem.h"

static struct buf out;

/* 0 and err as it comes back from text, or -1. */
static int read_back(const char *text, struct err *err)
{
	struct err why = {0};
	struct json *doc = json_parse(text, strlen(text), &why);
	int rc;

	if (doc == NULL)
		fail_msg("%s: %s", why.text, text);
	rc = problem_read(json_root(doc), err);
	json_free(doc);
	return rc;
}

/* Sent and read: told the same as here. */
static void check(const struct err *sent, int writes)
{
	char here[ERR_TOLD_MAX], there[ERR_TOLD_MAX];
	struct err err = {0};

	buf_init(&out, 8192);
	problem_write(sent, writes, "urn:uuid:x", NULL, &out);
	assert_int_equal(read_back(buf_text(&out), &err), 0);
	assert_int_equal(err.code, sent->code);
	assert_string_equal(err.field, sent->field);
	assert_int_equal(err.missing, sent->missing);
	assert_string_equal(err_tell(&err, writes, there), err_tell(sent, writes, here));
	if (writes)
		assert_int_equal(err.effect, sent->effect);
	buf_free(&out);
}

static void what_is_read_is_told_as_it_was_written(void **state)
{
	struct err err = {0};

	(void)state;
	for (int effect = EFFECT_NOTHING; effect <= EFFECT_UNKNOWN; effect++)
		for (int writes = 0; writes <= 1; writes++) {
			err_set(&err, ERR_ACCOUNT_SHORT, "learner_payment.amount",
				"5 is missing. Record it first.");
			err.effect = (enum err_effect)effect;
			err.missing = 500;
			check(&err, writes);
			err_set(&err, ERR_LIMIT, NULL, "The first: a.csv:3: name: is empty");
			err.effect = (enum err_effect)effect;
			check(&err, writes);
		}
}

static void every_code_comes_back(void **state)
{
	struct err err = {0};

	(void)state;
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		err_set(&err, (enum err_code)code, NULL, "It is so.");
		check(&err, 1);
	}
}

static void what_is_no_problem_of_a_ledger_is_not_taken_for_one(void **state)
{
	static const char *const other[] = {"{}",
					    "{\"detail\":\"x\"}",
					    "{\"code\":\"busy\"}",
					    "{\"code\":\"teapot\",\"detail\":\"x\"}",
					    "{\"code\":3,\"detail\":\"x\"}",
					    "{\"code\":\"busy\",\"detail\":\"x \xe2\x80\xae z\"}"};
	struct err err = {0};

	(void)state;
	err_set(&err, ERR_LIMIT, NULL, "As it was.");
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
		assert_int_equal(read_back(other[i], &err), -1);
	assert_string_equal(err.text, "As it was.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_told_as_it_was_written),
		cmocka_unit_test(every_code_comes_back),
		cmocka_unit_test(what_is_no_problem_of_a_ledger_is_not_taken_for_one),
	};

	return cmocka_run_group_tests_name("forms/problem", tests, NULL, NULL);
}
