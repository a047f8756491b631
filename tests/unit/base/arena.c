#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "ledger/base/arena.h"

static void memory_is_zeroed_aligned_and_apart(void **state)
{
	struct arena a;
	unsigned char *previous = NULL;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t size = 1; size < 300; size++) {
		unsigned char *bytes = arena_alloc(&a, size);

		assert_non_null(bytes);
		assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xAA, size);
		if (previous)
			assert_int_equal(previous[size - 2], 0xAA);
		previous = bytes;
	}
	assert_non_null(arena_alloc(&a, 100000)); /* larger than a block */
	arena_free(&a);
}

static void the_maximum_is_refused_not_passed(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 64);
	assert_non_null(arena_alloc(&a, 48));
	assert_null(arena_alloc(&a, 17));
	assert_non_null(arena_alloc(&a, 16));
	assert_null(arena_alloc(&a, 1));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_copy(&a, "x", SIZE_MAX));
	arena_free(&a);
	assert_int_equal(a.used, 0);
	assert_non_null(arena_alloc(&a, 64));
	arena_free(&a);
}

static void a_copy_ends_in_nul(void **state)
{
	struct arena a;
	char *copy;

	(void)state;
	arena_init(&a, 100);
	copy = arena_copy(&a, "abcdef", 3);
	assert_string_equal(copy, "abc");
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(the_maximum_is_refused_not_passed),
		cmocka_unit_test(a_copy_ends_in_nul),
	};

	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
