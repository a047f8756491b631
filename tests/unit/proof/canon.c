/*
 * ledger/proof/canon.c: the canonical form, frozen by golden vectors.  A change
 * of any of them is a change of the format: give it a new version instead.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/book/chart.h"
#include "ledger/book/journal.h"
#include "ledger/proof/canon.h"
#include "ledger/proof/content.h"
#include "tests/lib/fixture.h"
#include "tests/lib/sql.h"

static void is(const struct entry *e, const char *text, const char *hex)
{
	unsigned char hash[SHA256_BYTES];
	char out[SHA256_HEX];
	struct buf b;

	buf_init(&b, CANON_BYTES_MAX);
	canon_write(e, &b);
	assert_string_equal(buf_text(&b), text);
	assert_int_equal(canon_hash(e, hash), 0);
	assert_string_equal(sha256_hex(hash, out), hex);
	buf_free(&b);
}

static void an_entry_without_anything_optional(void **state)
{
	struct entry e = {.seq = 1, .kind = "exit", .booked_at = 1767600000000000, .value_date = 20458};

	(void)state;
	is(&e,
	   "{\"api_key\":0,\"booked_at\":1767600000000000,\"kind\":\"exit\",\"org\":0,\"seq\":1,\"transfers\":[],\"v\":1,"
	   "\"value_date\":20458}",
	   "0a669bc58f5ab383a1ea8610e00de83699c03233aec7b6def1f9ad4f4183553c");
}

static void an_entry_with_everything(void **state)
{
	struct entry e = {.seq = 7,
			  .kind = "validate",
			  .booked_at = 1767600000000001,
			  .value_date = -1,
			  .org = 2,
			  .api_key = 3,
			  .voucher = 4,
			  .lot = 5,
			  .payment = 6,
			  .rule = 8,
			  .reason = "force_majeure",
			  .reverses = 9,
			  .previous = 10,
			  .sealed = 1,
			  .content = {0x9f, 0x64, [31] = 0x01},
			  .prior = {0x6e, 0x34, [31] = 0xff},
			  .count = 2,
			  .transfer = {{.fund = 1,
					.debit = 250,
					.credit = 220,
					.credit_holder = 5,
					.amount = 19680,
					.lot = 5,
					.lot_move = 3,
					.lot_previous = 2,
					.lot_balance = 50000},
				       {.fund = 1,
					.debit = 811,
					.debit_holder = 2026,
					.credit = 812,
					.credit_holder = 2026,
					.amount = 1}}};

	(void)state;
	is(&e,
	   "{\"api_key\":3,\"booked_at\":1767600000000001,"
	   "\"content\":\"9f64000000000000000000000000000000000000000000000000000000000001\",\"kind\":\"validate\",\"lot\":5,\"org\":2,\"payment\":6,"
	   "\"previous\":10,\"prior\":\"6e340000000000000000000000000000000000000000000000000000000000ff\",\"reason\":\"force_majeure\",\"reverses\":9,\"rule\":8,\"seq\":7,\"transfers\":["
	   "{\"amount\":19680,\"credit\":220,\"credit_holder\":5,\"debit\":250,\"debit_holder\":0,\"fund\":1,\"lot\":5,"
	   "\"lot_balance\":50000,\"lot_move\":3,\"lot_previous\":2},"
	   "{\"amount\":1,\"credit\":812,\"credit_holder\":2026,\"debit\":811,\"debit_holder\":2026,\"fund\":1}],"
	   "\"v\":1,\"value_date\":-1,\"voucher\":4}",
	   "c3f356059b6e94cc0fa37537dd4fca32efb1cfa1432cfbf003b85af145ede8ba");
}

/* A fact without money: a row is sealed, and named by its table and key. */
static void an_entry_that_seals_a_row(void **state)
{
	struct entry e = {.seq = 2,
			  .kind = "standing",
			  .booked_at = 1767600000000001,
			  .value_date = 20458,
			  .org = 2,
			  .api_key = 3,
			  .subject_kind = "provider_standing",
			  .subject = "7/1",
			  .sealed = 1,
			  .content = {[31] = 0x0a}};

	(void)state;
	is(&e,
	   "{\"api_key\":3,\"booked_at\":1767600000000001,"
	   "\"content\":\"000000000000000000000000000000000000000000000000000000000000000a\",\"kind\":\"standing\","
	   "\"org\":2,\"prior\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"seq\":2,"
	   "\"subject\":\"7/1\",\"subject_kind\":\"provider_standing\",\"transfers\":[],\"v\":1,\"value_date\":20458}",
	   "62c3fec47dbd53ed95113e7f5a8bb1308befac5106f1a9c5a662335f2120edcd");
}

/* A row: columns by name, NULL left out, bytes in hexadecimal. */
static void the_content_of_a_row(void **state)
{
	static const unsigned char bytes[] = {0x00, 0xab, 0xff};
	struct content row[] = {{"until", v_null()},
				{"name", v_text("L'\xC3\xA9"
						"cole \"A\"\n")},
				{"id", v_int(-3)},
				{"hash", v_blob(bytes, sizeof bytes)}};
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX];
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	content_write(row, 4, &out);
	assert_string_equal(buf_text(&out), "{\"hash\":\"00abff\",\"id\":-3,\"name\":\"L'\xC3\xA9"
					    "cole \\\"A\\\"\\n\"}");
	assert_int_equal(content_hash(row, 4, hash), 0);
	assert_string_equal(sha256_hex(hash, hex),
			    "f6d1d6e390c53bd85f81b38dc5d72596045bca74b5dea3ad60501d0a4204cd62");
	buf_clear(&out);
	content_write(row, 0, &out);
	assert_string_equal(buf_text(&out), "{}");
	buf_free(&out);
}

/* Every stored entry read back is what was hashed; one byte of any member makes another hash. */
static void what_is_read_back_is_what_was_posted(void **state)
{
	struct err err = {0};
	struct fixture f;
	struct entry e;
	struct db *db;
	int n = 0;

	(void)state;
	fixture_open(&f);
	db = ledger_reader(f.l, &err);
	for (int64_t seq = 1; canon_read(db, seq, &e, &err) == 1; seq++, n++) {
		unsigned char hash[SHA256_BYTES];

		assert_int_equal(canon_hash(&e, hash), 0);
		assert_memory_equal(hash, e.hash, SHA256_BYTES);
		e.value_date++;
		assert_int_equal(canon_hash(&e, hash), 0);
		assert_memory_not_equal(hash, e.hash, SHA256_BYTES);
	}
	assert_true(n > 0);
	assert_int_equal(canon_reread(db, 0, NULL, &err), 0);
	ledger_reader_back(f.l, db);
	fixture_close(&f);
}

static void tamper(struct tx *tx, struct err *err)
{
	sql_drop_trigger(tx->db, "transfer", "transfer_no_update");
	assert_int_equal(
		db_script(
			tx->db,
			"UPDATE transfer SET amount = amount + 1 WHERE id = (SELECT min(id) FROM transfer);",
			err),
		0);
	assert_int_equal(canon_reread(tx->db, 0, NULL, err), -1);
	assert_int_equal(err->code, ERR_BUG);
}

static void add_stray(struct tx *tx, struct err *err)
{
	sql_drop_trigger(tx->db, "transfer", "transfer_next_only");
	assert_int_equal(
		db_run(tx->db,
		       "INSERT INTO transfer (id, fund, debit, debit_holder, credit, credit_holder, amount) "
		       "SELECT (max(seq) + 1) * $1, 1, $2, 0, $3, 1, 5 FROM entry",
		       VALS(v_int(TRANSFER_ID_STEP), v_int(K_UNFUNDED), v_int(K_AVAILABLE)), err),
		0);
	assert_int_equal(canon_reread(tx->db, 0, NULL, err), -1);
	assert_int_equal(err->code, ERR_BUG);
}

/* The first n entries, as they were posted; one more than there are is one that was never written. */
static void keep_posted(struct db *db, int64_t n, struct buf *posted)
{
	unsigned char hash[SHA256_BYTES];
	struct err err = {0};
	struct entry e;

	buf_clear(posted);
	for (int64_t seq = 1; seq <= n; seq++) {
		if (canon_read(db, seq, &e, &err) == 0)
			e.seq = seq;
		assert_int_equal(canon_post(&e, posted, hash), 0);
	}
}

static void differs(struct db *db, const struct buf *posted, struct err *err)
{
	assert_int_equal(canon_reread(db, 0, posted, err), -1);
	assert_int_equal(err->code, ERR_BUG);
	memset(err, 0, sizeof *err);
}

static void compare_with_posted(struct tx *tx, struct err *err)
{
	struct head head;
	struct buf posted;

	buf_init(&posted, CANON_POSTED_MAX);
	assert_int_equal(journal_head(tx->db, &head, err), 0);
	keep_posted(tx->db, head.seq, &posted);
	assert_int_equal(canon_reread(tx->db, 0, &posted, err), 0);
	keep_posted(tx->db, head.seq + 1, &posted);
	differs(tx->db, &posted, err);
	keep_posted(tx->db, head.seq - 1, &posted);
	differs(tx->db, &posted, err);
	keep_posted(tx->db, head.seq, &posted);
	sql_drop_trigger(tx->db, "entry", "entry_no_update");
	assert_int_equal(
		db_script(tx->db,
			  "UPDATE entry SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) FROM entry);",
			  err),
		0);
	differs(tx->db, &posted, err);
	buf_free(&posted);
}

/* Too many to be kept are hashed again instead: the last of them, which differs, is found all the same. */
static void hash_what_was_not_kept(struct tx *tx, struct err *err)
{
	struct buf posted;

	buf_init(&posted, 1000);
	keep_posted(tx->db, 5, &posted);
	assert_false(buf_ok(&posted));
	assert_int_equal(canon_reread(tx->db, 0, &posted, err), 0);
	tamper(tx, err);
	memset(err, 0, sizeof *err);
	differs(tx->db, &posted, err);
	buf_free(&posted);
}

static void what_is_read_back_is_held_against_what_was_posted(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	fixture_direct(&f, hash_what_was_not_kept);
	fixture_close(&f);
	fixture_open(&f);
	fixture_direct(&f, compare_with_posted);
	fixture_close(&f);
}

static void an_entry_that_differs_is_found_before_the_commit(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f);
	fixture_direct(&f, tamper);
	fixture_direct(&f, add_stray);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_without_anything_optional),
		cmocka_unit_test(an_entry_with_everything),
		cmocka_unit_test(an_entry_that_seals_a_row),
		cmocka_unit_test(the_content_of_a_row),
		cmocka_unit_test(what_is_read_back_is_what_was_posted),
		cmocka_unit_test(what_is_read_back_is_held_against_what_was_posted),
		cmocka_unit_test(an_entry_that_differs_is_found_before_the_commit),
	};

	return cmocka_run_group_tests_name("proof/canon", tests, NULL, NULL);
}
