/*
 * Every action through its three doors: on the ledger's file, through a server
 * (ila --url), and over HTTP.  Three ledgers made alike go through the same steps;
 * what is done, what is refused and what is said must be the same.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/actions/action.h"
#include "ledger/book/journal.h"
#include "tests/lib/place.h"
#include "tests/lib/served.h"

#define TEXT_MAX 16384

enum { ON_FILE, BY_URL, BY_HTTP, DOORS };

static struct served ledger[DOORS];
static struct program_run ran[2];
static struct buf answer;

struct step {
	enum role role;          /* whose key; ROLE_NONE: on the file none, elsewhere the operator's */
	const char *action;      /* its name */
	const char *words;       /* of the command line */
	const char *path, *body; /* of the request; body NULL: GET */
	const char *code;        /* of the refusal, NULL: it is done */
	const char *said;        /* part of what is printed, or of the refusal */
};

static const struct step steps[] = {
	{ROLE_NONE, "clock", "clock", "/v1/ledger", NULL, NULL,
	 "business day 2026-01-05, Europe/Paris, sandbox"},
	{ROLE_NONE, "timers", "timers", "/v1/timers", "{}", NULL, "0 executed"},
	{ROLE_PORTAL, "timers", "timers --key KEY", "/v1/timers", "{}", "forbidden", "may not do this"},
	/* accruals */
	{ROLE_NONE, "accrue", "accrue cpf 2030", "/v1/accruals", "{\"programme\":\"cpf\",\"period\":2030}",
	 "too_early", "2030"},
	{ROLE_NONE, "accrue", "accrue none 2025", "/v1/accruals", "{\"programme\":\"none\",\"period\":2025}",
	 "no_rule", "none"},
	{ROLE_NONE, "accrue", "accrue cpf 2025", "/v1/accruals", "{\"programme\":\"cpf\",\"period\":2025}",
	 NULL, "0 credited, 0.00 EUR in all"},
	/* keys */
	{ROLE_NONE, "key create", "key create --org FC --role auditor --principal anna", "/v1/keys",
	 "{\"org\":\"FC\",\"role\":\"auditor\",\"principal\":\"anna\"}", NULL, "ila_test_"},
	{ROLE_NONE, "key create", "key create --org NOBODY --role auditor", "/v1/keys",
	 "{\"org\":\"NOBODY\",\"role\":\"auditor\"}", "unknown_reference", "no organisation 'NOBODY'"},
	{ROLE_NONE, "key create", "key create --org PORTAL --role auditor", "/v1/keys",
	 "{\"org\":\"PORTAL\",\"role\":\"auditor\"}", "forbidden", "PORTAL"},
	{ROLE_NONE, "key list", "key list", "/v1/keys", NULL, NULL, "anna"},
	{ROLE_NONE, "key revoke", "key revoke 1000", "/v1/keys/1000/revoke", "{}", "not_found", "key"},
	{ROLE_NONE, "key revoke", "key revoke 11", "/v1/keys/11/revoke", "{}", NULL, "key 11 is revoked"},
	/* periods */
	{ROLE_NONE, "period list", "period list", "/v1/periods", NULL, NULL, "no period is closed"},
	{ROLE_NONE, "period close", "period close 2026-12-31", "/v1/periods",
	 "{\"closed_through\":\"2026-12-31\"}", "too_early", "2026-12-31 is not past"},
	{ROLE_NONE, "period close", "period close 2025-12-31", "/v1/periods",
	 "{\"closed_through\":\"2025-12-31\"}", NULL, "closed through 2025-12-31"},
	{ROLE_NONE, "period list", "period list", "/v1/periods", NULL, NULL, "through 2025-12-31"},
	/* reversals */
	{ROLE_NONE, "reverse", "reverse topup NONE --reason wrong_amount", "/v1/reversals",
	 "{\"kind\":\"topup\",\"reference\":\"NONE\",\"reason\":\"wrong_amount\"}", "unknown_reference",
	 "NONE"},
	{ROLE_ACCOUNTANT, "reverse", "reverse contribution START-acme-2026 --reason wrong_amount --key KEY",
	 "/v1/reversals",
	 "{\"kind\":\"contribution\",\"reference\":\"START-acme-2026\",\"reason\":\"wrong_amount\"}", NULL,
	 "START-acme-2026 is taken back by entry"},
	/* payments */
	{ROLE_AUTHORISER, "pay order", "pay order", "/v1/payments", "{}", NULL,
	 "ordered 0.00 EUR: nothing is billed that can be paid now"},
	{ROLE_ACCOUNTANT, "pay order", "pay order", "/v1/payments", "{}", "forbidden", "may not do this"},
	{ROLE_AUTHORISER, "pay order", "pay order --provider NOBODY", "/v1/payments",
	 "{\"provider\":\"NOBODY\"}", "unknown_reference", "no provider NOBODY"},
	{ROLE_ACCOUNTANT, "pay confirm",
	 "pay confirm 01890000-0000-7000-8000-000000000000 --amount 1.00 --bank-reference B1",
	 "/v1/payments/01890000-0000-7000-8000-000000000000/confirm",
	 "{\"amount\":100,\"bank_reference\":\"B1\"}", "not_found", "no such payment"},
	/* the clock, and the end of a year */
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026", "/v1/year-ends", "{\"year\":2026}", "too_early",
	 "2026"},
	{ROLE_NONE, "clock --confirm", "clock --confirm", "/v1/clock/confirm", "{}", "usage", "by hand"},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2025-01-01T00:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2025-01-01T00:00:00Z\"}", "field_invalid", "never goes back"},
	{ROLE_NONE, "clock --advance-to", "clock --advance-to 2027-01-04T08:00:00Z", "/v1/sandbox/clock",
	 "{\"advance_to\":\"2027-01-04T08:00:00Z\"}", NULL, "fell due on the way"},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026 --reserve 1.00", "/v1/year-ends",
	 "{\"year\":2026,\"reserve\":100}", "field_missing", "in one fund: name it"},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026 --fund cpf-law --reserve 1234.56", "/v1/year-ends",
	 "{\"year\":2026,\"fund\":\"cpf-law\",\"reserve\":123456}", NULL, "reserve 1,234.56 EUR"},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026", "/v1/year-ends", "{\"year\":2026}", NULL, "carried"},
	{ROLE_ACCOUNTANT, "year-end", "year-end 2026", "/v1/year-ends", "{\"year\":2026}", "conflict",
	 "2026"},
};

#define STEPS (sizeof steps / sizeof steps[0])

/* --- what differs by chance -------------------------------------------------------- */

/* Ids, codes and keys are drawn by lot: each becomes a sign. */
static void mask(const char *text, char out[TEXT_MAX])
{
	size_t n = 0;

	while (*text != '\0' && n + 2 < TEXT_MAX) {
		size_t word = strspn(text, "0123456789abcdefABCDEF-");
		size_t key = strncmp(text, "ila_test_", 9) == 0 ? strcspn(text, "\" \n") : 0;

		if (key > 0 || (word == 36 && text[8] == '-' && text[13] == '-')) {
			out[n++] = '#';
			text += key > 0 ? key : word;
		} else if (word > 0) {
			memcpy(out + n, text, n + word < TEXT_MAX ? word : 0);
			n += word;
			text += word;
		} else {
			out[n++] = *text++;
		}
	}
	out[n] = '\0';
}

static void assert_alike(const struct step *s, const char *what, const char *a, const char *b)
{
	static char one[TEXT_MAX], other[TEXT_MAX];

	mask(a, one);
	mask(b, other);
	if (strcmp(one, other) != 0)
		fail_msg("%s: %s differs:\n--- on the file\n%s--- by the other door\n%s", s->words, what, one,
			 other);
}

/* --- the doors ------------------------------------------------------------------------ */

static const char *key_of(int door, enum role role)
{
	return ledger[door].key[role];
}

/* ila with these words; KEY stands for the key. */
static void run_words(int door, const struct step *s)
{
	enum role role = s->role != ROLE_NONE ? s->role : ROLE_OPERATOR;
	const char *args[24] = {door == BY_URL ? "--url" : "--db",
				door == BY_URL ? ledger[door].address : ledger[door].f.path};
	char words[512], *rest = words, *word;
	size_t n = 2;

	snprintf(words, sizeof words, "%s", s->words);
	while ((word = strsep(&rest, " ")) != NULL)
		args[n++] = strcmp(word, "KEY") == 0 ? key_of(door, role) : word;
	args[n] = NULL;
	/* On the file nobody's key is needed for what the ledger itself does. */
	program_run_as(&ran[door], s->role == ROLE_NONE && door == ON_FILE ? NULL : key_of(door, role), args);
}

static int run_http(const struct step *s)
{
	enum role role = s->role != ROLE_NONE ? s->role : ROLE_OPERATOR;

	return served_call(&ledger[BY_HTTP], NULL,
			   &(struct call){.key = key_of(BY_HTTP, role),
					  .method = s->body != NULL ? "POST" : "GET",
					  .path = s->path,
					  .body = s->body},
			   &answer);
}

/* Again, with what the answer says, until it is finished: as the command does by itself. */
static int run_http_through(const struct step *s)
{
	int status = run_http(s);

	while (status < 300 && strstr(buf_text(&answer), "\"finished\":false") != NULL) {
		char after[32], body[512];
		struct step next = *s;

		json_member(&answer, "after", after, sizeof after);
		snprintf(body, sizeof body, "%.*s%s\"after\":%s}", (int)strlen(s->body) - 1, s->body,
			 strlen(s->body) > 2 ? "," : "", after);
		next.body = body;
		status = run_http(&next);
	}
	return status;
}

static void check_refused(const struct step *s, int status)
{
	char code[64], detail[2048];

	if (ran[ON_FILE].status == 0 || status < 300)
		fail_msg("%s: done: %s%s", s->words, ran[ON_FILE].out, buf_text(&answer));
	expect_text(ran[ON_FILE].errors, s->said);
	expect_text(ran[ON_FILE].errors, s->code);
	json_member(&answer, "code", code, sizeof code);
	json_member(&answer, "detail", detail, sizeof detail);
	assert_string_equal(code, s->code);
	expect_text(ran[ON_FILE].errors, detail);
}

static void check_done(const struct step *s, int status)
{
	if (ran[ON_FILE].status != 0)
		fail_msg("%s: %s", s->words, ran[ON_FILE].errors);
	expect_text(ran[ON_FILE].out, s->said);
	if (status >= 300)
		fail_msg("%s: %s", s->path, buf_text(&answer));
}

/* --- what came of it -------------------------------------------------------------------- */

/* Rows of every table, and the head of the journal, which says all that was booked. */
static void describe(struct served *s, char out[TEXT_MAX])
{
	struct ledger *l = ledger_open(s->f.path, 0, &s->f.err);
	struct db *db = l ? ledger_reader(l, &s->f.err) : NULL;
	static char name[128][64];
	size_t count = 0, n = 0;
	struct stmt *q;

	assert_non_null(db);
	q = db_query(db,
		     "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
		     "AND name NOT IN ('replay', 'refusal') ORDER BY name",
		     NO_VALS, &s->f.err);
	while (db_step(q, &s->f.err) == 1)
		col_copy(q, 0, name[count++], sizeof name[0]);
	for (size_t i = 0; i < count; i++) {
		char sql[128];
		int64_t rows = 0;

		snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", name[i]);
		assert_int_equal(db_int(db, sql, NO_VALS, &rows, &s->f.err), 1);
		n += (size_t)snprintf(out + n, TEXT_MAX - n, "%s %lld\n", name[i], (long long)rows);
	}
	q = db_query(db, "SELECT hash FROM entry ORDER BY seq DESC LIMIT 1", NO_VALS, &s->f.err);
	if (db_step(q, &s->f.err) == 1) {
		size_t len;
		const unsigned char *hash = col_blob(q, 0, &len);

		for (size_t i = 0; i < len; i++)
			n += (size_t)snprintf(out + n, TEXT_MAX - n, "%02x", hash[i]);
		db_done(q);
	}
	ledger_reader_back(l, db);
	ledger_close(l);
}

static void check_effect(const struct step *s)
{
	static char is[DOORS][TEXT_MAX];

	for (int door = 0; door < DOORS; door++)
		describe(&ledger[door], is[door]);
	assert_alike(s, "effect of --url", is[ON_FILE], is[BY_URL]);
	assert_alike(s, "effect of HTTP", is[ON_FILE], is[BY_HTTP]);
}

static void take_step(const struct step *s)
{
	int status;

	run_words(ON_FILE, s);
	run_words(BY_URL, s);
	status = run_http_through(s);
	(s->code != NULL ? check_refused : check_done)(s, status);
	if (ran[BY_URL].status != ran[ON_FILE].status)
		fail_msg("%s: exit %d on the file, %d by --url: %s", s->words, ran[ON_FILE].status,
			 ran[BY_URL].status, ran[BY_URL].errors);
	assert_alike(s, "what is printed", ran[ON_FILE].out, ran[BY_URL].out);
	assert_alike(s, "what is said", ran[ON_FILE].errors, ran[BY_URL].errors);
	check_effect(s);
}

static void each_action_is_the_same_behind_every_door(void **state)
{
	(void)state;
	for (int door = 0; door < DOORS; door++) {
		served_open(&ledger[door]);
		if (door != ON_FILE) {
			served_start(&ledger[door]);
			continue;
		}
		ledger_close(ledger[door].f.l);
		ledger[door].f.l = NULL;
	}
	for (size_t i = 0; i < STEPS; i++)
		take_step(&steps[i]);
	for (int door = 0; door < DOORS; door++)
		served_close(&ledger[door]);
}

static void every_action_has_a_step(void **state)
{
	const struct action *a;

	(void)state;
	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		size_t k = 0;

		while (k < STEPS && strcmp(steps[k].action, a->name) != 0)
			k++;
		if (k == STEPS)
			fail_msg("no step shows \"%s\"", a->name);
	}
}

/* --- currencies ------------------------------------------------------------------------ */

/* A ledger in that currency with 6,000 of it in one fund, on the first day of 2027. */
static void make_ledger(struct place *p, const char *currency, const char *column, char key[PLACE_SECRET])
{
	char file[PLACE_PATH], text[1024];

	ILA_HERE(p, "init", "--currency", currency, "--sandbox", "--now", "2026-01-05T08:00:00Z");
	expect_done(p);
	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nFC;Authority;funder|accountant;;\n", file);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	snprintf(
		text, sizeof text,
		"{\"programme\":\"acme\",\"version\":\"2026\",\"title\":\"Top-ups\",\"account\":\"cpf\","
		"\"valid_from\":\"2026-01-01\",\"valid_to\":\"2027-12-31\",\"currency\":\"%s\","
		"\"time_zone\":\"Europe/Paris\",\"calendar\":\"FR\",\"funds\":[{\"fund\":\"acme\",\"funder\":\"FC\","
		"\"class\":\"employer\",\"nature\":\"cash\",\"unspent\":\"funder\",\"bank_account\":\"BANK\"}]}",
		currency);
	place_file(p, "acme.json", text, file);
	ILA_HERE(p, "import", "programmes", file);
	expect_done(p);
	snprintf(text, sizeof text, "reference;kind;fund;%s;value_date\nM1;payment;acme;6000;2026-01-05\n",
		 column);
	place_file(p, "money.csv", text, file);
	ILA_HERE(p, "import", "contributions", file);
	expect_done(p);
	place_key(p, "FC", "accountant", key);
	ILA_HERE(p, "clock", "--advance-to", "2027-01-01T08:00:00Z");
	expect_done(p);
}

/* The same words by either door. */
static void say_twice(struct place *on_file, struct place *served, const char *address, const char *keys[2],
		      const char *reserve)
{
	const char *words[] = {"--db", on_file->db, "year-end", "2026", "--fund",
			       "acme", "--reserve", reserve,    NULL};

	program_run_as(&on_file->run, keys[0], words);
	words[0] = "--url";
	words[1] = address;
	program_run_as(&served->run, keys[1], words);
	assert_int_equal(on_file->run.status, served->run.status);
	assert_string_equal(on_file->run.out, served->run.out);
	assert_string_equal(on_file->run.errors, served->run.errors);
}

static void amounts_are_typed_and_told_as_the_currency_has_them(void **state)
{
	static const struct {
		const char *currency, *column, *too_much, *told, *finer, *form, *good, *done;
	} cases[] = {
		{"XPF", "amount_xpf", "7000", "Fund acme has 6000 ", "5000.5", "amount like 123456", "5000",
		 "reserve 5,000 XPF"},
		{"TND", "amount_tnd", "7000.5", "Fund acme has 6000.000 ", "5000.0005", "amount like 123.456",
		 "1234.567", "reserve 1,234.567 TND"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct place *on_file, *served;
		char address[PROGRAM_ADDRESS_MAX], key[2][PLACE_SECRET];
		const char *keys[2] = {key[0], key[1]};
		pid_t server;

		place_folder((void **)&on_file);
		place_folder((void **)&served);
		make_ledger(on_file, cases[i].currency, cases[i].column, key[0]);
		make_ledger(served, cases[i].currency, cases[i].column, key[1]);
		server = program_serve(served->db, address);
		say_twice(on_file, served, address, keys, cases[i].too_much);
		expect_text(on_file->run.errors, cases[i].told);
		say_twice(on_file, served, address, keys, cases[i].finer);
		expect_text(on_file->run.errors, cases[i].form);
		say_twice(on_file, served, address, keys, cases[i].good);
		expect_text(on_file->run.out, cases[i].done);
		assert_int_equal(program_stop(server), 0);
		place_remove((void **)&on_file);
		place_remove((void **)&served);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action_has_a_step),
		cmocka_unit_test(each_action_is_the_same_behind_every_door),
		cmocka_unit_test(amounts_are_typed_and_told_as_the_currency_has_them),
	};
	int failed;

	buf_init(&answer, 1 << 20);
	failed = cmocka_run_group_tests_name("http/doors", tests, NULL, NULL);
	buf_free(&answer);
	return failed;
}
