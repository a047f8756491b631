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

#include "api/actions/all.h"
#include "api/frame/action.h"
#include "ledger/book/journal.h"
#include "tests/lib/place.h"
#include "tests/lib/served.h"
#include "tests/lib/stap.h"
#include "tests/lib/sql.h"
#include "tests/lib/steps.h"

#define TEXT_MAX (1 << 20)

enum { ON_FILE, BY_URL, BY_HTTP, DOORS };

static struct served ledger[DOORS];
static struct program_run ran[2];
static struct buf answer;

/* --- what differs by chance -------------------------------------------------------- */

/* A server's own thread may have run one of the timers before it is asked to. */
static size_t timers(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	size_t one = strlen(" timer ran"), many = strlen(" timers ran");

	if (digits > 0 && strncmp(text + digits, " timer ran", one) == 0)
		return digits + one;
	return digits > 0 && strncmp(text + digits, " timers ran", many) == 0 ? digits + many : 0;
}

/* What was drawn by lot, or how many timers were left, becomes a sign. */
static void mask(const char *text, struct buf *out)
{
	buf_clear(out);
	for (int inside = 0; *text != '\0'; inside = isalnum((unsigned char)text[-1])) {
		size_t drawn = inside ? 0 : steps_chance(text);

		if (drawn == 0 && !inside)
			drawn = timers(text);
		buf_char(out, drawn > 0 ? '#' : *text);
		text += drawn > 0 ? drawn : 1;
	}
	assert_true(buf_ok(out));
}

/* Where the line begins that differs first. */
static size_t first_difference(const char *a, const char *b)
{
	size_t line = 0;

	for (size_t i = 0; a[i] == b[i]; i++)
		if (a[i] == '\n')
			line = i + 1;
	return line;
}

static void assert_alike(const struct step *s, const char *what, const char *a, const char *b)
{
	static struct buf one = {.max = TEXT_MAX}, other = {.max = TEXT_MAX};
	size_t line;

	mask(a, &one);
	mask(b, &other);
	if (strcmp(buf_text(&one), buf_text(&other)) == 0)
		return;
	line = first_difference(buf_text(&one), buf_text(&other));
	fail_msg("%s: %s differs:\n--- on the file\n%.400s\n--- by the other door\n%.400s", s->words, what,
		 buf_text(&one) + line, buf_text(&other) + line);
}

/* --- the doors ------------------------------------------------------------------------ */

static char file_name[128];
static struct kept_ids kept[DOORS];

static const char *key_of(int door, enum role role)
{
	return role == ROLE_SECOND ? ledger[door].key_second : ledger[door].key[role];
}

/* ila with these words; KEY stands for the key, FILE for the file. */
static void run_words(int door, const struct step *s)
{
	enum role role = s->role != ROLE_NONE ? s->role : ROLE_OPERATOR;
	const char *args[32] = {door == BY_URL ? "--url" : "--db",
				door == BY_URL ? ledger[door].address : ledger[door].f.path};
	char words[STEP_TEXT], text[STEP_TEXT], *rest = words, *word;
	size_t n = 2;

	if (steps_is_batch(s))
		program_write(file_name, steps_expand(&kept[door], s->file, text));
	else if (s->file != NULL)
		program_write(file_name, s->file);
	steps_expand(&kept[door], s->words, words);
	while ((word = strsep(&rest, " ")) != NULL)
		args[n++] = strcmp(word, "KEY") == 0    ? key_of(door, role)
			    : strcmp(word, "FILE") == 0 ? file_name
							: word;
	/* On the file nobody's key is needed for what the ledger itself does; the journal says who did it. */
	if (door == ON_FILE && s->role == ROLE_NONE && (s->body != NULL || s->file != NULL)) {
		args[n++] = "--key";
		args[n++] = key_of(door, role);
	}
	args[n] = NULL;
	program_run_as(&ran[door], key_of(door, role), args);
	steps_keep(&kept[door], s, ran[door].out);
}

static int run_http(const struct step *s)
{
	enum role role = s->role != ROLE_NONE ? s->role : ROLE_OPERATOR;
	char path[STEP_TEXT], body[STEP_TEXT];
	int status;

	steps_expand(&kept[BY_HTTP], s->path, path);
	steps_expand(&kept[BY_HTTP], steps_is_batch(s) ? s->file : s->body ? s->body : "", body);
	status = served_call(&ledger[BY_HTTP], NULL,
			     &(struct call){.key = key_of(BY_HTTP, role),
					    .method = s->body != NULL || s->file != NULL ? "POST" : "GET",
					    .path = path,
					    .type = steps_is_batch(s) ? "application/x-ndjson" : NULL,
					    .body = s->body != NULL || steps_is_batch(s) ? body : s->file},
			     &answer);
	steps_keep(&kept[BY_HTTP], s, buf_text(&answer));
	/* Whatever is answered in JSON says whether it is about real money. */
	if (buf_text(&answer)[0] == '{' && strstr(buf_text(&answer), "\"livemode\":") == NULL)
		fail_msg("%s: no livemode: %s", path, buf_text(&answer));
	return status;
}

/* Again, with what the answer says, until it is finished: as the command does by itself. */
static int run_http_through(const struct step *s)
{
	int status = run_http(s);

	while (status < 300 && s->body != NULL && strstr(buf_text(&answer), "\"finished\":false") != NULL) {
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

/* What a step says has the file's name in it. */
static const char *said(const struct step *s)
{
	static char text[512];
	const char *at = strstr(s->said, "FILE");

	if (at == NULL)
		return s->said;
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - s->said), s->said, file_name, at + strlen("FILE"));
	return text;
}

static void check_refused(const struct step *s, const struct program_run *r, int status)
{
	char code[64], detail[2048];

	if (r->status == 0 || status < 300)
		fail_msg("%s: done: %s%s", s->words, r->out, buf_text(&answer));
	expect_text(r->errors, said(s));
	expect_text(r->errors, s->code);
	json_member(&answer, "code", code, sizeof code);
	json_member(&answer, "detail", detail, sizeof detail);
	if (strcmp(code, s->code) != 0)
		fail_msg("%s: %s instead of %s", s->path, buf_text(&answer), s->code);
	expect_text(r->errors, detail);
}

static void check_done(const struct step *s, const struct program_run *r, int status)
{
	if (r->status != 0)
		fail_msg("%s: exit %d: %s%s", s->words, r->status, r->out, r->errors);
	expect_text(r->out, said(s));
	if (status >= 300)
		fail_msg("%s: %s", s->path, buf_text(&answer));
}

/* --- what came of it -------------------------------------------------------------------- */

/* Rows of every table, the journal among them. */
static void describe(struct served *s, struct buf *out)
{
	struct ledger *l = ledger_open(s->f.path, 0, &s->f.err);
	struct db *db = l ? ledger_reader(l, &s->f.err) : NULL;

	assert_non_null(db);
	buf_clear(out);
	sql_describe(db, out);
	ledger_reader_back(l, db);
	ledger_close(l);
}

static void check_effect(const struct step *s)
{
	static struct buf is[DOORS] = {{.max = TEXT_MAX}, {.max = TEXT_MAX}, {.max = TEXT_MAX}};

	for (int door = 0; door < DOORS; door++)
		describe(&ledger[door], &is[door]);
	assert_alike(s, "effect of --url", buf_text(&is[ON_FILE]), buf_text(&is[BY_URL]));
	assert_alike(s, "effect of HTTP", buf_text(&is[ON_FILE]), buf_text(&is[BY_HTTP]));
}

static int of_a_server(const struct step *s)
{
	return strcmp(s->action, "health") == 0 || strcmp(s->action, "metrics") == 0 ||
	       strcmp(s->action, "imports") == 0;
}

static void take_step(const struct step *s)
{
	int status;

	run_words(ON_FILE, s);
	run_words(BY_URL, s);
	status = run_http_through(s);
	(s->code != NULL ? check_refused : check_done)(s, &ran[BY_URL], status);
	if (of_a_server(s)) {
		assert_int_equal(ran[ON_FILE].status, 2);
		return;
	}
	(s->code != NULL ? check_refused : check_done)(s, &ran[ON_FILE], status);
	if (ran[BY_URL].status != ran[ON_FILE].status)
		fail_msg("%s: exit %d on the file, %d by --url: %s", s->words, ran[ON_FILE].status,
			 ran[BY_URL].status, ran[BY_URL].errors);
	assert_alike(s, "what is printed", ran[ON_FILE].out, ran[BY_URL].out);
	assert_alike(s, "what is said", ran[ON_FILE].errors, ran[BY_URL].errors);
	check_effect(s);
}

/* Three ledgers made alike, the first without a server, through the steps; with such a draw, and a sample
 * of all. */
static void walk(const struct step *list, const struct stap *stap)
{
	char folder[96];

	program_folder(folder, sizeof folder);
	snprintf(file_name, sizeof file_name, "%s/file.csv", folder);
	for (int door = 0; door < DOORS; door++) {
		served_open(&ledger[door]);
		if (stap != NULL)
			stap_open_sampled(&ledger[door].f, stap, 100);
		if (door != ON_FILE) {
			served_start(&ledger[door]);
			continue;
		}
		ledger_close(ledger[door].f.l);
		ledger[door].f.l = NULL;
	}
	for (const struct step *s = list; s->action != NULL; s++)
		take_step(s);
	for (int door = 0; door < DOORS; door++)
		served_close(&ledger[door]);
	program_remove(folder);
}

static void each_action_is_the_same_behind_every_door(void **state)
{
	(void)state;
	walk(year_steps, NULL);
}

static void what_is_drawn_by_lot_is_the_same_behind_every_door(void **state)
{
	(void)state;
	walk(lot_steps, &(struct stap){"lottery", "2026-01-05", "2026-01-06", 1, 1});
}

static int does(const struct step *s, const char *name)
{
	for (; s->action != NULL; s++)
		if (s->code == NULL && strcmp(s->action, name) == 0)
			return 1;
	return 0;
}

/* A sandbox's clock cannot be confirmed by hand: tests/unit/desk/writer.c shows how another is. */
static void every_action_is_done_in_a_step(void **state)
{
	const struct action *a;

	(void)state;
	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (!does(year_steps, a->name) && !does(lot_steps, a->name) &&
		    strcmp(a->name, "clock --confirm") != 0)
			fail_msg("no step does \"%s\"", a->name);
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
		cmocka_unit_test(every_action_is_done_in_a_step),
		cmocka_unit_test(each_action_is_the_same_behind_every_door),
		cmocka_unit_test(what_is_drawn_by_lot_is_the_same_behind_every_door),
		cmocka_unit_test(amounts_are_typed_and_told_as_the_currency_has_them),
	};
	int failed;

	buf_init(&answer, 1 << 20);
	failed = cmocka_run_group_tests_name("http/doors", tests, NULL, NULL);
	buf_free(&answer);
	return failed;
}
