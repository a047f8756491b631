/*
 * What the parts of the bench share: how a figure is printed, how a program is
 * run and what it used, the phases of requests.
 *
 * A figure is a line: name, ours, reference, ratio, budget, met or short.  Every
 * failure of a program ends the run; requests that were not answered as they
 * should be are counted, and the bench then exits with 1.
 */
#ifndef ILA_TESTS_BENCH_H
#define ILA_TESTS_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include "tests/lib/served.h"

#define REQUEST_MAX  1024
#define PATH_MAX_    192
#define WRITER_CACHE 64    /* MiB: page cache of a process that writes (ledger/store) */
#define READER_CACHE 8     /* of one that reads */
#define MEMORY_OWN   64    /* MiB beyond it: the budget */
#define LATENCY_MAX  50000 /* us: budget of p99 */

/* --- figures (bench_print.c) ---------------------------------------------- */

/* The bench ends: a figure that would be wrong is not printed. */
_Noreturn void give_up(const char *what);

/* failures(n): add n; returns all so far.  The bench fails when there were any. */
size_t failures(size_t n);

/* line: the ratio must be at least the budget; 0: no budget.  line_at_most: at most.  line_times: printed in
 * ms, the ratio is that of the speeds.  line_growth: bytes; the raw limit wrote what the ledger wrote only if
 * its file grew as much: else a failure. */
void line(const char *name, double ours, double reference, const char *of, double budget);
void line_at_most(const char *name, double ours, double reference, const char *of, double budget);
void line_times(const char *name, double seconds, double reference, const char *of, double budget);
void line_memory(const char *name, long peak_kib, int cache_mib);
void line_growth(double before, double ours, double raw, size_t count);
void line_plain(const char *name, double value, const char *unit);
const char *verdict(int met);

/* --- programs (bench_run.c) ------------------------------------------------ */

extern const char *bench_programs; /* folder of raw, load, inside, used */

/* ask_program(wanted, out, program, format, ...): run a program of the bench, read the numbers it prints. */
void ask_program(int wanted, double out[], const char *program, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* What a run of a program took. */
struct used {
	double seconds, processor; /* processor time of all its threads */
	long peak_kib;
};

/* run_program(program, key, args): what it prints is thrown away; key: $ILA_KEY or NULL.  RUN_ILA: the
 * product. */
struct used run_program(const char *program, const char *key, const char *const *args);
#define WORDS(...)   ((const char *const[]){__VA_ARGS__, NULL})
#define RUN_ILA(...) run_program(getenv("ILA_BIN"), NULL, WORDS(__VA_ARGS__))

/* count_in(path, sql): a number of a ledger; sql is a literal. */
int64_t count_in(const char *path, const char *sql);

/* path_in: a file beside the ledger of a fixture. */
void path_in(char out[PATH_MAX_], const struct fixture *, const char *name);

/* copy_file: byte for byte.  file_bytes: its size.  number_from_env: within its bounds, or the default. */
void copy_file(const char *from, const char *to);
double file_bytes(const char *path);
size_t number_from_env(const char *name, size_t least, size_t usual, size_t most);

/* --- phases of requests (bench_phase.c) ------------------------------------ */

/* Requests made by a number of connections, and what came out. */
struct phase {
	const char *name;
	int connections;
	int pace;            /* requests a second that fall due; 0: as fast as they are answered */
	size_t first, count; /* of what request() numbers */
	size_t (*request)(size_t i, char out[REQUEST_MAX]);
	int expected; /* status */
	double rate;
	long long p50, p99, p999, most;  /* microseconds */
	size_t answered, failed;         /* failed: without the answer that was expected */
	double group;                    /* commands in a commit, mean */
	double server_cores, load_cores; /* processor time in the time it took */
};

extern struct served bench_served; /* the ledger of all phases */

/* phase_run: all its requests.  phase_beside: while run(arg) goes on, then no more. */
void phase_run(struct phase *);
void phase_beside(struct phase *, void (*run)(void *), void *arg);
void phase_latency(const struct phase *, long long budget_us);
void phase_lines(const struct phase *); /* latency, cores used, commands in a commit, failures */

/* server_time(): processor time of the server so far, seconds. */
double server_time(void);

/* Requests by number: the redemption of voucher i, an order of learner i, a reading, nothing. */
size_t request_redemption(size_t i, char out[REQUEST_MAX]);
size_t request_order(size_t i, char out[REQUEST_MAX]);
size_t request_balance(size_t i, char out[REQUEST_MAX]);
size_t request_health(size_t i, char out[REQUEST_MAX]);

/* --- subjects --------------------------------------------------------------- */

/* How many vouchers each subject redeems; their places in bench_served.code, in this order. */
struct plan {
	size_t vouchers; /* redeemed at 1 to 256 connections */
	size_t beside;   /* redeemed beside other work */
	size_t hot;      /* of one fund, then as many of a thousand */
	size_t orders;   /* learners who order */
};

void bench_http(const struct plan *, const char *copy); /* redemptions, reads, creation */
void bench_hot_prepare(const struct plan *);
void bench_hot(const struct plan *);                  /* one fund beside a thousand */
void bench_beside(const struct plan *);               /* redemptions beside an import, a backup */
void bench_bulk(size_t learners);                     /* import, accrual, verify, start-up */
void bench_reports(const struct fixture *many_funds); /* each, beside the sqlite3 shell */

void bench_long(void); /* the scaling curves */

/* bench_postgres(vouchers, learners): on the server of $ILA_TEST_SERVER: redemptions, import, accrual,
 * verify. */
void bench_postgres(size_t vouchers, size_t learners);

/* bench_hooks(vouchers): redemptions while a webhook is told of each, beside those while there is none. */
void bench_hooks(size_t vouchers);

/*
 * bench_inside(what, name, ledger, keyed, count): "redeem" or "accept" in process
 * beside its raw limit, from a copy of ledger; keyed is the one whose key file fits.
 */
void bench_inside(const char *what, const char *name, const char *ledger, const char *keyed, size_t count);

/* bench_verify(name, path): "ila verify" on that ledger, beside its budget. */
void bench_verify(const char *name, const char *path);

/* bench_learners_csv(path, prefix, rows, shuffled): a file of learners, in the order of their codes or in
 * none. */
void bench_learners_csv(const char *path, char prefix, size_t rows, int shuffled);

/* kept_answer: the length of an answer kept for a retry, of redemptions or of those that show a code. */
void kept_answer(const char *path, int with_code, char out[24]);

/* raw_limit: with the triggers, without them, bytes of the file. */
void raw_limit(const char *mode, const char *ledger, size_t count, double group, const char *extra,
	       double out[3]);

#endif
