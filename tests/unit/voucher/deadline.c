/*
 * The last day that is shown for a step, and the instant at which what is due happens by itself, are
 * counted in one zone: the ledger's, wherever its users and its server are.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/registers/programme.h"
#include "ledger/voucher/awaited.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"

static void do_line(struct scenario *s, const char *line)
{
	const char *code = scenario_try(s, line);

	if (code[0] != '\0')
		fail_msg("%s: %s", line, code);
}

static void set_clock(struct fixture *f, int64_t instant)
{
	int64_t executed;

	if (ledger_clock(f->l, instant, &executed, &f->err) != 0)
		fail_msg("%s", f->err.text);
}

/* The only voucher, and the last day that its next step is said to have. */
static day_t look(struct fixture *f, struct voucher *v)
{
	struct db *db = ledger_reader(f->l, &f->err);
	const struct rule *rule;
	day_t due;

	assert_int_equal(voucher_get(db, 1, v, &f->err), 1);
	assert_int_equal(rule_get(db, v->rule, &rule, &f->err), 0);
	due = voucher_awaited(rule, ledger_settings(f->l)->zone, v).by;
	ledger_reader_back(f->l, db);
	return due;
}

static void a_declaration_in_the_evening_of_utc_is_one_of_the_next_day_in_singapore(void **state)
{
	static const char *const lines[] = {"begins 2026-01-05 skillsfuture.json skillsfuture SSG SGD",
					    "accrue 2026",
					    "accept V1 L2 C-A1 2026-02-02 500.00",
					    "clock 2026-02-02",
					    "enter V1 C-A1 2026-02-02",
					    "clock 2026-02-06",
					    "exit V1 2026-02-06"};
	struct scenario *s = scenario_open();
	struct fixture *f;
	struct voucher v;
	int64_t midnight, evening;
	day_t due;
	int zone;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		do_line(s, lines[i]);
	f = scenario_fixture(s);
	zone = ledger_settings(f->l)->zone;
	assert_string_equal(zone_name(zone), "Asia/Singapore");
	evening = day_from_civil(2026, 2, 10) * US_PER_DAY + 18 * 3600 * US_PER_S;
	set_clock(f, evening);
	assert_int_equal(ledger_today(f->l), day_from_civil(2026, 2, 11));
	do_line(s, "declare V1 79 abandon");
	due = look(f, &v);
	midnight = zone_midnight(zone, due + 1);
	set_clock(f, midnight - 1);
	look(f, &v);
	assert_int_equal(v.state, VOUCHER_DECLARED);
	set_clock(f, midnight);
	look(f, &v);
	assert_int_equal(v.state, VOUCHER_VALIDATED);
	scenario_audit(s);
	scenario_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_declaration_in_the_evening_of_utc_is_one_of_the_next_day_in_singapore),
	};

	return cmocka_run_group_tests_name("voucher/deadline", tests, NULL, NULL);
}
