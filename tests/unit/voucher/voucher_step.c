/*
 * ledger/voucher/voucher_step: what is read back of the steps a voucher has taken.
 * The steps themselves are in tests/tables.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/voucher/voucher.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"

#define NONE "untouched"

static void try(struct scenario *s, const char *line)
{
	scenario_meet(s, line);
	assert_string_equal(scenario_try(s, line), "");
}

/* Newest first, as many as there is room for, and nothing beyond. */
static void a_history_has_its_longest_length(void **state)
{
	static const char *const kinds[] = {"refuse_learner", "propose", "request"};
	struct scenario *s = scenario_open();
	struct fixture *f = scenario_fixture(s);
	struct voucher v;
	struct db *db;

	(void)state;
	try(s, "request V1 L1 C-A2 2026-02-02");
	try(s, "propose V1");
	try(s, "refuse V1 as portal");
	db = ledger_reader(f->l, &f->err);
	assert_int_equal(voucher_get(db, 1, &v, &f->err), 0);
	for (size_t max = 0; max < 5; max++) {
		struct entry e[4];
		size_t n, most = max < 3 ? max : 3;

		for (size_t i = 0; i < 4; i++)
			strcpy(e[i].kind, NONE);
		assert_int_equal(voucher_history(db, &v, max, e, &n, &f->err), 0);
		assert_int_equal(n, most);
		for (size_t i = 0; i < 4; i++)
			assert_string_equal(e[i].kind, i < most ? kinds[i] : NONE);
	}
	ledger_reader_back(f->l, db);
	scenario_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_history_has_its_longest_length),
	};

	return cmocka_run_group_tests_name("voucher/voucher_step", tests, NULL, NULL);
}
