/*
 * ledger/voucher/sample: the same seed gives the same sample
 * (ledger/field.md#samples), anybody derives it again from what is published, and
 * who is picked is controlled at once.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "ledger/voucher/sample.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"

#define MANY 100000

static int picked_of(const unsigned char *seed, int pct, unsigned char *picked)
{
	int count = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		struct uuid uuid = {{0}};

		memcpy(uuid.bytes, &i, sizeof i);
		picked[i] = (unsigned char)sample_picks(seed, &uuid, pct);
		count += picked[i];
	}
	return count;
}

static void the_same_seed_gives_the_same_sample(void **state)
{
	static unsigned char first[MANY], again[MANY], other[MANY], more[MANY];
	unsigned char seed[SAMPLE_SEED_BYTES] = {1}, another[SAMPLE_SEED_BYTES] = {2};

	(void)state;
	assert_int_equal(picked_of(seed, 5, first), picked_of(seed, 5, again));
	assert_memory_equal(first, again, MANY);
	assert_in_range(picked_of(seed, 5, first), MANY / 100 * 4, MANY / 100 * 6);
	picked_of(another, 5, other);
	assert_memory_not_equal(first, other, MANY);
	/* A larger part holds the smaller. */
	picked_of(seed, 20, more);
	for (int i = 0; i < MANY; i++)
		assert_true(more[i] >= first[i]);
	assert_int_equal(picked_of(seed, 0, other), 0);
	assert_int_equal(picked_of(seed, 100, other), MANY);
}

/* As an auditor would, with what is published alone. */
static int derive(const unsigned char *seed, const struct uuid *uuid)
{
	unsigned char text[48], hash[32];
	unsigned long long number = 0;

	memcpy(text, seed, 32);
	memcpy(text + 32, uuid->bytes, 16);
	SHA256(text, sizeof text, hash);
	for (int i = 0; i < 8; i++)
		number = number * 256 + hash[i];
	return number % 100 < 50;
}

static void the_picked_are_in_control_and_nobody_else(void **state)
{
	static const char *const lines[] = {"begins 2026-01-05 sampled.json cpf FC", "accrue 2025", NULL};
	struct scenario *s = scenario_open();
	struct fixture *f = scenario_fixture(s);
	struct sample sample = {0};
	unsigned char hash[32];
	char line[96];
	struct db *db;
	int in_control = 0;

	(void)state;
	for (size_t i = 0; lines[i] != NULL; i++)
		assert_string_equal(scenario_try(s, lines[i]), "");
	for (int i = 1; i <= 9; i++) {
		snprintf(line, sizeof line, "accept V%d L%d C-A2 2026-01-05 103.20", i, i);
		assert_string_equal(scenario_try(s, line), "");
		snprintf(line, sizeof line, "enter V%d C-A2 2026-01-05", i);
		assert_string_equal(scenario_try(s, line), "");
		snprintf(line, sizeof line, "exit V%d 2026-01-05", i);
		assert_string_equal(scenario_try(s, line), "");
		snprintf(line, sizeof line, "declare V%d 100 full", i);
		assert_string_equal(scenario_try(s, line), "");
	}
	db = ledger_reader(f->l, &f->err);
	assert_non_null(db);
	assert_int_equal(sample_find(db, 202601, &sample, &f->err), 1);
	assert_int_equal(sample_find(db, 202602, &sample, &f->err), 0);
	SHA256(sample.seed, sizeof sample.seed, hash);
	assert_memory_equal(sample.seed_hash, hash, sizeof hash);
	for (int64_t i = 1; i <= 9; i++) {
		struct voucher v;

		assert_int_equal(voucher_get(db, i, &v, &f->err), 0);
		assert_int_equal(v.control == CONTROL_IN, derive(sample.seed, &v.uuid));
		in_control += v.control == CONTROL_IN;
	}
	ledger_reader_back(f->l, db);
	print_message("%d of 9 in control\n", in_control);
	/* The others validate themselves after five working days, the picked when their last day is over. */
	assert_string_equal(scenario_try(s, "clock 2026-01-13"), "");
	db = ledger_reader(f->l, &f->err);
	for (int64_t i = 1; i <= 9; i++) {
		struct voucher v;

		assert_int_equal(voucher_get(db, i, &v, &f->err), 0);
		assert_int_equal(v.state, v.control == CONTROL_IN ? VOUCHER_DECLARED : VOUCHER_VALIDATED);
	}
	ledger_reader_back(f->l, db);
	assert_string_equal(scenario_try(s, "clock 2026-01-26"), "");
	assert_string_equal(scenario_try(s, "balance cpf-law 260 1771.20"), "");
	scenario_audit(s);
	scenario_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_sample),
		cmocka_unit_test(the_picked_are_in_control_and_nobody_else),
	};

	return cmocka_run_group_tests_name("voucher/sample", tests, NULL, NULL);
}
