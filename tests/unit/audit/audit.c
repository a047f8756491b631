#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/plain_ledger.h"
#include "tests/lib/statement.h"
#include "tests/lib/where.h"

static void nothing_is_wrong_with_an_untouched_ledger(void **state)
{
	struct plain *p = *state;

	plain_audit(p, NULL);
	assert_int_equal(p->report.faults, 0);
	assert_int_equal(p->report.warnings, 0);
	assert_int_equal(p->report.first_wrong, 0);
	assert_int_equal(p->report.head, 20);
	assert_int_equal(p->report.transfers, 48);
	assert_int_equal(plain_result(p, "sequence")->looked, 20);
	assert_int_equal(plain_result(p, "hash")->looked, 20);
	assert_int_equal(plain_result(p, "balance")->looked, 34);
	assert_int_equal(plain_result(p, "floor")->looked, 89);
	assert_int_equal(plain_result(p, "lots")->looked, 8);
	assert_int_equal(plain_result(p, "shares")->looked, 3);
	assert_int_equal(plain_result(p, "chain")->looked, 20);
	assert_int_equal(plain_result(p, "seals")->looked, 9);
	assert_int_equal(plain_result(p, "budget")->looked, 1);
	assert_int_equal(plain_result(p, "bank")->looked, 2);
	assert_int_equal(plain_result(p, "transit")->looked, 0);
	assert_int_equal(plain_result(p, "refunds")->looked, 0);
	assert_int_equal(plain_result(p, "payments")->looked, 4);
	assert_int_equal(plain_result(p, "ties")->looked, 14);
	assert_int_equal(plain_result(p, "age")->looked, 2);
}

static void an_empty_ledger_holds(void **state)
{
	struct plain *p = plain_new();

	(void)state;
	assert_int_equal(plain_audit(p, NULL), 0);
	assert_int_equal(p->report.head, 0);
	plain_free(p);
}

static void a_check_that_does_not_exist_is_refused(void **state)
{
	struct plain *p = *state;
	struct err err = {0};

	assert_int_equal(audit_run(p->reader, "nothing", &p->report, NULL, NULL, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_string_equal(err.text, "There is no check named \"nothing\".");
	assert_int_equal(p->report.checks, 0);
}

static void every_check_has_a_name_of_its_own(void **state)
{
	size_t n = 0;

	(void)state;
	for (; audit_check_name(n) != NULL; n++) {
		assert_true(strlen(audit_check_what(n)) > 0);
		for (size_t i = 0; i < n; i++)
			assert_string_not_equal(audit_check_name(i), audit_check_name(n));
	}
	assert_int_equal(n, 20);
	assert_null(audit_check_what(n));
}

static void without_tables_the_audit_fails_and_does_not_hold(void **state)
{
	struct plain *p = *state;
	struct err err = {0};

	plain_sql(p, "DROP TABLE share");
	assert_int_equal(audit_run(p->reader, NULL, &p->report, NULL, NULL, &err), -1);
	assert_int_equal(err.code, ERR_STORAGE);
	/* The reader can be used again. */
	assert_int_equal(audit_run(p->reader, "hash", &p->report, NULL, NULL, &err), 0);
}

static void the_first_wrong_entry_is_named_first_and_all_are_counted(void **state)
{
	struct plain *p = *state;

	plain_sql(p, "UPDATE entry SET api_key = 7 WHERE seq > 2; UPDATE voucher SET head = 1");
	assert_int_equal(plain_audit(p, NULL), 18 + 3 + 3);
	assert_int_equal(p->report.first_wrong, 1);
	assert_int_equal(plain_result(p, "hash")->finding[0].seq, 3);
	assert_int_equal(plain_result(p, "hash")->finding[17].seq, 20);
}

static void more_findings_than_can_be_listed_are_counted(void **state)
{
	struct plain *p = *state;

	for (int i = 0; i < 30; i++) {
		plain_begin(p, "topup", 0);
		plain_post(p);
	}
	plain_sql(p, "UPDATE entry SET api_key = 7");
	assert_int_equal(plain_audit(p, NULL), 50);
	assert_int_equal(plain_result(p, "hash")->listed, AUDIT_LISTED_MAX);
	assert_int_equal(plain_result(p, "hash")->finding[0].seq, 1);
	assert_int_equal(plain_result(p, "hash")->finding[AUDIT_LISTED_MAX - 1].seq, AUDIT_LISTED_MAX);
}

/* What comes late may still belong to the front. */
static void the_list_keeps_the_lowest_numbers(void **state)
{
	struct plain *p = *state;

	for (int i = 0; i < 30; i++) {
		plain_begin(p, "vote", 0);
		plain_move(p, 2, 810, 2026, 811, 2026, 0, 1);
		plain_post(p);
	}
	plain_sql(p, "UPDATE budget SET ae = 1");
	plain_audit(p, "budget");
	assert_int_equal(p->report.faults, 30 + 2);
	assert_int_equal(plain_result(p, "budget")->finding[0].seq, 21);
	assert_int_equal(plain_result(p, "budget")->finding[AUDIT_LISTED_MAX - 1].seq, 20 + AUDIT_LISTED_MAX);
}

static char *printed(const struct plain *p)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	audit_print(&p->report, out);
	fclose(out);
	return text;
}

static void expect_printed(const struct plain *p, const char *part)
{
	char *text = printed(p);

	if (strstr(text, part) == NULL)
		fail_msg("not \"%s\" in:\n%s", part, text);
	free(text);
}

static void a_sound_ledger_is_printed_with_its_counts(void **state)
{
	struct plain *p = *state;

	plain_audit(p, "hash");
	expect_printed(
		p,
		"hash                20 entries            ok       every entry is what was hashed when it was "
		"booked\nThe ledger holds: 20 entries, 48 transfers.\n");
}

static void faults_are_printed_below_their_check(void **state)
{
	struct plain *p = *state;

	plain_sql(p,
		  "UPDATE voucher SET head = 19 WHERE id = 3; UPDATE entry SET transfers = 1 WHERE seq = 11");
	plain_audit(p, NULL);
	expect_printed(p, "entries            FAULT    no gap");
	expect_printed(p, "untouched\n  Entry 11 states 1 transfers, 0 are stored.\nhash ");
	expect_printed(p, "\nThe ledger does NOT hold: 3 faults, first entry concerned: 11.\n");
}

static void warnings_are_printed_as_such(void **state)
{
	struct plain *p = *state;

	plain_days(p, 16);
	plain_begin(p, "topup", 0);
	plain_post(p);
	plain_audit_sealed(p);
	expect_printed(p, "\n  warning: Account 265 of fund state");
	expect_printed(p, "\nThe ledger holds: 21 entries, 48 transfers, 1 warning.\n");
}

static void count_progress(void *arg, int64_t done, int64_t total)
{
	int64_t *last = arg;

	assert_true(done > *last && done <= total);
	*last = done;
}

static void progress_is_told_while_reading(void **state)
{
	struct plain *p = *state;
	struct err err = {0};
	int64_t last = 0;

	for (int i = 0; i < 1100; i++) {
		plain_begin(p, "topup", 0);
		plain_post(p);
	}
	assert_int_equal(audit_run(p->reader, NULL, &p->report, count_progress, &last, &err), 0);
	assert_int_equal(last, 1024);
}

static void the_amounts_have_the_currency_s_decimals(void **state)
{
	struct plain *p = *state;

	plain_sql(
		p,
		"UPDATE setting SET value = 'JPY'; UPDATE bank_statement SET closing = 56067 WHERE closed_on = 20459");
	plain_audit(p, "bank");
	assert_string_equal(
		plain_result(p, "bank")->finding[0].text,
		"Bank account BANK1 on 2026-01-06: the statement says 56067, account 110 of its funds 56066: 1 "
		"apart.");
}

/* Every cell of what is audited, one at a time: nothing can be changed unnoticed.  On a server each column of
 * every fifth row, the first and the last: a check reads all rows alike, and an audit there takes fifteen
 * times as long. */
static const struct {
	const char *table, *key, *column, *change;
} cells[] = {
	{"entry", "seq", "seq", "seq + 1000"},
	{"entry", "seq", "kind", "kind || 's'"},
	{"entry", "seq", "booked_at", "booked_at + 1"},
	{"entry", "seq", "value_date", "value_date + 1"},
	{"entry", "seq", "org", "org + 1"},
	{"entry", "seq", "api_key", "api_key + 1"},
	{"entry", "seq", "voucher", "coalesce(voucher, 0) + 1"},
	{"entry", "seq", "lot", "coalesce(lot, 0) + 1"},
	{"entry", "seq", "payment", "coalesce(payment, 0) + 1"},
	{"entry", "seq", "rule", "coalesce(rule, 0) + 1"},
	{"entry", "seq", "reason", "coalesce(reason, '') || 'x'"},
	{"entry", "seq", "reverses", "coalesce(reverses, 0) + 1"},
	{"entry", "seq", "previous", "coalesce(previous, 0) + 1"},
	{"entry", "seq", "transfers", "transfers + 1"},
	{"entry", "seq", "hash", "zeroblob(32)"},
	{"transfer", "id", "id", "id + 12"},
	{"transfer", "id", "fund", "fund + 1"},
	{"transfer", "id", "debit", "debit + 1"},
	{"transfer", "id", "debit", "debit + 4294967296"},
	{"transfer", "id", "debit_holder", "debit_holder + 1"},
	{"transfer", "id", "credit", "credit + 1"},
	{"transfer", "id", "credit_holder", "credit_holder + 1"},
	{"transfer", "id", "amount", "amount + 1"},
	{"transfer", "id", "amount", "-amount"},
	{"transfer", "id", "amount", "9223372036854775807"},
	{"transfer", "id", "lot", "coalesce(lot, 0) + 1"},
	{"transfer", "id", "lot_move", "coalesce(lot_move, 0) + 1"},
	{"transfer", "id", "lot_previous", "coalesce(lot_previous, 0) + 1"},
	{"transfer", "id", "lot_balance", "coalesce(lot_balance, 0) + 1"},
	{"account", "id", "id", "id + 4096"},
	{"account", "id", "kind", "kind + 1"},
	{"account", "id", "fund", "fund + 1"},
	{"account", "id", "holder", "holder + 4096"},
	{"account", "id", "debits", "debits + 1"},
	{"account", "id", "debits", "-9223372036854775808"},
	{"account", "id", "credits", "credits + 1"},
	{"account", "id", "moves", "moves + 1"},
	{"account", "id", "head", "coalesce(head, 0) + 1"},
	{"share", "id", "id", "id + 1600"},
	{"share", "id", "fund", "fund + 1"},
	{"share", "id", "lot", "coalesce(lot, 0) + 1"},
	{"share", "id", "amount", "amount + 1"},
	{"share", "id", "card", "card + 1"},
	{"share", "id", "advance", "advance + 1"},
	{"share", "id", "committed", "committed + 1"},
	{"share", "id", "in_training", "in_training + 1"},
	{"share", "id", "payable", "payable + 1"},
	{"share", "id", "ordered", "ordered + 1"},
	{"share", "id", "paid", "paid + 1"},
	{"voucher", "id", "id", "id + 100"},
	{"voucher", "id", "price", "price + 1"},
	{"voucher", "id", "payable", "coalesce(payable, 0) + 1"},
	{"voucher", "id", "head", "head + 1"},
};

static size_t keys_of(struct plain *p, const char *table, const char *key, int64_t *out, size_t max)
{
	char sql[PLAIN_SQL_MAX];
	size_t n = 0;

	plain_sql(p, "CREATE TABLE IF NOT EXISTS key_list (k INTEGER PRIMARY KEY); DELETE FROM key_list");
	snprintf(sql, sizeof sql, "INSERT INTO key_list SELECT %s FROM %s", key, table);
	plain_sql(p, sql);
	{
		struct err err = {0};
		struct stmt *q = db_query(p->db, "SELECT k FROM key_list ORDER BY k", NO_VALS, &err);

		while (db_step(q, &err) == 1) {
			assert_true(n < max);
			out[n++] = col_int(q, 0);
		}
	}
	return n;
}

static int is_tried(size_t row, size_t rows)
{
	return !where_server() || row % 5 == 0 || row == rows - 1;
}

static void expect_noticed(struct plain *p, const char *table, const char *column, const char *value,
			   const char *key, int64_t row)
{
	char sql[PLAIN_SQL_MAX];

	snprintf(sql, sizeof sql, "UPDATE %s SET %s = %s WHERE %s = %lld", table, column, value, key,
		 (long long)row);
	plain_sql(p, sql);
	if (plain_audit(p, NULL) == 0)
		fail_msg("not noticed: %s", sql);
	plain_restore_table(p, table);
}

static void no_cell_can_be_changed_unnoticed(void **state)
{
	struct plain *p = *state;
	int64_t key[64];

	for (size_t c = 0; c < sizeof cells / sizeof cells[0]; c++) {
		size_t n = keys_of(p, cells[c].table, cells[c].key, key, 64);

		assert_true(n > 0);
		for (size_t i = 0; i < n; i++)
			if (is_tried(i, n))
				expect_noticed(p, cells[c].table, cells[c].column, cells[c].change,
					       cells[c].key, key[i]);
	}
	assert_int_equal(plain_audit(p, NULL), 0);
}

/* The widest numbers there are: noticed too, and nothing runs over. */
static void no_number_is_too_large_to_be_judged(void **state)
{
	static const char *const widest[] = {"9223372036854775807", "-9223372036854775807 - 1"};
	struct plain *p = *state;
	int64_t key[64];

	for (size_t c = 0; c < sizeof cells / sizeof cells[0]; c++) {
		size_t n = keys_of(p, cells[c].table, cells[c].key, key, 64);

		if (strcmp(cells[c].column, "kind") == 0 || strcmp(cells[c].column, "reason") == 0 ||
		    strcmp(cells[c].column, "hash") == 0)
			continue;
		for (size_t i = 0; i < n; i += where_server() ? 25 : 5)
			for (size_t w = 0; w < 2; w++)
				expect_noticed(p, cells[c].table, cells[c].column, widest[w], cells[c].key,
					       key[i]);
	}
}

static void no_row_can_vanish_unnoticed(void **state)
{
	static const char *const table[][2] = {
		{"entry", "seq"}, {"transfer", "id"}, {"account", "id"}, {"share", "id"}, {"voucher", "id"}};
	struct plain *p = *state;
	int64_t key[64];

	for (size_t t = 0; t < sizeof table / sizeof table[0]; t++) {
		size_t n = keys_of(p, table[t][0], table[t][1], key, 64);

		for (size_t i = 0; i < n; i++) {
			char sql[PLAIN_SQL_MAX];

			snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s = %lld", table[t][0], table[t][1],
				 (long long)key[i]);
			plain_sql(p, sql);
			if (plain_audit(p, NULL) == 0)
				fail_msg("not noticed: %s", sql);
			plain_restore_table(p, table[t][0]);
		}
	}
}

/* A check that was cut short has not held. */
static void a_statement_that_fails_fails_the_audit(void **state)
{
	struct plain *p = *state;
	const char *failed = "";
	int n = 2; /* behind BEGIN */

	while (failed != NULL) {
		struct err err = {0};
		int rc;

		statement_fail_here(n);
		rc = audit_run(p->reader, NULL, &p->report, NULL, NULL, &err);
		failed = statement_failed();
		n++;
		if (failed == NULL)
			assert_int_equal(rc, 0);
		else if (rc == 0 && strncmp(failed, "SELECT code FROM fund ", 22) == 0)
			continue; /* it is told by its number, where the engine goes on behind a failure */
		else if (rc != -1 || err.code != ERR_STORAGE)
			fail_msg("%s failed: %d %s", failed, rc, err.text);
	}
	assert_true(n > 100);
}

static char *printed_beside(struct plain *p, struct db *second)
{
	struct err err = {0};

	assert_int_equal(audit_run_beside(p->reader, second, NULL, &p->report, NULL, NULL, &err), 0);
	plain_forgive_triggers(&p->report);
	return printed(p);
}

static void a_second_connection_changes_nothing_but_the_time(void **state)
{
	static const char *const damages[] = {"SELECT 1",
					      ("UPDATE account SET debits = debits + 1 WHERE id = "
					       "(SELECT max(id) FROM account)"),
					      "UPDATE entry SET kind = 'order' WHERE seq = 19",
					      ("DELETE FROM transfer WHERE id = " LINE(12, 0))};
	struct plain *p = *state;
	struct err err = {0};
	struct db *second;

	assert_int_equal(db_open(&second, p->path, DB_READ, &err), 0);
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		char *alone, *beside;

		plain_sql(p, damages[i]);
		alone = printed_beside(p, NULL);
		beside = printed_beside(p, second);
		assert_string_equal(alone, beside);
		assert_true((strstr(alone, "does NOT hold") != NULL) == (i > 0));
		free(alone);
		free(beside);
	}
	db_close(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_second_connection_changes_nothing_but_the_time),
		ON_A_STORY(a_statement_that_fails_fails_the_audit),
		ON_A_STORY(nothing_is_wrong_with_an_untouched_ledger),
		cmocka_unit_test(an_empty_ledger_holds),
		ON_A_STORY(a_check_that_does_not_exist_is_refused),
		cmocka_unit_test(every_check_has_a_name_of_its_own),
		ON_A_STORY(without_tables_the_audit_fails_and_does_not_hold),
		ON_A_STORY(the_first_wrong_entry_is_named_first_and_all_are_counted),
		ON_A_STORY(more_findings_than_can_be_listed_are_counted),
		ON_A_STORY(the_list_keeps_the_lowest_numbers),
		ON_A_STORY(a_sound_ledger_is_printed_with_its_counts),
		ON_A_STORY(faults_are_printed_below_their_check),
		ON_A_STORY(warnings_are_printed_as_such),
		ON_A_STORY(progress_is_told_while_reading),
		ON_A_STORY(the_amounts_have_the_currency_s_decimals),
		ON_A_STORY(no_cell_can_be_changed_unnoticed),
		ON_A_STORY(no_number_is_too_large_to_be_judged),
		ON_A_STORY(no_row_can_vanish_unnoticed),
	};

	return cmocka_run_group_tests_name("audit/audit", tests, NULL, NULL);
}
