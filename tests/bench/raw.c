/*
 * The raw limit: the rows the ledger writes, written straight through the SQLite
 * C API, prepared, in groups of a given size, with the ledger's own durability
 * (WAL, synchronous=FULL, passive checkpoints).  No code of the ledger.
 *
 *	raw redeem   LEDGER COUNT GROUP ANSWER
 *	raw mixed    LEDGER COUNT GROUP ANSWER	(redemptions, of vouchers in no order)
 *	raw accept   LEDGER COUNT GROUP ANSWER
 *	raw accrue   LEDGER COUNT GROUP PERIOD
 *	raw learners LEDGER COUNT GROUP IMPORTED
 *
 * LEDGER is one before the thing is done; the work is done on copies of it that
 * are removed at the end.  ANSWER is the size of the answer kept for a retry,
 * IMPORTED the ledger after the import, whose rows are read into memory before the
 * time counts.  What is left out is everything that is not writing: reading,
 * checking, hashing, JSON, CSV.  Where a hash belongs there are random bytes.
 * Every row must be met: an UPDATE that changes none ends the run.
 *
 * Prints two rates a second: with the triggers by which the ledger's tables guard
 * themselves (the better of two runs, where they are short: a limit that something
 * disturbed is none), and without them, the bare rows; and the bytes of the file.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/raw.h"

#define LOG_PAGES_MAX 4096 /* 16 MiB: where the ledger's writer checkpoints too */

sqlite3 *raw_db;
static int log_pages;

void raw_must(int rc, const char *what)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
		return;
	fprintf(stderr, "raw: %s: %s\n", what, sqlite3_errmsg(raw_db));
	exit(1);
}

sqlite3_stmt *raw_prepare(const char *sql)
{
	sqlite3_stmt *st;

	raw_must(sqlite3_prepare_v3(raw_db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL), sql);
	return st;
}

void raw_run(sqlite3_stmt *st)
{
	raw_must(sqlite3_step(st), "step");
	sqlite3_reset(st);
}

void raw_run_on_row(sqlite3_stmt *st)
{
	raw_run(st);
	if (sqlite3_changes(raw_db) == 1)
		return;
	fprintf(stderr, "raw: no such row: %s\n", sqlite3_sql(st));
	exit(1);
}

sqlite3_int64 raw_number(const char *sql)
{
	sqlite3_stmt *st = raw_prepare(sql);
	sqlite3_int64 n;

	raw_must(sqlite3_step(st), sql);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

void raw_bind(sqlite3_stmt *st, int n, const sqlite3_int64 *numbers)
{
	for (int i = 0; i < n; i++)
		sqlite3_bind_int64(st, i + 1, numbers[i]);
}

/* Eight bytes a step (splitmix64): making them up must not cost what is measured. */
void raw_random(unsigned char *out, int n)
{
	static sqlite3_uint64 state = 1;

	for (int i = 0; i < n; i += 8) {
		sqlite3_uint64 z = state += 0x9e3779b97f4a7c15ULL;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
		z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
		z ^= z >> 31;
		memcpy(out + i, &z, n - i < 8 ? (size_t)(n - i) : 8);
	}
}

sqlite3_int64 raw_account(sqlite3_int64 fund, sqlite3_int64 kind, sqlite3_int64 holder)
{
	return (fund << KIND_BITS | kind) << HOLDER_BITS | holder;
}

void raw_open_account(sqlite3_int64 fund, sqlite3_int64 kind, sqlite3_int64 holder)
{
	sqlite3_stmt *st = raw_prepare("INSERT INTO account (id, kind, fund, holder, debits, credits, moves) "
				       "SELECT ?1, ?2, ?3, ?4, 0, 0, 0 WHERE NOT EXISTS "
				       "(SELECT 1 FROM account WHERE id = ?1)");

	RAW_BIND(st, raw_account(fund, kind, holder), kind, fund, holder);
	raw_run(st);
	sqlite3_finalize(st);
}

static int on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
	(void)arg;
	(void)handle;
	(void)name;
	log_pages = pages;
	return SQLITE_OK;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void checkpoint(int mode)
{
	raw_must(sqlite3_wal_checkpoint_v2(raw_db, NULL, mode, NULL, NULL), "checkpoint");
}

/* Things a second. */
static double write_all(const struct raw_mode *mode, struct raw_job *job)
{
	sqlite3_stmt *begin = raw_prepare("BEGIN IMMEDIATE"), *commit = raw_prepare("COMMIT");
	double start = seconds();

	for (long done = 0; done < job->count;) {
		raw_run(begin);
		for (long i = 0; i < job->group && done < job->count; i++)
			mode->write(job, done++);
		if (mode->commit != NULL)
			mode->commit(job);
		raw_run(commit);
		if (log_pages > LOG_PAGES_MAX)
			checkpoint(SQLITE_CHECKPOINT_PASSIVE);
	}
	if (mode->bulk)
		checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
	return (double)job->count / (seconds() - start);
}

/* Byte for byte, and on disk: what is still to be written would slow down what is measured. */
static void copy_ledger(const char *ledger, const char *copy)
{
	static char bytes[1 << 20];
	int in = open(ledger, O_RDONLY | O_CLOEXEC);
	int out = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = -1;

	while (in >= 0 && out >= 0 && (n = read(in, bytes, sizeof bytes)) > 0)
		if (write(out, bytes, (size_t)n) != n)
			break;
	if (n != 0 || fdatasync(out) != 0) {
		fprintf(stderr, "raw: %s cannot be copied to %s\n", ledger, copy);
		exit(1);
	}
	close(in);
	close(out);
}

static void open_copy(const char *copy)
{
	raw_must(sqlite3_open_v2(copy, &raw_db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL), copy);
	raw_must(sqlite3_exec(
			 raw_db,
			 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
			 "PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536",
			 NULL, NULL, NULL),
		 "pragma");
	sqlite3_wal_hook(raw_db, on_commit, NULL);
	log_pages = 0;
}

/* A log left behind would be replayed into the next copy of that name. */
static void close_copy(const char *copy)
{
	sqlite3_stmt *st;

	while ((st = sqlite3_next_stmt(raw_db, NULL)) != NULL)
		sqlite3_finalize(st);
	raw_must(sqlite3_close(raw_db), "close");
	unlink(copy);
}

static void drop_triggers(void)
{
	char drop[256] = "";

	do {
		sqlite3_stmt *st = raw_prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
		int more = sqlite3_step(st) == SQLITE_ROW;

		if (more)
			sqlite3_snprintf(sizeof drop, drop, "DROP TRIGGER %s",
					 (const char *)sqlite3_column_text(st, 0));
		else
			drop[0] = '\0';
		sqlite3_finalize(st);
		raw_must(sqlite3_exec(raw_db, drop, NULL, NULL, NULL), drop);
	} while (drop[0] != '\0');
}

static double measure(const struct raw_mode *mode, const char *ledger, struct raw_job job, int triggers,
		      sqlite3_int64 *bytes)
{
	char *copy = sqlite3_mprintf("%s.raw", ledger);
	double rate;

	copy_ledger(ledger, copy);
	open_copy(copy);
	if (!triggers)
		drop_triggers();
	job.seq = raw_number("SELECT max(seq) FROM entry");
	job.at = raw_number("SELECT max(booked_at) FROM entry");
	job.day = raw_number("SELECT max(value_date) FROM entry");
	mode->prepare(&job);
	rate = write_all(mode, &job);
	*bytes = raw_number("PRAGMA page_count") * raw_number("PRAGMA page_size");
	free(job.bytes);
	close_copy(copy);
	sqlite3_free(copy);
	return rate;
}

static const struct raw_mode *find_mode(const char *name)
{
	static const struct raw_mode *const modes[] = {&raw_redeem, &raw_mixed, &raw_accept, &raw_accrue,
						       &raw_learners};

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i]->name, name) == 0)
			return modes[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct raw_mode *mode = argc == 6 ? find_mode(argv[1]) : NULL;
	struct raw_job job = {0};
	sqlite3_int64 bytes, ignored;
	double guarded, bare, again;

	if (mode != NULL) {
		job.count = strtol(argv[3], NULL, 10);
		job.group = strtol(argv[4], NULL, 10);
		job.extra = argv[5];
	}
	if (job.count < 1 || job.group < 1) {
		fprintf(stderr, "usage: raw redeem|mixed|accept|accrue|learners LEDGER COUNT GROUP EXTRA\n");
		return 2;
	}
	guarded = measure(mode, argv[2], job, 1, &bytes);
	bare = mode->unguarded ? guarded : measure(mode, argv[2], job, 0, &ignored);
	again = mode->bulk ? guarded : measure(mode, argv[2], job, 1, &ignored);
	printf("%.0f %.0f %lld\n", again > guarded ? again : guarded, bare, bytes);
	return 0;
}
