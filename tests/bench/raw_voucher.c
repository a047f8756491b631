/*
 * The raw limit of what is done to one voucher.
 *
 * A redemption: entry, two transfers, four accounts, the voucher, two shares, the
 * kept answer.  An acceptance: entry, three transfers (the right, its budget, the
 * co-payment), six accounts, the voucher with its three indexes (name, learner,
 * co-payment), two shares, the kept answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/raw.h"

#define ANSWER_MAX 65536
#define LAW        1     /* cpf-law */
#define COPAY      2     /* cpf-copay */
#define PART       19680 /* of the law in a price of 300.00 */
#define CARD       10320
#define YEAR       2026
#define STRIDE     611953 /* a prime: vouchers in no order */

static char answer[ANSWER_MAX];
static sqlite3_stmt *entry, *transfer, *account, *lot_account, *voucher, *share, *replay;
static sqlite3_int64 first;               /* voucher */
static sqlite3_int64 all = 1, stride = 1; /* redemptions: how many there are, which is next */

static void prepare_journal(struct raw_job *job)
{
	long size = strtol(job->extra, NULL, 10);

	if (size < 1 || size >= ANSWER_MAX) {
		fprintf(stderr, "raw: no size of an answer: %s\n", job->extra);
		exit(2);
	}
	memset(answer, 'a', (size_t)size);
	transfer = raw_prepare(
		"INSERT INTO transfer (id, fund, debit, debit_holder, credit, credit_holder, amount, lot, "
		"lot_move, lot_previous, lot_balance) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
	account = raw_prepare(
		"UPDATE account SET debits = debits + ?2, credits = credits + ?3, moves = 0, head = NULL WHERE "
		"id = ?1");
	lot_account = raw_prepare(
		"UPDATE account SET debits = debits + ?2, credits = credits + ?3, moves = moves + 1, head = ?4 "
		"WHERE id = ?1");
	replay = raw_prepare("INSERT INTO replay (key_hash, fingerprint, status, body, secret_for, at) "
			     "VALUES (?1, ?2, 201, ?3, ?4, ?5)");
}

/* id, fund, debit, holder, credit, holder, amount, lot and its chain; 0 of the last four: NULL. */
static void write_transfer(const sqlite3_int64 t[11])
{
	raw_bind(transfer, 11, t);
	for (int i = 7; i < 11; i++)
		if (t[i] == 0)
			sqlite3_bind_null(transfer, i + 1);
	raw_run(transfer);
}
#define TRANSFER(...) write_transfer((const sqlite3_int64[11]){__VA_ARGS__})

static void move(sqlite3_int64 fund, sqlite3_int64 kind, sqlite3_int64 holder, sqlite3_int64 debit,
		 sqlite3_int64 credit)
{
	RAW_BIND(account, raw_account(fund, kind, holder), debit, credit);
	raw_run_on_row(account);
}

static void write_entry(const struct raw_job *job, sqlite3_int64 id)
{
	unsigned char hash[32];

	raw_random(hash, sizeof hash);
	RAW_BIND(entry, job->seq, job->at, job->day, id);
	sqlite3_bind_blob(entry, 5, hash, sizeof hash, SQLITE_STATIC);
	raw_run(entry);
}

static void keep_answer(const struct raw_job *job, sqlite3_int64 secret_for)
{
	unsigned char fingerprint[32], key[16];

	raw_random(fingerprint, sizeof fingerprint);
	raw_random(key, sizeof key);
	sqlite3_bind_blob(replay, 1, key, sizeof key, SQLITE_STATIC);
	sqlite3_bind_blob(replay, 2, fingerprint, sizeof fingerprint, SQLITE_STATIC);
	sqlite3_bind_text(replay, 3, answer, -1, SQLITE_STATIC);
	if (secret_for != 0)
		sqlite3_bind_int64(replay, 4, secret_for);
	sqlite3_bind_int64(replay, 5, job->at);
	raw_run(replay);
}

/* --- redemptions ------------------------------------------------------------ */

/* The first redemption of a fund opens the account it moves to; here it is open before the time counts. */
static void prepare_redeem(struct raw_job *job)
{
	prepare_journal(job);
	entry = raw_prepare(
		"INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, voucher, rule, previous, "
		"transfers, hash, content) VALUES (?1, 'enter', ?2, ?3, 6, 8, ?4, 1, ?1 - 1000, 2, ?5, ?5)");
	voucher = raw_prepare(
		"UPDATE voucher SET state = 2, billing = 0, started_on = ?3, head = ?2 WHERE id = ?1");
	share = raw_prepare(
		"UPDATE share SET card = card, advance = 0, committed = 0, in_training = amount, payable = 0, "
		"ordered = 0, paid = 0 WHERE id = ?1");
	raw_open_account(LAW, 250, 0);
	raw_open_account(COPAY, 250, 0);
	first = raw_number("SELECT min(id) FROM voucher WHERE state = 1");
	all = raw_number("SELECT count(*) FROM voucher WHERE copay > 0");
	stride = 1;
}

static void prepare_mixed(struct raw_job *job)
{
	prepare_redeem(job);
	stride = STRIDE;
}

static void redeem(struct raw_job *job, long i)
{
	sqlite3_int64 id = first + i * stride % all, seq = ++job->seq;

	job->at++;
	write_entry(job, id);
	TRANSFER(seq * TRANSFER_ID_STEP, COPAY, 240, 0, 250, 0, CARD);
	TRANSFER(seq * TRANSFER_ID_STEP + 1, LAW, 240, 0, 250, 0, PART, id);
	move(COPAY, 240, 0, CARD, 0);
	move(COPAY, 250, 0, 0, CARD);
	move(LAW, 240, 0, PART, 0);
	move(LAW, 250, 0, 0, PART);
	RAW_BIND(voucher, id, seq, job->day);
	raw_run_on_row(voucher);
	for (int k = 0; k < 2; k++) {
		RAW_BIND(share, id * SHARE_ID_STEP + k);
		raw_run_on_row(share);
	}
	keep_answer(job, 0);
}

const struct raw_mode raw_redeem = {.name = "redeem", .prepare = prepare_redeem, .write = redeem};
const struct raw_mode raw_mixed = {.name = "mixed", .prepare = prepare_mixed, .write = redeem};

/* --- acceptances ------------------------------------------------------------ */

struct lot {
	sqlite3_int64 id, learner, head;
};

/* The lots nothing was drawn from yet, in the order in which they were given. */
static void read_lots(struct raw_job *job)
{
	sqlite3_stmt *st =
		raw_prepare("SELECT a.holder, l.learner, a.head FROM account a JOIN lot l ON l.id = "
			    "a.holder WHERE a.kind = 220 AND a.fund = 1 AND a.debits = 0 "
			    "AND a.credits = 50000 ORDER BY a.id LIMIT ?1");
	struct lot *lots = calloc((size_t)job->count, sizeof *lots);
	long n = 0;

	sqlite3_bind_int64(st, 1, job->count);
	while (lots != NULL && sqlite3_step(st) == SQLITE_ROW)
		lots[n++] = (struct lot){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
					 sqlite3_column_int64(st, 2)};
	sqlite3_finalize(st);
	if (n < job->count) {
		fprintf(stderr, "raw: %ld lots to draw on, %ld are wanted\n", n, job->count);
		exit(1);
	}
	job->bytes = (unsigned char *)lots;
}

static void prepare_accept(struct raw_job *job)
{
	prepare_journal(job);
	entry = raw_prepare(
		"INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, voucher, rule, transfers, "
		"hash, content) VALUES (?1, 'accept', ?2, ?3, 4, 7, ?4, 1, 3, ?5, ?5)");
	voucher = raw_prepare(
		"INSERT INTO voucher (id, uuid, learner, provider, course, certification, action_type, rule, "
		"state, billing, price, copay, copay_reference, hours, session_start, session_end, "
		"requested_on, accepted_on, code_hash, head) VALUES (?1, ?5, ?2, 6, 2, 'RNCP1', 1, 1, 1, 0, "
		"30000, 10320, ?6, 35, ?4 + 28, ?4 + 32, ?4, ?4, ?7, ?3)");
	share = raw_prepare(
		"INSERT INTO share (id, fund, lot, amount, card, advance, committed, in_training, payable, "
		"ordered, paid) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?4, 0, 0, 0, 0)");
	raw_open_account(LAW, 240, 0);
	raw_open_account(LAW, 812, YEAR);
	raw_open_account(COPAY, 140, 0);
	raw_open_account(COPAY, 240, 0);
	first = raw_number("SELECT coalesce(max(id), 0) + 1 FROM voucher");
	read_lots(job);
}

/* Names grow like those of the ledger: time first, then what cannot be guessed. */
static void write_voucher(const struct raw_job *job, sqlite3_int64 id, const struct lot *lot, long i)
{
	unsigned char uuid[16], hash[32];
	char card[24];

	raw_random(uuid, sizeof uuid);
	raw_random(hash, sizeof hash);
	for (int k = 0; k < 8; k++)
		uuid[k] = (unsigned char)(job->at >> (56 - 8 * k));
	sqlite3_snprintf(sizeof card, card, "CARD-%ld", i + 40000);
	RAW_BIND(voucher, id, lot->learner, job->seq, job->day);
	sqlite3_bind_blob(voucher, 5, uuid, sizeof uuid, SQLITE_STATIC);
	sqlite3_bind_text(voucher, 6, card, -1, SQLITE_STATIC);
	sqlite3_bind_blob(voucher, 7, hash, sizeof hash, SQLITE_STATIC);
	raw_run(voucher);
	RAW_BIND(share, id * SHARE_ID_STEP, COPAY, 0, CARD, CARD);
	sqlite3_bind_null(share, 3);
	raw_run(share);
	RAW_BIND(share, id * SHARE_ID_STEP + 1, LAW, lot->id, PART, 0);
	raw_run(share);
}

static void accept(struct raw_job *job, long i)
{
	const struct lot *lot = (const struct lot *)(const void *)job->bytes + i;
	sqlite3_int64 id = first + i, seq = ++job->seq;

	job->at++;
	write_entry(job, id);
	TRANSFER(seq * TRANSFER_ID_STEP, COPAY, 140, 0, 240, 0, CARD);
	TRANSFER(seq * TRANSFER_ID_STEP + 1, LAW, 220, lot->id, 240, 0, PART, lot->id, 2, lot->head,
		 50000 - PART);
	TRANSFER(seq * TRANSFER_ID_STEP + 2, LAW, 811, YEAR, 812, YEAR, PART, lot->id);
	move(COPAY, 140, 0, CARD, 0);
	move(COPAY, 240, 0, 0, CARD);
	move(LAW, 240, 0, 0, PART);
	move(LAW, 811, YEAR, PART, 0);
	move(LAW, 812, YEAR, 0, PART);
	RAW_BIND(lot_account, raw_account(LAW, 220, lot->id), PART, 0, seq);
	raw_run_on_row(lot_account);
	write_voucher(job, id, lot, i);
	keep_answer(job, id);
}

const struct raw_mode raw_accept = {.name = "accept", .prepare = prepare_accept, .write = accept};
