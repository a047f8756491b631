/*
 * Money that comes onto an account finds a way off it again: for every account of the
 * chart the table of steps names one that debits it and one that credits it.
 * (unit/rules/rows sees that each of these steps is taken, and its postings looked at.)
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "ledger/book/chart.h"
#include "ledger/rules/transition.h"

/* Figures of a budget year that only grow: what is counted there is never undone, and nobody's money lies
 * there. */
static const struct {
	int kind;
	const char *why;
} final[] = {
	{K_AE_FREED, "authority that came back after its year is cancelled with the year"},
	{K_CP_PAID, "payment credit that was paid stays paid"},
};

static const struct transition *step_that(int kind, int debits)
{
	const struct transition *t;

	for (size_t i = 0; (t = transition_at(i)) != NULL; i++)
		for (const struct posting *p = t->postings; p != NULL && p->of != PART__END; p++)
			if (acct_may_be(debits ? p->debit : p->credit, kind))
				return t;
	return NULL;
}

static const char *reason(int kind)
{
	for (size_t i = 0; i < sizeof final / sizeof final[0]; i++)
		if (final[i].kind == kind)
			return final[i].why;
	return NULL;
}

static void every_account_is_debited_by_a_step_and_credited_by_one(void **state)
{
	const struct kind *k;
	int lacking = 0;

	(void)state;
	for (size_t i = 0; (k = chart_at(i)) != NULL; i++) {
		const struct transition *debit = step_that(k->number, 1), *credit = step_that(k->number, 0);

		if (debit != NULL && credit != NULL) {
			assert_null(reason(k->number)); /* it needs no reason */
			continue;
		}
		if (k->memo && (debit != NULL || credit != NULL) && reason(k->number) != NULL)
			continue;
		print_message("# %d %s: debited by %s, credited by %s\n", k->number, k->name,
			      debit != NULL ? debit->name : "no step",
			      credit != NULL ? credit->name : "no step");
		lacking++;
	}
	assert_int_equal(lacking, 0);
}

/* What learners paid themselves ends at a provider or at home: no step leaves it with a fund, but by
 * prescription. */
static void a_co_payment_is_never_a_funds(void **state)
{
	(void)state;
	assert_true(acct_may_be(ACCT_LOST, K_CREDIT_NOTE));
	assert_false(acct_may_be(ACCT_BACK, K_CASH));
	assert_int_equal(step_that(K_CREDIT_NOTE, 1)->id, T6);
	assert_true(transition_get(G14)->postings[0].debit == K_CREDIT_NOTE);
	assert_true(transition_get(G15)->postings[0].credit == K_DUE_FUNDER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_account_is_debited_by_a_step_and_credited_by_one),
		cmocka_unit_test(a_co_payment_is_never_a_funds),
	};

	return cmocka_run_group_tests_name("rules/both_ways", tests, NULL, NULL);
}
