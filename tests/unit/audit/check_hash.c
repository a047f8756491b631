#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

#include <stdio.h>

/* The finding with the two hashes, after the change has been made. */
static void expect_hash(struct plain *p, const char *change, const char *faulty, int64_t seq)
{
	char text[AUDIT_SENTENCE_MAX], stored[SHA256_HEX], computed[SHA256_HEX];
	unsigned char hash[SHA256_BYTES];
	struct err err = {0};
	struct entry e;

	plain_sql(p, change);
	assert_int_equal(canon_read(p->db, seq, &e, &err), 1);
	assert_int_equal(canon_hash(&e, hash), 0);
	plain_restore(p);
	snprintf(text, sizeof text, "Entry %lld was changed: its hash is stored as %s, its content gives %s.",
		 (long long)seq, sha256_hex(e.hash, stored), sha256_hex(hash, computed));
	plain_expect(p, change, faulty, "hash", {seq, text});
}

static void one_cent_in_a_transfer_is_noticed(void **state)
{
	expect_hash(*state, "UPDATE transfer SET amount = amount + 1 WHERE id = " LINE(2, 0),
		    "hash balance bank", 2);
}

static void one_byte_of_the_stored_hash_is_noticed(void **state)
{
	expect_hash(*state, "UPDATE entry SET hash = zeroblob(32) WHERE seq = 12", "hash", 12);
}

static void what_no_other_check_looks_at_is_noticed(void **state)
{
	expect_hash(*state, "UPDATE entry SET org = 2 WHERE seq = 12", "hash", 12);
	expect_hash(*state, "UPDATE entry SET api_key = 2 WHERE seq = 12", "hash", 12);
	expect_hash(*state, "UPDATE entry SET rule = 2 WHERE seq = 12", "hash", 12);
	expect_hash(*state, "UPDATE entry SET reason = 'fraud' WHERE seq = 12", "hash", 12);
	expect_hash(*state, "UPDATE entry SET payment = 2 WHERE seq = 12", "hash", 12);
	expect_hash(*state, "UPDATE entry SET lot = 2 WHERE seq = 12", "hash", 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(one_cent_in_a_transfer_is_noticed),
		ON_A_STORY(one_byte_of_the_stored_hash_is_noticed),
		ON_A_STORY(what_no_other_check_looks_at_is_noticed),
	};

	return cmocka_run_group_tests_name("audit/check_hash", tests, NULL, NULL);
}
