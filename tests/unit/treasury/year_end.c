#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

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
				    .budgeted = 1};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, what_is_left_after_a_part_is_told),
	};

	return cmocka_run_group_tests_name("unit/treasury/year_end", tests, NULL, NULL);
}
