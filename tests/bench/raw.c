/*
 * The raw limit: the rows of redemptions, written straight through the SQLite C
 * API in groups, and nothing else.  It shares no code with the ledger.
 *
 *	raw LEDGER COUNT GROUP ANSWER
 *
 * LEDGER is a ledger with at least COUNT vouchers to redeem; the work is done on
 * copies of it that are removed at the end.  ANSWER is the size of the answer
 * kept for a retry.  One redemption writes what one writes in the ledger: an
 * entry with its hash (random bytes: hashing is not writing), two transfers, four
 * accounts, the voucher, two shares, the answer.  What is left out is everything
 * that is not writing: reading, checking, hashing, JSON.  Every row must be met:
 * an UPDATE that changes none ends the run.
 *
 * Prints two rates, redemptions a second: with the triggers by which the ledger's
 * tables guard themselves, and without them, the bare rows.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_PAGES_MAX 4096 /* 16 MiB: where the ledger's writer checkpoints too */
#define ANSWER_MAX    65536

static sqlite3 *db;

static void must(int rc, const char *what)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
		return;
	fprintf(stderr, "raw: %s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *st;

	must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL), sql);
	return st;
}

static void run(sqlite3_stmt *st)
{
	must(sqlite3_step(st), "step");
	sqlite3_reset(st);
}

/* A row that is not there would be written at no cost. */
static void run_on_row(sqlite3_stmt *st)
{
	run(st);
	if (sqlite3_changes(db) == 1)
		return;
	fprintf(stderr, "raw: no such row: %s\n", sqlite3_sql(st));
	exit(1);
}

static sqlite3_int64 number(const char *sql)
{
	sqlite3_stmt *st = prepare(sql);
	sqlite3_int64 n;

	must(sqlite3_step(st), sql);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static int log_pages;

static int on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
	(void)arg;
	(void)handle;
	(void)name;
	log_pages = pages;
	return SQLITE_OK;
}

static sqlite3_stmt *entry, *transfer, *account, *voucher, *share, *replay, *begin, *commit;

static void prepare_all(void)
{
	entry = prepare(
		"INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, voucher, rule, previous, "
		"transfers, hash) VALUES (?1, 'enter', ?2, 20458, 6, 8, ?3, 1, ?4, 2, ?5)");
	transfer = prepare(
		"INSERT INTO transfer (id, fund, debit, debit_holder, credit, credit_holder, amount, lot) "
		"VALUES (?1, ?2, 240, 0, 250, 0, ?3, ?4)");
	account = prepare(
		"UPDATE account SET debits = debits + ?2, credits = credits + ?3, moves = 0, head = NULL WHERE "
		"id = ?1");
	voucher = prepare(
		"UPDATE voucher SET state = 2, billing = 0, started_on = 20458, head = ?2 WHERE id = ?1");
	share = prepare(
		"UPDATE share SET card = card, advance = 0, committed = 0, in_training = amount, payable = 0, "
		"ordered = 0, paid = 0 WHERE id = ?1");
	replay = prepare(
		"INSERT INTO replay (key_hash, fingerprint, status, body, at) VALUES (?1, ?2, 201, ?3, ?4)");
	begin = prepare("BEGIN IMMEDIATE");
	commit = prepare("COMMIT");
}

/* The first redemption of a fund opens the account it moves to; here all are opened before the time counts.
 */
static void open_accounts(void)
{
	sqlite3_stmt *st = prepare("INSERT INTO account (id, kind, fund, holder, debits, credits, moves) "
				   "SELECT ?1, 250, ?2, 0, 0, 0, 0 WHERE NOT EXISTS "
				   "(SELECT 1 FROM account WHERE id = ?1)");

	for (sqlite3_int64 fund = 1; fund <= 2; fund++) {
		sqlite3_bind_int64(st, 1, fund << 43 | (sqlite3_int64)250 << 33);
		sqlite3_bind_int64(st, 2, fund);
		run(st);
	}
	sqlite3_finalize(st);
}

/* A log left behind would be replayed into the next copy of that name. */
static void close_all(void)
{
	sqlite3_stmt *st;

	while ((st = sqlite3_next_stmt(db, NULL)) != NULL)
		sqlite3_finalize(st);
	must(sqlite3_close(db), "close");
}

static void write_transfer(sqlite3_int64 id, int fund, sqlite3_int64 amount, sqlite3_int64 lot)
{
	sqlite3_bind_int64(transfer, 1, id);
	sqlite3_bind_int(transfer, 2, fund);
	sqlite3_bind_int64(transfer, 3, amount);
	if (lot != 0)
		sqlite3_bind_int64(transfer, 4, lot);
	else
		sqlite3_bind_null(transfer, 4);
	run(transfer);
}

static void move_account(sqlite3_int64 fund, sqlite3_int64 kind, sqlite3_int64 debit, sqlite3_int64 credit)
{
	sqlite3_bind_int64(account, 1, fund << 43 | kind << 33);
	sqlite3_bind_int64(account, 2, debit);
	sqlite3_bind_int64(account, 3, credit);
	run_on_row(account);
}

static void fill_random(unsigned char *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)random();
}

static void redeem(sqlite3_int64 id, sqlite3_int64 seq, sqlite3_int64 at, const char *answer)
{
	unsigned char hash[32], key[16];

	fill_random(hash, sizeof hash);
	fill_random(key, sizeof key);
	sqlite3_bind_int64(entry, 1, seq);
	sqlite3_bind_int64(entry, 2, at);
	sqlite3_bind_int64(entry, 3, id);
	sqlite3_bind_int64(entry, 4, seq - 1000);
	sqlite3_bind_blob(entry, 5, hash, sizeof hash, SQLITE_STATIC);
	run(entry);
	write_transfer(seq * 64, 2, 10320, 0);
	write_transfer(seq * 64 + 1, 1, 19680, id);
	move_account(2, 240, 10320, 0);
	move_account(2, 250, 0, 10320);
	move_account(1, 240, 19680, 0);
	move_account(1, 250, 0, 19680);
	sqlite3_bind_int64(voucher, 1, id);
	sqlite3_bind_int64(voucher, 2, seq);
	run_on_row(voucher);
	for (int i = 0; i < 2; i++) {
		sqlite3_bind_int64(share, 1, id * 16 + i);
		run_on_row(share);
	}
	sqlite3_bind_blob(replay, 1, key, sizeof key, SQLITE_STATIC);
	sqlite3_bind_blob(replay, 2, hash, sizeof hash, SQLITE_STATIC);
	sqlite3_bind_text(replay, 3, answer, -1, SQLITE_STATIC);
	sqlite3_bind_int64(replay, 4, at);
	run(replay);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double write_all(long count, long group, const char *answer)
{
	sqlite3_int64 seq = number("SELECT max(seq) FROM entry");
	sqlite3_int64 at = number("SELECT max(booked_at) FROM entry");
	sqlite3_int64 first = number("SELECT min(id) FROM voucher WHERE state = 1");
	double start = seconds();

	for (long done = 0; done < count;) {
		run(begin);
		for (long i = 0; i < group && done < count; i++, done++)
			redeem(first + done, ++seq, ++at, answer);
		run(commit);
		if (log_pages > LOG_PAGES_MAX)
			must(sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
			     "checkpoint");
	}
	return (double)count / (seconds() - start);
}

static void copy_ledger(const char *ledger, const char *copy)
{
	char *sql = sqlite3_mprintf("VACUUM INTO %Q", copy);

	unlink(copy);
	must(sqlite3_open_v2(ledger, &db, SQLITE_OPEN_READONLY, NULL), ledger);
	must(sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
	sqlite3_free(sql);
	must(sqlite3_close(db), "close");
}

static void drop_triggers(void)
{
	char drop[256] = "";

	do {
		sqlite3_stmt *st = prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
		int more = sqlite3_step(st) == SQLITE_ROW;

		if (more)
			sqlite3_snprintf(sizeof drop, drop, "DROP TRIGGER %s",
					 (const char *)sqlite3_column_text(st, 0));
		else
			drop[0] = '\0';
		sqlite3_finalize(st);
		must(sqlite3_exec(db, drop, NULL, NULL, NULL), drop);
	} while (drop[0] != '\0');
}

static double measure(const char *ledger, long count, long group, const char *answer, int triggers)
{
	char *copy = sqlite3_mprintf("%s.raw", ledger);
	double rate;

	copy_ledger(ledger, copy);
	must(sqlite3_open_v2(copy, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL), copy);
	must(sqlite3_exec(db,
			  "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
			  "PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536",
			  NULL, NULL, NULL),
	     "pragma");
	sqlite3_wal_hook(db, on_commit, NULL);
	if (!triggers)
		drop_triggers();
	prepare_all();
	open_accounts();
	rate = write_all(count, group, answer);
	close_all();
	unlink(copy);
	sqlite3_free(copy);
	return rate;
}

static long argument(int argc, char **argv, int i)
{
	return argc == 5 ? strtol(argv[i], NULL, 10) : 0;
}

int main(int argc, char **argv)
{
	static char answer[ANSWER_MAX];
	long count = argument(argc, argv, 2), group = argument(argc, argv, 3), size = argument(argc, argv, 4);

	if (count < 1 || group < 1 || size < 1 || size >= ANSWER_MAX) {
		fprintf(stderr, "usage: raw LEDGER COUNT GROUP ANSWER\n");
		return 2;
	}
	memset(answer, 'a', (size_t)size);
	printf("%.0f ", measure(argv[1], count, group, answer, 1));
	printf("%.0f\n", measure(argv[1], count, group, answer, 0));
	return 0;
}
