/*
 * ledger/rights/outlook.c: what is usable for what, what is lost when.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/rights/outlook.h"

#define TODAY 20460

static const struct lot lots[] = {
	{.id = 1, .balance = 50000, .expires_on = DAY_NONE},
	{.id = 2, .balance = 10000, .expires_on = TODAY + 30},
	{.id = 3,
	 .balance = 7000,
	 .expires_on = TODAY + 30,
	 .earmark_kind = EARMARK_PROVIDER,
	 .earmark = "P"},
	{.id = 4, .balance = 500, .expires_on = TODAY + 10, .earmark_kind = EARMARK_PROVIDER, .earmark = "P"},
	{.id = 5, .balance = 0, .expires_on = TODAY + 5},
	{.id = 6, .balance = 900, .expires_on = TODAY - 1}, /* its timer has not run yet */
	{.id = 7, .balance = 300, .expires_on = DAY_NONE, .earmark_kind = EARMARK_GRANT, .earmark = "G"},
	{.id = 8, .balance = 20, .expires_on = TODAY + 30},
};
#define LOTS (sizeof lots / sizeof lots[0])

static struct outlook o;

static void usable(size_t i, enum earmark_kind kind, int64_t amount)
{
	assert_true(i < o.usables);
	assert_int_equal(o.usable[i].earmark_kind, kind);
	assert_int_equal(o.usable[i].amount, amount);
}

static void expiring(size_t i, day_t day, enum earmark_kind kind, int64_t amount)
{
	assert_true(i < o.expirings);
	assert_int_equal(o.expiring[i].last_day, day);
	assert_int_equal(o.expiring[i].earmark_kind, kind);
	assert_int_equal(o.expiring[i].amount, amount);
}

static void lots_are_summed_by_earmark_and_day(void **state)
{
	(void)state;
	outlook_of(lots, LOTS, TODAY, DAY_NONE, DAY_NONE, &o);
	assert_int_equal(o.usables, 2);
	usable(0, EARMARK_NONE, 60020);
	usable(1, EARMARK_PROVIDER, 7500);
	assert_int_equal(o.expirings, 4);
	expiring(0, TODAY - 1, EARMARK_NONE, 900);
	expiring(1, TODAY + 10, EARMARK_PROVIDER, 500);
	expiring(2, TODAY + 30, EARMARK_NONE, 10020);
	expiring(3, TODAY + 30, EARMARK_PROVIDER, 7000);
}

static void a_close_down_ends_what_never_expired(void **state)
{
	(void)state;
	outlook_of(lots, LOTS, TODAY, TODAY + 20, DAY_NONE, &o);
	usable(0, EARMARK_NONE, 60020);
	assert_int_equal(o.expirings, 5);
	expiring(1, TODAY + 10, EARMARK_PROVIDER, 500);
	expiring(2, TODAY + 20, EARMARK_NONE, 60020);
	expiring(3, TODAY + 20, EARMARK_PROVIDER, 7000);
	expiring(4, TODAY + 20, EARMARK_GRANT, 300);
	outlook_of(lots, LOTS, TODAY, TODAY - 1, DAY_NONE, &o);
	assert_int_equal(o.usables, 0);
}

static void a_frozen_account_keeps_its_lots_until_the_freeze_is_over(void **state)
{
	struct lot frozen[] = {
		{.id = 1, .frozen = 400, .is_frozen = 1, .expires_on = TODAY + 3},
		{.id = 2, .balance = 50, .is_frozen = 1, .expires_on = TODAY + 90},
	};

	(void)state;
	outlook_of(frozen, 2, TODAY, DAY_NONE, TODAY + 40, &o);
	assert_int_equal(o.usables, 0);
	assert_int_equal(o.expirings, 2);
	expiring(0, TODAY + 40, EARMARK_NONE, 400);
	expiring(1, TODAY + 90, EARMARK_NONE, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lots_are_summed_by_earmark_and_day),
		cmocka_unit_test(a_close_down_ends_what_never_expired),
		cmocka_unit_test(a_frozen_account_keeps_its_lots_until_the_freeze_is_over),
	};

	return cmocka_run_group_tests_name("rights/outlook", tests, NULL, NULL);
}
