#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

#include <stdio.h>
#include <string.h>

static void tell(int64_t seq, const unsigned char *stored, const unsigned char *computed,
		 char text[AUDIT_SENTENCE_MAX])
{
	char a[SHA256_HEX], b[SHA256_HEX];

	snprintf(
		text, AUDIT_SENTENCE_MAX,
		"Entry %lld, or the one before it, was changed: its hash is stored as %s, its content gives %s.",
		(long long)seq, sha256_hex(stored, a), sha256_hex(computed, b));
}

/* The finding with the two hashes, after the change has been made. */
static void expect_hash(struct plain *p, const char *change, const char *faulty, int64_t seq)
{
	char text[AUDIT_SENTENCE_MAX];
	unsigned char hash[SHA256_BYTES];
	struct err err = {0};
	struct entry e;

	plain_sql(p, change);
	assert_int_equal(canon_read(p->db, seq, &e, &err), 1);
	assert_int_equal(canon_hash(&e, hash), 0);
	plain_restore(p);
	tell(seq, e.hash, hash, text);
	plain_expect(p, change, faulty, "hash", {seq, text});
}

static void one_cent_in_a_transfer_is_noticed(void **state)
{
	expect_hash(*state, "UPDATE transfer SET amount = amount + 1 WHERE id = " LINE(2, 0),
		    "hash balance bank", 2);
}

static void one_byte_of_the_stored_hash_is_noticed(void **state)
{
	static const char change[] = "UPDATE entry SET hash = zeroblob(32) WHERE seq = 12";
	unsigned char none[SHA256_BYTES] = {0}, hash[SHA256_BYTES];
	char first[AUDIT_SENTENCE_MAX], second[AUDIT_SENTENCE_MAX];
	struct plain *p = *state;
	struct err err = {0};
	struct entry e, next;

	assert_int_equal(canon_read(p->db, 12, &e, &err), 1);
	assert_int_equal(canon_read(p->db, 13, &next, &err), 1);
	tell(12, none, e.hash, first);
	memcpy(next.prior, none, sizeof none);
	assert_int_equal(canon_hash(&next, hash), 0);
	tell(13, next.hash, hash, second);
	plain_expect(p, change, "hash", "hash", {12, first}, {13, second});
}

/* The one behind no longer follows it. */
static void an_entry_that_is_changed_and_hashed_again_is_noticed(void **state)
{
	struct plain *p = *state;
	unsigned char hash[SHA256_BYTES];
	char text[AUDIT_SENTENCE_MAX];
	struct err err = {0};
	struct entry e, next;

	assert_int_equal(canon_read(p->db, 12, &e, &err), 1);
	assert_int_equal(canon_read(p->db, 13, &next, &err), 1);
	snprintf(e.reason, sizeof e.reason, "fraud");
	assert_int_equal(canon_hash(&e, e.hash), 0);
	assert_int_equal(db_run(p->db, "UPDATE entry SET reason = $1, hash = $2 WHERE seq = 12",
				VALS(v_text(e.reason), v_blob(e.hash, sizeof e.hash)), &err),
			 0);
	memcpy(next.prior, e.hash, sizeof next.prior);
	assert_int_equal(canon_hash(&next, hash), 0);
	tell(13, next.hash, hash, text);
	assert_int_equal(plain_audit(p, NULL), 1);
	assert_string_equal(plain_result(p, "hash")->finding[0].text, text);
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
		ON_A_STORY(an_entry_that_is_changed_and_hashed_again_is_noticed),
		ON_A_STORY(what_no_other_check_looks_at_is_noticed),
	};

	return cmocka_run_group_tests_name("audit/check_hash", tests, NULL, NULL);
}
