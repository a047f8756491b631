/*
 * The configuration from outside: options, environment, file; which of them counts, and what is
 * said of a slip.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/config/config.h"
#include "tests/lib/place.h"

/* The line of `ila config` for that setting. */
static void expect_set(const struct place *p, const char *name, const char *value, const char *where)
{
	char begins[64], line[1024];
	const char *at;

	snprintf(begins, sizeof begins, "\n%s ", name);
	at = strstr(p->run.out, begins);
	if (at == NULL)
		fail_msg("%s is not listed: %s", name, p->run.out);
	snprintf(line, sizeof line, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
	expect_text(line, value);
	expect_text(line, where);
}

static void an_option_is_stronger_than_the_environment_and_that_than_the_file(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH], where[2 * PLACE_PATH];

	place_file(
		p, "ila.ini",
		"; a comment\n[serve]\nper-address = 7\nidle-seconds = 7\n\nrequest-seconds = 7 ; another\n",
		file);
	setenv("ILA_PER_ADDRESS", "8", 1);
	setenv("ILA_IDLE_SECONDS", "8", 1);
	ILA(&p->run, "--config", file, "config", "--per-address", "9");
	expect_done(p);
	expect_set(p, "per-address", " 9 ", "--per-address");
	expect_set(p, "idle-seconds", " 8 ", "$ILA_IDLE_SECONDS");
	snprintf(where, sizeof where, "%s:6: request-seconds", file);
	expect_set(p, "request-seconds", " 7 ", where);
	expect_set(p, "listen", "127.0.0.1:8080", "the fallback");
	setenv("ILA_CONFIG", file, 1);
	unsetenv("ILA_PER_ADDRESS");
	setenv("ILA_IDLE_SECONDS", "", 1); /* an unset variable of a script */
	ILA(&p->run, "config");
	unsetenv("ILA_CONFIG");
	unsetenv("ILA_IDLE_SECONDS");
	expect_set(p, "per-address", " 7 ", file);
	expect_set(p, "idle-seconds", " 7 ", file);
}

static void every_setting_is_listed_and_no_secret_shown(void **state)
{
	struct place *p = *state;

	program_run_as(&p->run, "ila_test_hush", (const char *const[]){"config", NULL});
	expect_done(p);
	expect_set(p, "key", "********", "$ILA_KEY");
	assert_null(strstr(p->run.out, "hush"));
	for (int id = 1; id < CONFIG_COUNT; id++)
		expect_set(p, config_setting((enum config_id)id)->name, "", "");
	ILA(&p->run, "--db", "other.db", "config", "--ledger", "a=x.db", "--ledger", "b=y.db");
	expect_text(p->run.out, "a=x.db");
	expect_text(p->run.out, "b=y.db");
}

static void a_slip_in_the_file_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *told;
	} slips[] = {
		{"[serve]\nlisten = 127.0.0.1:1\n\nlisten-on = 3\n",
		 ":4: there is no setting \"listen-on\" in [serve]"},
		{"[server]\nlisten = 127.0.0.1:1\n", ":2: there is no setting \"listen\" in [server]"},
		{"[ila]\nlisten = 127.0.0.1:1\n", ":2: there is no setting \"listen\" in [ila]"},
		{"[serve]\nper-address = many\n", ":2: per-address: It takes 1 to 4096, not \"many\""},
		{"[serve]\nper-address = 5000\n", ":2: per-address: It takes 1 to 4096, not \"5000\""},
		{"log-level = chatty\n", ":1: log-level: It takes info|warn|error, not \"chatty\""},
		{"[serve]\nname = a\nname = b\n", ":3: \"name\" is set on line 2 already"},
		{"[serve]\nlisten\n", ":2: this is neither [SECTION] nor KEY = VALUE"},
		{"[ila]\nkey = ila_live_x\n", ":2: everybody may read this file"},
	};
	struct place *p = *state;
	char file[PLACE_PATH], told[2 * PLACE_PATH], longer[512];

	for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
		place_file(p, "ila.ini", slips[i].text, file);
		chmod(file, 0644);
		ILA(&p->run, "--config", file, "config");
		assert_int_equal(p->run.status, 2);
		snprintf(told, sizeof told, "%s%s", file, slips[i].told);
		expect_text(p->run.errors, told);
		assert_int_equal(p->run.out[0], '\0');
	}
	snprintf(longer, sizeof longer, "[serve]\nname = %0300d\n", 0);
	place_file(p, "ila.ini", longer, file);
	ILA(&p->run, "--config", file, "config");
	assert_int_equal(p->run.status, 2);
	snprintf(told, sizeof told, "%s:2: the line is too long", file);
	expect_text(p->run.errors, told);
	ILA(&p->run, "--config", "nowhere.ini", "config");
	assert_int_equal(p->run.status, 2);
	expect_text(p->run.errors, "nowhere.ini cannot be read");
}

static void a_slip_elsewhere_is_refused_by_its_name(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH], told[2 * PLACE_PATH];

	setenv("ILA_IDLE_SECONDS", "soon", 1);
	ILA_HERE(p, "verify");
	unsetenv("ILA_IDLE_SECONDS");
	assert_int_equal(p->run.status, 2);
	expect_text(p->run.errors, "$ILA_IDLE_SECONDS: It takes 1 to 3600, not \"soon\"");
	ILA_HERE(p, "serve", "--idle-seconds", "0");
	expect_usage(p, "--idle-seconds: It takes 1 to 3600, not \"0\"");
	/* What the type does not show is refused by whoever uses it, by its source all the same. */
	place_file(p, "ila.ini", "[serve]\nlisten = 8080\n", file);
	ILA(&p->run, "--config", file, "--db", p->db, "serve");
	assert_int_equal(p->run.status, 2);
	snprintf(told, sizeof told, "%s:2: listen takes HOST:PORT, not \"8080\"", file);
	expect_text(p->run.errors, told);
}

static void the_sample_says_what_holds_anyway(void **state)
{
	static char sample[PROGRAM_OUTPUT_MAX], opened[PROGRAM_OUTPUT_MAX];
	struct place *p = *state;
	char file[PLACE_PATH];
	size_t n = 0;

	ILA(&p->run, "config", "--sample");
	expect_done(p);
	snprintf(sample, sizeof sample, "%s", p->run.out);
	place_file(p, "ila.ini", sample, file);
	ILA(&p->run, "--config", file, "config");
	expect_done(p);
	assert_null(strstr(p->run.out, file));
	/* Also when somebody takes all the semicolons away. */
	for (const char *at = sample; *at != '\0'; at++)
		if (*at != ';' || at[-1] != '\n')
			opened[n++] = *at;
	place_file(p, "ila.ini", opened, file);
	ILA(&p->run, "--config", file, "config");
	expect_done(p);
	expect_set(p, "listen", "127.0.0.1:8080", file);
	expect_set(p, "name", " - ", "the fallback");
}

static void where_the_secret_lies_can_be_said_in_the_file(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH], secret[PLACE_PATH], text[2 * PLACE_PATH], other[PLACE_PATH], kept[PLACE_PATH];

	/* It would count for more. */
	snprintf(kept, sizeof kept, "%s", getenv("ILA_SECRET_FILE") != NULL ? getenv("ILA_SECRET_FILE") : "");
	unsetenv("ILA_SECRET_FILE");
	snprintf(text, sizeof text, "db = %s\nsecret-file = %s\n", place_path(p, "elsewhere.db", other),
		 place_path(p, "the.secret", secret));
	place_file(p, "ila.ini", text, file);
	ILA(&p->run, "--config", file, "init", "--sandbox");
	expect_done(p);
	expect_text(p->run.out, secret);
	assert_int_equal(access(secret, R_OK), 0);
	ILA(&p->run, "--config", file, "timers");
	expect_done(p);
	ILA(&p->run, "--db", other, "timers");
	expect_refusal(p, 4, "secret");
	if (kept[0] != '\0')
		assert_int_equal(setenv("ILA_SECRET_FILE", kept, 1), 0);
}

static void a_ledger_and_a_server_named_in_one_file_are_each_taken_for_its_own(void **state)
{
	struct place *p = *state;
	char address[PROGRAM_ADDRESS_MAX], orgs[PLACE_PATH], file[PLACE_PATH], text[2 * PLACE_PATH];
	char key[PLACE_SECRET];
	pid_t server;

	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nFC;Authority;operator;;\n", orgs);
	ILA_HERE(p, "import", "organisations", orgs);
	expect_done(p);
	place_key(p, "FC", "operator", key);
	server = program_serve(p->db, address);
	snprintf(text, sizeof text, "db = %s\nurl = %s\nkey = %s\n", p->db, address, key);
	place_file(p, "ila.ini", text, file);
	chmod(file, 0600);
	/* Through the server, under the key: the ledger is held. */
	ILA(&p->run, "--config", file, "person", "add", "zoe", "--organisation", "FC");
	expect_done(p);
	/* Beside it. */
	ILA(&p->run, "--config", file, "doctor");
	expect_done(p);
	expect_text(p->run.out, p->db);
	/* An option is stronger than either. */
	ILA(&p->run, "--config", file, "--db", p->db, "person", "add", "yves", "--organisation", "FC");
	expect_refusal(p, 4, "locked");
	assert_int_equal(program_stop(server), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(an_option_is_stronger_than_the_environment_and_that_than_the_file),
		IN_A_FOLDER(every_setting_is_listed_and_no_secret_shown),
		IN_A_FOLDER(a_slip_in_the_file_is_refused_with_its_line),
		ON_A_LEDGER(a_slip_elsewhere_is_refused_by_its_name),
		IN_A_FOLDER(the_sample_says_what_holds_anyway),
		IN_A_FOLDER(where_the_secret_lies_can_be_said_in_the_file),
		ON_A_LEDGER(a_ledger_and_a_server_named_in_one_file_are_each_taken_for_its_own),
	};

	return cmocka_run_group_tests_name("http/config", tests, NULL, NULL);
}
