/*
 * make bench ENGINE=postgres: the ledger on PostgreSQL, beside the same SQL in sets
 * without the ledger (sets.c), and beside the ledger on SQLite.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/lib/where.h"

#define ROUNDS        3 /* the middle one counts */
#define INSIDE_BUDGET 0.7
#define HTTP_BUDGET   0.6
#define BULK_BUDGET   0.5
#define VERIFY_BUDGET 0.5
#define IN_ORDER      1
#define PART          5000 /* rows of each table in a commit of the limit */

static struct served *const s = &bench_served;

/* A ledger, or its copy, closed: its address. */
struct place {
	char url[PATH_MAX_];
};

static struct place copy_of(const char *from, const char *name)
{
	struct place p;

	where_name(s->f.dir, name, p.url, sizeof p.url);
	if (!where_copy(from, p.url))
		give_up("a database of that name is there already");
	return p;
}

/* On a file, in the folder of the fixture; the key is the same. */
static struct place as_file(const char *from, const char *name)
{
	struct place p;

	path_in(p.url, &s->f, name);
	RUN_ILA("--db", from, "backup", p.url);
	return p;
}

/* --- in process ------------------------------------------------------------------- */

struct round {
	double ours, limit;
};

static int by_ratio(const void *a, const void *b)
{
	const struct round *x = a, *y = b;
	double p = x->ours / x->limit, q = y->ours / y->limit;

	return (p > q) - (p < q);
}

static double inside(const char *ledger, size_t count, int waiting)
{
	double out[6];

	ask_program(6, out, "inside", "redeem '%s' %zu %d 0 %d", ledger, count, waiting, IN_ORDER);
	return out[0];
}

static double limit(const char *ledger, size_t count, double group)
{
	double rate;

	ask_program(1, &rate, "sets", "redeem '%s' %zu %.0f 0", ledger, count, group);
	return rate;
}

static void in_process(size_t count, int waiting)
{
	struct round round[ROUNDS];
	struct place file;
	char name[64];

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof name, "ours-%d-%d", waiting, i);
		round[i].ours = inside(copy_of(s->f.path, name).url, count, waiting);
		snprintf(name, sizeof name, "limit-%d-%d", waiting, i);
		round[i].limit = limit(copy_of(s->f.path, name).url, count, waiting);
	}
	qsort(round, ROUNDS, sizeof round[0], by_ratio);
	snprintf(name, sizeof name, "redemptions in process, %d waiting", waiting);
	line(name, round[ROUNDS / 2].ours, round[ROUNDS / 2].limit, "sets", INSIDE_BUDGET);
	printf("%-38s %.2f to %.2f in %d rounds\n", "  ratios", round[0].ours / round[0].limit,
	       round[ROUNDS - 1].ours / round[ROUNDS - 1].limit, ROUNDS);
	snprintf(name, sizeof name, "file-%d.db", waiting);
	file = as_file(s->f.path, name);
	line("  beside SQLite", round[ROUNDS / 2].ours, inside(file.url, count, waiting), "SQLite", 0);
}

/* --- over HTTP -------------------------------------------------------------------- */

static void over_http(struct phase *p, const struct place *copy)
{
	p->request = request_redemption;
	p->expected = 201;
	phase_run(p);
	line(p->name, p->rate, limit(copy->url, p->count, p->group), "sets", HTTP_BUDGET);
	phase_lines(p);
}

static void server(size_t count)
{
	struct phase phases[] = {
		{.name = "redemptions, 64 connections", .connections = 64, .count = count},
		{.name = "redemptions, 256 connections", .connections = 256, .first = count, .count = count},
	};
	const struct place copies[] = {copy_of(s->f.path, "http-64"), copy_of(s->f.path, "http-256")};

	served_start_with(s, (const char *const[]){"--key-rate", "1000000000/60", NULL});
	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
		over_http(&phases[i], &copies[i]);
	served_stop(s);
	served_verify(s);
}

/* --- a whole population ------------------------------------------------------------ */

static double rows(const char *from, const struct place *to, const char *tables)
{
	double rate;

	ask_program(1, &rate, "sets", "rows '%s' '%s' %d %s", from, to->url, PART, tables);
	return rate;
}

static void import(const char *ledger, const char *file, size_t learners)
{
	struct place before = copy_of(ledger, "before-import");
	struct used u = RUN_ILA("--db", ledger, "import", "learners", file);

	line("import of learners, rows a second", (double)learners / u.seconds,
	     rows(ledger, &before, "learner id"), "sets", BULK_BUDGET);
	line_memory("  peak memory, MiB", u.peak_kib, WRITER_CACHE);
}

static void accrual(const char *ledger, size_t learners)
{
	struct place before = copy_of(ledger, "before-accrual");
	struct used u = RUN_ILA("--db", ledger, "accrue", "cpf", "2025");

	line("accrual, learners a second", (double)learners / u.seconds,
	     rows(ledger, &before, "entry seq transfer id account head lot id accrual seq"), "sets",
	     BULK_BUDGET);
	line_memory("  peak memory, MiB", u.peak_kib, WRITER_CACHE);
}

static void verify(const char *ledger)
{
	struct place file = as_file(ledger, "verified.db");
	struct used u = RUN_ILA("--db", ledger, "verify"), on_file = RUN_ILA("--db", file.url, "verify");

	line_times("verify, ms", u.seconds, on_file.seconds, "SQLite", VERIFY_BUDGET);
	line_memory("  peak memory, MiB", u.peak_kib, READER_CACHE);
}

static void population(size_t learners)
{
	char csv[PATH_MAX_];
	struct fixture f;

	fixture_open(&f);
	ledger_close(f.l);
	f.l = NULL;
	path_in(csv, &f, "learners.csv");
	bench_learners_csv(csv, 'B', learners, 0);
	import(f.path, csv, learners);
	unlink(csv);
	accrual(f.path, learners);
	verify(f.path);
	fixture_close(&f);
}

void bench_postgres(size_t vouchers, size_t learners)
{
	served_open(s);
	served_learners(s, (int)vouchers);
	served_orders(s, vouchers);
	ledger_close(s->f.l);
	s->f.l = NULL;
	in_process(vouchers / 4, 64);
	in_process(vouchers / 4, 256);
	server(vouchers / 4);
	population(learners);
	served_close(s);
}
