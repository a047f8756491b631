/*
 * The raw limit of what is done to many learners at once.
 *
 * An accrual: for each learner entry, transfer, the account of the lot, the lot
 * with its index, the record of the run; once a commit the fund's own account.
 * An import: the rows that the ledger's import left, from memory, in one
 * transaction, with their index, and the record of the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/raw.h"

#define LAW     1 /* cpf-law */
#define GRANTED 50000

static void wrong(const char *what)
{
	fprintf(stderr, "raw: %s\n", what);
	exit(1);
}

/* --- accrual ---------------------------------------------------------------- */

static sqlite3_stmt *entry, *transfer, *account, *fund_account, *lot, *accrual;
static sqlite3_int64 first_lot, granted; /* since the last commit */

static void prepare_accrue(struct raw_job *job)
{
	sqlite3_stmt *st = raw_prepare("SELECT id FROM learner ORDER BY id LIMIT ?1");
	sqlite3_int64 *learner = calloc((size_t)job->count, sizeof *learner);
	long n = 0;

	sqlite3_bind_int64(st, 1, job->count);
	while (learner != NULL && sqlite3_step(st) == SQLITE_ROW)
		learner[n++] = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	if (n < job->count)
		wrong("there are not as many learners");
	job->bytes = (unsigned char *)learner;
	entry = raw_prepare(
		"INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, lot, rule, transfers, hash, "
		"subject_kind, subject, content) VALUES (?1, 'accrue', ?2, ?3, 0, 0, ?4, 1, 1, ?5, 'accrual', ?6, ?7)");
	transfer = raw_prepare(
		"INSERT INTO transfer (id, fund, debit, debit_holder, credit, credit_holder, amount, lot, "
		"lot_move, lot_balance) VALUES (?1, 1, 130, 0, 220, ?2, ?3, ?2, 1, ?3)");
	account = raw_prepare("INSERT INTO account (id, kind, fund, holder, debits, credits, moves, head) "
			      "VALUES (?1, 220, 1, ?2, 0, ?3, 1, ?4)");
	fund_account = raw_prepare("UPDATE account SET debits = debits + ?2 WHERE id = ?1");
	lot = raw_prepare("INSERT INTO lot (id, learner, fund, earmark_kind, earmark, credited_on) "
			  "VALUES (?1, ?2, 1, 0, '', ?3)");
	accrual = raw_prepare(
		"INSERT INTO accrual (fund, period, learner, expected, credited, lost, seq, sealed) "
		"VALUES (1, ?1, ?2, ?3, ?3, 0, ?4, ?4)");
	raw_open_account(LAW, 130, 0);
	first_lot = raw_number("SELECT coalesce(max(id), 0) + 1 FROM lot");
	granted = 0;
}

static void accrue(struct raw_job *job, long i)
{
	const sqlite3_int64 *learner = (const sqlite3_int64 *)(const void *)job->bytes + i;
	sqlite3_int64 id = first_lot + i, seq = ++job->seq;
	unsigned char hash[32], content[32];
	char subject[64];

	raw_random(hash, sizeof hash);
	raw_random(content, sizeof content);
	sqlite3_snprintf(sizeof subject, subject, "1/%s/%lld", job->extra, *learner);
	RAW_BIND(entry, seq, ++job->at, job->day, id);
	sqlite3_bind_blob(entry, 5, hash, sizeof hash, SQLITE_STATIC);
	sqlite3_bind_text(entry, 6, subject, -1, SQLITE_STATIC);
	sqlite3_bind_blob(entry, 7, content, sizeof content, SQLITE_STATIC);
	raw_run(entry);
	RAW_BIND(transfer, seq * TRANSFER_ID_STEP, id, GRANTED);
	raw_run(transfer);
	RAW_BIND(account, raw_account(LAW, 220, id), id, GRANTED, seq);
	raw_run(account);
	RAW_BIND(lot, id, *learner, job->day);
	raw_run(lot);
	RAW_BIND(accrual, strtol(job->extra, NULL, 10), *learner, GRANTED, seq);
	raw_run(accrual);
	granted += GRANTED;
}

static void accrued(struct raw_job *job)
{
	(void)job;
	RAW_BIND(fund_account, raw_account(LAW, 130, 0), granted);
	raw_run_on_row(fund_account);
	granted = 0;
}

const struct raw_mode raw_accrue = {
	.name = "accrue", .prepare = prepare_accrue, .write = accrue, .commit = accrued, .bulk = 1};

/* --- learners --------------------------------------------------------------- */

enum {
	TEXTS = 7,   /* code, programme, status, sex, age_band, qualification, region */
	NUMBERS = 4, /* portal, work_pct, low_qualified, active_from */
	TEXT_MAX = 24
};

struct learner {
	char text[TEXTS][TEXT_MAX];
	sqlite3_int64 number[NUMBERS];
};

static sqlite3_stmt *insert, *file;

static void read_learner(sqlite3_stmt *st, struct learner *l)
{
	for (int i = 0; i < TEXTS; i++) {
		const char *text = (const char *)sqlite3_column_text(st, i);

		if (text != NULL && strlen(text) >= TEXT_MAX)
			wrong("a text of a learner is too long");
		sqlite3_snprintf(TEXT_MAX, l->text[i], "%s", text ? text : "");
	}
	for (int i = 0; i < NUMBERS; i++)
		l->number[i] = sqlite3_column_int64(st, TEXTS + i);
}

static struct learner *read_imported(const char *path, sqlite3_int64 after, long count)
{
	struct learner *all = calloc((size_t)count, sizeof *all);
	sqlite3_stmt *st = NULL;
	sqlite3 *imported = NULL;
	long n = 0;

	if (all == NULL || sqlite3_open_v2(path, &imported, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(
		    imported,
		    "SELECT code, programme, status, sex, age_band, qualification, region, portal, "
		    "work_pct, low_qualified, active_from FROM learner WHERE id > ?1 ORDER BY id",
		    -1, &st, NULL) != SQLITE_OK)
		wrong(path);
	sqlite3_bind_int64(st, 1, after);
	while (n < count && sqlite3_step(st) == SQLITE_ROW)
		read_learner(st, &all[n++]);
	sqlite3_finalize(st);
	sqlite3_close(imported);
	if (n < count)
		wrong("fewer learners were imported");
	return all;
}

static void prepare_learners(struct raw_job *job)
{
	job->bytes = (unsigned char *)read_imported(
		job->extra, raw_number("SELECT coalesce(max(id), 0) FROM learner"), job->count);
	insert = raw_prepare(
		"INSERT INTO learner (code, programme, status, sex, age_band, qualification, region, portal, "
		"work_pct, low_qualified, active_from) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
	file = raw_prepare("INSERT INTO import_file (hash, kind, name, rows, imported_at) "
			   "VALUES (?1, 'learners', 'learners.csv', 1, 1)");
}

static void put_learner(struct raw_job *job, long i)
{
	const struct learner *l = (const struct learner *)(const void *)job->bytes + i;

	for (int k = 0; k < TEXTS; k++) {
		if (l->text[k][0] == '\0')
			sqlite3_bind_null(insert, k + 1);
		else
			sqlite3_bind_text(insert, k + 1, l->text[k], -1, SQLITE_STATIC);
	}
	for (int k = 0; k < NUMBERS; k++)
		sqlite3_bind_int64(insert, TEXTS + k + 1, l->number[k]);
	raw_run(insert);
}

static void imported(struct raw_job *job)
{
	unsigned char hash[32];

	(void)job;
	raw_random(hash, sizeof hash);
	sqlite3_bind_blob(file, 1, hash, sizeof hash, SQLITE_STATIC);
	raw_run(file);
}

const struct raw_mode raw_learners = {
	.name = "learners",
	.prepare = prepare_learners,
	.write = put_learner,
	.commit = imported,
	.bulk = 1,
	.unguarded = 1,
};
