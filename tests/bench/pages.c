/*
 * Pages of a list of many vouchers: what one costs, whatever is asked for.
 *
 *	pages VOUCHERS
 *	pages 0 LEDGER
 *
 * Makes a ledger of the fixture (or takes one that it left, where it was stopped), whose vouchers, shares and
 *entries are written straight by SQL: one provider of 2,000 has a tenth of all, one programme and one fund a
 *thousandth; nineteen of twenty are old and closed, and a few of the old ones never were.  Then asks for
 *pages of 50 as "voucher list" does, from the first on, by each filter and by some together, and prints for
 *each: how many it found in a page, and the median, the 99th of a hundred and the longest time of a page in
 *milliseconds, of 300 pages, on a connection that has asked before.  On a server where $ILA_TEST_SERVER names
 *one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "ledger/book/journal.h"
#include "tests/lib/fixture.h"
#include "tests/lib/sql.h"

#define PART      100000 /* vouchers in a commit */
#define PAGES     300
#define BUDGET_MS 5.0

static struct fixture f;

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Of this thread: a file is read by it, a server is only waited for. */
static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "pages: %s\n", err->text);
	exit(1);
}

/* --- rows ---------------------------------------------------------------------------- */

/* Numbers from $1 on, to the one before $2, as i. */
#define NUMBERS                                                                                              \
	"(WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2) SELECT i FROM n) AS n"

#define ORGS     2000
#define COURSES  8000
#define LEARNERS 100000

/* BYTES: 16 of them, by chance. */
static const char orgs_sql[] = "INSERT INTO organisation (id, code, name, roles, created_at, seq) "
			       "SELECT 1000 + i, 'P' || CAST(i AS TEXT), 'Provider', 16, 0, 1 FROM " NUMBERS;
static const char courses_sql[] =
	"INSERT INTO course (id, code, provider, certification, action_type, title, price, hours, days, open_from, seq) "
	"SELECT 1000 + i, 'K' || CAST(i AS TEXT), 1000 + i / 4, 'RNCP1', 1, 'Course', 10000, 10, 5, 0, 1 FROM " NUMBERS;
static const char learners_sql[] =
	"INSERT INTO learner (id, code, programme, portal, work_pct, low_qualified, active_from) "
	"SELECT 1000 + i, 'Z' || CAST(i AS TEXT), 'cpf', (SELECT id FROM organisation WHERE code = 'PORTAL'), 100, 0, 0 "
	"FROM " NUMBERS;
static const char entries_sql[] =
	"INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, voucher, transfers, hash) "
	"SELECT $3 + i, 'enter', $4 + i, 20000, 0, 0, i, 0, BYTES FROM " NUMBERS;
static const char vouchers_sql[] =
	"INSERT INTO voucher (id, uuid, learner, provider, course, certification, action_type, hours, session_start, "
	"session_end, rule, price, copay, state, billing, control, due_on, head, requested_on, accepted_on, exited_on, "
	"declared_at, billed_on, closed_on) "
	"SELECT i, BYTES, 1000 + (i * 101) % 100000, 1000 + k / 4, 1000 + k, 'RNCP1', 1, 10, 20455 + i % 60, "
	"20460 + i % 60, (SELECT min(id) FROM rule WHERE programme = CASE WHEN i % 1000 = 7 THEN 'employer-acme' ELSE 'cpf' END), "
	"10000, 0, state, CASE WHEN state = 5 THEN CASE WHEN r = 5 THEN 1 WHEN r = 6 THEN 2 ELSE 4 END ELSE 0 END, "
	"CASE WHEN state = 4 AND i % 10 = 3 THEN 1 ELSE 0 END, CASE WHEN state = 8 THEN 20470 END, $3 + i, 20450, 20450, "
	"CASE WHEN state = 3 THEN 20460 END, CASE WHEN state = 4 THEN $4 END, CASE WHEN state = 5 AND r = 6 THEN 20470 END, "
	"CASE WHEN state IN (6, 7) OR (state = 5 AND r NOT IN (5, 6)) THEN 20480 END "
	"FROM (SELECT i, r, CASE WHEN i % 10 = 0 THEN 0 ELSE 4 + (i * 31) % 7996 END AS k, "
	"CASE WHEN i < $5 AND i % 5000 <> 11 THEN CASE WHEN r < 1 THEN 6 ELSE 5 END "
	"WHEN r < 4 THEN 1 WHEN r < 7 THEN 2 WHEN r = 7 THEN 3 WHEN r = 8 THEN 4 WHEN r = 9 AND i % 3 = 0 THEN 8 ELSE 5 END "
	"AS state FROM (SELECT i, CASE WHEN i < $5 THEN (i * 7919) % 1000 ELSE (i * 7919) % 10 END AS r FROM " NUMBERS
	") AS a) AS b";
static const char shares_sql[] =
	"INSERT INTO share (id, fund, lot, amount, card, advance, committed, in_training, payable, ordered, paid) "
	"SELECT i * 16 + s, CASE WHEN s = 1 AND i % 1000 = 13 THEN (SELECT max(id) FROM fund) ELSE 1 + s END, 1, 5000, 0, 0, "
	"0, 0, 0, 0, 5000 FROM " NUMBERS ", (SELECT 0 AS s UNION ALL SELECT 1) AS t";

/* With what makes 16 bytes by chance in the place of BYTES. */
static const char *text_of(struct db *db, const char *sql)
{
	const char *at = strstr(sql, "BYTES");
	struct buf text;
	const char *kept;

	buf_init(&text, 8192);
	if (at == NULL)
		return sql;
	buf_add(&text, sql, (size_t)(at - sql));
	buf_text_add(&text, db_is_server(db_url(db)) ? "uuid_send(gen_random_uuid())" : "randomblob(16)");
	buf_text_add(&text, at + strlen("BYTES"));
	kept = sql_kept(buf_text(&text));
	buf_free(&text);
	return kept;
}

/* The parameters that the text has, of these. */
static void fill(struct db *db, const char *sql, int64_t first, int64_t end, const int64_t rest[3])
{
	struct err err = {0};
	struct val vals[5] = {v_int(first), v_int(end), v_int(rest[0]), v_int(rest[1]), v_int(rest[2])};
	size_t n = strstr(sql, "$5") != NULL ? 5 : strstr(sql, "$4") != NULL ? 4 : 2;

	must(db_run(db, sql, vals, n, &err), &err);
}

static void make_part(struct db *db, int64_t first, int64_t end, const int64_t rest[3])
{
	struct err err = {0};

	must(db_begin(db, &err), &err);
	fill(db, text_of(db, entries_sql), first, end, rest);
	fill(db, text_of(db, vouchers_sql), first, end, rest);
	fill(db, text_of(db, shares_sql), first, end, rest);
	must(db_commit(db, &err), &err);
	must(db_checkpoint(db, 0, &err), &err);
}

static void make(int64_t vouchers)
{
	struct head head = {0};
	struct err err = {0};
	struct db *db = NULL;
	int64_t rest[3] = {0};

	ledger_close(f.l);
	f.l = NULL;
	must(db_open(&db, f.path, DB_WRITE, &err), &err);
	sql_unguard(db);
	must(db_begin(db, &err), &err);
	fill(db, orgs_sql, 0, ORGS, rest);
	fill(db, courses_sql, 0, COURSES, rest);
	fill(db, learners_sql, 0, LEARNERS, rest);
	must(journal_head(db, &head, &err), &err);
	must(db_commit(db, &err), &err);
	rest[0] = head.seq;
	rest[1] = head.booked_at;
	rest[2] = vouchers * 19 / 20;
	for (int64_t i = 1; i <= vouchers; i += PART)
		make_part(db, i, i + PART <= vouchers ? i + PART : vouchers + 1, rest);
	if (db_is_server(db_url(db)))
		must(db_script(db, "ANALYZE", &err), &err);
	db_close(db);
}

/* --- pages -------------------------------------------------------------------------------- */

static const struct action *find(const char *name)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (strcmp(a->name, name) == 0)
			return a;
	exit(1);
}

/* "state=declared&provider=P7" */
static void take_words(struct action_call *c, const char *query)
{
	char words[512], *rest = words, *word;
	struct err err = {0};

	snprintf(words, sizeof words, "%s", query);
	while ((word = strsep(&rest, "&")) != NULL && *word != '\0') {
		const struct member *m = c->action->takes;
		char *value = strchr(word, '=');

		*value++ = '\0';
		while (strcmp(m->name, word) != 0)
			m++;
		must(member_from_text(m, value, 0, c->args, &err), &err);
	}
}

/* One page, with its JSON: its time; *next is where the next begins, "" none. */
static double page(struct db *db, enum role role, const char *query, char next[CURSOR_TEXT], size_t *rows)
{
	struct action_call c = {0};
	struct page_in *in;
	struct page_out *out;
	struct arena arena;
	struct err err = {0};
	struct buf json;
	double begun = now_ms(), took;

	arena_init(&arena, 16 << 20);
	buf_init(&json, 16 << 20);
	must(call_begin(&c, find("voucher list"), &arena, &err), &err);
	c.ledger = f.l;
	c.settings = ledger_settings(f.l);
	c.actor.role = (int)role;
	c.actor.org = role == ROLE_PROVIDER ? 1000 : 1;
	in = c.args;
	take_words(&c, query);
	memcpy(in->after, next, sizeof in->after);
	must(db_begin(db, &err), &err);
	must(call_read(db, &c, &err), &err);
	db_rollback(db);
	members_to_json(c.action->gives, c.answer, c.settings, &json);
	took = now_ms() - begun;
	out = c.answer;
	*rows = out->data.count;
	memcpy(next, out->next, sizeof out->next);
	buf_free(&json);
	arena_free(&arena);
	return took;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(struct db *db, enum role role, const char *query)
{
	double times[PAGES], busy;
	char next[CURSOR_TEXT] = "";
	size_t rows = 0, all = 0;

	for (int i = 0; i < 3; i++) {
		char first[CURSOR_TEXT] = "";

		page(db, role, query, first, &rows);
	}
	busy = cpu_ms();
	for (int i = 0; i < PAGES; i++) {
		times[i] = page(db, role, query, next, &rows);
		all += rows;
	}
	busy = (cpu_ms() - busy) / PAGES;
	qsort(times, PAGES, sizeof times[0], by_time);
	printf("%-9s %-56s %5.1f rows  p50 %6.2f  p99 %6.2f  most %6.2f  processor %5.2f ms  %s\n",
	       role_name(role), query, (double)all / PAGES, times[PAGES / 2], times[PAGES * 99 / 100],
	       times[PAGES - 1], busy, times[PAGES / 2] <= BUDGET_MS ? "met" : "short");
	fflush(stdout);
}

static const struct {
	enum role role;
	const char *query;
} asked[] = {
	{ROLE_AUDITOR, ""},
	{ROLE_AUDITOR, "state=accepted"},
	{ROLE_AUDITOR, "state=declared"},
	{ROLE_AUDITOR, "state=requested,exited"},
	{ROLE_AUDITOR, "state=no_show"},
	{ROLE_AUDITOR, "control=in_control"},
	{ROLE_AUDITOR, "billing=billed"},
	{ROLE_AUDITOR, "provider=P0"},
	{ROLE_AUDITOR, "provider=P7"},
	{ROLE_AUDITOR, "course=K40"},
	{ROLE_AUDITOR, "learner=Z77"},
	{ROLE_AUDITOR, "fund=cpf-law"},
	{ROLE_AUDITOR, "fund=branch-metal-2026"},
	{ROLE_AUDITOR, "programme=cpf"},
	{ROLE_AUDITOR, "programme=employer-acme"},
	{ROLE_AUDITOR, "due_before=2026-01-20"},
	{ROLE_AUDITOR, "changed_since=2026-01-05T08:00:00Z"},
	{ROLE_AUDITOR, "changed_since=2026-01-05T08:00:00Z&provider=P7"},
	{ROLE_AUDITOR, "programme=employer-acme&state=accepted"},
	{ROLE_AUDITOR, "fund=branch-metal-2026&provider=P7&state=validated"},
	{ROLE_AUDITOR, "fund=cpf-law&state=declared&control=in_control"},
	{ROLE_PROVIDER, ""},
	{ROLE_PROVIDER, "state=declared"},
	{ROLE_PROVIDER, "state=requested,proposed&due_before=2026-02-01"},
	{ROLE_PROVIDER, "billing=to_bill"},
	{ROLE_PROVIDER, "state=no_show&due_before=2026-02-01"},
	{ROLE_PROVIDER, "fund=branch-metal-2026"},
	{ROLE_PORTAL, ""},
	{ROLE_PORTAL, "state=accepted,entered&programme=employer-acme"},
	{ROLE_FUNDER, ""},
	{ROLE_FUNDER, "fund=cpf-law&billing=paid"},
};

int main(int argc, char **argv)
{
	int64_t vouchers = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
	double begun = now_ms();
	struct db *db;

	if (argc > 2) {
		snprintf(f.path, sizeof f.path, "%s", argv[2]);
	} else {
		fixture_open(&f);
		make(vouchers);
	}
	printf("%lld vouchers, made in %.0f s\n", (long long)vouchers, (now_ms() - begun) / 1e3);
	f.l = ledger_open(f.path, 0, &f.err);
	db = f.l != NULL ? ledger_reader(f.l, &f.err) : NULL;
	if (db == NULL)
		must(-1, &f.err);
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		measure(db, asked[i].role, asked[i].query);
	ledger_reader_back(f.l, db);
	if (argc > 2)
		ledger_close(f.l);
	else
		fixture_close(&f);
	return 0;
}
