/*
 * ledger/store/shape: what is read from the text of a statement, and what is left alone.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/store/shape.h"

static void a_plain_insert_names_its_columns_and_their_parameters(void **state)
{
	struct shape s;

	(void)state;
	shape_read("INSERT INTO budget (fund, year,\n ae) VALUES ($3, $1, $2)", &s);
	assert_int_equal(s.kind, SHAPE_INSERT);
	assert_true(word_is(s.table, "budget"));
	assert_int_equal(s.columns, 3);
	assert_true(word_is(s.column[1].name, "year"));
	assert_int_equal(s.column[0].parameter, 2);
	assert_int_equal(s.column[1].parameter, 0);
	assert_int_equal(s.column[2].parameter, 1);
}

static void what_an_insert_may_conflict_by_are_its_keys(void **state)
{
	struct shape s;

	(void)state;
	shape_read("INSERT INTO t (a, b, c) VALUES ($1, $2, $3) ON CONFLICT (a, c) DO UPDATE SET b = $2", &s);
	assert_int_equal(s.kind, SHAPE_UPSERT);
	assert_int_equal(s.columns, 3);
	assert_int_equal(s.keys, 2);
	assert_int_equal(s.key[1].parameter, 2);
	assert_false(s.keeps);
	shape_read("INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING", &s);
	assert_int_equal(s.kind, SHAPE_UPSERT);
	assert_true(s.keeps);
	shape_read("DELETE FROM t WHERE a = $1 AND b = $2", &s);
	assert_int_equal(s.kind, SHAPE_DELETE);
	assert_int_equal(s.keys, 2);
}

static void a_plain_update_names_what_it_sets_and_its_keys(void **state)
{
	struct shape s;

	(void)state;
	shape_read("UPDATE share SET card = $2, paid = $3 WHERE id = $1", &s);
	assert_int_equal(s.kind, SHAPE_UPDATE);
	assert_int_equal(s.columns, 2);
	assert_int_equal(s.keys, 1);
	assert_true(word_is(s.key[0].name, "id"));
	assert_int_equal(s.key[0].parameter, 0);
	shape_read("UPDATE accrual SET lost = $1 WHERE fund = $2 AND period = $3 AND learner = $4", &s);
	assert_int_equal(s.kind, SHAPE_UPDATE);
	assert_int_equal(s.keys, 3);
}

static void whatever_is_not_plain_is_left_alone(void **state)
{
	static const char *const other[] = {
		"INSERT INTO t (a) VALUES ($1) ON CONFLICT DO NOTHING",
		"INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = t.b + $2",
		"INSERT INTO t (a, b, c) VALUES ($1, $2, $3) ON CONFLICT (a) DO UPDATE SET b = $2",
		"INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = $1",
		"INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = $2 RETURNING b",
		"INSERT INTO t (a) VALUES ($1) ON CONFLICT (c) DO NOTHING",
		"INSERT INTO t (a) VALUES ($1) RETURNING a",
		"INSERT INTO t (a, b) VALUES ($1, 1)",
		"INSERT INTO t (a, b) VALUES ($1)",
		"INSERT INTO t SELECT a FROM u",
		"UPDATE t SET a = a + $1 WHERE id = $2",
		"UPDATE t SET a = $1",
		"UPDATE t SET a = $1 WHERE id > $2",
		"UPDATE t SET a = $1 WHERE id = $2 AND b IS NULL",
		"UPDATE t SET id = $1 WHERE id = $2",
		"UPDATE t SET a = $1 WHERE id = $2 OR id = $3",
		"DELETE FROM t WHERE id <= $1",
		"WITH x AS (SELECT 1) SELECT * FROM x",
		"SELECT a FROM t",
		"SELECT a FROM t ORDER BY a DESC LIMIT 1",
		"SELECT a FROM t JOIN u ON u.a = t.a WHERE id = $1",
		"SELECT a FROM t, u WHERE id = $1",
		"SELECT t.a FROM t AS v WHERE id = $1",
		"SELECT a FROM t WHERE id = $1 OR b = $2",
		"SELECT a FROM t WHERE id = $1 AND b IN (SELECT b FROM u)",
		"SELECT a FROM t WHERE id = $1 UNION SELECT a FROM u",
		"SELECT a FROM t WHERE id = $1 + 1",
		"SELECT a FROM t WHERE id >= $1",
		"",
	};
	struct shape s;

	(void)state;
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
		shape_read(other[i], &s);
		if (s.kind != SHAPE_OTHER)
			fail_msg("%s", other[i]);
	}
}

static void a_query_of_one_table_names_its_keys(void **state)
{
	struct shape s;

	(void)state;
	shape_read("SELECT a, b FROM t WHERE id = $1 AND kind = $2 ORDER BY a", &s);
	assert_int_equal(s.kind, SHAPE_SELECT);
	assert_true(word_is(s.table, "t"));
	assert_int_equal(s.keys, 2);
	assert_true(s.whole);
	/* What is asked besides leaves the key a key, but rows may come and go that have it. */
	shape_read("SELECT a FROM t WHERE id = $1 AND (b IS NULL OR b >= $2) LIMIT 1", &s);
	assert_int_equal(s.kind, SHAPE_SELECT);
	assert_int_equal(s.keys, 1);
	assert_false(s.whole);
	shape_read("SELECT sum(a) FROM t WHERE id = $1", &s);
	assert_int_equal(s.kind, SHAPE_SELECT);
	assert_false(s.whole);
	shape_read("SELECT b AS id FROM t WHERE id = $1", &s);
	assert_false(s.whole);
}

static void a_range_has_two_ends(void **state)
{
	struct shape s;

	(void)state;
	shape_read("SELECT a FROM t WHERE id >= $1 AND id < $2 ORDER BY id", &s);
	assert_int_equal(s.kind, SHAPE_SELECT);
	assert_int_equal(s.keys, 0);
	assert_true(word_is(s.from.name, "id"));
	assert_int_equal(s.from.parameter, 0);
	assert_int_equal(s.below, 1);
	assert_true(s.whole);
	shape_read("SELECT a FROM t WHERE id >= $1 AND other < $2", &s);
	assert_int_equal(s.kind, SHAPE_OTHER);
}

static void names_are_whole_words(void **state)
{
	(void)state;
	assert_true(shape_names("SELECT a FROM entry WHERE x = $1", (struct word){"entry", 5}));
	assert_false(shape_names("SELECT a FROM open_entry", (struct word){"entry", 5}));
	assert_false(shape_names("SELECT a FROM t WHERE kind = 'entry'", (struct word){"entry", 5}));
	assert_true(shape_writes("DELETE FROM t"));
	assert_false(shape_writes("SELECT 1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_insert_names_its_columns_and_their_parameters),
		cmocka_unit_test(what_an_insert_may_conflict_by_are_its_keys),
		cmocka_unit_test(a_plain_update_names_what_it_sets_and_its_keys),
		cmocka_unit_test(whatever_is_not_plain_is_left_alone),
		cmocka_unit_test(a_query_of_one_table_names_its_keys),
		cmocka_unit_test(a_range_has_two_ends),
		cmocka_unit_test(names_are_whole_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
