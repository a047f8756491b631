#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/audit/audit.h"
#include "tests/lib/fixture.h"
#include "tests/lib/where.h"

static struct fixture f;
static const char *change;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&f);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static void make_change(struct tx *tx, struct err *err)
{
	if (db_script(tx->db, change, err) != 0)
		fail_msg("%s", err->text);
}

/* After that change verify finds this and nothing else; NULL: nothing. */
static void expect(const char *sql, const char *finding)
{
	static struct audit_report report;
	struct db *db;

	change = sql;
	fixture_direct(&f, make_change);
	db = ledger_reader(f.l, &f.err);
	assert_non_null(db);
	assert_int_equal(audit_run(db, NULL, &report, NULL, NULL, &f.err), 0);
	ledger_reader_back(f.l, db);
	if (report.faults != (finding != NULL)) {
		audit_print(&report, stdout);
		fail();
	}
	for (size_t i = 0; finding != NULL && i < report.checks; i++)
		if (report.check[i].faults > 0)
			assert_string_equal(report.check[i].finding[0].text, finding);
}

static void a_ledger_as_it_is_made_holds(void **state)
{
	(void)state;
	expect("SELECT 1;", NULL);
}

static void a_trigger_that_is_gone_is_named(void **state)
{
	(void)state;
	expect(where_server() ? "DROP TRIGGER entry_no_update ON entry;" : "DROP TRIGGER entry_no_update;",
	       "The trigger entry_no_update is missing.");
}

static void a_trigger_that_lets_everything_pass_is_named(void **state)
{
	(void)state;
	expect(where_server()
		       ? "DROP TRIGGER entry_no_update ON entry;"
			 "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry FOR EACH STATEMENT WHEN (false) "
			 "EXECUTE FUNCTION refuse('');"
		       : "DROP TRIGGER entry_no_update;"
			 "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT 1; END;",
	       "The trigger entry_no_update is not as this program makes it.");
}

static void a_trigger_that_does_something_else_is_named(void **state)
{
	(void)state;
	expect(where_server()
		       ? "CREATE TRIGGER mine AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION refuse('');"
		       : "CREATE TRIGGER mine AFTER INSERT ON payment BEGIN UPDATE payment SET iban = 'X'; END;",
	       "The trigger mine is not one of this program's.");
}

static void an_index_that_is_gone_is_named(void **state)
{
	(void)state;
	expect("DROP INDEX lot_learner;", "The index lot_learner is missing.");
}

/* What somebody keeps beside the ledger's tables is that person's. */
static void another_table_is_none_of_ours(void **state)
{
	(void)state;
	expect("CREATE TABLE notes (id INTEGER PRIMARY KEY);", NULL);
}

#define ON_A_LEDGER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_LEDGER(a_ledger_as_it_is_made_holds),
		ON_A_LEDGER(a_trigger_that_is_gone_is_named),
		ON_A_LEDGER(a_trigger_that_lets_everything_pass_is_named),
		ON_A_LEDGER(a_trigger_that_does_something_else_is_named),
		ON_A_LEDGER(an_index_that_is_gone_is_named),
		ON_A_LEDGER(another_table_is_none_of_ours),
	};

	return cmocka_run_group_tests_name("audit/check_engine", tests, NULL, NULL);
}
