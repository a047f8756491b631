#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_known_answers),
		cmocka_unit_test(a_running_hash_is_the_hash_of_the_whole),
		cmocka_unit_test(ed25519_known_answer),
		cmocka_unit_test(hmac_known_answers),
		cmocka_unit_test(threads_do_not_disturb_each_other),
		cmocka_unit_test(equality_sees_every_byte),
	};

	return cmocka_run_group_tests_name("base/crypto", tests, NULL, NULL);
}
