/*
 * ledger/voucher/capacity: for how long a provider is new, also one that comes back.
 * Places and ceilings are in tests/tables/course_and_provider_capacity.txt, tests/tables/provider_ceiling.txt
 * and tests/tables/new_provider.txt.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/voucher/capacity.h"
#include "tests/lib/fixture.h"

#define NEW_DAYS 60

static struct fixture f;

static void put(struct tx *tx, int training, day_t published_on)
{
	struct provider p = {.nda = "11755000002", .siret = FIXTURE_PROVIDER_B, .siren = "829486455"};
	struct err err = {0};
	enum upsert done;

	snprintf(p.name, sizeof p.name, "Provider %s", FIXTURE_PROVIDER_B);
	p.certified[ACTION_TRAINING] = training;
	assert_int_equal(provider_upsert(tx, &p, published_on, &done, &err), 0);
}

static int is_new(struct tx *tx, day_t today)
{
	struct rule rule = {.id = 1, .provider_new_days = NEW_DAYS, .provider_new_ceiling = 100};
	struct voucher v = {.action_type = ACTION_TRAINING, .price = 100};
	struct err err = {0};
	struct org o;

	assert_int_equal(org_find(tx->db, FIXTURE_PROVIDER_B, &o, &err), 1);
	v.provider = o.id;
	tx->today = today;
	assert_int_equal(capacity_check(tx, &rule, &v, &err), 0);
	return v.provider_new;
}

static void it_is_new_again_when_it_comes_back(struct tx *tx, struct err *err)
{
	day_t t = tx->today;

	(void)err;
	assert_int_equal(is_new(tx, t), 1);
	assert_int_equal(is_new(tx, t + NEW_DAYS - 1), 1);
	assert_int_equal(is_new(tx, t + NEW_DAYS), 0);
	put(tx, 0, t + 100);
	put(tx, 1, t + 200);
	assert_int_equal(is_new(tx, t + 200), 1);
	assert_int_equal(is_new(tx, t + 200 + NEW_DAYS), 0);
}

static void a_provider_is_new_for_the_days_of_the_rule(void **state)
{
	(void)state;
	fixture_direct(&f, it_is_new_again_when_it_comes_back);
}

/* Who is not accredited for what is ordered has no first day: whoever let the order through has a fault. */
static void there_is_no_first_day(struct tx *tx, struct err *err)
{
	struct rule rule = {.id = 1, .provider_new_days = NEW_DAYS};
	struct voucher v = {.action_type = ACTION_TRAINING, .provider = 4711, .price = 100};

	assert_int_equal(capacity_check(tx, &rule, &v, err), -1);
	assert_int_equal(err->code, ERR_BUG);
}

static void who_is_not_accredited_is_not_new_but_a_fault(void **state)
{
	(void)state;
	fixture_direct(&f, there_is_no_first_day);
}

/* One cent more than the ceiling is too much, and the refusal says how much. */
static void the_ceiling_is_exact(struct tx *tx, struct err *err)
{
	struct rule rule = {.id = 1, .provider_exposure_max = 1000};
	struct voucher v = {.action_type = ACTION_TRAINING, .provider = 7, .price = 400};

	assert_int_equal(db_run(tx->db, "INSERT INTO provider_exposure (provider, exposure) VALUES (7, 600)",
				NO_VALS, err),
			 0);
	assert_int_equal(capacity_check(tx, &rule, &v, err), 0);
	v.price = 401;
	assert_int_equal(capacity_check(tx, &rule, &v, err), -1);
	assert_int_equal(err->code, ERR_PROVIDER_EXPOSURE);
	assert_int_equal(err->missing, 1);
	assert_int_equal(db_run(tx->db, "DELETE FROM provider_exposure WHERE provider = 7", NO_VALS, err), 0);
}

static void the_last_cent_fits(void **state)
{
	(void)state;
	fixture_direct(&f, the_ceiling_is_exact);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, a_provider_is_new_for_the_days_of_the_rule),
		WITH_FIXTURE(f, who_is_not_accredited_is_not_new_but_a_fault),
		WITH_FIXTURE(f, the_last_cent_fits),
	};

	return cmocka_run_group_tests_name("voucher/capacity", tests, NULL, NULL);
}
