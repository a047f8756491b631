#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/limits.h"

static void every_one(int (*check)(const char *), int expected, const char *const *texts)
{
	for (; *texts; texts++)
		if (check(*texts) != expected)
			fail_msg("\"%s\" gave %d", *texts, !expected);
}

static void sirens_and_sirets(void **state)
{
	(void)state;
	every_one(check_siren, 1, (const char *const[]){"815407200", "732829320", "356000000", NULL});
	every_one(check_siren, 0,
		  (const char *const[]){"815407201", "81540720", "8154072000", "81540720A", " 815407200", "",
					NULL});
	/* La Poste: its seat by Luhn, other establishments by a digit sum that 5 divides */
	every_one(check_siret, 1,
		  (const char *const[]){"81540720000022", "35600000000048", "35600000000001", NULL});
	every_one(check_siret, 0,
		  (const char *const[]){"81540720000023", "8154072000002", "815407200000220",
					"\t81540720000022", "35600000000002", "35600000100005",
					"8154072000002O", "", NULL});
}

static void the_published_sirets_pass(void **state)
{
	const char *shared = getenv("ILA_SHARED");
	char path[1000], line[1000];
	FILE *file;
	int count = 0;

	(void)state;
	snprintf(path, sizeof path, "%s/data/cpf_providers_siret.csv", shared ? shared : "../shared");
	file = fopen(path, "r");
	if (!file)
		skip();
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, ";")] = '\0';
		if (!strcmp(line, "siret"))
			continue;
		count++;
		if (!check_siret(line))
			fail_msg("%s", line);
		line[9] = '\0';
		assert_true(check_siren(line));
	}
	fclose(file);
	assert_int_equal(count, 350);
}

static void declarations_and_certifications(void **state)
{
	(void)state;
	every_one(check_nda, 1, (const char *const[]){"11754567875", "942A1234567", "942B1234567", NULL});
	every_one(check_nda, 0,
		  (const char *const[]){"1175456787", "117545678755", "11A54567875", "2A942123456",
					"942C1234567", "941A1234567", "", NULL});
	every_one(check_certification, 1,
		  (const char *const[]){"RNCP1", "RNCP123456", "RS5", "RS123456", NULL});
	every_one(check_certification, 0,
		  (const char *const[]){"RNCP", "RS", "RNCP1234567", "rncp123", "RNCP12a", "R123", "RNCP 12",
					"RNCP12345BC01", "", NULL});
}

static void ibans(void **state)
{
	(void)state;
	/* the examples of the IBAN registry; XZ is no country of the table: form and remainder only */
	every_one(check_iban, 1,
		  (const char *const[]){"FR1420041010050500013M02606", "DE89370400440532013000",
					"BE68539007547034", "NL91ABNA0417164300", "GB29NWBK60161331926819",
					"NO9386011117947", "MT84MALT011000012345MTLCAST001S",
					"AE070331234567890123456", NULL});
	every_one(check_iban, 0,
		  (const char *const[]){"FR1420041010050500013M02607", "FR1420041010050500013M0260",
					"fr1420041010050500013m02606", "FR14 2004 1010 0505 0001 3M02 606",
					"FR1420041010050500013M026060", "1420041010050500013M02606FR",
					"NO938601111794", "FR", "", "FRXX20041010050500013M02606",
					"NL91ABNA041716430-", NULL});
}

/* The remainder is right, the length is not that of the country. */
static void ibans_have_the_length_of_their_country(void **state)
{
	(void)state;
	every_one(check_iban, 0,
		  (const char *const[]){"FR352004101005050001302606", "BE975390075470340", NULL});
}

static void iban_digits_that_are_never_issued(void **state)
{
	char iban[17];
	int found = 0;

	(void)state;
	/* 01 leaves the same remainder as 98, which is issued */
	for (int account = 0; account < 97; account++) {
		snprintf(iban, sizeof iban, "BE98%012d", account);
		found += check_iban(iban);
		memcpy(iban, "BE01", 4);
		assert_false(check_iban(iban));
	}
	assert_int_equal(found, 1);
}

static void codes_and_reasons(void **state)
{
	char text[CODE_MAX + 2];

	(void)state;
	every_one(check_code, 1, (const char *const[]){"a", "0", "FUND-1", "a_b.c:d/e-f", NULL});
	every_one(check_code, 0,
		  (const char *const[]){"", "-a", "a b", "\xC3\xA9", "a\n", "a;b", "'a", NULL});
	memset(text, 'a', sizeof text);
	text[CODE_MAX] = '\0';
	assert_true(check_code(text));
	text[CODE_MAX] = 'a';
	text[CODE_MAX + 1] = '\0';
	assert_false(check_code(text));
	every_one(check_reason, 1, (const char *const[]){"force_majeure", "a", "b2", NULL});
	every_one(check_reason, 0, (const char *const[]){"", "Force", "a-b", "a b", NULL});
	assert_true(check_label("aZ09_:.-", 8));
	assert_true(check_label("a b", 1));
	assert_false(check_label("a b", 3));
	assert_false(check_label("", 0));
	assert_false(check_label("a\0", 2));
	assert_false(check_label("\xC3\xA9", 2));
	text[REASON_MAX] = '\0';
	assert_true(check_reason(text));
	text[REASON_MAX] = 'a';
	text[REASON_MAX + 1] = '\0';
	assert_false(check_reason(text));
}

static void a_national_number_is_no_pseudonym(void **state)
{
	(void)state;
	every_one(check_pseudonym, 1,
		  (const char *const[]){"learner-17", "L1850578006084", "12345678901234", "123456789012",
					"018f4e2a-7b1c-7def-8123-456789abcdef", "185057800608436a", NULL});
	every_one(check_pseudonym, 0,
		  (const char *const[]){"1850578006084", "185057800608436", "185052A00608436",
					"185052b006084", "1.85.05.78.006.084-36", "1-85-05-78-006-084", "",
					"a b", NULL});
}

static int is_impersonal(const char *text)
{
	return check_personal(text) == NULL;
}

static void personal_data_is_seen_in_a_text(void **state)
{
	(void)state;
	every_one(is_impersonal, 1,
		  (const char *const[]){"", "cohort 2026-a", "ORDER-2026-0017", "2026-01-05 12:30",
					"12345678", "82948645500019", "0123456789ab", "x0612345678", "@home",
					"a @ b", "20 000", "FR7630006000011234567890180",
					"1 55 00 00 000 000", "30 % of 1200",
					"018f4e2a-7b1c-7def-8123-456789abcdef", NULL});
	every_one(is_impersonal, 0,
		  (const char *const[]){"185057800608436", "no 1 85 05 78 006 084 36", "1-85-05-78-006-084",
					"185052A00608436", "FR7630006000011234567890189",
					"to FR76 3000 6000 0112 3456 7890 189.", "de89370400440532013000",
					"a.b@example.org", "<b@c>", "0612345678", "tel. 06 12 34 56 78",
					"06.12.34.56.78", "+33612345678", "+49 (0)30-901820", NULL});
	assert_string_equal(check_personal("a.b@example.org"), "an e-mail address");
	assert_string_equal(check_personal("0612345678"), "a phone number");
}

static void utf8_is_told_from_what_is_not(void **state)
{
	static const char *const bad[] = {"\x80",
					  "\xC3",
					  "\xC0\x80",
					  "\xE0\x80\x80",
					  "\xED\xA0\x80",
					  "\xF4\x90\x80\x80",
					  "\xF8\x88\x80\x80",
					  "\xE2\x82",
					  "\xF0\x80\x80\x80",
					  "abcdefgh\xFF",
					  "\xC3(",
					  "caf\xE9"};

	(void)state;
	assert_true(check_utf8("", 0));
	assert_true(check_utf8("a\0b", 3));
	assert_true(check_utf8("\xF4\x8F\xBF\xBF\xEE\x80\x80\xED\x9F\xBF", 10));
	assert_true(check_utf8("0123456789 \xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\x93 tail", 25));
	assert_false(check_utf8("\xE2\x82\xAC", 2));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(check_utf8(bad[i], strlen(bad[i])));
}

static void text_holds_nothing_that_hides(void **state)
{
	static const char *const bad[] = {"",
					  "a\nb",
					  "a\tb",
					  "\x7F",
					  "\xC2\x80",         /* U+0080 */
					  "a\xE2\x80\xAE-",   /* U+202E */
					  "\xE2\x80\xAA",     /* U+202A */
					  "\xE2\x81\xA6",     /* U+2066 */
					  "\xE2\x81\xA9",     /* U+2069 */
					  "\xEF\xB7\x90",     /* U+FDD0 */
					  "\xEF\xBF\xBE",     /* U+FFFE */
					  "\xF0\x9F\xBF\xBF", /* U+1FFFF */
					  "\xFF"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(check_text(bad[i], 100));
	assert_true(check_text("\xC3\x89tudes: l'\xC5\x93uvre \xE2\x80\x94 \xF0\x9F\x8E\x93", 100));
	assert_true(check_text("\xE2\x80\xA9\xE2\x80\xAF\xE2\x81\xA5\xE2\x81\xAA", 12)); /* the neighbours */
	assert_true(check_text("1234", 4));
	assert_false(check_text("12345", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sirens_and_sirets),
		cmocka_unit_test(the_published_sirets_pass),
		cmocka_unit_test(declarations_and_certifications),
		cmocka_unit_test(ibans),
		cmocka_unit_test(ibans_have_the_length_of_their_country),
		cmocka_unit_test(iban_digits_that_are_never_issued),
		cmocka_unit_test(codes_and_reasons),
		cmocka_unit_test(a_national_number_is_no_pseudonym),
		cmocka_unit_test(personal_data_is_seen_in_a_text),
		cmocka_unit_test(utf8_is_told_from_what_is_not),
		cmocka_unit_test(text_holds_nothing_that_hides),
	};

	return cmocka_run_group_tests_name("base/check", tests, NULL, NULL);
}
