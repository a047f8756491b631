/*
 * ledger/events/base64: the vectors of RFC 4648.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/events/base64.h"

static void the_vectors_of_the_rfc_come_out(void **state)
{
	static const char *const vectors[][2] = {{"", ""},
						 {"f", "Zg=="},
						 {"fo", "Zm8="},
						 {"foo", "Zm9v"},
						 {"foob", "Zm9vYg=="},
						 {"fooba", "Zm9vYmE="},
						 {"foobar", "Zm9vYmFy"},
						 {"\xfb\xff\xbf", "+/+/"}};
	char out[BASE64_TEXT(6)];

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		assert_string_equal(base64(vectors[i][0], strlen(vectors[i][0]), out), vectors[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_vectors_of_the_rfc_come_out)};

	return cmocka_run_group_tests_name("unit/events/base64", tests, NULL, NULL);
}
