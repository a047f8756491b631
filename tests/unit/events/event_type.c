/*
 * ledger/events: every step of a voucher has a type, every type an entry; patterns of types; who may not be
 * told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/events/event.h"
#include "ledger/events/event_type.h"
#include "ledger/rules/transition.h"

static void each_step_of_a_voucher_is_an_event(void **state)
{
	const struct transition *t;

	(void)state;
	for (size_t i = 0; (t = transition_at(i)) != NULL; i++) {
		struct event_head h = {.voucher = 1};
		const struct event_type *type;

		if (t->from == 0)
			continue;
		snprintf(h.kind, sizeof h.kind, "%s", transition_kind(t->id));
		type = event_type_of(&h, "");
		if (type == NULL || type->about != EVENT_OF_VOUCHER)
			fail_msg("%s %s is no event", t->label, h.kind);
	}
}

/* Of vouchers, the only rows that no step is behind: a code that is shown late, a co-payment that comes. */
static void each_type_of_a_voucher_is_a_step(void **state)
{
	const struct event_type *type;

	(void)state;
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++) {
		const struct transition *t = NULL;
		size_t k = 0;

		if (type->about != EVENT_OF_VOUCHER || strcmp(type->kind, "collect_code") == 0 ||
		    strcmp(type->kind, "copay_settlement") == 0)
			continue;
		while ((t = transition_at(k)) != NULL &&
		       (t->from == 0 || strcmp(transition_kind(t->id), type->kind) != 0))
			k++;
		if (t == NULL)
			fail_msg("%s: no step writes an entry of kind %s", type->name, type->kind);
	}
}

static void types_are_words_joined_by_points(void **state)
{
	const struct event_type *type;

	(void)state;
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++) {
		size_t n = strspn(type->name, "abcdefghijklmnopqrstuvwxyz_.");

		assert_int_equal(n, strlen(type->name));
		assert_true(n < EVENT_TYPE_MAX && strchr(type->name, '.') != NULL);
	}
}

static void a_type_or_all_of_a_kind_can_be_wanted(void **state)
{
	struct err err = {0};

	(void)state;
	assert_true(event_wanted("", "voucher.entered"));
	assert_true(event_wanted("payment.settled voucher.entered", "voucher.entered"));
	assert_true(event_wanted("payment.*", "payment.settled"));
	assert_false(event_wanted("payment.*", "voucher.entered"));
	assert_false(event_wanted("voucher.enter", "voucher.entered"));
	assert_int_equal(event_types_check("voucher.*  payment.settled", "types", &err), 0);
	assert_int_equal(event_types_check("vouch.*", "types", &err), -1);
	assert_int_equal(err.code, ERR_FIELD_INVALID);
	assert_string_equal(err.field, "types");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_of_a_voucher_is_an_event),
		cmocka_unit_test(each_type_of_a_voucher_is_a_step),
		cmocka_unit_test(types_are_words_joined_by_points),
		cmocka_unit_test(a_type_or_all_of_a_kind_can_be_wanted),
	};

	return cmocka_run_group_tests_name("unit/events/event_type", tests, NULL, NULL);
}
