#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "ledger/base/id.h"

static int no_random(struct env *env, void *bytes, size_t len)
{
	(void)env;
	(void)bytes;
	(void)len;
	return -1;
}

static void a_uuid_says_its_version_and_millisecond(void **state)
{
	struct env env;
	struct uuid id, back;
	char text[UUID_TEXT];

	(void)state;
	env_system(&env);
	assert_int_equal(uuid7(&env, 0x0123456789ABLL * 1000 + 999, NULL, &id), 0);
	uuid_format(&id, text);
	assert_int_equal(strlen(text), 36);
	assert_memory_equal(text, "01234567-89ab-7", 15);
	assert_non_null(strchr("89ab", text[19]));
	assert_int_equal(uuid_parse(text, &back), 0);
	assert_memory_equal(&back, &id, sizeof id);
	for (char *c = text; *c; c++)
		*c = (char)toupper(*c);
	assert_int_equal(uuid_parse(text, &back), 0);
	assert_memory_equal(&back, &id, sizeof id);
}

static void uuids_increase_even_when_the_clock_does_not(void **state)
{
	struct env env;
	struct uuid last = {0}, before, id;

	(void)state;
	env_system(&env);
	for (int i = 0; i < 20000; i++) {
		int64_t now = i < 15000 ? 1700000000000000 : 1600000000000000; /* stands, then goes back */

		before = last;
		assert_int_equal(uuid7(&env, now, &last, &id), 0);
		assert_memory_equal(&last, &id, sizeof id);
		assert_true(memcmp(&id, &before, sizeof id) > 0);
		assert_int_equal(id.bytes[6] >> 4, 7);
		assert_int_equal(id.bytes[8] >> 6, 2);
	}
	env.random = no_random;
	before = last;
	assert_int_equal(uuid7(&env, 1, &last, &id), -1);
	assert_memory_equal(&last, &before, sizeof last);
}

static void malformed_uuids_are_refused(void **state)
{
	static const char *const bad[] = {"",
					  "01234567-89ab-7cde-8f01-23456789abc",
					  "01234567-89ab-7cde-8f01-23456789abcde",
					  "01234567-89ab-7cde-8f01-23456789abcg",
					  "0123456789ab-7cde-8f01-23456789abcdef",
					  "01234567-89ab-7cde-8f01 23456789abcd",
					  "{1234567-89ab-7cde-8f01-23456789abc}"};
	struct uuid id;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(uuid_parse(bad[i], &id), -1);
}

static const unsigned char secret[VOUCHER_SECRET_BYTES] = {0x00, 0xFF, 0x12, 0x34, 0x56,
							   0x78, 0x9A, 0xBC, 0xDE, 0xF1};

static void a_voucher_code_gives_back_number_and_secret(void **state)
{
	static const int64_t numbers[] = {0, 1, 31, 32, 123456789, VOUCHER_NUMBER_MAX};
	unsigned char found[VOUCHER_SECRET_BYTES];
	char code[VOUCHER_CODE_TEXT];
	int64_t number;

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		voucher_code_format(numbers[i], secret, code);
		assert_int_equal(strlen(code), VOUCHER_CODE_TEXT - 1);
		for (size_t c = 5; c < VOUCHER_CODE_TEXT - 1; c += 6)
			assert_int_equal(code[c], '-');
		assert_int_equal(voucher_code_parse(code, &number, found), 0);
		assert_int_equal(number, numbers[i]);
		assert_memory_equal(found, secret, sizeof secret);
	}
	/* the form is a contract: printed codes live for years */
	voucher_code_format(1, secret, code);
	assert_string_equal(code, "00000-00103-ZH4D2-PF2DB-SQQH5");
}

static void reading_a_code_forgives_how_people_write(void **state)
{
	unsigned char found[VOUCHER_SECRET_BYTES];
	int64_t number;

	(void)state;
	assert_int_equal(voucher_code_parse(" ooooo ooLo3-zh4d2pf2dbsqqh5\t", &number, found), 0);
	assert_int_equal(number, 1);
	assert_memory_equal(found, secret, sizeof secret);
	assert_int_equal(voucher_code_parse("OOOOOOOIO3ZH4D2PF2DBSQQH5", &number, found), 0);
}

static void every_slip_of_one_symbol_or_swap_is_seen(void **state)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char found[VOUCHER_SECRET_BYTES];
	char code[] = "0000000103ZH4D2PF2DBSQQH5";
	int64_t number;

	(void)state;
	for (size_t i = 0; code[i]; i++) {
		char right = code[i];

		for (size_t a = 0; alphabet[a]; a++) {
			code[i] = alphabet[a];
			assert_int_equal(voucher_code_parse(code, &number, found),
					 alphabet[a] == right ? 0 : -1);
		}
		code[i] = right;
		for (size_t j = 0; j < i; j++) {
			code[i] = code[j];
			code[j] = right;
			assert_int_equal(voucher_code_parse(code, &number, found), code[i] == right ? 0 : -1);
			code[j] = code[i];
			code[i] = right;
		}
	}
}

static void malformed_codes_are_refused(void **state)
{
	static const char *const bad[] = {"",
					  "00000-00103-ZH4D2-PF2DB-SQQH",
					  "00000-00103-ZH4D2-PF2DB-SQQH50",
					  "00000-0010U-ZH4D2-PF2DB-SQQH5",
					  "00000-00103-ZH4D2-PF2DB-SQQH*",
					  "00000_00103_ZH4D2_PF2DB_SQQH5"};
	unsigned char found[VOUCHER_SECRET_BYTES];
	int64_t number = 42;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(voucher_code_parse(bad[i], &number, found), -1);
	assert_int_equal(number, 42);
}

static void crc32_has_its_check_value(void **state)
{
	(void)state;
	assert_int_equal(crc32_of("123456789", 9), 0xCBF43926);
	assert_int_equal(crc32_of("", 0), 0);
}

static void random_text_is_base62_and_uses_all_of_it(void **state)
{
	struct env env;
	char text[20001];
	int seen[128] = {0}, kinds = 0;

	(void)state;
	env_system(&env);
	assert_int_equal(base62_random(&env, text, 20000), 0);
	assert_int_equal(strlen(text), 20000);
	for (char *c = text; *c; c++) {
		assert_true(isalnum((unsigned char)*c));
		kinds += !seen[(unsigned char)*c]++;
	}
	assert_int_equal(kinds, 62);
	for (size_t i = 0; i < 128; i++)
		assert_true(!seen[i] || (seen[i] > 200 && seen[i] < 450)); /* 323 expected */
	assert_int_equal(base62_random(&env, text, 0), 0);
	assert_string_equal(text, "");
	env.random = no_random;
	assert_int_equal(base62_random(&env, text, 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uuid_says_its_version_and_millisecond),
		cmocka_unit_test(uuids_increase_even_when_the_clock_does_not),
		cmocka_unit_test(malformed_uuids_are_refused),
		cmocka_unit_test(a_voucher_code_gives_back_number_and_secret),
		cmocka_unit_test(reading_a_code_forgives_how_people_write),
		cmocka_unit_test(every_slip_of_one_symbol_or_swap_is_seen),
		cmocka_unit_test(malformed_codes_are_refused),
		cmocka_unit_test(crc32_has_its_check_value),
		cmocka_unit_test(random_text_is_base62_and_uses_all_of_it),
	};

	return cmocka_run_group_tests_name("base/id", tests, NULL, NULL);
}
