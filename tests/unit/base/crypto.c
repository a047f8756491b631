#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/crypto.h"

#define ABC_HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void sha256_known_answers(void **state)
{
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX];

	(void)state;
	sha256("abc", 3, hash);
	assert_string_equal(sha256_hex(hash, hex), ABC_HASH);
	sha256(NULL, 0, hash);
	assert_string_equal(sha256_hex(hash, hex),
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hash);
	assert_string_equal(sha256_hex(hash, hex),
			    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_running_hash_is_the_hash_of_the_whole(void **state)
{
	unsigned char hash[SHA256_BYTES], nothing[SHA256_BYTES] = {0};
	char hex[SHA256_HEX];
	struct sha256 *running = sha256_open();

	(void)state;
	assert_non_null(running);
	sha256_add(running, "a", 1);
	sha256("in between", 10, hash);
	sha256_add(running, "", 0);
	sha256_add(running, "bc", 2);
	sha256_close(running, hash);
	assert_string_equal(sha256_hex(hash, hex), ABC_HASH);
	sha256_close(NULL, hash);
	assert_memory_equal(hash, nothing, sizeof hash);
}

/* RFC 8032, 7.1, test 2. */
static void ed25519_known_answer(void **state)
{
	unsigned char seed[ED25519_SEED_BYTES], public[ED25519_PUBLIC_BYTES],
		signature[ED25519_SIGNATURE_BYTES];
	char hex[SHA256_HEX];

	(void)state;
	assert_int_equal(
		sha256_unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", seed), 0);
	ed25519_public(seed, public);
	assert_string_equal(sha256_hex(public, hex),
			    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
	ed25519_sign(seed, "\x72", 1, signature);
	assert_string_equal(sha256_hex(signature, hex),
			    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da");
	assert_string_equal(sha256_hex(signature + SHA256_BYTES, hex),
			    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

/* RFC 4231, cases 1, 2 and 6. */
static void hmac_known_answers(void **state)
{
	unsigned char key[131], mac[SHA256_BYTES];
	char hex[SHA256_HEX];

	(void)state;
	memset(key, 0x0b, 20);
	hmac_sha256(key, 20, "Hi There", 8, mac);
	assert_string_equal(sha256_hex(mac, hex),
			    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
	assert_string_equal(sha256_hex(mac, hex),
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof key);
	hmac_sha256(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac);
	assert_string_equal(sha256_hex(mac, hex),
			    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void *hash_often(void *wrong)
{
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX];

	for (int i = 0; i < 2000; i++) {
		sha256("abc", 3, hash);
		*(int *)wrong += strcmp(sha256_hex(hash, hex), ABC_HASH) != 0;
	}
	return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
	pthread_t threads[4];
	int wrong[4] = {0};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hash_often, &wrong[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

static void equality_sees_every_byte(void **state)
{
	(void)state;
	assert_true(crypto_equal("abcd", "abcd", 4));
	assert_false(crypto_equal("abcd", "abce", 4));
	assert_false(crypto_equal("xbcd", "abcd", 4));
	assert_true(crypto_equal("abcd", "abce", 3));
	assert_true(crypto_equal("a", "b", 0));
}

/* The example of RFC 8705, section 3.1, in each of its forms. */
static void thumbprints_are_read_in_three_forms(void **state)
{
	static const char hex[] = "c0269c2b5f2d2af6acd9b9ef0ba77f59ac3cd8b27a4ed5e3b25d2d2c0b1d53a9";
	static const char *const wrong[] = {
		"",
		"c0",
		"c0269c2b5f2d2af6acd9b9ef0ba77f59ac3cd8b27a4ed5e3b25d2d2c0b1d53a",
		"c0269c2b5f2d2af6acd9b9ef0ba77f59ac3cd8b27a4ed5e3b25d2d2c0b1d53ag",
		"c0269c2b5f2d2af6acd9b9ef0ba77f59ac3cd8b27a4ed5e3b25d2d2c0b1d53a900",
		"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg",  /* a character less */
		"bwcK0esc3ACC3DB2Y5/lESsXE8o9ltc05O89jdN+dg2", /* base64, but of another alphabet */
		"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc 5O89jdN-dg2",
		"=wcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"};
	unsigned char print[SHA256_BYTES], same[SHA256_BYTES];
	char text[SHA256_HEX], pairs[3 * SHA256_BYTES] = "";

	(void)state;
	assert_int_equal(thumbprint_parse("bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2", print), 0);
	assert_string_equal(sha256_hex(print, text),
			    "6f070ad1eb1cdc0082dc3076639fe5112b1713ca3d96d734e4ef3d8dd37e760d");
	assert_int_equal(thumbprint_parse(text, same), 0);
	assert_memory_equal(same, print, sizeof print);
	for (int i = 0; i < SHA256_BYTES; i++)
		snprintf(pairs + strlen(pairs), 4, "%s%02X", i > 0 ? ":" : "", print[i]);
	memset(same, 0, sizeof same);
	assert_int_equal(thumbprint_parse(pairs, same), 0);
	assert_memory_equal(same, print, sizeof print);
	pairs[3] = ':'; /* not where it belongs */
	assert_int_equal(thumbprint_parse(pairs, same), -1);
	assert_int_equal(thumbprint_parse(hex, same), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (thumbprint_parse(wrong[i], same) == 0)
			fail_msg("it is taken: %s", wrong[i]);
}

/* Made by openssl, whose own words for it are: x509 -noout -fingerprint -sha256. */
static const char certificate[] = "-----BEGIN CERTIFICATE-----\n"
				  "MIIBLDCB36ADAgECAhQ3wVDv2ewnwYekTVH9sXfe8/JzSjAFBgMrZXAwDDEKMAgG\n"
				  "A1UEAwwBdDAeFw0yNjExMjkxNzM2NTVaFw0yNjExMzAxNzM2NTVaMAwxCjAIBgNV\n"
				  "BAMMAXQwKjAFBgMrZXADIQCtkvfjqLtWZaO9Jkth8d8ZrnhnfhOn+RxWI1/rwSgn\n"
				  "x6NTMFEwHQYDVR0OBBYEFPeQTeawbVgOW87X4xJ75Mww2yh5MB8GA1UdIwQYMBaA\n"
				  "FPeQTeawbVgOW87X4xJ75Mww2yh5MA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EA\n"
				  "A8UNyC4AywqTDjcgPtdvhx3Vt7Du0Y/9iPaCghByVUrWEzxt2OPLkEcQNBIOxW1m\n"
				  "3gXGIyb4YH0+4KzlqA6gBA==\n"
				  "-----END CERTIFICATE-----\n";

static void a_certificate_has_one_thumbprint_in_pem_and_in_der(void **state)
{
	unsigned char print[SHA256_BYTES], same[SHA256_BYTES], der[1024];
	char text[SHA256_HEX], big[CERTIFICATE_MAX + 1] = "";
	const char *at = strchr(certificate, '\n') + 1;
	size_t n = 0;
	unsigned bits = 0;
	int have = 0;

	(void)state;
	assert_int_equal(thumbprint_of(certificate, strlen(certificate), print), 0);
	assert_string_equal(sha256_hex(print, text),
			    "b346ce1731fd2deddb9279f02585885d16720f267fecf3b16b3d2f3ec657e08e");
	for (; *at != '-' && *at != '='; at++) {
		static const char digits[] =
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

		if (*at == '\n')
			continue;
		bits = bits << 6 | (unsigned)(strchr(digits, *at) - digits);
		have += 6;
		if (have >= 8)
			der[n++] = (unsigned char)(bits >> (have -= 8));
	}
	assert_int_equal(thumbprint_of((const char *)der, n, same), 0);
	assert_memory_equal(same, print, sizeof print);
	assert_int_equal(thumbprint_of((const char *)der, n - 1, same), -1);
	assert_int_equal(thumbprint_of(certificate, strlen(certificate) / 2, same), -1);
	assert_int_equal(thumbprint_of("", 0, same), -1);
	assert_int_equal(thumbprint_of(big, sizeof big, same), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_known_answers),
		cmocka_unit_test(a_running_hash_is_the_hash_of_the_whole),
		cmocka_unit_test(ed25519_known_answer),
		cmocka_unit_test(hmac_known_answers),
		cmocka_unit_test(threads_do_not_disturb_each_other),
		cmocka_unit_test(equality_sees_every_byte),
		cmocka_unit_test(thumbprints_are_read_in_three_forms),
		cmocka_unit_test(a_certificate_has_one_thumbprint_in_pem_and_in_der),
	};

	return cmocka_run_group_tests_name("base/crypto", tests, NULL, NULL);
}
