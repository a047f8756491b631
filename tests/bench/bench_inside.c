/*
 * Vouchers in the process, without HTTP: beside the raw limit, and the curves of
 * the long bench: how throughput, verification and memory go with the number of
 * accounts, and latency with the size of a group.
 */
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/lib/kept.h"

#define WAITING          64
#define IN_ORDER         1
#define IN_NO_ORDER      611953 /* a prime */
#define ACCOUNTS_LEAST   100000
#define ACCOUNTS_DEFAULT 10000000
#define ACCOUNTS_MOST    100000000
#define ACCOUNTS_TABLE   1000000 /* the table of groups is made on a ledger of at most so many */
#define VOUCHERS_LEAST   40000   /* a tenth of the accounts, or so many */
#define REDEEMED         20000   /* of them, in no order */
#define KEPT             (2.0 / 3)
#define BYTES_AN_ACCOUNT 1500 /* ledger, its log, the file imported; and room to spare */

struct inside {
	double rate, group, p50, p99, p999, peak_kib;
};

static struct inside inside(const char *what, const char *ledger, size_t count, int waiting, size_t from,
			    int stride)
{
	double out[6];

	ask_program(6, out, "inside", "%s '%s' %zu %d %zu %d", what, ledger, count, waiting, from, stride);
	return (struct inside){out[0], out[1], out[2], out[3], out[4], out[5]};
}

static void latency(const struct inside *got)
{
	printf("%-38s p50 %.2f ms  p99 %.2f ms  p99.9 %.2f ms; %.1f commands in a commit\n", "  latency",
	       got->p50 / 1000, got->p99 / 1000, got->p999 / 1000, got->group);
	fflush(stdout);
}

/* A copy that inside can open: with the key file of the ledger it is a copy of, and without what was
 * acknowledged of the copy before it. */
static void copy_with_key(const char *ledger, const char *keyed, const char *copy)
{
	char from[PATH_MAX_], to[PATH_MAX_];

	snprintf(to, sizeof to, "%.180s.head", copy);
	unlink(to);
	snprintf(from, sizeof from, "%.180s.key", keyed);
	snprintf(to, sizeof to, "%.180s.key", copy);
	copy_file(ledger, copy);
	copy_file(from, to);
}

static void remove_with_key(const char *copy)
{
	static const char *const ends[] = {"", ".key", ".lock", ".head"};
	char path[PATH_MAX_];

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		snprintf(path, sizeof path, "%.180s%s", copy, ends[i]);
		unlink(path);
	}
}

/* As it would be without what lists and queues are found by (migrations/0023_lists.sql, 0024_work.sql). */
static void drop_indexes(const char *copy)
{
	static const char drop[] =
		"DROP INDEX voucher_provider; DROP INDEX voucher_course; DROP INDEX voucher_rule; "
		"DROP INDEX share_fund; DROP INDEX voucher_open; DROP INDEX voucher_waiting; "
		"DROP INDEX voucher_bill; DROP INDEX voucher_in_control; DROP INDEX voucher_to_answer; "
		"DROP INDEX voucher_to_enter; DROP INDEX voucher_to_exit; DROP INDEX voucher_to_declare; "
		"DROP INDEX voucher_to_bill; DROP INDEX voucher_awaited; DROP INDEX voucher_contested; "
		"DROP INDEX voucher_to_validate; DROP INDEX voucher_to_order; DROP INDEX voucher_to_pay";
	struct err err = {0};
	struct db *db = NULL;

	if (db_open(&db, copy, DB_WRITE, &err) != 0 || db_script(db, drop, &err) != 0)
		give_up(err.text);
	db_close(db);
}

/* The better of two each, turn about: what disturbs one would be the difference. */
static void line_indexes(const char *what, const char *ledger, const char *keyed, const char *copy,
			 size_t count)
{
	double with = 0, without = 0;

	for (int i = 0; i < 4; i++) {
		double *best = i % 2 == 0 ? &with : &without;
		double rate;

		copy_with_key(ledger, keyed, copy);
		if (i % 2 == 1)
			drop_indexes(copy);
		rate = inside(what, copy, count, WAITING, 0, IN_ORDER).rate;
		*best = rate > *best ? rate : *best;
	}
	line("  with the indexes of lists and work", with, without, "without them", 0.9);
}

void bench_inside(const char *what, const char *name, const char *ledger, const char *keyed, size_t count)
{
	int redeeming = strcmp(what, "redeem") == 0;
	char copy[PATH_MAX_], answer[24];
	struct inside got, mixed;
	double raw[3];

	snprintf(copy, sizeof copy, "%.180s.inside", ledger);
	copy_with_key(ledger, keyed, copy);
	got = inside(what, copy, count, WAITING, 0, IN_ORDER);
	kept_answer(copy, !redeeming, answer);
	raw_limit(what, ledger, count, got.group, answer, raw);
	line(name, got.rate, raw[0], "raw limit", 0);
	line("  without the triggers", got.rate, raw[1], "bare rows", 0);
	line_growth(file_bytes(ledger), file_bytes(copy), raw[2], count);
	latency(&got);
	RUN_ILA("--db", copy, "verify");
	if (redeeming) {
		copy_with_key(ledger, keyed, copy);
		mixed = inside(what, copy, count, WAITING, 0, IN_NO_ORDER);
		raw_limit("mixed", ledger, count, mixed.group, answer, raw);
		line("  of vouchers in no order", mixed.rate, raw[0], "raw limit", 0);
		latency(&mixed);
	}
	line_indexes(what, ledger, keyed, copy, count);
	remove_with_key(copy);
}

/* --- the curves --------------------------------------------------------------- */

/* What the curves are drawn from: one number of accounts. */
struct point {
	size_t accounts;
	double accepted, redeemed; /* a second */
};

/* Before anything is made: the largest ledger comes last. */
static void check_capacity(const char *folder, size_t accounts)
{
	struct statvfs st;
	double wanted = (double)accounts * BYTES_AN_ACCOUNT;

	if (statvfs(folder, &st) != 0 || (double)st.f_bavail * (double)st.f_frsize < wanted) {
		fprintf(stderr, "bench: %zu accounts want %.0f GB of room in %s; set BENCH_ACCOUNTS lower\n",
			accounts, wanted / 1e9, folder);
		give_up("there is no room");
	}
}

/* Learners of a file, the yearly right, and a voucher for every tenth of them. */
static size_t fill(struct fixture *f, struct point *p)
{
	size_t vouchers = p->accounts / 10 > VOUCHERS_LEAST ? p->accounts / 10 : VOUCHERS_LEAST;
	char csv[PATH_MAX_];
	struct inside got;
	struct used u;

	path_in(csv, f, "learners.csv");
	bench_learners_csv(csv, 'B', p->accounts, 0);
	u = RUN_ILA("--db", f->path, "import", "learners", csv);
	unlink(csv);
	line_plain("import, rows a second", (double)p->accounts / u.seconds, "");
	line_memory("  peak memory, MiB", u.peak_kib, WRITER_CACHE);
	u = RUN_ILA("--db", f->path, "accrue", "cpf", "2025");
	line_plain("accrual, learners a second", (double)p->accounts / u.seconds, "");
	line_memory("  peak memory, MiB", u.peak_kib, WRITER_CACHE);
	got = inside("accept", f->path, vouchers, WAITING, 0, IN_NO_ORDER);
	p->accepted = got.rate;
	line_plain("acceptances in process a second", got.rate, "");
	line_memory("  peak memory, MiB", (long)got.peak_kib, WRITER_CACHE);
	return vouchers;
}

/* Latency against the size of a group: what a larger one wins and what it costs. */
static void table(const char *path, size_t from, size_t most)
{
	static const int waiting[] = {1, 8, 32, 128, 512};

	printf("%-12s %18s %18s %10s %10s %10s\n", "waiting", "commands a commit", "redemptions/s", "p50 ms",
	       "p99 ms", "p99.9 ms");
	for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
		size_t count = waiting[i] < 32 ? most / 4 * (size_t)waiting[i] / 8 : most;
		struct inside got = inside("redeem", path, count, waiting[i], from, IN_NO_ORDER);

		from += count;
		printf("%-12d %18.1f %18.0f %10.2f %10.2f %10.2f\n", waiting[i], got.group, got.rate,
		       got.p50 / 1000, got.p99 / 1000, got.p999 / 1000);
		fflush(stdout);
	}
}

static void measure(struct point *p, int with_table)
{
	struct fixture f;
	struct inside got;
	size_t vouchers;

	fixture_open(&f);
	ledger_close(f.l);
	f.l = NULL;
	printf("\n%zu accounts\n", p->accounts);
	vouchers = fill(&f, p);
	got = inside("redeem", f.path, REDEEMED, WAITING, 0, IN_NO_ORDER);
	p->redeemed = got.rate;
	line_plain("redemptions in process a second", got.rate, "");
	latency(&got);
	line_memory("  peak memory, MiB", (long)got.peak_kib, WRITER_CACHE);
	bench_verify("verify, transfers a second", f.path);
	line_plain("size of the ledger, MiB", file_bytes(f.path) / (1 << 20), "");
	if (with_table)
		table(f.path, REDEEMED, (vouchers - REDEEMED) / 4);
	fixture_close(&f);
}

void bench_long(void)
{
	size_t most = number_from_env("BENCH_ACCOUNTS", ACCOUNTS_LEAST, ACCOUNTS_DEFAULT, ACCOUNTS_MOST);
	struct point first = {.accounts = ACCOUNTS_LEAST}, p;

	check_capacity(kept_place(), most);
	measure(&first, most < ACCOUNTS_TABLE);
	for (size_t n = 10 * ACCOUNTS_LEAST; n <= most; n *= 10) {
		char name[64];

		p = (struct point){.accounts = n};
		measure(&p, n == ACCOUNTS_TABLE);
		snprintf(name, sizeof name, "redemptions at %zu accounts", n);
		line(name, p.redeemed, first.redeemed, "100,000 accounts", KEPT);
		snprintf(name, sizeof name, "acceptances at %zu accounts", n);
		line(name, p.accepted, first.accepted, "100,000 accounts", KEPT);
	}
}
