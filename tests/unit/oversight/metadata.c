/*
 * ledger/oversight/metadata.c: found by the reference, on one's own side; staff by
 * both; moved from a ticket to its voucher.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/oversight/metadata.h"
#include "tests/lib/fixture.h"

static struct fixture f;

static void put(struct tx *tx, enum role role, enum metadata_kind kind, int64_t subject,
		const char *reference)
{
	struct metadata m = {.pairs = {.count = 1, .of = {{"key", "value", 3, 5}}}};
	struct err err = {0};

	strcpy(m.reference, reference);
	tx->actor.role = (int)role;
	assert_int_equal(metadata_put(tx, kind, subject, &m, &err), 0);
}

static void finds(struct tx *tx, enum role role, const char *reference, int64_t after, size_t expected,
		  int64_t first)
{
	int64_t found[2];
	struct err err = {0};
	size_t n;

	assert_int_equal(
		metadata_find(tx->db, METADATA_VOUCHER, (int)role, reference, after, 2, found, &n, &err), 0);
	assert_int_equal(n, expected);
	if (n > 0)
		assert_int_equal(found[0], first);
}

static void note_and_find(struct tx *tx, struct err *err)
{
	(void)err;
	put(tx, ROLE_PORTAL, METADATA_VOUCHER, 3, "A");
	put(tx, ROLE_PORTAL, METADATA_VOUCHER, 5, "A");
	put(tx, ROLE_PORTAL, METADATA_VOUCHER, 9, "A");
	put(tx, ROLE_PROVIDER, METADATA_VOUCHER, 4, "A");
	put(tx, ROLE_PROVIDER, METADATA_VOUCHER, 5, "A");
	put(tx, ROLE_PORTAL, METADATA_PAYMENT, 6, "A");
	finds(tx, ROLE_PORTAL, "A", 0, 2, 3);
	finds(tx, ROLE_PORTAL, "A", 5, 1, 9);
	finds(tx, ROLE_PROVIDER, "A", 0, 2, 4);
	finds(tx, ROLE_PROVIDER, "A", 5, 0, 0);
	finds(tx, ROLE_ACCOUNTANT, "A", 3, 2, 4);
	finds(tx, ROLE_ACCOUNTANT, "A", 4, 2, 5); /* once, though both sides call it so */
	finds(tx, ROLE_ACCOUNTANT, "B", 0, 0, 0);
	put(tx, ROLE_PORTAL, METADATA_VOUCHER, 9, "B"); /* a reference replaces the one before */
	finds(tx, ROLE_PORTAL, "A", 5, 0, 0);
	finds(tx, ROLE_PORTAL, "B", 0, 1, 9);
}

static void objects_are_found_by_the_reference_of_ones_side(void **state)
{
	(void)state;
	fixture_direct(&f, note_and_find);
}

static void note_and_move(struct tx *tx, struct err *err)
{
	char reference[CODE_MAX + 1];
	struct buf pairs;

	put(tx, ROLE_PORTAL, METADATA_TICKET, 70, "T");
	assert_int_equal(metadata_move(tx, METADATA_TICKET, 70, METADATA_VOUCHER, 7, err), 0);
	assert_int_equal(metadata_move(tx, METADATA_TICKET, 71, METADATA_VOUCHER, 8, err), 0);
	finds(tx, ROLE_PORTAL, "T", 0, 1, 7);
	buf_init(&pairs, METADATA_TEXT_MAX);
	assert_int_equal(
		metadata_read(tx->db, METADATA_VOUCHER, 7, METADATA_OF_CLIENT, reference, &pairs, err), 1);
	assert_string_equal(reference, "T");
	assert_string_equal(buf_text(&pairs), "{\"key\":\"value\"}");
	assert_int_equal(
		metadata_read(tx->db, METADATA_TICKET, 70, METADATA_OF_CLIENT, reference, &pairs, err), 0);
	buf_free(&pairs);
}

static void a_voucher_takes_over_what_its_ticket_bore(void **state)
{
	(void)state;
	fixture_direct(&f, note_and_move);
}

/* The longest texts, each character of which is written as two. */
static void fill_it(struct tx *tx, struct err *err)
{
	char key[METADATA_PAIRS_MAX][REASON_MAX + 1], value[METADATA_VALUE_BYTES + 1],
		reference[CODE_MAX + 1];
	struct metadata m = {.pairs = {.count = METADATA_PAIRS_MAX}};
	struct buf pairs;

	memset(value, '"', METADATA_VALUE_MAX);
	value[METADATA_VALUE_MAX] = '\0';
	for (size_t i = 0; i < METADATA_PAIRS_MAX; i++) {
		memset(key[i], 'a' + (int)i, REASON_MAX);
		m.pairs.of[i] = (struct metadata_pair){key[i], value, REASON_MAX, METADATA_VALUE_MAX};
	}
	tx->actor.role = ROLE_PORTAL;
	assert_int_equal(metadata_check(&m, "reference", err), 0);
	assert_int_equal(metadata_put(tx, METADATA_VOUCHER, 1, &m, err), 0);
	assert_int_equal(metadata_put(tx, METADATA_VOUCHER, 1, &m, err), 0);
	buf_init(&pairs, METADATA_TEXT_MAX);
	assert_int_equal(
		metadata_read(tx->db, METADATA_VOUCHER, 1, METADATA_OF_CLIENT, reference, &pairs, err), 1);
	buf_free(&pairs);
	m.pairs.of[1].key = key[0];
	assert_int_equal(metadata_check(&m, "reference", err), -1);
	assert_non_null(strstr(err->text, "stands twice"));
}

static void the_fullest_metadata_has_room(void **state)
{
	(void)state;
	fixture_direct(&f, fill_it);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, objects_are_found_by_the_reference_of_ones_side),
		WITH_FIXTURE(f, a_voucher_takes_over_what_its_ticket_bore),
		WITH_FIXTURE(f, the_fullest_metadata_has_room),
	};

	return cmocka_run_group_tests_name("oversight/metadata", tests, NULL, NULL);
}
