/*
 * What of an offset clears at once, where the scenarios do not go (tests/tables/offset_between_funds.txt has
 * the rest): a fund that names no bank account, and one whose cash has gone since it owed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/book/account.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/transit.h"
#include "tests/lib/fixture.h"

static struct fixture f;

static int set_up(void **state)
{
	(void)state;
	fixture_open_with(&f, &(struct fixture_scheme){.start = FIXTURE_START,
						       .sample = "opleidingscheques.json",
						       .programme = "opleidingscheques",
						       .funder = "VLAANDEREN"});
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static int64_t id_of(struct tx *tx, const char *code, struct err *err)
{
	struct fund fund;

	assert_int_equal(fund_find(tx->db, code, &fund, err), 1);
	return fund.id;
}

static void move(struct tx *tx, int64_t fund, int debit, int credit, int64_t amount, struct err *err)
{
	struct entry e;

	entry_begin(&e, "offset", tx->today);
	entry_transfer(&e, fund, debit, 0, credit, 0, 0, amount);
	assert_int_equal(journal_post(tx, &e, err), 0);
}

/* The offset owes so much to a fund; what its entry then moves on 110 of it, and of another. */
static void clear(struct tx *tx, int64_t to, int64_t amount, int64_t other, int64_t moved[2], struct err *err)
{
	struct transit t = {.funds = 0};
	struct entry e;

	entry_begin(&e, "offset", tx->today);
	transit_add(&t, other, 0);
	transit_add(&t, to, amount);
	assert_int_equal(transit_clear(tx, &t, &e, err), 0);
	moved[0] = moved[1] = 0;
	for (size_t i = 0; i < e.count; i++) {
		const struct transfer *x = &e.transfer[i];

		assert_true((x->debit == K_CASH && x->credit == K_TRANSIT) ||
			    (x->debit == K_TRANSIT && x->credit == K_CASH));
		moved[x->fund == other] += x->debit == K_CASH ? x->amount : -x->amount;
	}
}

static void without_an_account(struct tx *tx, struct err *err)
{
	int64_t acme = id_of(tx, "acme-2026", err), cheques = id_of(tx, "cheques-public", err), moved[2];

	/* acme kept back 30.00 for it: no statement is held against the cash of the cheques, one against
	 * acme's. */
	move(tx, acme, K_CASH, K_POOL, 10000, err);
	move(tx, acme, K_POOL, K_TRANSIT, 3000, err);
	clear(tx, cheques, 3000, acme, moved, err);
	assert_int_equal(moved[0], 3000);
	assert_int_equal(moved[1], 0);
}

static void a_fund_that_names_no_bank_account_waits_for_none(void **state)
{
	(void)state;
	fixture_direct(&f, without_an_account);
}

static void without_the_cash(struct tx *tx, struct err *err)
{
	int64_t acme = id_of(tx, "acme-2026", err), metal = id_of(tx, "branch-metal-2026", err), moved[2];
	int64_t cash;

	/* acme owes 30.00, and the bank has taken all of its cash but 10.00. */
	move(tx, acme, K_CASH, K_POOL, 10000, err);
	move(tx, acme, K_POOL, K_TRANSIT, 3000, err);
	assert_int_equal(transit_free_cash(tx, acme, &cash, err), 0);
	assert_int_equal(cash, 7000);
	move(tx, acme, K_BANK_CHARGES, K_CASH, 9000, err);
	assert_int_equal(transit_free_cash(tx, acme, &cash, err), 0);
	assert_int_equal(cash, 0);
	clear(tx, metal, 2500, acme, moved, err);
	assert_int_equal(moved[0], 1000);
	assert_int_equal(moved[1], -1000);
}

static void a_fund_pays_what_it_has(void **state)
{
	(void)state;
	fixture_direct(&f, without_the_cash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_fund_that_names_no_bank_account_waits_for_none, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_fund_pays_what_it_has, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("registers/transit", tests, NULL, NULL);
}
