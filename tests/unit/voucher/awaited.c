/*
 * ledger/voucher/awaited: what each situation of a voucher waits for, the last day for
 * it, and what happens when that has passed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/base/zone.h"
#include "ledger/voucher/awaited.h"

#define THE(month, day) day_from_civil(2026, month, day)
#define NONE            (-1)

/* A Monday to the Friday after it, and what became of it. */
static struct voucher voucher_of(void)
{
	return (struct voucher){.session_start = THE(2, 2),
				.session_end = THE(2, 6),
				.due_on = DAY_NONE,
				.exited_on = THE(2, 5),
				.declared_at = THE(2, 10) * US_PER_DAY,
				.billed_on = THE(3, 1)};
}

static const struct rule rule = {.calendar = {.kind = CALENDAR_NONE},
				 .entry_declare_working_days = 3,
				 .exit_declare_working_days = 5,
				 .validate_auto_working_days = 7,
				 .provider_new_validate_working_days = 9,
				 .pay_days = 30};

static int id_of(const struct transition *t)
{
	return t == NULL ? NONE : (int)t->id;
}

static void each_situation_has_its_step_and_its_day(void **state)
{
	static const struct {
		enum voucher_state state;
		enum billing_state billing;
		enum control_state control;
		int set; /* a day of its own, 20 February */
		int step, month, day, lapse;
	} all[] = {
		{VOUCHER_REQUESTED, 0, 0, 1, T3, 2, 20, T4},
		{VOUCHER_PROPOSED, 0, 0, 1, T6_PROPOSED, 2, 20, T4},
		{VOUCHER_COFUND_WAIT, 0, 0, 1, T8, 2, 20, T9_LAPSE},
		{VOUCHER_ACCEPTED, 0, 0, 1, T14_CONTEST, 2, 20, T14},
		{VOUCHER_ACCEPTED, 0, 0, 0, T15, 2, 5, NONE},
		{VOUCHER_ENTERED, 0, 0, 0, T16, 2, 13, NONE},
		{VOUCHER_EXITED, 0, 0, 0, T17, 2, 12, NONE},
		{VOUCHER_DECLARED, 0, CONTROL_IN, 0, T20, 0, 0, T20},
		{VOUCHER_DECLARED, 0, 0, 0, T18, 2, 19, T18},
		{VOUCHER_VALIDATED, BILLING_TO_BILL, 0, 0, T22, 0, 0, NONE},
		{VOUCHER_VALIDATED, BILLING_BILLED, 0, 0, T23, 3, 31, NONE},
		{VOUCHER_VALIDATED, BILLING_ORDERED, 0, 0, T24, 3, 31, NONE},
		{VOUCHER_VALIDATED, BILLING_PAID, 0, 0, NONE, 0, 0, NONE},
		{VOUCHER_LAPSED, 0, 0, 0, NONE, 0, 0, NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct voucher v = voucher_of();
		day_t day = all[i].month == 0 ? DAY_NONE : THE(all[i].month, all[i].day);
		struct awaited a;

		v.state = all[i].state;
		v.billing = all[i].billing;
		v.control = all[i].control;
		v.due_on = all[i].set ? THE(2, 20) : DAY_NONE;
		a = voucher_awaited(&rule, ZONE_UTC, &v);
		if (id_of(a.step) != all[i].step || a.by != day || id_of(a.lapse) != all[i].lapse)
			fail_msg("situation %zu: step %d by %d, else %d", i, id_of(a.step), (int)a.by,
				 id_of(a.lapse));
	}
}

static void an_order_that_nobody_entered_is_freed_where_the_rule_says_so(void **state)
{
	struct voucher v = voucher_of();
	struct rule frees = rule;

	(void)state;
	v.state = VOUCHER_ACCEPTED;
	frees.free_working_days = 20;
	assert_int_equal(id_of(voucher_awaited(&frees, ZONE_UTC, &v).lapse), T14_LAPSE);
	assert_int_equal(voucher_awaited(&frees, ZONE_UTC, &v).timer, TIMER_UNENTERED);
	assert_int_equal(voucher_awaited(&rule, ZONE_UTC, &v).timer, 0);
	/* Its absence may still be contested. */
	v.due_on = THE(2, 20);
	assert_int_equal(id_of(voucher_awaited(&frees, ZONE_UTC, &v).lapse), T14);
}

static void a_new_provider_is_validated_later(void **state)
{
	struct voucher v = voucher_of();

	(void)state;
	v.state = VOUCHER_DECLARED;
	v.provider_new = 1;
	assert_int_equal(voucher_awaited(&rule, ZONE_UTC, &v).by, THE(2, 23));
}

/* What is payable is stopped until it is ordered; what is frozen is thawed, be it a cent. */
static void a_stop_and_a_thaw_go_by_what_there_is(void **state)
{
	struct voucher v = voucher_of();
	struct awaited a;

	(void)state;
	v.state = VOUCHER_VALIDATED;
	v.billing = BILLING_BILLED;
	v.shares = 1;
	a = voucher_awaited(&rule, ZONE_UTC, &v);
	assert_null(a.stop);
	assert_null(a.thaw);
	v.share[0].at[STAGE_PAYABLE] = 1;
	a = voucher_awaited(&rule, ZONE_UTC, &v);
	assert_int_equal(id_of(a.stop), T26);
	assert_null(a.thaw);
	v.share[0].at[STAGE_PAYABLE] = 0;
	v.share[0].at[STAGE_FROZEN] = 1;
	a = voucher_awaited(&rule, ZONE_UTC, &v);
	assert_null(a.stop);
	assert_int_equal(id_of(a.thaw), T26_UNFREEZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_situation_has_its_step_and_its_day),
		cmocka_unit_test(an_order_that_nobody_entered_is_freed_where_the_rule_says_so),
		cmocka_unit_test(a_new_provider_is_validated_later),
		cmocka_unit_test(a_stop_and_a_thaw_go_by_what_there_is),
	};

	return cmocka_run_group_tests_name("voucher/awaited", tests, NULL, NULL);
}
