#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/plain_ledger.h"

/* Nothing but time passes. */
static void later(struct plain *p, int days)
{
	plain_days(p, days);
	plain_begin(p, "topup", 0);
	plain_post(p);
	assert_int_equal(plain_audit_sealed(p), 0);
}

static void what_is_open_too_long_is_a_warning_and_no_fault(void **state)
{
	struct plain *p = *state;

	later(p, 15);
	assert_int_equal(p->report.warnings, 0);
	later(p, 1);
	assert_int_equal(p->report.warnings, 1);
	assert_string_equal(
		plain_result(p, "age")->finding[0].text,
		"Account 265 of fund state, payment 3: 30.00 is open for 16 days, since entry 20; it must clear "
		"within 15.");
	assert_int_equal(plain_result(p, "age")->finding[0].seq, 20);
	assert_int_equal(p->report.first_wrong, 0);
	later(p, 400);
	assert_int_equal(p->report.warnings, 2);
	assert_string_equal(
		plain_result(p, "age")->finding[0].text,
		"Account 150 of fund state, voucher 3: 30.00 is open for 416 days, since entry 20; it must clear "
		"within 400.");
}

static void what_was_cleared_is_forgotten(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "pay", 3); /* the advance of voucher 3 */
	plain_move(p, 1, 265, 3, 110, 0, 2, 3000);
	plain_post(p);
	plain_days(p, 30);
	plain_begin(p, "topup", 0);
	plain_post(p);
	plain_audit(p, "age");
	assert_int_equal(p->report.warnings, 0);
	assert_int_equal(p->report.check[0].looked, 1);
}

static void a_lot_is_frozen_for_six_months_at_most(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "account_freeze", 0); /* 21 */
	plain_move(p, 2, 210, 0, 225, 3, 3, 100);
	plain_post(p);
	plain_days(p, 184);
	plain_begin(p, "topup", 0);
	plain_post(p);
	plain_audit(p, "age");
	assert_int_equal(p->report.warnings, 1); /* the payment order of the story */
	plain_days(p, 1);
	plain_begin(p, "topup", 0);
	plain_post(p);
	plain_audit(p, "age");
	assert_int_equal(p->report.warnings, 2);
	assert_string_equal(
		plain_result(p, "age")->finding[1].text,
		"Account 225 of fund branch, lot 3: 1.00 is open for 185 days, since entry 21; it must clear within "
		"184.");
}

/* How many items of that account are too old once so many days more have passed. */
static int warned(struct plain *p, int days, int account)
{
	const struct audit_result *r;
	char begin[32];
	int n = 0;

	plain_days(p, days);
	plain_begin(p, "topup", 0);
	plain_post(p);
	plain_audit(p, "age");
	r = plain_result(p, "age");
	snprintf(begin, sizeof begin, "Account %d of", account);
	for (int64_t i = 0; i < r->warnings && i < AUDIT_LISTED_MAX; i++)
		n += strncmp(r->finding[i].text, begin, strlen(begin)) == 0;
	return n;
}

static const struct open {
	const char *kind;
	int voucher, fund, debit, debit_holder, credit, credit_holder, watched, days;
} opened[] = {
	{"accept", 4, 1, 140, 0, 240, 0, 140, 30},    {"request_cofunding", 5, 3, 220, 1, 230, 0, 230, 60},
	{"fund_call", 0, 2, 120, 7, 205, 7, 120, 90}, {"freeze", 5, 2, 260, 0, 261, 0, 261, 184},
	{"note", 0, 3, 210, 0, 270, 1, 270, 400},     {"expire", 0, 2, 210, 0, 280, 0, 280, 400},
	{"claim", 0, 1, 160, 4, 285, 4, 285, 730},    {"offset", 5, 2, 112, 0, 160, 5, 112, 30},
};
#define OPENED (sizeof opened / sizeof opened[0])

/* So many days after they were opened, what is older than its limit is told, and nothing else of them. */
static void only_the_old_are_told(struct plain *p, int days)
{
	for (size_t i = 0; i < OPENED; i++)
		assert_int_equal(warned(p, 0, opened[i].watched), opened[i].days < days);
}

/* An item of each: in time on its last day, too old the day after. */
static void calls_credit_notes_and_what_is_due_back_are_watched(void **state)
{
	struct plain *p = *state;
	int passed = 0;

	for (size_t i = 0; i < OPENED; i++) {
		const struct open *o = &opened[i];

		plain_begin(p, o->kind, o->voucher);
		plain_move(p, o->fund, o->debit, o->debit_holder, o->credit, o->credit_holder, 0, 100);
		plain_post(p);
	}
	for (size_t i = 0; i < OPENED; i++) {
		if (opened[i].days < passed)
			continue;
		plain_days(p, opened[i].days - passed);
		only_the_old_are_told(p, opened[i].days);
		plain_days(p, 1);
		passed = opened[i].days + 1;
		only_the_old_are_told(p, passed);
	}
}

/* What a fund owes from the day on which nothing was owed to it any more. */
static void what_changes_sides_is_as_old_as_the_change(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "offset", 4); /* 21 */
	plain_move(p, 2, 112, 0, 160, 4, 0, 100);
	plain_post(p);
	plain_days(p, 20);
	plain_begin(p, "keep_back", 5); /* 22 */
	plain_move(p, 2, 210, 0, 112, 0, 0, 300);
	plain_post(p);
	assert_int_equal(warned(p, 30, 112), 0);
	assert_int_equal(warned(p, 1, 112), 1);
	assert_string_equal(
		plain_result(p, "age")->finding[1].text,
		"Account 112 of fund branch, holder 0: -2.00 is open for 31 days, since entry 22; it must "
		"clear within 30.");
}

/* The session of the story's vouchers begins on 2026-01-07; another one is accepted and never entered. */
static void what_is_committed_is_watched_from_its_session_s_start(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "accept", 4);
	plain_move(p, 1, 220, 1, 240, 0, 1, 500);
	plain_post(p);
	plain_voucher(p, 4, 500, "NULL", "NULL");
	plain_share(p, 4, 0, "1, 1, 500, 0, 0, 500, 0, 0, 0, 0");
	assert_int_equal(warned(p, 80, 240), 0);
	assert_int_equal(warned(p, 20, 240), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(what_is_open_too_long_is_a_warning_and_no_fault),
		ON_A_STORY(what_was_cleared_is_forgotten),
		ON_A_STORY(a_lot_is_frozen_for_six_months_at_most),
		ON_A_STORY(calls_credit_notes_and_what_is_due_back_are_watched),
		ON_A_STORY(what_changes_sides_is_as_old_as_the_change),
		ON_A_STORY(what_is_committed_is_watched_from_its_session_s_start),
	};

	return cmocka_run_group_tests_name("audit/check_age", tests, NULL, NULL);
}
