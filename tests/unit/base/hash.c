#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/base/hash.h"

struct slot {
	uint64_t key[2];
	uint64_t number;
};

static void two_texts_in_a_row_are_not_their_join(void **state)
{
	(void)state;
	assert_true(hash_text(hash_text(HASH_START, "ab"), "c") !=
		    hash_text(hash_text(HASH_START, "a"), "bc"));
	assert_true(hash_text(HASH_START, "") != hash_text(hash_text(HASH_START, ""), ""));
}

/* One slot is left free: searches run far, and over the end. */
static void every_key_of_a_nearly_full_table_is_found(void **state)
{
	struct slot slot[16] = {0};
	struct hash t = {slot, sizeof *slot, 16, 2};

	(void)state;
	for (uint64_t i = 0; i < 15; i++) {
		struct slot *at = hash_find(&t, i % 3 + 1, i);

		assert_true(at->key[0] == 0);
		*at = (struct slot){{i % 3 + 1, i}, i};
	}
	for (uint64_t i = 0; i < 15; i++)
		assert_true(((struct slot *)hash_find(&t, i % 3 + 1, i))->number == i);
	/* (a, b) is not (b, a), nor a alone. */
	assert_true(((struct slot *)hash_find(&t, 4, 1))->key[0] == 0);
	t.words = 1;
	assert_true(((struct slot *)hash_find(&t, 1, 99))->key[0] == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_texts_in_a_row_are_not_their_join),
		cmocka_unit_test(every_key_of_a_nearly_full_table_is_found),
	};

	return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
