#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "ledger/book/statement.h"
#include "ledger/registers/budget.h"
#include "ledger/treasury/year_end.h"
#include "tests/lib/fixture.h"

static struct fixture f;

/* So many funds with a vote for that year. */
struct votes {
	int year, funds;
};

static int vote(struct tx *tx, struct command *c, struct err *err)
{
	const struct votes *v = c->args;
	struct org funder;

	if (org_find(tx->db, "FC", &funder, err) != 1)
		return -1;
	for (int i = 0; i < v->funds; i++) {
		struct fund fund = {.funder = funder.id,
				    .class_ = "state",
				    .nature = NATURE_NOTIONAL,
				    .unspent = UNSPENT_POOL,
				    .budgeted = BUDGET_STOPS};
		enum upsert done;

		snprintf(fund.code, sizeof fund.code, "y%d-%d", v->year, i);
		if (fund_upsert(tx, &fund, &done, err) != 0 ||
		    budget_vote(tx, &fund, v->year, 1000, 1000, &done, err) != 0)
			return -1;
	}
	return 0;
}

struct part {
	int year, more;
	size_t n;
};

static int end(struct tx *tx, struct command *c, struct err *err)
{
	static struct year_end out[YEAR_END_FUNDS_MAX];
	struct part *p = c->args;

	return year_end_all(tx, p->year, out, &p->n, &p->more, err);
}

static void must_end(int year, size_t n, int more)
{
	struct actor accountant = fixture_as(&f, "FC", ROLE_ACCOUNTANT, "a");
	struct part p = {.year = year};

	if (fixture_run(&f, &accountant, end, &p) != 0)
		fail_msg("%s", f.err.text);
	assert_int_equal(p.n, n);
	assert_int_equal(p.more, more);
}

static void what_is_left_after_a_part_is_told(void **state)
{
	struct actor itself = {0};
	struct votes full = {2024, YEAR_END_FUNDS_MAX}, over = {2025, YEAR_END_FUNDS_MAX + 1};

	(void)state;
	assert_int_equal(fixture_run(&f, &itself, vote, &full), 0);
	assert_int_equal(fixture_run(&f, &itself, vote, &over), 0);
	must_end(2024, YEAR_END_FUNDS_MAX, 0);
	must_end(2025, YEAR_END_FUNDS_MAX, 1);
	must_end(2025, 1, 0);
}

static int vote_next(struct tx *tx, struct command *c, struct err *err)
{
	enum upsert done;
	struct fund fund;

	(void)c;
	if (fund_need(tx->db, "y2026-0", "fund", &fund, err) != 0)
		return -1;
	return budget_vote(tx, &fund, 2027, 500, 400, &done, err);
}

static void expect_years(const struct fund_balance *b, size_t n)
{
	static const struct fund_balance should[] = {
		{NULL, 2026, 1000}, {NULL, 2027, 500}, {NULL, 2026, 1000}, {NULL, 2027, 500},
		{NULL, 2026, 1000}, {NULL, 2027, 400}, {NULL, 2026, 1000}, {NULL, 2027, 400},
	};
	static const int kinds[] = {K_AE_VOTED, K_AE_AVAILABLE, K_CP_VOTED, K_CP_AVAILABLE};

	assert_int_equal(n, 8);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(b[i].kind->number, kinds[i / 2]);
		assert_int_equal(b[i].year, should[i].year);
		assert_int_equal(b[i].balance, should[i].balance);
	}
}

/* Votes of two years are two figures, now and as of an entry: never their sum. */
static void the_budget_of_a_fund_is_told_year_by_year(void **state)
{
	struct fund_balance b[FUND_BALANCES_MAX];
	struct votes votes = {2026, 1};
	struct actor itself = {0};
	struct err err = {0};
	struct head head;
	struct fund fund;
	struct db *db;
	size_t n;

	(void)state;
	assert_int_equal(fixture_run(&f, &itself, vote, &votes), 0);
	assert_int_equal(fixture_run(&f, &itself, vote_next, NULL), 0);
	db = ledger_reader(f.l, &err);
	assert_non_null(db);
	assert_int_equal(fund_find(db, "y2026-0", &fund, &err), 1);
	assert_int_equal(fund_balances(db, fund.id, b, &n, &err), 0);
	expect_years(b, n);
	assert_int_equal(journal_head(db, &head, &err), 0);
	assert_int_equal(fund_balances_at(db, fund.id, head.seq, b, &n, &err), 0);
	expect_years(b, n);
	ledger_reader_back(f.l, db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, what_is_left_after_a_part_is_told),
		WITH_FIXTURE(f, the_budget_of_a_fund_is_told_year_by_year),
	};

	return cmocka_run_group_tests_name("unit/treasury/year_end", tests, NULL, NULL);
}
