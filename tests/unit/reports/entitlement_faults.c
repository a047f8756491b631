/*
 * What whoever posts the yearly rights could do, or leave undone, so that the union
 * is told that all is well: each is planted in a small branch, and the audit of the
 * entitlements names it with its cause, and nothing else.
 *
 * L1 is posted twice; the row of L2 names the entry of L1; what L3 is due is noted as lost to the cap; the
 * employer of L4 has paid 1.00; L5 has a mandate and is in no payroll file; of L6 the cap took a part, of L7
 * it took all, of L8 too, whose account is frozen; nothing is wrong with L9.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/registers/mandate.h"
#include "reports/report.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"
#include "tests/lib/sql.h"

#define REPORT_BYTES (1 << 20)
#define CELL_BYTES   80
#define EMPLOYER     "55210055400013"
#define BAD_PAYER    "82815245400033"
#define FULL_TIME    " " EMPLOYER " 2025 hours 1820.04 151.67"

enum { AGREEMENT = 0, EMPLOYER_SIRET = 3, MEMBER = 4, BASIS = 6, REFERENCE = 7, EXPECTED = 9 };

static struct scenario *s;
static struct fixture *f;

static void line(const char *text)
{
	const char *refusal = scenario_try(s, text);

	if (*refusal != '\0')
		fail_msg("%s: %s", text, f->err.text);
}

/* A line for each number: what stands before it, and after. */
static void each(const char *before, int from, int to, const char *after)
{
	for (int i = from; i <= to; i++) {
		char text[128];

		snprintf(text, sizeof text, "%s%d%s", before, i, after);
		line(text);
	}
}

static int run_sql(struct tx *tx, struct command *c, struct err *err)
{
	return db_run(tx->db, sql_kept(c->args), NO_VALS, err);
}

static void plant(const char *sql)
{
	struct actor itself = {0};

	if (fixture_run(f, &itself, run_sql, (void *)(uintptr_t)sql) != 0)
		fail_msg("%s: %s", sql, f->err.text);
}

#define LEARNER(code) "(SELECT id FROM learner WHERE code = '" code "')"
#define BRANCH        "(SELECT id FROM fund WHERE code = 'branch-all-2026')"

static int run_union(struct tx *tx, struct command *c, struct err *err)
{
	struct org o = {.roles = ROLE_BIT(ROLE_UNION)};
	struct mandate m;
	enum upsert done;

	(void)c;
	snprintf(o.code, sizeof o.code, "CFDT");
	snprintf(o.name, sizeof o.name, "A union");
	if (org_upsert(tx, &o, &done, err) != 0)
		return -1;
	assert_int_equal(mandate_give(tx, "L5", "CFDT", &m, err), 1);
	return mandate_give(tx, "L9", "CFDT", &m, err) == 1 ? 0 : -1;
}

/* What is not the poster's doing: payroll, money, eleven years. */
static void make_branch(void)
{
	struct actor itself = {0};

	assert_int_equal(fixture_run(f, &itself, run_union, NULL), 0);
	line("rules agreement_all.json");
	each("payroll L", 1, 3, FULL_TIME);
	line("payroll L4 " BAD_PAYER " 2025 hours 1820.04 151.67");
	line("payroll L6 " EMPLOYER " 2015 none 30");
	each("payroll L", 6, 8, FULL_TIME);
	line("payroll L9 " EMPLOYER " 2025 none 60");
	line("fund payment branch-all-2026 20000.00 FUNDS");
	line("fund payment branch-all-2026 1.00 828152454-2025");
}

/* The faults that have to be there before the run. */
static void plant_before(void)
{
	plant("INSERT INTO accrual (fund, period, learner, expected, credited, lost) SELECT " BRANCH
	      ", 2025, " LEARNER("L3") ", 200000, 0, 200000");
}

static void plant_after(void)
{
	plant("DELETE FROM accrual WHERE period = 2025 AND fund = " BRANCH " AND learner = " LEARNER("L1"));
	line("accrue 2025 branch-all");
}

static int set_up(void **state)
{
	(void)state;
	s = scenario_open();
	f = scenario_fixture(s);
	make_branch();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scenario_close(s);
	return 0;
}

#define WITH_BRANCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* --- the report ---------------------------------------------------------------- */

static int collect(void *ctx, const char *bytes, size_t n, struct err *err)
{
	(void)err;
	buf_add(ctx, bytes, n);
	return 0;
}

static void make(const char *name, const char *of_union, struct buf *csv)
{
	struct report_options o = {.from = day_from_civil(2025, 1, 1),
				   .to = day_from_civil(2025, 12, 31),
				   .today = ledger_today(f->l)};
	struct db *db = ledger_reader(f->l, &f->err);
	struct report_result result;

	assert_non_null(db);
	snprintf(o.union_org, sizeof o.union_org, "%s", of_union);
	buf_init(csv, REPORT_BYTES);
	if (report_stream(db, ledger_settings(f->l), report_find(name), &o, collect, csv, NULL, &result,
			  &f->err) != 0)
		fail_msg("%s", f->err.text);
	ledger_reader_back(f->l, db);
}

/* The n-th cell of a line, from 0. */
static const char *cell(const char *row, int n, char out[CELL_BYTES])
{
	while (n-- > 0)
		row = strchr(row, ';') + 1;
	snprintf(out, CELL_BYTES, "%.*s", (int)strcspn(row, ";\r"), row);
	return out;
}

/* The member's row of that agreement; NULL. */
static const char *find_row(const char *csv, const char *agreement, const char *member)
{
	for (const char *row = strchr(csv, '\n') + 1; *row != '\0'; row = strchr(row, '\n') + 1) {
		char a[CELL_BYTES], m[CELL_BYTES];

		if (strcmp(cell(row, AGREEMENT, a), agreement) == 0 &&
		    strcmp(cell(row, MEMBER, m), member) == 0)
			return row;
	}
	return NULL;
}

/* From the column expected on: "expected posted difference cause". */
static void expect(struct buf *csv, const char *agreement, const char *member, const char *wanted)
{
	const char *row = find_row(buf_text(csv), agreement, member);
	char got[4 * CELL_BYTES + 4], part[4][CELL_BYTES];

	if (row == NULL)
		fail_msg("%s has no row of %s:\n%s", member, agreement, buf_text(csv));
	for (int i = 0; i < 4; i++)
		cell(row, EXPECTED + i, part[i]);
	snprintf(got, sizeof got, "%s %s %s %s", part[0], part[1], part[2], part[3]);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s of %s: %s, not %s", member, agreement, got, wanted);
}

static void what_was_posted_is_what_the_journal_has(void **state)
{
	struct buf csv;

	(void)state;
	line("accrue 2025 branch-all");
	plant_after();
	make("entitlement-audit", "", &csv);
	expect(&csv, "branch-all", "L1", "2000.00 4000.00 2000.00 posted_twice");
	expect(&csv, "branch-all", "L2", "2000.00 2000.00 0.00 ");
	buf_free(&csv);
}

static void a_row_that_names_another_member_s_entry_is_named(void **state)
{
	struct buf csv;

	(void)state;
	plant("INSERT INTO accrual (fund, period, learner, expected, credited, lost) SELECT " BRANCH
	      ", 2025, " LEARNER("L2") ", 200000, 200000, 0");
	line("accrue 2025 branch-all");
	plant("UPDATE accrual SET seq = (SELECT a.seq FROM accrual a WHERE a.fund = " BRANCH
	      " AND a.period = 2025 AND a.learner = " LEARNER("L1") ") WHERE period = 2025 AND fund = " BRANCH
								    " AND learner = " LEARNER("L2"));
	make("entitlement-audit", "", &csv);
	expect(&csv, "branch-all", "L1", "2000.00 2000.00 0.00 ");
	expect(&csv, "branch-all", "L2", "2000.00 0.00 -2000.00 another_members_entry");
	buf_free(&csv);
}

static void the_cap_explains_what_it_took_and_nothing_else(void **state)
{
	struct buf csv;

	(void)state;
	each("accrue ", 2015, 2024, "");
	line("freeze-account L8 fraud 2026-03-31");
	line("accrue 2025");
	plant_before();
	line("accrue 2025 branch-all");
	make("entitlement-audit", "", &csv);
	expect(&csv, "branch-all", "L3", "2000.00 0.00 -2000.00 withheld");
	expect(&csv, "cpf", "L6", "500.00 350.00 -150.00 cap");
	expect(&csv, "cpf", "L7", "500.00 0.00 -500.00 cap");
	expect(&csv, "cpf", "L8", "500.00 0.00 -500.00 cap");
	buf_free(&csv);
}

static void a_part_of_the_cash_is_not_the_cash(void **state)
{
	struct buf csv;

	(void)state;
	line("accrue 2025 branch-all");
	line("clock 2026-05-04");
	make("entitlement-audit", "", &csv);
	expect(&csv, "branch-all", "L4", "2000.00 2000.00 0.00 cash_not_received");
	buf_free(&csv);
	line("fund payment branch-all-2026 1999.00 rest-828152454");
	make("entitlement-audit", "", &csv);
	expect(&csv, "branch-all", "L4", "2000.00 2000.00 0.00 ");
	buf_free(&csv);
}

/* A union sees all who gave it a mandate; others see what was posted without payroll, and learn of no
 * mandate. */
static void who_is_in_no_payroll_file_is_not_forgotten(void **state)
{
	struct buf csv;

	(void)state;
	line("accrue 2025 branch-all");
	make("entitlement-audit", "CFDT", &csv);
	expect(&csv, "branch-all", "L5", "0.00 0.00 0.00 no_payroll");
	expect(&csv, "cpf", "L5", "500.00 0.00 -500.00 no_payroll");
	expect(&csv, "branch-all", "L9", "1200.00 1200.00 0.00 ");
	buf_free(&csv);
	make("entitlement-audit", "", &csv);
	assert_null(find_row(buf_text(&csv), "branch-all", "L5"));
	assert_null(find_row(buf_text(&csv), "cpf", "L5"));
	buf_free(&csv);
	line("accrue 2025");
	make("entitlement-audit", "", &csv);
	expect(&csv, "cpf", "L5", "500.00 500.00 0.00 no_payroll");
	buf_free(&csv);
	make("entitlement-summary", "", &csv);
	assert_non_null(strstr(buf_text(&csv), "\ncpf;;1;1;500.00;500.00;0;0;\r\n"));
	buf_free(&csv);
}

static void a_rate_is_shown_of_a_hundred(void **state)
{
	struct buf csv;
	char basis[CELL_BYTES], reference[CELL_BYTES];
	const char *row;

	(void)state;
	line("accrue 2025 branch-all");
	make("entitlement-audit", "", &csv);
	row = find_row(buf_text(&csv), "branch-all", "L9");
	assert_non_null(row);
	assert_string_equal(cell(row, BASIS, basis), "60.00");
	assert_string_equal(cell(row, REFERENCE, reference), "100.00");
	buf_free(&csv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BRANCH(what_was_posted_is_what_the_journal_has),
		WITH_BRANCH(a_row_that_names_another_member_s_entry_is_named),
		WITH_BRANCH(the_cap_explains_what_it_took_and_nothing_else),
		WITH_BRANCH(a_part_of_the_cash_is_not_the_cash),
		WITH_BRANCH(who_is_in_no_payroll_file_is_not_forgotten),
		WITH_BRANCH(a_rate_is_shown_of_a_hundred),
	};

	return cmocka_run_group_tests_name("reports/entitlement_faults", tests, NULL, NULL);
}
