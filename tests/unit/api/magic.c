/*
 * api/frame/magic: refusals on demand are a sandbox's, and nobody else's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/frame/magic.h"

struct asked {
	char learner[CODE_MAX + 1];
};

static const struct member takes[] = {{"learner", M_CODE, M_NEEDED, IN(struct asked, learner)}, MEMBERS_END};
static const struct action action = {.name = "ask", .method = "POST", .takes = takes};

static enum err_code answer(int sandbox, const char *learner,
			    int (*ask)(const struct action_call *, struct err *))
{
	struct ledger_settings settings = {.sandbox = sandbox};
	struct asked args;
	struct action_call c = {.action = &action, .settings = &settings, .args = &args};
	struct err err = {0};

	snprintf(args.learner, sizeof args.learner, "%s", learner);
	(void)ask(&c, &err);
	return err.code;
}

static void a_real_ledger_takes_the_words_as_they_stand(void **state)
{
	(void)state;
	assert_int_equal(answer(1, "REFUSE-DEADLINE", magic_run), ERR_DEADLINE);
	assert_int_equal(answer(0, "REFUSE-DEADLINE", magic_run), ERR_NONE);
	assert_int_equal(answer(1, "REFUSE-BUSY", magic_check), ERR_BUSY);
	assert_int_equal(answer(0, "REFUSE-BUSY", magic_check), ERR_NONE);
}

static void what_a_rule_refuses_is_refused_where_rules_are_asked(void **state)
{
	(void)state;
	assert_int_equal(answer(1, "REFUSE-DEADLINE", magic_check), ERR_NONE);
	assert_int_equal(answer(1, "REFUSE-BUSY", magic_run), ERR_NONE);
}

static void other_words_are_left_alone(void **state)
{
	(void)state;
	assert_int_equal(answer(1, "L-001", magic_run), ERR_NONE);
	assert_int_equal(answer(1, "REFUSE-", magic_run), ERR_NONE);
	assert_int_equal(answer(1, "REFUSE-DEADLINES", magic_run), ERR_NONE);
	assert_int_equal(answer(1, "REFUSE-DEADLIN", magic_run), ERR_NONE);
	assert_int_equal(answer(1, "", magic_run), ERR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_ledger_takes_the_words_as_they_stand),
		cmocka_unit_test(what_a_rule_refuses_is_refused_where_rules_are_asked),
		cmocka_unit_test(other_words_are_left_alone),
	};

	return cmocka_run_group_tests_name("unit/api/magic", tests, NULL, NULL);
}
