/*
 * A ledger that is carried is the same to the last value, however often its carrier was stopped,
 * and what is not the same is named.  On a server: from there into a file, and back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/moving/carry.h"
#include "tests/lib/served.h"
#include "tests/lib/sql.h"
#include "tests/lib/where.h"

#define VOUCHERS 40

static struct served s;
static char other[256]; /* the target: on a server's run a file, else another file */

static struct db *must_open(const char *url, enum db_mode mode)
{
	struct err err = {0};
	struct db *db;

	if (db_open(&db, url, mode, &err) != 0)
		fail_msg("%s: %s", url, err.text);
	return db;
}

static void run(struct db *db, const char *sql)
{
	struct err err = {0};

	if (db_run(db, sql_kept(sql), NO_VALS, &err) != 0)
		fail_msg("%s: %s", sql, err.text);
}

static struct db *new_target(const char *url)
{
	struct db *db = must_open(url, DB_CREATE);
	struct err err = {0};

	assert_int_equal(carry_tables(db, &err), 0);
	return db;
}

/* All that is not there yet; the proof. */
static int carried(const char *from, struct db *to, struct carry_proof *proof, struct err *err)
{
	struct db *reader = must_open(from, DB_READ), *proving = must_open(db_url(to), DB_READ);
	struct carry *c = carry_open(reader, to, err);
	int rc = -1;

	assert_non_null(c);
	if (carry_rows(c, NULL, NULL, err) == 0)
		rc = carry_prove(c, proving, proof, NULL, NULL, err);
	carry_close(c);
	db_close(proving);
	db_close(reader);
	return rc;
}

static void expect_carried(const char *from, struct db *to)
{
	struct carry_proof proof;
	struct err err = {0};
	int rc = carried(from, to, &proof, &err);

	if (rc != 1)
		fail_msg("%d: %s%s", rc, rc == 0 ? proof.differs : err.text, rc == 0 ? " differs" : "");
	assert_true(proof.tables > 50 && proof.rows > 500);
}

/* The extremes of every type, where a column takes them. */
static void put_extremes(void)
{
	static const char insert[] =
		"INSERT INTO replay (id, key_hash, fingerprint, status, body, secret_for, at) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7)";
	static const unsigned char bytes[] = {0, 1, 0xff, 0, '\'', 0};
	struct err err = {0};
	struct db *db = must_open(s.f.path, DB_WRITE);

	assert_int_equal(db_run(db, insert,
				VALS(v_int(1), v_blob(bytes, 6), v_blob("", 0), v_int(INT64_MIN), v_text(""),
				     v_null(), v_int(INT64_MAX)),
				&err),
			 0);
	assert_int_equal(db_run(db, insert,
				VALS(v_int(INT64_MAX), v_blob(bytes, 5), v_blob(bytes, 1), v_int(0),
				     v_text("L'\xc3\xa9"
					    "cole \"A\"\n\\"),
				     v_int(-1), v_int(-1)),
				&err),
			 0);
	db_close(db);
}

static void every_value_arrives_as_it_was(void **state)
{
	char back[256];
	struct db *to;

	(void)state;
	put_extremes();
	to = new_target(other);
	expect_carried(s.f.path, to);
	db_close(to);
	sql_same(s.f.path, other);
	to = new_target(where_ledger(s.f.dir, "back.db", back, sizeof back));
	expect_carried(other, to);
	db_close(to);
	sql_same(s.f.path, back);
}

/* Whatever prefix of each table is there: the journal is cut between two entries, as a carrier leaves it. */
static void what_is_there_is_gone_on_with(void **state)
{
	struct db *to, *from;
	char sql[128];

	(void)state;
	to = new_target(other);
	expect_carried(s.f.path, to);
	sql_unguard(to);
	for (int seq = 40; seq >= 0; seq -= 8) {
		snprintf(sql, sizeof sql, "DELETE FROM transfer WHERE id / 64 > %d", seq);
		run(to, sql);
		snprintf(sql, sizeof sql, "DELETE FROM entry WHERE seq > %d", seq);
		run(to, sql);
		run(to, "DELETE FROM training_right WHERE certification >= 'RNCP2'");
		run(to, "DELETE FROM lot WHERE id > (SELECT max(id) / 2 FROM lot)");
		run(to, "DELETE FROM setting WHERE name > 'id'");
		expect_carried(s.f.path, to);
	}
	db_close(to);
	sql_same(s.f.path, other);
	from = must_open(s.f.path, DB_READ); /* nothing of it is held any more */
	db_close(from);
}

static void what_differs_is_named(void **state)
{
	static const struct {
		const char *change, *table;
	} cases[] = {
		{"UPDATE learner SET work_pct = work_pct + 1 WHERE id = 1", "learner"},
		{"UPDATE voucher SET closed_on = 1 WHERE id = 1", "voucher"},
		{"INSERT INTO refusal (id, at, org, api_key, command, code) VALUES (99, 1, 0, 0, 'x', '')",
		 "refusal"},
		{"UPDATE setting SET value = '1' WHERE name = 'zone'", "setting"},
		{"DELETE FROM entry WHERE seq = 3", "entry"},
	};
	struct db *to = new_target(other);

	(void)state;
	expect_carried(s.f.path, to);
	sql_unguard(to);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct carry_proof proof;
		struct err err = {0};

		run(to, cases[i].change);
		assert_int_equal(carried(s.f.path, to, &proof, &err), 0);
		assert_string_equal(proof.differs, cases[i].table);
		db_close(to);
		db_remove(other);
		to = new_target(other);
		expect_carried(s.f.path, to);
		sql_unguard(to);
	}
	db_close(to);
}

static void the_guards_of_the_target_stay_on(void **state)
{
	struct db *to = new_target(other);
	struct err err = {0};

	(void)state;
	expect_carried(s.f.path, to);
	assert_int_equal(db_run(to, "DELETE FROM transfer", NO_VALS, &err), -1);
	assert_non_null(strstr(err.text, "append-only"));
	db_close(to);
}

static void a_transfer_without_its_entry_is_refused(void **state)
{
	struct db *damaged = must_open(s.f.path, DB_WRITE), *to = new_target(other);
	struct carry_proof proof;
	struct err err = {0};

	(void)state;
	sql_unguard(damaged);
	run(damaged, "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry WHERE transfers > 0)");
	db_close(damaged);
	assert_int_equal(carried(s.f.path, to, &proof, &err), -1);
	assert_int_equal(err.code, ERR_STORAGE);
	assert_non_null(strstr(err.text, "belongs to no entry"));
	db_close(to);
}

static int set_up(void **state)
{
	served_ready(*state, VOUCHERS);
	snprintf(other, sizeof other, "%s/other.db", s.f.dir);
	return 0;
}

#define CARRYING(test) cmocka_unit_test_prestate_setup_teardown(test, set_up, served_tear_down, &s)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CARRYING(every_value_arrives_as_it_was),
		CARRYING(what_is_there_is_gone_on_with),
		CARRYING(what_differs_is_named),
		CARRYING(the_guards_of_the_target_stay_on),
		CARRYING(a_transfer_without_its_entry_is_refused),
	};

	return cmocka_run_group_tests_name("moving/carry", tests, NULL, NULL);
}
