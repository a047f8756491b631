/*
 * api/http/witness: what one node says to another about a certificate.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/http/witness.h"

#define NOW 1764400000

static const unsigned char master[MASTER_BYTES] = "a master secret of thirty-two b",
			   seen[SHA256_BYTES] = {1, 2, 3};
static const struct witnessed request = {"POST", "/v1/redemptions?a=b", "key-1", "ila_live_x"};

static int read_at(const struct witnessed *w, const char *text, int64_t now)
{
	unsigned char thumbprint[SHA256_BYTES] = {0};
	int rc = witness_read(master, w, text, now, thumbprint);

	if (rc == 0)
		assert_memory_equal(thumbprint, seen, sizeof seen);
	return rc;
}

static void what_a_node_has_seen_is_believed_for_a_minute(void **state)
{
	char text[WITNESS_TEXT];

	(void)state;
	witness_write(master, &request, seen, NOW, text);
	assert_int_equal(read_at(&request, text, NOW), 0);
	assert_int_equal(read_at(&request, text, NOW + WITNESS_S), 0);
	assert_int_equal(read_at(&request, text, NOW - WITNESS_S), 0);
	assert_int_equal(read_at(&request, text, NOW + WITNESS_S + 1), -1);
	assert_int_equal(read_at(&request, text, NOW - WITNESS_S - 1), -1);
}

static void it_counts_for_no_other_request(void **state)
{
	const struct witnessed others[] = {
		{"GET", "/v1/redemptions", "key-1", "ila_live_x"},
		{"POST", "/v1/vouchers", "key-1", "ila_live_x"},
		{"POST", "/v1/redemptions", "key-2", "ila_live_x"},
		{"POST", "/v1/redemptions", NULL, "ila_live_x"},
		{"POST", "/v1/redemptions", "key-1", "ila_live_y"},
		{"POST", "/v1/redemptions", "key-1ila_live_x", NULL},
	};
	const struct witnessed same = {"POST", "/v1/redemptions", "key-1", "ila_live_x"};
	char text[WITNESS_TEXT];

	(void)state;
	witness_write(master, &request, seen, NOW, text);
	assert_int_equal(read_at(&same, text, NOW), 0); /* the query does not count */
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(read_at(&others[i], text, NOW), -1);
}

static void one_changed_character_or_another_secret_spoils_it(void **state)
{
	static const unsigned char another[MASTER_BYTES] = "another secret";
	unsigned char thumbprint[SHA256_BYTES];
	char text[WITNESS_TEXT], changed[WITNESS_TEXT];

	(void)state;
	witness_write(master, &request, seen, NOW, text);
	for (size_t i = 0; text[i] != '\0'; i++) {
		memcpy(changed, text, sizeof changed);
		changed[i] = changed[i] == '1' ? '2' : '1';
		assert_int_equal(read_at(&request, changed, NOW), -1);
		snprintf(changed, sizeof changed, "%.*s", (int)i, text);
		assert_int_equal(read_at(&request, changed, NOW), -1);
	}
	assert_int_equal(witness_read(another, &request, text, NOW, thumbprint), -1);
	assert_int_equal(read_at(&request, "", NOW), -1);
	assert_int_equal(read_at(&request, ":::", NOW), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_node_has_seen_is_believed_for_a_minute),
		cmocka_unit_test(it_counts_for_no_other_request),
		cmocka_unit_test(one_changed_character_or_another_secret_spoils_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
