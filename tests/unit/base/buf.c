#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ledger/base/buf.h"

/* buf_add() of more than there is, which the compiler would refuse if it knew. */
static void (*volatile add)(struct buf *, const void *, size_t) = buf_add;

static void what_is_added_is_read_back(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_string_equal(buf_text(&b), "");
	buf_text_add(&b, "a");
	buf_char(&b, '-');
	buf_int(&b, INT64_MIN);
	buf_char(&b, ' ');
	buf_int(&b, 0);
	buf_format(&b, " %s=%d", "n", 7);
	buf_add(&b, "xyz", 2);
	assert_true(buf_ok(&b));
	assert_string_equal(buf_text(&b), "a--9223372036854775808 0 n=7xy");
	assert_int_equal(b.len, strlen(b.data));
	buf_free(&b);
}

static void the_maximum_is_reached_and_never_passed(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_text_add(&b, "12345");
	assert_true(buf_ok(&b));
	assert_true(b.cap <= b.max + 1);
	buf_char(&b, '6');
	assert_false(buf_ok(&b));
	assert_string_equal(buf_text(&b), "12345");
	buf_add(&b, "", 0);
	assert_false(buf_ok(&b)); /* a failure stays */
	assert_null(buf_steal(&b));
	buf_text_add(&b, "again");
	assert_true(buf_ok(&b));
	buf_clear(&b);
	buf_format(&b, "%s", "123456");
	assert_false(buf_ok(&b));
	assert_string_equal(buf_text(&b), "");
	add(&b, "x", SIZE_MAX);
	assert_false(buf_ok(&b));
	buf_free(&b);
}

/* More than any machine has. */
static void memory_that_is_not_there_is_a_failure_that_stays(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, (size_t)1 << 60);
	buf_text_add(&b, "kept");
	add(&b, "x", (size_t)1 << 59);
	assert_false(buf_ok(&b));
	assert_string_equal(buf_text(&b), "kept");
	buf_free(&b);
}

static void growth_keeps_every_byte(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 100000; i++)
		buf_char(&b, (char)('a' + i % 26));
	assert_true(buf_ok(&b));
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	buf_free(&b);
}

static void json_texts_are_escaped_as_rfc_8785_says(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	buf_json(&b, "a/\b\t\n\f\r\"\\\x01\x1f\x7f\xC3\xA9");
	assert_string_equal(buf_text(&b), "\"a/\\b\\t\\n\\f\\r\\\"\\\\\\u0001\\u001f\x7f\xC3\xA9\"");
	buf_clear(&b);
	buf_json(&b, "");
	assert_string_equal(buf_text(&b), "\"\"");
	buf_free(&b);
}

static void a_stolen_text_outlives_the_buffer(void **state)
{
	struct buf b;
	char *text;

	(void)state;
	buf_init(&b, 10);
	buf_text_add(&b, "kept");
	text = buf_steal(&b);
	assert_string_equal(buf_text(&b), "");
	buf_free(&b);
	assert_string_equal(text, "kept");
	free(text);
	text = buf_steal(&b);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_read_back),
		cmocka_unit_test(the_maximum_is_reached_and_never_passed),
		cmocka_unit_test(memory_that_is_not_there_is_a_failure_that_stays),
		cmocka_unit_test(growth_keeps_every_byte),
		cmocka_unit_test(json_texts_are_escaped_as_rfc_8785_says),
		cmocka_unit_test(a_stolen_text_outlives_the_buffer),
	};

	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
