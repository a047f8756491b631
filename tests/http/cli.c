/*
 * The command line from outside: help, usage, and what it says where there is no
 * ledger or something else lies in its place.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/place.h"
#include "tests/lib/where.h"

#define OPERATORS_TEXT 128

static void help_lists_every_command_and_its_own_page(void **state)
{
	static const char *const commands[] = {"init",   "import", "accrue", "serve",  "timers",     "clock",
					       "key",    "period", "report", "verify", "pay",        "backup",
					       "doctor", "demo",   "rules",  "help",   "transitions"};
	struct place *p = *state;
	char usage[64];

	ILA(&p->run, "help");
	expect_done(p);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		expect_text(p->run.out, commands[i]);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		snprintf(usage, sizeof usage, "] %s", commands[i]);
		ILA(&p->run, "help", commands[i]);
		expect_done(p);
		expect_text(p->run.out, "usage: ila [--db LEDGER");
		expect_text(p->run.out, usage);
		ILA(&p->run, commands[i], "--help");
		expect_done(p);
		expect_text(p->run.out, usage);
	}
}

static void help_takes_both_words_of_a_command(void **state)
{
	struct place *p = *state;

	ILA(&p->run, "help", "fund", "refund");
	expect_done(p);
	expect_text(p->run.out, "usage: ila [--db LEDGER | --url URL] fund refund FUND --amount AMOUNT");
	assert_null(strstr(p->run.out, "fund show"));
	ILA(&p->run, "help", "fund", "luck");
	expect_usage(p, "no command 'fund luck'");
	/* One wrong word shows the usage of the command that was typed, not of its neighbours. */
	ILA(&p->run, "fund", "refund", "--luck");
	expect_usage(p, "usage: ila [--db LEDGER | --url URL] fund refund ");
	assert_null(strstr(p->run.errors, "fund show"));
	ILA(&p->run, "-h");
	expect_done(p);
	ILA(&p->run, "version");
	expect_usage(p, "ila --version");
}

static void help_shows_what_may_be_left_out_in_brackets(void **state)
{
	struct place *p = *state;

	ILA(&p->run, "help", "voucher");
	expect_done(p);
	expect_text(p->run.out,
		    "voucher order LEARNER COURSE --session-start DATE [--session-end DATE] "
		    "[--learner-payment-amount AMOUNT] [--learner-payment-reference REFERENCE] "
		    "[--use-credit-notes] [--overlap-confirmed] "
		    "[--external-reference EXTERNAL-REFERENCE] [--metadata METADATA] [--key SECRET]");
}

static void help_of_import_names_every_kind_there_is(void **state)
{
	struct place *p = *state;
	char kinds[PLACE_PATH], *rest = kinds, *kind;

	ILA_HERE(p, "import", "cats", "cats.csv");
	assert_non_null(strstr(p->run.errors, "It is one of: "));
	snprintf(kinds, sizeof kinds, "%s",
		 strstr(p->run.errors, "It is one of: ") + strlen("It is one of: "));
	kinds[strcspn(kinds, ".")] = '\0';
	ILA(&p->run, "help", "import");
	while ((kind = strsep(&rest, " ,")) != NULL)
		expect_text(p->run.out, kind);
}

static void rules_are_checked_without_a_ledger(void **state)
{
	struct place *p = *state;
	char path[PLACE_PATH], line[2 * PLACE_PATH];

	ILA(&p->run, "rules", "check", "ledger/rules/samples/cpf-2025.json",
	    "ledger/rules/samples/opleidingscheques.json");
	expect_done(p);
	expect_text(p->run.out, "programme cpf, version 2025, from 2025-01-01 to 2025-12-31, amounts in EUR");
	expect_text(p->run.out, "learner  pays 102.23 of the price");
	expect_text(p->run.out, "learner  pays 50 % of the price");
	place_file(p, "bad.json",
		   "{\"programme\": \"p\",\n\"version\": \"1\",\n\"deadlines\": {\n\"pay_days\": 1\n}}",
		   path);
	ILA(&p->run, "rules", "check", "ledger/rules/samples/cpf-2025.json", path);
	assert_int_equal(p->run.status, 1);
	snprintf(line, sizeof line, "%s:3: deadlines.withdraw_days: ", path);
	expect_text(p->run.errors, line);
	snprintf(line, sizeof line, "%s:1: funds: ", path);
	expect_text(p->run.errors, line);
	ILA(&p->run, "rules", "check", "no-such.json");
	assert_int_equal(p->run.status, 1);
	ILA(&p->run, "rules", "change", path);
	expect_usage(p, "say check");
}

/* A document with one mistake, made by replacing a part of a good one. */
static void each_mistake_in_a_rule_file_is_told_by_line_and_key(void **state)
{
	static const struct {
		const char *good, *bad, *told;
	} mistakes[] = {
		{"\"annual\": 50000", "\"annual\": 500.00", ":49: accrual.annual: "},
		{"\"annual\": 50000", "\"anual\": 50000", ":49: accrual.anual: "},
		{"\"cap\": 500000", "\"cap\": 400", ":50: accrual.cap: "},
		{"\"fund\": \"cpf-law\",\n\t\t\"annual\"", "\"fund\": \"none\",\n\t\t\"annual\"",
		 ":48: accrual.fund: "},
		{"\"valid_from\": \"2026-01-01\"", "\"valid_from\": \"2026-02-30\"", ":22: valid_from: "},
		{"\"valid_to\": \"2026-02-25\"", "\"valid_to\": \"2025-02-25\"", ":23: valid_to: "},
		{"\"nature\": \"notional\"", "\"nature\": \"money\"", ":32: funds[0].nature: "},
		{"{\"year\": 2026,", "{\"year\": 1800,", ":35: funds[0].budget[0].year: "},
		{"\"flat\": 10320", "\"flat\": -1", ":62: copay.flat: "},
		{"\"withdraw_days\": 14,", "", ":72: deadlines.withdraw_days: "},
		{"\"pay\": \"rate\"", "\"pay\": \"half\"", ":113: completion.pay_curve[1].pay: "},
		{"\"max_days\": 90,", "\"max_days\": 90, \"max_days\": 91,", ":95: column 28: "},
		{"\"pct\": 25, \"min_days\"", "\"pct\": 101, \"min_days\"", ":117: advance.pct: "},
	};
	struct place *p = *state;
	char path[PLACE_PATH], good[8192] = "", text[sizeof good + 256], line[2 * PLACE_PATH];
	FILE *sample = fopen("ledger/rules/samples/cpf-2026.json", "r");

	assert_non_null(sample);
	assert_in_range(fread(good, 1, sizeof good - 1, sample), 1024, sizeof good - 2);
	fclose(sample);
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		const char *at = strstr(good, mistakes[i].good);

		assert_non_null(at);
		snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, mistakes[i].bad,
			 at + strlen(mistakes[i].good));
		place_file(p, "bad.json", text, path);
		ILA(&p->run, "rules", "check", path);
		assert_int_equal(p->run.status, 1);
		snprintf(line, sizeof line, "%s%s", path, mistakes[i].told);
		expect_text(p->run.errors, line);
	}
}

static void version_names_program_and_engine(void **state)
{
	struct place *p = *state;

	ILA(&p->run, "--version");
	expect_done(p);
	expect_text(p->run.out, "ila ");
	expect_text(p->run.out, "SQLite");
}

/* Before any server is called: what is typed is read by every process of the machine. */
static void an_address_of_a_server_holds_no_password_and_a_good_name(void **state)
{
	struct place *p = *state;

	ILA(&p->run, "--db", "postgres://ila:hush@host/ila", "verify");
	expect_refusal(p, 2, "usage");
	expect_text(p->run.errors, "holds a password");
	assert_null(strstr(p->run.errors, "hush"));
	ILA(&p->run, "--db", "postgres:///ila?password=hush", "verify");
	expect_refusal(p, 2, "usage");
	assert_null(strstr(p->run.errors, "hush"));
	ILA(&p->run, "--db", "postgres:///ila#No-Name", "verify");
	expect_refusal(p, 2, "usage");
	expect_text(p->run.errors, "\"No-Name\" is not the name of a ledger");
}

static void wrong_usage_exits_2_and_makes_nothing(void **state)
{
	struct place *p = *state;

	ILA(&p->run, "frobnicate");
	expect_usage(p, "no command 'frobnicate'");
	program_run(&p->run, (const char *const[]){NULL});
	expect_usage(p, "usage:");
	ILA(&p->run, "--nonsense", "init");
	expect_usage(p, "--nonsense");
	ILA(&p->run, "--db");
	expect_usage(p, "needs a value");
	ILA_HERE(p, "init", "--fast");
	expect_usage(p, "unknown option --fast");
	ILA_HERE(p, "init", "--now", "soon", "--sandbox");
	expect_usage(p, "'soon'");
	ILA_HERE(p, "init", "other.db");
	expect_usage(p, "other.db");
	ILA_HERE(p, "import", "learners");
	expect_usage(p, "FILE");
	ILA_HERE(p, "import", "cats", "cats.csv");
	expect_usage(p, "no import of kind 'cats'");
	ILA_HERE(p, "accrue", "cpf", "year");
	expect_usage(p, "'year' is not a year");
	ILA_HERE(p, "report", "poetry");
	expect_usage(p, "no report 'poetry'");
	ILA_HERE(p, "report", "trial-balance", "--from", "2026-13-01");
	expect_usage(p, "2026-13-01");
	ILA_HERE(p, "key", "create", "--org", "X", "--role", "king");
	expect_usage(p, "no role 'king'");
	ILA_HERE(p, "pay", "confirm", "x");
	expect_usage(p, "--amount, --bank-reference are missing");
	ILA_HERE(p, "verify", "luck");
	expect_usage(p, "no check 'luck'");
	assert_int_not_equal(access(p->db, F_OK), 0);
}

/* anna is whoever runs this. */
static char *two_operators(char out[OPERATORS_TEXT])
{
	const struct passwd *user = getpwuid(getuid());

	assert_non_null(user);
	snprintf(out, OPERATORS_TEXT, "anna=%s,Ben", user->pw_name);
	return out;
}

static void a_real_ledger_has_no_clock_to_set(void **state)
{
	char operators[OPERATORS_TEXT];
	struct place *p = *state;

	ILA_HERE(p, "init", "--operators", "anna,ben", "--now", "2026-01-05T08:00:00Z");
	assert_int_equal(p->run.status, 2);
	expect_text(p->run.errors, "sandbox");
	assert_int_not_equal(access(p->db, F_OK), 0);
	ILA_HERE(p, "init", "--operators", two_operators(operators));
	expect_done(p);
	ILA_HERE(p, "clock", "--advance-to", "2099-01-01T00:00:00Z");
	expect_refusal(p, 1, "not_sandbox");
}

static void a_ledger_begins_with_two_persons(void **state)
{
	char operators[OPERATORS_TEXT];
	struct place *p = *state;

	ILA_HERE(p, "init");
	expect_usage(p, "name the first two persons");
	ILA_HERE(p, "init", "--operators", "anna");
	expect_usage(p, "does not name two persons");
	ILA_HERE(p, "init", "--operators", "anna,Anna");
	expect_usage(p, "does not name two persons");
	ILA_HERE(p, "init", "--operators", "anna,ben,carl");
	expect_usage(p, "does not name two persons");
	assert_int_not_equal(access(p->db, F_OK), 0);
	ILA_HERE(p, "init", "--operators", two_operators(operators), "--authority", "FC");
	expect_done(p);
	expect_text(p->run.out, "its first two persons are anna and Ben, operators of FC");
	ILA_HERE(p, "role", "list");
	expect_text(p->run.out, "anna is operator of FC");
	expect_text(p->run.out, "ben is operator of FC");
	ILA_HERE(p, "operators", "carl,dora");
	expect_refusal(p, 1, "exists");
	/* Each gets a first key, and nothing more is made by nobody. */
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "operator", "--principal", "anna");
	expect_done(p);
	expect_text(p->run.errors, "the secret above is shown this once");
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "operator", "--principal", "anna");
	expect_done(p);
	expect_text(p->run.errors, "another operator is shown the rest");
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "operator", "--principal", "carl");
	expect_refusal(p, 1, "unknown_reference");
}

static void an_unknown_currency_is_refused_and_nothing_is_made(void **state)
{
	struct place *p = *state;

	ILA_HERE(p, "init", "--operators", "anna,ben", "--currency", "DOUBLOON");
	assert_int_equal(p->run.status, 1);
	expect_text(p->run.errors, "DOUBLOON");
	assert_int_not_equal(access(p->db, F_OK), 0);
}

static void a_ledger_counts_its_days_in_the_zone_it_was_made_with(void **state)
{
	struct place *p = *state;

	ILA_HERE(p, "init", "--operators", "anna,ben", "--zone", "Mars/Olympus");
	assert_int_equal(p->run.status, 1);
	expect_text(p->run.errors, "\"Mars/Olympus\" is not known to this system");
	ILA_HERE(p, "init", "--operators", "anna,ben", "--zone", "../../etc/passwd");
	assert_int_equal(p->run.status, 1);
	assert_int_not_equal(access(p->db, F_OK), 0);
	ILA_HERE(p, "init", "--zone", "Asia/Singapore", "--currency", "SGD", "--sandbox", "--now",
		 "2026-01-05T18:00:00Z");
	expect_done(p);
	expect_text(p->run.out, "in SGD, its days counted in Asia/Singapore");
	ILA_HERE(p, "clock");
	expect_text(p->run.out, "2026-01-06");
	expect_text(p->run.out, "Asia/Singapore");
	ILA_HERE(p, "doctor");
	expect_text(p->run.out, "zone Asia/Singapore");
}

static void without_the_tz_database_a_ledger_is_not_opened_and_it_is_said_why(void **state)
{
	struct place *p = *state;

	setenv("TZDIR", p->folder, 1);
	ILA_HERE(p, "verify");
	unsetenv("TZDIR");
	assert_int_equal(p->run.status, 4);
	expect_text(p->run.errors, "zone_data");
	expect_text(p->run.errors, "\"Europe/Paris\", which this system does not know");
	setenv("TZDIR", "/nowhere", 1);
	ILA_HERE(p, "verify");
	unsetenv("TZDIR");
	assert_int_equal(p->run.status, 4);
	expect_text(p->run.errors, "Install the package tzdata");
	ILA_HERE(p, "verify");
	expect_done(p);
}

static void init_never_overwrites(void **state)
{
	struct place *p = *state;
	struct stat before, after;

	ILA_HERE(p, "init", "--operators", "anna,ben");
	expect_refusal(p, 1, "exists");
	WHERE_FILES("there is no file to look at");
	assert_int_equal(stat(p->db, &before), 0);
	ILA_HERE(p, "init", "--operators", "anna,ben");
	expect_refusal(p, 1, "exists");
	assert_int_equal(stat(p->db, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
}

static void without_a_ledger_every_command_exits_4(void **state)
{
	static const char *const commands[][3] = {{"verify"},         {"timers"},
						  {"clock"},          {"doctor"},
						  {"key", "list"},    {"period", "list"},
						  {"backup", "x.db"}, {"pay", "order"},
						  {"serve"},          {"report", "trial-balance"}};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		const char *const args[] = {"--db", p->db, commands[i][0], commands[i][1], NULL};

		program_run(&p->run, args);
		expect_refusal(p, 4, "no_ledger");
		expect_text(p->run.errors, p->db);
	}
}

static void a_file_that_is_no_ledger_is_left_alone(void **state)
{
	struct place *p = *state;
	char other[PLACE_PATH], key[PLACE_PATH];

	place_file(p, "notes.txt", "dear diary\n", other);
	place_file(p, "notes.txt.key", "0123456789abcdef0123456789abcdef", key);
	ILA(&p->run, "--db", other, "verify");
	expect_refusal(p, 4, "ila verify: failed");
	ILA(&p->run, "--db", other, "timers");
	expect_refusal(p, 4, "ila timers: failed");
}

static void the_transition_table_is_printed_whole(void **state)
{
	static const char *const labels[] = {"T6",  "T10", "T12", "T15", "T16", "T17",
					     "T18", "T22", "T23", "T24", "T25"};
	struct place *p = *state;

	ILA(&p->run, "transitions");
	expect_done(p);
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
		expect_text(p->run.out, labels[i]);
}

static void output_that_cannot_be_written_is_a_failure(void **state)
{
	struct place *p = *state;
	char command[PLACE_PATH];

	(void)p;
	snprintf(command, sizeof command, "%s help >/dev/full 2>/dev/null", getenv("ILA_BIN"));
	assert_int_equal(WEXITSTATUS(system(command)), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(help_lists_every_command_and_its_own_page),
		IN_A_FOLDER(help_takes_both_words_of_a_command),
		IN_A_FOLDER(help_shows_what_may_be_left_out_in_brackets),
		IN_A_FOLDER(help_of_import_names_every_kind_there_is),
		IN_A_FOLDER(rules_are_checked_without_a_ledger),
		IN_A_FOLDER(each_mistake_in_a_rule_file_is_told_by_line_and_key),
		IN_A_FOLDER(version_names_program_and_engine),
		IN_A_FOLDER(an_address_of_a_server_holds_no_password_and_a_good_name),
		IN_A_FOLDER(wrong_usage_exits_2_and_makes_nothing),
		IN_A_FOLDER(a_ledger_begins_with_two_persons),
		IN_A_FOLDER(a_real_ledger_has_no_clock_to_set),
		IN_A_FOLDER(an_unknown_currency_is_refused_and_nothing_is_made),
		IN_A_FOLDER(a_ledger_counts_its_days_in_the_zone_it_was_made_with),
		ON_A_LEDGER(without_the_tz_database_a_ledger_is_not_opened_and_it_is_said_why),
		ON_A_LEDGER(init_never_overwrites),
		IN_A_FOLDER(without_a_ledger_every_command_exits_4),
		IN_A_FOLDER(a_file_that_is_no_ledger_is_left_alone),
		IN_A_FOLDER(the_transition_table_is_printed_whole),
		IN_A_FOLDER(output_that_cannot_be_written_is_a_failure),
	};

	return cmocka_run_group_tests_name("http/cli", tests, NULL, NULL);
}
