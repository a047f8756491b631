/*
 * Pages of lists and of work in a ledger of many vouchers: what one costs, whatever is asked for.
 *
 *	pages VOUCHERS [keep]
 *	pages 0 LEDGER [WORD]
 *
 * Makes a ledger (pages_fill.c), and removes it at the end unless it is to be kept, or takes one
 * that was made before, and asks for pages of 50 as the actions of the API do, JSON included: by
 * each filter and by some together, and of each queue, or of those alone that have WORD in
 * "role action?query".  40 pages from the beginning, from the middle and from near the end; for each of
 * the three places it prints the median and the longest time of a page, and the processor time
 * that it takes for one, with that of a server on this machine, in milliseconds, on a connection
 * that has asked before; then the rows of a page.  On a server where $ILA_TEST_SERVER names one.
 * Ends with 1 when a median is above 5 ms.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "tests/bench/pages.h"

#define PAGES     40
#define BUDGET_MS 5.0

static struct fixture f;
static int64_t vouchers, changes; /* how many, and the entry before the first */
static int64_t session;           /* process of the server; 0: none */
static const char *only = "";     /* of what has that in "role action?query" */
static int is_short;

/* What a cursor counts. */
enum place {
	OF_ALL,      /* vouchers, newest first */
	OF_RECENT,   /* those under way */
	OF_CHANGES,  /* entries, oldest first */
	OF_PAYMENTS, /* newest first */
	OF_DAYS      /* days that work is due on */
};

static double ms_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double now_ms(void)
{
	return ms_of(CLOCK_MONOTONIC);
}

/* Of this thread, and of the server's session where it runs on this machine. */
static double busy_ms(void)
{
	long long ns = 0;
	char path[48];
	FILE *in;

	snprintf(path, sizeof path, "/proc/%" PRId64 "/schedstat", session);
	in = session != 0 ? fopen(path, "r") : NULL;
	if (in != NULL && fscanf(in, "%lld", &ns) != 1)
		ns = 0;
	if (in != NULL)
		fclose(in);
	return ms_of(CLOCK_THREAD_CPUTIME_ID) + (double)ns / 1e6;
}

/* --- a page ------------------------------------------------------------------------- */

struct asked {
	const char *org; /* whose key asks, in that role */
	enum role role;
	const char *action, *query;
	enum place place;
};

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
		pages_must(member_from_text(m, value, 0, c->args, &err), &err);
	}
}

static void take_actor(struct db *db, const struct asked *a, struct action_call *c)
{
	struct err err = {0};
	struct org org;

	pages_must(org_find(db, a->org, &org, &err) == 1 ? 0 : -1, &err);
	c->actor = (struct actor){.role = (int)a->role, .org = org.id, .key = 150};
	snprintf(c->actor.principal, sizeof c->actor.principal, "nobody");
}

/* One page, with its JSON: its time; *next is where the next begins, "" none. */
static double page(struct db *db, const struct asked *a, char next[CURSOR_TEXT], size_t *rows)
{
	struct action_call c = {0};
	struct page_in *in;
	struct page_out *out;
	struct arena arena;
	struct err err = {0};
	struct buf json;
	double begun, took;

	arena_init(&arena, 16 << 20);
	buf_init(&json, 16 << 20);
	pages_must(call_begin(&c, find(a->action), &arena, &err), &err);
	c.ledger = f.l;
	c.settings = ledger_settings(f.l);
	take_actor(db, a, &c);
	in = c.args;
	take_words(&c, a->query);
	memcpy(in->after, next, sizeof in->after);
	begun = now_ms();
	pages_must(db_begin(db, &err), &err);
	pages_must(call_read(db, &c, &err), &err);
	db_rollback(db);
	members_to_json(c.action->gives, c.answer, c.settings, &json);
	took = now_ms() - begun;
	out = c.answer;
	*rows += out->data.count;
	memcpy(next, out->next, sizeof out->next);
	buf_free(&json);
	arena_free(&arena);
	return took;
}

/* --- pages from a place ---------------------------------------------------------------- */

/* The position that lies so many hundredths behind the beginning. */
static int64_t position(enum place place, int hundredths)
{
	switch (place) {
	case OF_RECENT:
		return vouchers - vouchers * 7 / 100 * hundredths / 100;
	case OF_CHANGES:
		return changes + vouchers * hundredths / 100;
	case OF_PAYMENTS:
		return vouchers / 100 * (100 - hundredths) / 100;
	case OF_DAYS:
		return PAGES_TODAY - 20 + 40 * hundredths / 100;
	default:
		return vouchers * (100 - hundredths) / 100;
	}
}

/* A cursor of the same filter, with another position (api/frame/page.h). */
static void move_to(const struct asked *a, int hundredths, char cursor[CURSOR_TEXT])
{
	char number[17];

	if (cursor[0] == '\0' || hundredths == 0)
		return;
	snprintf(number, sizeof number, "%016" PRIx64, (uint64_t)position(a->place, hundredths));
	memcpy(cursor + 8, number, 16);
	if (a->place == OF_DAYS)
		memset(cursor + 24, '0', 16);
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* From that place on; at its end again from there.  Prints; returns the rows. */
static size_t measure_from(struct db *db, const struct asked *a, const char from[CURSOR_TEXT])
{
	double times[PAGES];
	char next[CURSOR_TEXT];
	size_t rows = 0, ignored = 0;
	double busy;

	memcpy(next, from, CURSOR_TEXT);
	page(db, a, next, &ignored);
	busy = busy_ms();
	memcpy(next, from, CURSOR_TEXT);
	for (int i = 0; i < PAGES; i++) {
		if (next[0] == '\0')
			memcpy(next, from, CURSOR_TEXT);
		times[i] = page(db, a, next, &rows);
	}
	busy = (busy_ms() - busy) / PAGES;
	qsort(times, PAGES, sizeof times[0], by_time);
	is_short |= times[PAGES / 2] > BUDGET_MS;
	printf(" |%6.2f %7.2f %5.2f%s", times[PAGES / 2], times[PAGES - 1], busy,
	       times[PAGES / 2] > BUDGET_MS ? "!" : " ");
	return rows;
}

static void measure(struct db *db, const struct asked *a)
{
	static const int hundredths[] = {0, 50, 99};
	char begin[CURSOR_TEXT] = "", from[CURSOR_TEXT];
	size_t rows = 0;

	printf("%-10s %-4.4s %-16s %-50s", role_name(a->role), a->org, a->action, a->query);
	for (size_t i = 0; i < sizeof hundredths / sizeof hundredths[0]; i++) {
		size_t ignored = 0;

		memset(from, 0, sizeof from);
		if (hundredths[i] > 0)
			page(db, a, from, &ignored);
		move_to(a, hundredths[i], from);
		rows += measure_from(db, a, hundredths[i] > 0 ? from : begin);
	}
	printf("  %5.1f rows\n", (double)rows / (3 * PAGES));
	fflush(stdout);
}

/* --- what is asked ---------------------------------------------------------------------- */

#define VOUCHERS(org, role, query, place)                                                                    \
	{                                                                                                    \
		org, ROLE_##role, "voucher list", query, place                                               \
	}
#define REQUESTS(org, role, query, place)                                                                    \
	{                                                                                                    \
		org, ROLE_##role, "request list", query, place                                               \
	}
#define PAYMENTS(org, role, query)                                                                           \
	{                                                                                                    \
		org, ROLE_##role, "payment list", query, OF_PAYMENTS                                         \
	}
#define LEARNER(query)                                                                                       \
	{                                                                                                    \
		"FC", ROLE_AUDITOR, "learner vouchers", query, OF_ALL                                        \
	}

static const struct asked lists[] = {
	VOUCHERS("FC", AUDITOR, "", OF_ALL),
	VOUCHERS("FC", AUDITOR, "state=accepted", OF_ALL),
	VOUCHERS("FC", AUDITOR, "state=entered", OF_ALL),
	VOUCHERS("FC", AUDITOR, "state=exited", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "state=declared", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "state=validated", OF_ALL),
	VOUCHERS("FC", AUDITOR, "state=requested,exited", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "state=no_show", OF_ALL),
	VOUCHERS("FC", AUDITOR, "control=in_control", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "billing=to_bill", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "billing=billed", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "billing=paid", OF_ALL),
	VOUCHERS("FC", AUDITOR, "billing=in_recovery,opposed", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "provider=P0", OF_ALL),
	VOUCHERS("FC", AUDITOR, "provider=P7", OF_ALL),
	VOUCHERS("FC", AUDITOR, "provider=P0&state=requested", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "course=K0", OF_ALL),
	VOUCHERS("FC", AUDITOR, "course=K40", OF_ALL),
	VOUCHERS("FC", AUDITOR, "learner=Z0", OF_ALL),
	VOUCHERS("FC", AUDITOR, "learner=Z77", OF_ALL),
	VOUCHERS("FC", AUDITOR, "fund=cpf-law", OF_ALL),
	VOUCHERS("FC", AUDITOR, "fund=F77", OF_ALL),
	VOUCHERS("FC", AUDITOR, "programme=cpf", OF_ALL),
	VOUCHERS("FC", AUDITOR, "programme=employer-acme", OF_ALL),
	VOUCHERS("FC", AUDITOR, "due_before=2026-01-20", OF_ALL),
	VOUCHERS("FC", AUDITOR, "changed_since=2026-01-05T08:00:00Z", OF_CHANGES),
	VOUCHERS("FC", AUDITOR, "changed_since=2026-01-05T08:00:00Z&provider=P7", OF_CHANGES),
	VOUCHERS("FC", AUDITOR, "external_reference=R0", OF_ALL),
	VOUCHERS("FC", AUDITOR, "programme=employer-acme&state=accepted", OF_ALL),
	VOUCHERS("FC", AUDITOR, "fund=F77&provider=P0&state=validated", OF_ALL),
	VOUCHERS("FC", AUDITOR, "fund=cpf-law&state=declared&control=in_control", OF_RECENT),
	VOUCHERS("FC", AUDITOR, "state=no_show&programme=employer-acme&due_before=2026-01-20", OF_ALL),
	VOUCHERS("FC", AUDITOR, "provider=P0&course=K3&fund=F77&programme=employer-acme&state=lapsed",
		 OF_ALL),
	VOUCHERS("P0", PROVIDER, "", OF_ALL),
	VOUCHERS("P0", PROVIDER, "state=declared", OF_RECENT),
	VOUCHERS("P0", PROVIDER, "state=requested,proposed&due_before=2026-02-01", OF_RECENT),
	VOUCHERS("P0", PROVIDER, "billing=to_bill", OF_RECENT),
	VOUCHERS("P0", PROVIDER, "state=no_show&fund=F77", OF_ALL),
	VOUCHERS("P0", PROVIDER, "external_reference=R0", OF_ALL),
	VOUCHERS("P7", PROVIDER, "", OF_ALL),
	VOUCHERS("P7", PROVIDER, "fund=F77", OF_ALL),
	VOUCHERS("PORTAL", PORTAL, "", OF_ALL),
	VOUCHERS("PORTAL", PORTAL, "state=accepted,entered&programme=employer-acme", OF_ALL),
	VOUCHERS("Q1", PORTAL, "", OF_ALL),
	VOUCHERS("Q1", PORTAL, "fund=F77", OF_ALL),
	VOUCHERS("FC", FUNDER, "", OF_ALL),
	VOUCHERS("FC", FUNDER, "fund=cpf-law&billing=paid", OF_ALL),
	VOUCHERS("G0", FUNDER, "", OF_ALL),
	VOUCHERS("G77", FUNDER, "", OF_ALL),
	VOUCHERS("G77", FUNDER, "programme=employer-acme", OF_ALL),
	REQUESTS("FC", AUDITOR, "", OF_RECENT),
	REQUESTS("FC", AUDITOR, "state=requested", OF_RECENT),
	REQUESTS("FC", AUDITOR, "state=lapsed", OF_ALL),
	REQUESTS("FC", AUDITOR, "provider=P7&due_before=2026-02-01", OF_RECENT),
	REQUESTS("P0", PROVIDER, "", OF_RECENT),
	REQUESTS("P0", PROVIDER, "state=refused_provider", OF_ALL),
	REQUESTS("Q1", PORTAL, "", OF_RECENT),
	REQUESTS("G77", FUNDER, "", OF_RECENT),
	LEARNER("id=Z0"),
	LEARNER("id=Z77"),
	LEARNER("id=Z0&state=accepted&fund=F77"),
	PAYMENTS("FC", ACCOUNTANT, ""),
	PAYMENTS("FC", ACCOUNTANT, "state=ordered"),
	PAYMENTS("FC", ACCOUNTANT, "state=rejected"),
	PAYMENTS("FC", ACCOUNTANT, "kind=refund"),
	PAYMENTS("FC", ACCOUNTANT, "provider=P0"),
	PAYMENTS("FC", ACCOUNTANT, "provider=P7"),
	PAYMENTS("FC", ACCOUNTANT, "provider=P0&kind=own_money&state=rejected"),
	PAYMENTS("FC", ACCOUNTANT, "changed_since=2026-01-05T08:00:00Z"),
	PAYMENTS("P0", PROVIDER, ""),
	PAYMENTS("P7", PROVIDER, "state=ordered"),
	PAYMENTS("FC", FUNDER, ""),
};

#define WORK(org, role, query)                                                                               \
	{                                                                                                    \
		org, ROLE_##role, "work", query, OF_DAYS                                                     \
	}

static const struct asked work[] = {
	WORK("P0", PROVIDER, ""),
	WORK("P0", PROVIDER, "kind=answer_request"),
	WORK("P0", PROVIDER, "kind=enter"),
	WORK("P0", PROVIDER, "kind=exit"),
	WORK("P0", PROVIDER, "kind=declare"),
	WORK("P0", PROVIDER, "kind=bill"),
	WORK("P0", PROVIDER, "kind=answer_recovery"),
	WORK("P7", PROVIDER, ""),
	WORK("P7", PROVIDER, "kind=answer_recovery"),
	WORK("PORTAL", PORTAL, ""),
	WORK("PORTAL", PORTAL, "kind=accept"),
	WORK("PORTAL", PORTAL, "kind=contest"),
	WORK("PORTAL", PORTAL, "kind=collect_code"),
	WORK("Q1", PORTAL, ""),
	WORK("G0", FUNDER, ""),
	WORK("G77", FUNDER, ""),
	WORK("G77", FUNDER, "kind=approve_cofunding"),
	WORK("FC", CONTROLLER, ""),
	WORK("FC", CONTROLLER, "kind=decide_absence"),
	WORK("FC", CONTROLLER, "kind=validate"),
	WORK("FC", CONTROLLER, "kind=in_control"),
	WORK("FC", CONTROLLER, "kind=frozen"),
	WORK("FC", CONTROLLER, "kind=account_frozen"),
	WORK("FC", CONTROLLER, "kind=alert"),
	WORK("FC", CONTROLLER, "kind=opposed"),
	WORK("FC", CONTROLLER, "kind=standing_ends"),
	WORK("FC", CONTROLLER, "kind=second_person"),
	WORK("FC", AUTHORISER, ""),
	WORK("FC", AUTHORISER, "kind=order_payment"),
	WORK("FC", AUTHORISER, "kind=order_advance"),
	WORK("FC", AUTHORISER, "kind=pay_back"),
	WORK("FC", ACCOUNTANT, ""),
	WORK("FC", ACCOUNTANT, "kind=payment_file"),
	WORK("FC", ACCOUNTANT, "kind=payment_unanswered"),
	WORK("FC", ACCOUNTANT, "kind=bank_line"),
	WORK("FC", ACCOUNTANT, "kind=collect"),
	WORK("FC", ACCOUNTANT, "kind=year_end"),
	WORK("FC", ACCOUNTANT, "kind=second_person"),
	WORK("FC", OPERATOR, ""),
	WORK("FC", OPERATOR, "kind=confirm_key"),
	WORK("FC", OPERATOR, "kind=key_ends"),
	WORK("FC", OPERATOR, "kind=role_ends"),
	WORK("FC", OPERATOR, "kind=accrual_unfinished"),
	WORK("FC", AUDITOR, "kind=own_key_ends"),
};

static void measure_all(struct db *db, const struct asked *asked, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[256];

		snprintf(text, sizeof text, "%s %s?%s", role_name(asked[i].role), asked[i].action,
			 asked[i].query);
		if (strstr(text, only) != NULL)
			measure(db, &asked[i]);
	}
}

static void count(struct db *db, const char *sql, int64_t *out)
{
	struct err err = {0};

	pages_must(db_int(db, sql, NO_VALS, out, &err) == 1 ? 0 : -1, &err);
}

/* In a ledger that is open. */
static void run(const char *made)
{
	struct db *db = ledger_reader(f.l, &f.err);

	pages_must(db != NULL ? 0 : -1, &f.err);
	count(db, "SELECT max(id) FROM voucher", &vouchers);
	count(db, "SELECT head - id FROM voucher WHERE id = 1", &changes);
	if (db_is_server(db_url(db)))
		count(db, "SELECT CAST(pg_backend_pid() AS BIGINT)", &session);
	printf("%" PRId64 " vouchers in %s%s: median and longest time and mean processor time of a page in "
	       "ms, from the beginning, the middle, near the end\n",
	       vouchers, f.path, made);
	measure_all(db, lists, sizeof lists / sizeof lists[0]);
	measure_all(db, work, sizeof work / sizeof work[0]);
	ledger_reader_back(f.l, db);
}

int main(int argc, char **argv)
{
	int64_t wanted = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
	int keep = argc > 2 && strcmp(argv[2], "keep") == 0;
	double begun = now_ms();
	char made[48] = "";

	if (argc > 2 && !keep) {
		snprintf(f.path, sizeof f.path, "%s", argv[2]);
		only = argc > 3 ? argv[3] : "";
	} else {
		fixture_open(&f);
		pages_fill(&f, wanted);
		snprintf(made, sizeof made, ", made in %.0f s", (now_ms() - begun) / 1e3);
	}
	f.l = ledger_open(f.path, 0, &f.err);
	pages_must(f.l != NULL ? 0 : -1, &f.err);
	run(made);
	if (argc > 2)
		ledger_close(f.l);
	else
		fixture_close(&f);
	return is_short;
}
