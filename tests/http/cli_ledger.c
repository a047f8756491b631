/*
 * The command line on a ledger: exit statuses, the words of refusals, and that a
 * refusal leaves the ledger as it was.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/store/db.h"
#include "tests/lib/place.h"
#include "tests/lib/where.h"

static void a_bad_file_is_refused_line_by_line(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH], where[PLACE_PATH];

	place_file(p, "orgs.csv",
		   "code;name;roles;siret;iban\nGOOD;A good row;funder;;\n"
		   "BAD;One digit wrong;funder;99900011000019;\nNAMELESS;;funder;;\n",
		   file);
	ILA_HERE(p, "import", "organisations", file);
	expect_refusal(p, 1, "2 of the 3 rows");
	snprintf(where, sizeof where, "%.400s:3: siret: ", file);
	expect_text(p->run.errors, where);
	snprintf(where, sizeof where, "%.400s:4: name: ", file);
	expect_text(p->run.errors, where);
	ILA_HERE(p, "key", "create", "--org", "GOOD", "--role", "funder");
	expect_refusal(p, 1, "no organisation GOOD");
	ILA_HERE(p, "import", "--skip-bad", "organisations", file);
	expect_done(p);
	expect_text(p->run.out, "1 created");
	expect_text(p->run.out, "orgs.csv.rejected.csv");
	ILA_HERE(p, "key", "create", "--org", "GOOD", "--role", "funder");
	expect_done(p);
}

static void a_dry_run_changes_nothing_and_the_same_file_twice_neither(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH];

	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nFC;Authority;funder;;\n", file);
	ILA_HERE(p, "import", "--dry-run", "organisations", file);
	expect_done(p);
	expect_text(p->run.out, "1 created");
	expect_text(p->run.out, "nothing was saved");
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "funder");
	assert_int_equal(p->run.status, 1);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	expect_text(p->run.out, "nothing to do");
}

static void a_file_that_is_missing_or_of_another_kind_is_refused(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH];

	ILA_HERE(p, "import", "learners", place_path(p, "nowhere.csv", file));
	expect_refusal(p, 1, "nowhere.csv");
	place_file(p, "cats.csv", "name;colour\nTom;grey\n", file);
	ILA_HERE(p, "import", "learners", file);
	expect_refusal(p, 1, "cats.csv");
}

static void where_no_row_is_good_none_is_to_be_kept(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH];

	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nA B;One;funder;;\n", file);
	ILA_HERE(p, "import", "organisations", file);
	expect_refusal(p, 1, "The only row is refused. Fix it. Nothing was changed.");
	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nA B;One;funder;;\nC D;Two;funder;;\n", file);
	ILA_HERE(p, "import", "organisations", file);
	expect_refusal(p, 1, "All rows are refused. Fix them. Nothing was changed.");
	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nAB;One;funder;;\nC D;Two;funder;;\n", file);
	ILA_HERE(p, "import", "organisations", file);
	expect_refusal(p, 1, "1 of the 2 rows are refused. Fix them, or keep the good ones with --skip-bad");
}

static void of_several_files_those_before_the_refused_one_are_done(void **state)
{
	struct place *p = *state;
	char good[PLACE_PATH], bad[PLACE_PATH];

	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nFC;Authority;funder;;\n", good);
	place_file(p, "cats.csv", "name;colour\nTom;grey\n", bad);
	ILA_HERE(p, "import", "--dry-run", "organisations", good, bad);
	expect_refusal(p, 1, "Nothing was changed.");
	ILA_HERE(p, "import", "organisations", bad, good);
	expect_refusal(p, 1, "Nothing was changed.");
	ILA_HERE(p, "import", "organisations", good, bad);
	expect_refusal(p, 1, "What was done before stays.\n  The files named before it are done.\n");
	ILA_HERE(p, "import", "organisations", good);
	expect_done(p);
	expect_text(p->run.out, "nothing to do");
}

static void a_key_is_shown_once_and_can_be_revoked_once(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH], secret[PLACE_SECRET];

	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nFC;Authority;funder|auditor;;\n", file);
	ILA_HERE(p, "import", "organisations", file);
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "accountant");
	expect_refusal(p, 1, "role_not_held");
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "auditor", "--principal", "anna");
	expect_done(p);
	snprintf(secret, sizeof secret, "%.*s", (int)strcspn(p->run.out, "\n"), p->run.out);
	assert_string_equal(p->run.out + strlen(secret), "\n"); /* the secret alone */
	assert_memory_equal(secret, "ila_test_", 9);
	ILA_HERE(p, "key", "list");
	expect_text(p->run.out, "anna");
	expect_text(p->run.out, "in force");
	assert_null(strstr(p->run.out, secret));
	ILA_HERE(p, "key", "revoke", "1");
	expect_done(p);
	ILA_HERE(p, "key", "list");
	expect_text(p->run.out, "revoked");
	ILA_HERE(p, "key", "revoke", "77");
	expect_refusal(p, 1, "not_found");
	ILA_HERE(p, "pay", "order", "--key", secret);
	expect_refusal(p, 1, "unauthenticated");
	ILA_HERE(p, "pay", "order");
	expect_refusal(p, 1, "unauthenticated");
}

static void a_payment_run_without_invoices_orders_nothing_and_unknown_payments_are_refused(void **state)
{
	static const char payment[] = "01890000-0000-7000-8000-000000000000";
	struct place *p = *state;
	char file[PLACE_PATH], secret[PLACE_SECRET];

	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nOP;Operator;authoriser|accountant;;\n", file);
	ILA_HERE(p, "import", "organisations", file);
	place_key(p, "OP", "authoriser", secret);
	ILA_HERE(p, "pay", "order", "--key", secret);
	expect_done(p);
	expect_text(p->run.out, "nothing is billed that can be paid now");
	ILA_HERE(p, "pay", "order", "--key", secret, "--provider", "NOBODY");
	expect_refusal(p, 1, "unknown_reference");
	place_key(p, "OP", "accountant", secret);
	ILA_HERE(p, "pay", "confirm", payment, "--amount", "1.00", "--bank-reference", "B1", "--key", secret);
	expect_refusal(p, 1, "not_found");
	ILA_HERE(p, "pay", "confirm", payment, "--amount", "1.001", "--bank-reference", "B1", "--key",
		 secret);
	expect_refusal(p, 1, "'1.001' is not an amount");
}

static void whoever_moves_money_on_the_file_names_a_person(void **state)
{
	struct place *p = *state;

	ILA_HERE(p, "contribute", "P1", "--kind", "payment", "--fund", "acme-2026", "--amount", "1.00",
		 "--value-date", "2026-01-05");
	expect_refusal(p, 1, "unauthenticated");
	ILA_HERE(p, "reverse", "contribution", "P1", "--reason", "wrong");
	expect_refusal(p, 1, "unauthenticated");
}

static void a_report_of_a_bad_period_is_refused(void **state)
{
	struct place *p = *state;
	char out[PLACE_PATH];

	place_path(p, "reports", out);
	ILA_HERE(p, "report", "fc-quarterly", "--out", out);
	assert_int_equal(p->run.status, 1);
	expect_text(p->run.errors, "report_period");
	ILA_HERE(p, "report", "fc-quarterly", "--from", "2026-03-31", "--to", "2026-01-01", "--out", out);
	assert_int_equal(p->run.status, 1);
	expect_text(p->run.errors, "report_period");
	ILA_HERE(p, "report", "fc-quarterly", "--from", "2026-01-01", "--to", "2026-03-31", "--fund",
		 "nothing", "--out", out);
	assert_int_equal(p->run.status, 1);
	place_path(p, "reports/fc-quarterly.csv", out);
	assert_int_not_equal(access(out, F_OK), 0);
}

/* Registers keep no history: what shows them is named, and the rest is made. */
static void all_reports_as_of_an_entry_are_those_that_can_be_made(void **state)
{
	struct place *p = *state;
	char out[PLACE_PATH], file[PLACE_PATH];

	place_file(p, "orgs.csv", "code;name;roles\nFC;Authority;funder\n", file);
	ILA_HERE(p, "import", "organisations", file);
	place_file(p, "more.csv", "code;name;roles\nFD;Another;funder\n", file);
	ILA_HERE(p, "import", "organisations", file);
	place_path(p, "reports", out);
	ILA_HERE(p, "report", "all", "--from", "2026-01-01", "--to", "2026-01-05", "--as-of", "1", "--out",
		 out);
	expect_done(p);
	expect_text(p->run.out, "trial-balance.csv: 0 rows, as of entry 1");
	expect_text(p->run.out,
		    "entitlement-audit: not made. The report entitlement-audit shows the registers as they "
		    "are now: it cannot be made as of an earlier entry.");
	expect_text(p->run.out, "recoveries: not made.");
	ILA_HERE(p, "report", "all", "--from", "2026-01-05", "--to", "2026-01-01", "--as-of", "1", "--out",
		 out);
	assert_int_equal(p->run.status, 1);
	ILA_HERE(p, "report", "recoveries", "--as-of", "1", "--out", out);
	assert_int_equal(p->run.status, 1);
}

static void a_report_says_which_days_it_covers(void **state)
{
	struct place *p = *state;
	char out[PLACE_PATH], file[PLACE_PATH];

	place_file(p, "orgs.csv", "code;name;roles\nFC;Authority;funder\n", file);
	ILA_HERE(p, "import", "organisations", file);
	place_path(p, "reports", out);
	ILA_HERE(p, "report", "fc-quarterly", "--from", "2026-01-03", "--to", "2026-01-05", "--out", out);
	expect_done(p);
	expect_text(p->run.out, "covers 2026-01-01 to 2026-03-31");
	ILA_HERE(p, "report", "trial-balance", "--from", "2026-01-03", "--to", "2026-01-05", "--out", out);
	expect_done(p);
	assert_null(strstr(p->run.out, "covers"));
}

/* 0, or -1 as the server refuses it. */
static int tell_server(const char *url, const char *sql, struct err *err)
{
	struct db *db;
	int rc;

	assert_int_equal(db_open(&db, url, DB_BESIDE, err), 0);
	rc = db_script(db, sql, err);
	db_close(db);
	return rc;
}

static void the_role_that_made_a_ledger_may_not_change_its_journal(void **state)
{
	static const char *const changes[] = {
		"UPDATE entry SET seq = seq",  "DELETE FROM entry",    "TRUNCATE entry",
		"UPDATE transfer SET id = id", "DELETE FROM transfer", "TRUNCATE transfer",
		"UPDATE period SET seq = seq", "DELETE FROM period",   "TRUNCATE period",
		"DELETE FROM account",         "TRUNCATE account"};
	struct place *p = *state;
	char url[PLACE_PATH], plain[PLACE_PATH], file[PLACE_PATH];
	struct err err = {0};

	WHERE_SERVER("a file has no roles");
	where_ledger(p->folder, "plain.db", url, sizeof url);
	snprintf(p->db, sizeof p->db, "%s", where_plain(url, plain, sizeof plain));
	ILA_HERE(p, "init", "--sandbox");
	expect_done(p);
	place_file(p, "orgs.csv", "code;name;roles\nFC;Authority;operator\n", file);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		assert_int_equal(tell_server(plain, changes[i], &err), -1);
		expect_text(err.text, "permission denied");
	}
	ILA_HERE(p, "doctor");
	expect_done(p);
	assert_null(strstr(p->run.out, "may change the rows of the journal"));
	snprintf(p->db, sizeof p->db, "%s", url);
	ILA_HERE(p, "doctor");
	expect_text(p->run.out, "WARNING   The role postgres may change the rows of the journal");
	ILA_HERE(p, "verify");
	expect_done(p);
}

static void a_log_that_was_left_behind_is_told(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH];

	WHERE_FILES("the log lies beside the file");
	place_file(p, "test.db-wal", "what a killed process wrote last", file);
	place_file(p, "orgs.csv", "code;name;roles\nFC;Authority;operator\n", file);
	ILA_HERE(p, "doctor");
	expect_done(p);
	expect_text(p->run.out, "test.db-wal was left by a process that did not end well");
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	ILA_HERE(p, "doctor");
	assert_null(strstr(p->run.out, "did not end well"));
}

static void a_file_that_is_no_ledger_is_called_so(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH];

	WHERE_FILES("the file is another one");
	place_file(p, "test.db",
		   "This is a letter, and not a ledger: it is longer than the hundred bytes with which every "
		   "database begins, and none of them is right.\n",
		   file);
	ILA_HERE(p, "verify");
	expect_refusal(p, 4, "is not an ila ledger, or it is damaged");
	expect_text(p->run.errors, "test.db-wal and the -shm file beside it");
}

static void a_period_closes_once_and_only_when_it_is_past(void **state)
{
	struct place *p = *state;

	ILA_HERE(p, "period", "list");
	expect_text(p->run.out, "no period is closed");
	ILA_HERE(p, "period", "close", "2026-12-31");
	expect_refusal(p, 1, "too_early");
	ILA_HERE(p, "period", "close", "2025-12-31");
	expect_done(p);
	ILA_HERE(p, "period", "close", "2025-12-31");
	expect_refusal(p, 1, "period_closed");
	ILA_HERE(p, "period", "list");
	expect_text(p->run.out, "through 2025-12-31");
}

static void a_sandbox_clock_only_goes_forward(void **state)
{
	struct place *p = *state;

	ILA_HERE(p, "clock");
	expect_text(p->run.out, "2026-01-05T08:00:00");
	ILA_HERE(p, "clock", "--advance-to", "2026-02-01T08:00:00Z");
	expect_done(p);
	ILA_HERE(p, "clock", "--advance-to", "2026-01-05T08:00:00Z");
	expect_refusal(p, 1, "field_invalid");
	ILA_HERE(p, "clock");
	expect_text(p->run.out, "2026-02-01T08:00:00");
	ILA_HERE(p, "timers");
	expect_text(p->run.out, "0 executed");
}

static void while_the_server_holds_the_ledger_writing_is_refused_and_reading_is_not(void **state)
{
	struct place *p = *state;
	char address[PROGRAM_ADDRESS_MAX], copy[PLACE_PATH];
	pid_t server = program_serve(p->db, address);

	ILA_HERE(p, "period", "close", "2025-12-31");
	expect_refusal(p, 4, "locked");
	expect_text(p->run.errors, "The server (or another ila) holds");
	expect_text(p->run.errors, "use its API");
	if (!where_server()) {
		snprintf(copy, sizeof copy, "%.400s.lock", p->db);
		assert_int_equal(unlink(copy), 0);
		ILA_HERE(p, "period", "close", "2025-12-31");
		expect_refusal(p, 4, "locked");
		/* On a server it would stand by. */
		ILA_HERE(p, "serve", "--listen", "127.0.0.1:0");
		assert_int_equal(p->run.status, 4);
	}
	ILA_HERE(p, "period", "list");
	expect_text(p->run.out, "no period is closed");
	ILA_HERE(p, "doctor");
	if (!where_server()) {
		expect_text(p->run.out, "held by process");
		ILA_HERE(p, "backup", place_path(p, "copy.db", copy));
		expect_done(p);
	}
	assert_int_equal(program_stop(server), 0);
	ILA_HERE(p, "period", "close", "2025-12-31");
	expect_done(p);
	if (where_server())
		return;
	ILA_HERE(p, "backup", copy);
	expect_refusal(p, 1, "exists");
}

/* The kind of an entry, changed in the file itself, past all guards of the engine. */
static void damage(const char *db)
{
	unsigned char page[4096];
	int fd = open(db, O_RDWR | O_CLOEXEC);
	static const char word[] = "fund_payment";
	off_t at = 0;
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = pread(fd, page, sizeof page, at)) == (ssize_t)sizeof page) {
		unsigned char *found = memmem(page, sizeof page, word, sizeof word - 1);

		if (found != NULL) {
			assert_int_equal(pwrite(fd, "fund_paymenx", sizeof word - 1, at + (found - page)),
					 (ssize_t)sizeof word - 1);
			close(fd);
			return;
		}
		at += n;
	}
	fail_msg("%s", "no entry to damage");
}

/* What verify prints as its head, and the same with another number or digit. */
static void read_head(struct place *p, char head[128])
{
	const char *at = strstr(p->run.out, "Head: ");

	assert_non_null(at);
	snprintf(head, 128, "%.*s", (int)strcspn(at + 6, "\n"), at + 6);
}

static void a_head_that_was_written_down_proves_the_journal(void **state)
{
	struct place *p = *state;
	char head[128], wrong[160], file[PLACE_PATH];
	char *hash;

	place_file(p, "orgs.csv", "code;name;roles\nFC2;Authority;funder\n", file);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	ILA_HERE(p, "verify");
	expect_done(p);
	read_head(p, head);
	hash = strchr(head, ':') + 1;
	place_file(p, "more.csv", "code;name;roles\nACME2;Acme;funder\n", file);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	ILA_HERE(p, "verify", "--head", head);
	expect_done(p);
	expect_text(p->run.out, "is the one that was written down; 3 were appended since.");
	/* As it was printed, quoted or not. */
	snprintf(wrong, sizeof wrong, "Head: %s", head);
	ILA_HERE(p, "verify", "--head", wrong);
	expect_done(p);
	ILA_HERE(p, "verify", "--head", "Head:", head);
	expect_done(p);
	snprintf(wrong, sizeof wrong, "99:%s", hash);
	ILA_HERE(p, "verify", "--head", wrong);
	assert_int_equal(p->run.status, 3);
	expect_text(p->run.out, "The journal was CUT OFF: it ends at entry ");
	*hash = *hash == '0' ? '1' : '0';
	ILA_HERE(p, "verify", "--head", head);
	assert_int_equal(p->run.status, 3);
	expect_text(p->run.out, "The journal was CHANGED: the hash of entry ");
	ILA_HERE(p, "verify", "--head", "1:abc");
	assert_int_equal(p->run.status, 2);
	ILA_HERE(p, "verify", "--head", "none");
	assert_int_equal(p->run.status, 2);
}

static void verify_passes_on_a_sound_ledger_and_exits_3_on_a_damaged_one(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH];

	WHERE_FILES("the damage is done to the file");
	ILA_HERE(p, "verify");
	expect_done(p);
	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nACME;Employer;funder;;\n", file);
	ILA_HERE(p, "import", "organisations", file);
	place_file(
		p, "acme.json",
		"{\"programme\":\"acme\",\"version\":\"2026\",\"title\":\"Top-ups\",\"account\":\"cpf\","
		"\"valid_from\":\"2026-01-01\",\"valid_to\":\"2026-12-31\",\"currency\":\"EUR\","
		"\"time_zone\":\"Europe/Paris\",\"calendar\":\"FR\",\"funds\":[{\"fund\":\"acme\",\"funder\":\"ACME\","
		"\"class\":\"employer\",\"nature\":\"cash\",\"unspent\":\"funder\",\"bank_account\":\"BANK\"}]}",
		file);
	ILA_HERE(p, "import", "programmes", file);
	expect_done(p);
	place_file(p, "money.csv",
		   "reference;kind;fund;amount_eur;value_date\nM1;payment;acme;100.00;2026-01-05\n", file);
	ILA_HERE(p, "import", "contributions", file);
	expect_done(p);
	ILA_HERE(p, "doctor");
	expect_text(p->run.out, "15 entries"); /* five of init; organisation, fund, rule, payment; two words
						  for each of three files */
	ILA_HERE(p, "verify");
	expect_done(p);
	damage(p->db);
	ILA_HERE(p, "verify");
	assert_int_equal(p->run.status, 3);
	expect_text(p->run.out, ", was changed: its hash");
}

/* 32 bytes, none of which any ledger was made with. */
static void other_secret(const struct place *p)
{
	char key[PLACE_PATH];

	place_file(p, "test.db.key", "0123456789abcdef0123456789abcdef", key);
}

static void a_wrong_master_secret_is_named_and_nothing_is_written_with_it(void **state)
{
	struct place *p = *state;
	char key[PLACE_PATH];

	WHERE_FILES("the secret lies beside the file");
	other_secret(p);
	ILA_HERE(p, "timers");
	expect_refusal(p, 4, "secret_wrong");
	expect_text(p->run.errors, "test.db.key is not the secret this ledger was made with");
	ILA_HERE(p, "serve", "--listen", "127.0.0.1:0");
	expect_refusal(p, 4, "secret_wrong");
	ILA_HERE(p, "verify");
	assert_int_equal(p->run.status, 3);
	expect_text(p->run.out, "test.db.key is NOT this ledger's");
	ILA_HERE(p, "doctor");
	expect_done(p);
	expect_text(p->run.out, "that is not the master secret of this ledger");
	place_file(p, "test.db.key", "short", key);
	ILA_HERE(p, "verify");
	assert_int_equal(p->run.status, 3);
	/* A copy lies without it. */
	assert_int_equal(unlink(key), 0);
	ILA_HERE(p, "verify");
	expect_done(p);
	ILA_HERE(p, "timers");
	expect_refusal(p, 4, "no_ledger");
}

/* Ledgers made before there was a check value get one from the secret they are opened with. */
static void an_older_ledger_gets_its_check_value(void **state)
{
	struct place *p = *state;
	struct err err = {0};
	struct db *db;

	WHERE_FILES("the secret lies beside the file");
	assert_int_equal(db_open(&db, p->db, DB_WRITE, &err), 0);
	assert_int_equal(db_run(db, "DELETE FROM setting WHERE name = 'secret'", NO_VALS, &err), 0);
	db_close(db);
	ILA_HERE(p, "verify");
	expect_done(p);
	ILA_HERE(p, "timers");
	expect_done(p);
	other_secret(p);
	ILA_HERE(p, "timers");
	expect_refusal(p, 4, "secret_wrong");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_LEDGER(a_bad_file_is_refused_line_by_line),
		ON_A_LEDGER(a_dry_run_changes_nothing_and_the_same_file_twice_neither),
		ON_A_LEDGER(a_file_that_is_missing_or_of_another_kind_is_refused),
		ON_A_LEDGER(where_no_row_is_good_none_is_to_be_kept),
		ON_A_LEDGER(of_several_files_those_before_the_refused_one_are_done),
		ON_A_LEDGER(a_key_is_shown_once_and_can_be_revoked_once),
		ON_A_LEDGER(a_payment_run_without_invoices_orders_nothing_and_unknown_payments_are_refused),
		ON_A_LEDGER(whoever_moves_money_on_the_file_names_a_person),
		ON_A_LEDGER(a_report_of_a_bad_period_is_refused),
		ON_A_LEDGER(all_reports_as_of_an_entry_are_those_that_can_be_made),
		ON_A_LEDGER(a_report_says_which_days_it_covers),
		IN_A_FOLDER(the_role_that_made_a_ledger_may_not_change_its_journal),
		ON_A_LEDGER(a_log_that_was_left_behind_is_told),
		ON_A_LEDGER(a_file_that_is_no_ledger_is_called_so),
		ON_A_LEDGER(a_period_closes_once_and_only_when_it_is_past),
		ON_A_LEDGER(a_sandbox_clock_only_goes_forward),
		ON_A_LEDGER(while_the_server_holds_the_ledger_writing_is_refused_and_reading_is_not),
		ON_A_LEDGER(a_wrong_master_secret_is_named_and_nothing_is_written_with_it),
		ON_A_LEDGER(an_older_ledger_gets_its_check_value),
		ON_A_LEDGER(a_head_that_was_written_down_proves_the_journal),
		ON_A_LEDGER(verify_passes_on_a_sound_ledger_and_exits_3_on_a_damaged_one),
	};

	return cmocka_run_group_tests_name("http/cli_ledger", tests, NULL, NULL);
}
