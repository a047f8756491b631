/*
 * What the parts of the raw limit share: one connection, statements that end the
 * program when they fail, and the table of what can be written.  No code of the
 * ledger but its limits: only the SQLite C API.
 */
#ifndef ILA_TESTS_BENCH_RAW_H
#define ILA_TESTS_BENCH_RAW_H

#include <sqlite3.h>

#include "ledger/base/limits.h"

extern sqlite3 *raw_db;

/* One run: how many, how many in a commit, and what the mode wants besides. */
struct raw_job {
	long count;
	long group;
	const char *extra;    /* the last argument of the command line */
	sqlite3_int64 seq;    /* last entry; a mode moves it on */
	sqlite3_int64 at;     /* instant of the last entry */
	sqlite3_int64 day;    /* its day */
	unsigned char *bytes; /* what a mode has read before the time counts; freed after it */
};

/*
 * prepare: statements, and all that must be there before the time counts.
 * write: number i, from 0.  commit: what is written once a group, NULL nothing.
 * bulk: nothing is answered on the way, and the time counts until the log is in
 * the file, as it does for a command that ends.  unguarded: its tables have no
 * triggers, so that one measurement is both.
 */
struct raw_mode {
	const char *name;
	void (*prepare)(struct raw_job *);
	void (*write)(struct raw_job *, long i);
	void (*commit)(struct raw_job *);
	int bulk, unguarded;
};

extern const struct raw_mode raw_redeem, raw_mixed, raw_accept, raw_accrue, raw_learners;

/* The program ends when the call failed; what says where. */
void raw_must(int rc, const char *what);

/* raw_run: the bound statement, once.  raw_run_on_row: it must change one row; one that is not there would
 * cost nothing. */
sqlite3_stmt *raw_prepare(const char *sql);
void raw_run(sqlite3_stmt *);
void raw_run_on_row(sqlite3_stmt *);

/* raw_number(sql): first column of the first row. */
sqlite3_int64 raw_number(const char *sql);

/* raw_bind(st, n, numbers): the parameters from the first on. */
void raw_bind(sqlite3_stmt *, int n, const sqlite3_int64 *numbers);
#define RAW_BIND(st, ...)                                                                                    \
	raw_bind(st, (int)(sizeof((sqlite3_int64[]){__VA_ARGS__}) / sizeof(sqlite3_int64)),                  \
		 (const sqlite3_int64[]){__VA_ARGS__})

/* raw_random(out, n): bytes that do not compress, where a hash belongs. */
void raw_random(unsigned char *out, int n);

/* raw_account(fund, kind, holder): the number of an account.  raw_open_account: it is there, with nothing on
 * it. */
sqlite3_int64 raw_account(sqlite3_int64 fund, sqlite3_int64 kind, sqlite3_int64 holder);
void raw_open_account(sqlite3_int64 fund, sqlite3_int64 kind, sqlite3_int64 holder);

#endif
