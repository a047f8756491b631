#include "tests/unit/intake/intake_fixture.h"

static const char head[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\n";

/* One statement of CDC-CPF with one line that comes to the closing balance, or does not. */
static void add_statement(char *text, size_t size, const char *id, int number, const char *opening,
			  const char *amount, const char *closing, const char *day)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n,
		 "<Stmt><Id>%s</Id><ElctrncSeqNb>%d</ElctrncSeqNb>"
		 "<Acct><Id><IBAN>FR8530003000340000026924634</IBAN></Id></Acct>"
		 "<Bal><Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">%s</Amt>"
		 "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>"
		 "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">%s</Amt>"
		 "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>"
		 "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
		 "<BookgDt><Dt>%s</Dt></BookgDt></Ntry></Stmt>\n",
		 id, number, opening, day, closing, day, amount, day);
}

static const char *write_statements(struct fixture *f, const char *name, char *text, size_t size)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "</BkToCstmrStmt></Document>\n");
	return fixture_file(f, name, text, strlen(text));
}

#define STATEMENT(f, name, ...)                                                                              \
	__extension__({                                                                                      \
		static char file_text_[8192];                                                                \
		strcpy(file_text_, head);                                                                    \
		add_statement(file_text_, sizeof file_text_, __VA_ARGS__);                                   \
		write_statements(f, name, file_text_, sizeof file_text_);                                    \
	})

static void assert_not(struct fixture *f, const char *path, enum err_code code, const char *words)
{
	char before[SHA256_HEX], after[SHA256_HEX];

	fixture_digest(f, before);
	assert_int_equal(fixture_import(f, "bank", path), -1);
	fixture_digest(f, after);
	assert_string_equal(before, after);
	assert_int_equal(f->err.code, code);
	if (strstr(f->err.text, words) == NULL)
		fail_msg("%s", f->err.text);
}

static void accounts(struct fixture *f)
{
	must_import(f, "bank_accounts", DATA "bank_accounts.csv");
}

static void a_statement_of_the_bank_becomes_lines(void **state)
{
	struct fixture *f = *state;

	accounts(f);
	must_import(f, "bank", DATA "statement.xml");
	assert_cell(
		f,
		"SELECT account || ' ' || reference || ' ' || number || ' ' || opening || ' ' || closing || ' ' "
		"|| lines FROM bank_statement",
		"CDC-CPF STMT-2026-1 1 0 60048760 4");
	/* A batch with its amounts is a line for each; what is not booked yet is none. */
	assert_cell(f, "SELECT count(*) FROM bank_line", "4");
	assert_cell(
		f,
		"SELECT amount || ' ' || end_to_end || ' ' || batch || ' ' || reference FROM bank_line WHERE "
		"line = 3",
		"-20000 0198c0de000070008000000000000002 RUN-1 BNK-2");
	/* Both days are kept; names are not. */
	assert_cell(
		f,
		"SELECT (booked_on - value_on) || ' ' || label || ' ' || coalesce(end_to_end, 'none') FROM "
		"bank_line WHERE line = 1",
		"1 CALL-2026-1 none");
	assert_cell(f, "SELECT count(*) FROM bank_line WHERE waiting = amount", "4");
}

static void rows_of_a_table_become_lines(void **state)
{
	struct fixture *f = *state;

	must_import(f, "bank", DATA "bank_lines.csv");
	assert_counts(f, 3, 3, 0, 0);
	assert_cell(f,
		    "SELECT opening || ' ' || closing || ' ' || lines FROM bank_statement WHERE number = 1",
		    "0 24998760 2");
	assert_cell(f,
		    "SELECT opening || ' ' || closing || ' ' || lines FROM bank_statement WHERE number = 2",
		    "24998760 24968760 1");
}

static void the_same_statement_twice_changes_nothing(void **state)
{
	static const char again[] = "bank_account;statement;line;booked_on;amount_eur;balance_eur\n"
				    "BZH-FORMATION;1;2;2026-02-27;-12.40;249987.60\n";
	static const char other[] = "bank_account;statement;line;booked_on;amount_eur;balance_eur\n"
				    "BZH-FORMATION;1;2;2026-02-27;-12.50;249987.50\n";
	static const char late[] = "bank_account;statement;line;booked_on;amount_eur;balance_eur\n"
				   "BZH-FORMATION;1;3;2026-02-28;1.00;249988.60\n";
	char before[SHA256_HEX], after[SHA256_HEX];
	struct fixture *f = *state;

	accounts(f);
	must_import(f, "bank", STATEMENT(f, "1.xml", "S1", 1, "0.00", "10.00", "10.00", "2026-02-20"));
	must_import(f, "bank", STATEMENT(f, "1b.xml", "S1", 1, "0.00", "10.00", "10.0", "2026-02-20"));
	assert_counts(f, 1, 0, 0, 1);
	assert_not(f, STATEMENT(f, "1c.xml", "S1", 1, "0.00", "11.00", "11.00", "2026-02-20"),
		   ERR_STATEMENT_KNOWN, "was imported before with other balances");
	must_import(f, "bank", DATA "bank_lines.csv");
	must_import(f, "bank", fixture_file(f, "again.csv", again, sizeof again - 1));
	assert_counts(f, 1, 0, 0, 1);
	fixture_digest(f, before);
	must_import(f, "bank", DATA "bank_lines.csv");
	fixture_digest(f, after);
	assert_string_equal(before, after);
	assert_not(f, fixture_file(f, "other.csv", other, sizeof other - 1), ERR_STATEMENT_KNOWN,
		   "another line");
	assert_not(f, fixture_file(f, "late.csv", late, sizeof late - 1), ERR_STATEMENT_KNOWN,
		   "others came after it");
}

static void a_statement_that_does_not_add_up_is_refused(void **state)
{
	static const char rows[] =
		"bank_account;statement;line;booked_on;amount_eur;balance_eur\n"
		"BZH-FORMATION;1;1;2026-02-26;100.00;100.00\nBZH-FORMATION;1;2;2026-02-26;1.00;102.00\n";
	struct fixture *f = *state;

	accounts(f);
	assert_not(f, STATEMENT(f, "1.xml", "S1", 1, "0.00", "10.00", "10.01", "2026-02-20"),
		   ERR_STATEMENT_SUM, "come to 10.00, its closing balance is 10.01");
	assert_not(f, fixture_file(f, "rows.csv", rows, sizeof rows - 1), ERR_STATEMENT_SUM,
		   ":3: balance_eur: 100.00 before it and its amount do not come to 102.00");
}

static void statements_follow_each_other_and_gaps_are_named(void **state)
{
	struct fixture *f = *state;

	accounts(f);
	must_import(f, "bank", STATEMENT(f, "4.xml", "S4", 4, "0.00", "10.00", "10.00", "2026-02-20"));
	assert_not(
		f, STATEMENT(f, "8.xml", "S8", 8, "15.00", "5.00", "20.00", "2026-02-24"), ERR_STATEMENT_GAP,
		"Statement S8 of bank account CDC-CPF opens with 15.00, and statement S4 of 2026-02-20 closed "
		"with 10.00. Statements 5 to 7 are missing.");
	assert_not(f, STATEMENT(f, "5.xml", "S5", 5, "15.00", "5.00", "20.00", "2026-02-24"),
		   ERR_STATEMENT_GAP, "Import what lies between first.");
	assert_not(f, STATEMENT(f, "3.xml", "S3", 3, "0.00", "10.00", "10.00", "2026-02-19"),
		   ERR_STATEMENT_GAP, "is older than statement S4 of 2026-02-20");
	assert_not(f, STATEMENT(f, "9.xml", "S9", 9, "10.00", "1.00", "11.00", "2026-03-03"),
		   ERR_FIELD_INVALID, "still to come");
	must_import(f, "bank", STATEMENT(f, "5b.xml", "S5", 5, "10.00", "5.00", "15.00", "2026-02-24"));
}

static void a_balance_alone_and_a_statement_agree(void **state)
{
	static const char balance[] = "bank_account;stated_on;balance_eur\nCDC-CPF;2026-02-20;11.00\n";
	static const char replaced[] =
		"bank_account;stated_on;balance_eur;replaces_eur\nCDC-CPF;2026-02-20;10.00;11.00\n";
	static const char wrong[] =
		"bank_account;stated_on;balance_eur;replaces_eur\nCDC-CPF;2026-02-21;9.00;12.00\n";
	struct fixture *f = *state;

	accounts(f);
	must_import(f, "bank", fixture_file(f, "balance.csv", balance, sizeof balance - 1));
	assert_not(f, STATEMENT(f, "1.xml", "S1", 1, "0.00", "10.00", "10.00", "2026-02-20"),
		   ERR_BALANCE_KNOWN, "the balance recorded for that day is 11.00");
	must_import(f, "bank", fixture_file(f, "replaced.csv", replaced, sizeof replaced - 1));
	must_import(f, "bank", STATEMENT(f, "1.xml", "S1", 1, "0.00", "10.00", "10.00", "2026-02-20"));
	must_import(f, "bank", STATEMENT(f, "2.xml", "S2", 2, "10.00", "2.00", "12.00", "2026-02-21"));
	assert_not(f, fixture_file(f, "wrong.csv", wrong, sizeof wrong - 1), ERR_BALANCE_KNOWN,
		   "with which statement S2 closes");
}

static void a_file_that_is_no_statement_is_refused(void **state)
{
	static const char old[] = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"/>\n";
	static const char none[] =
		"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\n<BkToCstmrStmt/></Document>\n";
	struct fixture *f = *state;

	assert_not(f, fixture_file(f, "old.xml", old, sizeof old - 1), ERR_MALFORMED,
		   ":1: Document: the file is not a statement camt.053.001.08 but "
		   "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02");
	assert_not(f, fixture_file(f, "none.xml", none, sizeof none - 1), ERR_MALFORMED,
		   "holds no statement");
	assert_not(f, DATA "statement.xml", ERR_UNKNOWN_REFERENCE,
		   "an account ****4634 that is not registered");
}

static void an_account_keeps_its_iban(void **state)
{
	static const char other[] =
		"bank_account;iban;holder\nCDC-CPF;FR5430003000310000024548931;Caisse de financement\n";
	static const char twice[] =
		"bank_account;iban;holder\nCDC-2;FR5430003000310000024548931;Caisse de financement\n";
	static const char name[] =
		"bank_account;iban;holder;bic\nCDC-CPF;FR8530003000340000026924634;Caisse;BDFEFRPPCCT\n";
	static const char bic[] =
		"bank_account;iban;holder;bic\nCDC-CPF;FR8530003000340000026924634;Caisse;BDF\n";
	struct fixture *f = *state;

	accounts(f);
	accounts(f);
	assert_true(f->result.already_imported);
	assert_int_equal(
		fixture_import(f, "bank_accounts", fixture_file(f, "o.csv", other, sizeof other - 1)), -1);
	assert_int_equal(f->err.code, ERR_BANK_ACCOUNT_KNOWN);
	assert_int_equal(
		fixture_import(f, "bank_accounts", fixture_file(f, "t.csv", twice, sizeof twice - 1)), -1);
	assert_int_equal(f->err.code, ERR_BANK_ACCOUNT_KNOWN);
	assert_int_equal(fixture_import(f, "bank_accounts", fixture_file(f, "b.csv", bic, sizeof bic - 1)),
			 -1);
	assert_int_equal(f->err.code, ERR_FIELD_INVALID);
	must_import(f, "bank_accounts", fixture_file(f, "n.csv", name, sizeof name - 1));
	assert_counts(f, 1, 0, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_statement_of_the_bank_becomes_lines, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(rows_of_a_table_become_lines, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(the_same_statement_twice_changes_nothing, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_statement_that_does_not_add_up_is_refused, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(statements_follow_each_other_and_gaps_are_named, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_balance_alone_and_a_statement_agree, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_file_that_is_no_statement_is_refused, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(an_account_keeps_its_iban, fixture_open, fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_statements", tests, NULL, NULL);
}
