#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"
#include "tests/lib/sql.h"
#include "tests/lib/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/embed.h"
#include "ledger/base/money.h"
#include "ledger/base/zone.h"
#include "ledger/store/migrate.h"
#include "tests/lib/kept.h"
#include "tests/lib/program.h"

#define START    1767600000000000LL /* 2026-01-05T08:00:00Z */
#define LOT_KIND 220
#define LEDGER   "plain.db"

static const char *const tables[] = {"entry",           "transfer",       "account",     "period",
				     "leader",          "fund",           "budget",      "voucher",
				     "share",           "bank_statement", "payment",     "payment_line",
				     "contribution",    "refund",         "year_end",    "provider_exposure",
				     "place_taken",     "bank_line",      "credit_note", "credit_note_move",
				     "budget_amendment"};

#define TABLES (sizeof tables / sizeof tables[0])

static void must(int ok, const struct err *err)
{
	if (!ok)
		fail_msg("%s", err->text);
}

void plain_sql(struct plain *p, const char *sql)
{
	struct err err = {0};

	must(db_script(p->db, sql, &err) == 0, &err);
}

/* Tables without the triggers that keep them: what they refuse is what an audit looks for. */
static void make_tables(const char *path)
{
	struct err err = {0};
	struct db *db;

	must(db_open(&db, path, DB_CREATE, &err) == 0, &err);
	must(migrate_all(db, embedded_files, START, &err) == 0, &err);
	sql_unguard(db);
	must(db_script(db, "INSERT INTO setting (name, value) VALUES ('currency', 'EUR')", &err) == 0, &err);
	db_close(db);
	kept_take("plain", path);
}

struct plain *plain_new(void)
{
	struct plain *p = calloc(1, sizeof *p);
	struct err err = {0};

	assert_non_null(p);
	snprintf(p->folder, sizeof p->folder, "%.40s/ila-audit-XXXXXX", kept_place());
	assert_non_null(mkdtemp(p->folder));
	where_name(p->folder, LEDGER, p->path, sizeof p->path);
	if (!kept_write("plain", p->path))
		make_tables(where_ledger(p->folder, LEDGER, p->path, sizeof p->path));
	must(db_open(&p->db, p->path, DB_WRITE, &err) == 0, &err);
	must(db_open(&p->reader, p->path, DB_READ, &err) == 0, &err);
	p->now = START;
	if (!where_server())
		plain_sql(p, "PRAGMA synchronous=OFF; PRAGMA ignore_check_constraints=ON");
	return p;
}

void plain_free(struct plain *p)
{
	db_close(p->reader);
	db_close(p->db);
	program_remove(p->folder);
	free(p);
}

void plain_days(struct plain *p, int n)
{
	p->now += n * US_PER_DAY;
}

void plain_begin(struct plain *p, const char *kind, int64_t voucher)
{
	memset(&p->e, 0, sizeof p->e);
	snprintf(p->e.kind, sizeof p->e.kind, "%s", kind);
	p->e.voucher = voucher;
	p->e.org = 1;
}

void plain_move(struct plain *p, int64_t fund, int debit, int64_t debit_holder, int credit,
		int64_t credit_holder, int64_t lot, int64_t amount)
{
	assert_true(p->e.count < ENTRY_TRANSFERS_MAX);
	if (amount == 0)
		return;
	p->e.transfer[p->e.count++] = (struct transfer){.fund = fund,
							.debit = debit,
							.debit_holder = debit_holder,
							.credit = credit,
							.credit_holder = credit_holder,
							.lot = lot,
							.amount = amount};
}

/* One side of a transfer: the account grows, a lot's movement is numbered and linked. */
static void book_side(struct plain *p, struct transfer *t, int credit)
{
	int kind = credit ? t->credit : t->debit;
	int64_t holder = credit ? t->credit_holder : t->debit_holder;
	int64_t id = (t->fund << KIND_BITS | kind) << HOLDER_BITS | holder;
	int64_t debits = 0, credits = 0;
	struct err err = {0};
	struct stmt *q = db_query(p->db, "SELECT debits, credits, moves, head FROM account WHERE id = $1",
				  VALS(v_int(id)), &err);
	int found = db_step(q, &err);

	must(found >= 0, &err);
	if (found == 1) {
		debits = col_int(q, 0);
		credits = col_int(q, 1);
		t->lot_move = kind == LOT_KIND ? col_int(q, 2) : t->lot_move;
		t->lot_previous = kind == LOT_KIND ? col_int(q, 3) : t->lot_previous;
		db_done(q);
	}
	debits += credit ? 0 : t->amount;
	credits += credit ? t->amount : 0;
	if (kind == LOT_KIND) {
		t->lot_move++;
		t->lot_balance = credits - debits;
	}
	must(db_run(p->db,
		    "INSERT INTO account (id, kind, fund, holder, debits, credits, moves, head) "
		    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
		    "ON CONFLICT (id) DO UPDATE SET debits = $5, credits = $6, moves = $7, head = $8",
		    VALS(v_int(id), v_int(kind), v_int(t->fund), v_int(holder), v_int(debits), v_int(credits),
			 v_int(kind == LOT_KIND ? t->lot_move : 0),
			 kind == LOT_KIND ? v_int(p->seq) : v_null()),
		    &err) == 0,
	     &err);
}

static void write_transfer(struct plain *p, size_t line)
{
	const struct transfer *t = &p->e.transfer[line];
	struct err err = {0};

	must(db_run(p->db,
		    "INSERT INTO transfer (id, fund, debit, debit_holder, credit, credit_holder, amount, lot, lot_move, "
		    "lot_previous, lot_balance) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		    VALS(v_int(p->seq * TRANSFER_ID_STEP + (int64_t)line), v_int(t->fund), v_int(t->debit),
			 v_int(t->debit_holder), v_int(t->credit), v_int(t->credit_holder), v_int(t->amount),
			 v_id(t->lot), v_id(t->lot_move), v_id(t->lot_previous),
			 t->lot_move ? v_int(t->lot_balance) : v_null()),
		    &err) == 0,
	     &err);
}

void plain_post(struct plain *p)
{
	struct entry *e = &p->e;
	struct err err = {0};

	e->seq = ++p->seq;
	memcpy(e->prior, p->hash, sizeof e->prior);
	e->booked_at = p->now += US_PER_S;
	e->value_date = zone_day(ZONE_UTC, p->now);
	if (e->voucher != 0) {
		assert_true(e->voucher < PLAIN_VOUCHERS);
		e->previous = p->head[e->voucher];
		p->head[e->voucher] = e->seq;
	}
	for (size_t i = 0; i < e->count; i++) {
		book_side(p, &e->transfer[i], 0);
		book_side(p, &e->transfer[i], 1);
		write_transfer(p, i);
	}
	assert_int_equal(canon_hash(e, e->hash), 0);
	memcpy(p->hash, e->hash, sizeof p->hash);
	must(db_run(p->db,
		    "INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, voucher, previous, transfers, hash) "
		    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		    VALS(v_int(e->seq), v_text(e->kind), v_int(e->booked_at), v_int(e->value_date),
			 v_int(e->org), v_int(e->api_key), v_id(e->voucher), v_id(e->previous),
			 v_int((int64_t)e->count), v_blob(e->hash, sizeof e->hash)),
		    &err) == 0,
	     &err);
	must(db_run(p->db, "UPDATE leader SET seq = $1, booked_at = $2, head_hash = $3",
		    VALS(v_int(e->seq), v_int(e->booked_at), v_blob(e->hash, sizeof e->hash)), &err) == 0,
	     &err);
}

void plain_voucher(struct plain *p, int64_t id, int64_t price, const char *payable, const char *closed_on)
{
	char sql[PLAIN_SQL_MAX];

	snprintf(
		sql, sizeof sql,
		"INSERT INTO voucher (id, uuid, learner, provider, course, certification, action_type, rule, state, "
		"billing, price, copay, hours, session_start, session_end, requested_on, accepted_on, code_hash, head, "
		"payable, closed_on) VALUES (%lld, randomblob(16), 1, 1, 1, 'RS1', 1, 1, 1, 0, %lld, 0, 10, 20460, 20460, 20459, 20459, "
		"zeroblob(32), %lld, %s, %s)",
		(long long)id, (long long)price, (long long)p->head[id], payable, closed_on);
	plain_sql(p, sql);
}

void plain_share(struct plain *p, int64_t voucher, int place, const char *rest)
{
	char sql[PLAIN_SQL_MAX];

	snprintf(
		sql, sizeof sql,
		"INSERT INTO share (id, fund, lot, amount, card, advance, committed, in_training, payable, ordered, "
		"paid) VALUES (%lld, %s)",
		(long long)voucher * SHARE_ID_STEP + place, rest);
	plain_sql(p, sql);
}

static void money_comes_in(struct plain *p)
{
	plain_sql(
		p,
		"INSERT INTO fund (id, code, programme, funder, class, nature, unspent, budgeted, bank_account, seq) "
		"VALUES (1, 'state', 'p', 1, 'law', 1, 1, 1, 'BANK1', 1), (2, 'branch', 'p', 2, 'branch', 2, 1, 0, 'BANK1', 2), "
		"(3, 'copay', 'p', 3, 'copay', 3, 1, 0, 'BANK1', 3);"
		"INSERT INTO budget (fund, year, ae, cp) VALUES (1, 2026, 100000, 80000)");
	plain_begin(p, "vote", 0); /* 1 */
	plain_move(p, 1, 810, 2026, 811, 2026, 0, 100000);
	plain_move(p, 1, 820, 2026, 821, 2026, 0, 80000);
	plain_post(p);
	plain_begin(p, "fund_payment", 0); /* 2 */
	plain_move(p, 1, 110, 0, 210, 0, 0, 50000);
	plain_post(p);
	plain_begin(p, "fund_call", 0); /* 3 */
	plain_move(p, 2, 120, 1, 205, 1, 0, 30000);
	plain_post(p);
	plain_begin(p, "fund_receipt", 0); /* 4 */
	plain_move(p, 2, 110, 0, 120, 1, 0, 30000);
	plain_move(p, 2, 205, 1, 210, 0, 0, 30000);
	plain_post(p);
	plain_begin(p, "topup", 0); /* 5 */
	plain_move(p, 1, 130, 0, 220, 1, 1, 40000);
	plain_move(p, 1, 130, 0, 220, 2, 2, 20000);
	plain_post(p);
	plain_begin(p, "topup", 0); /* 6 */
	plain_move(p, 2, 210, 0, 220, 3, 3, 10001);
	plain_post(p);
	plain_sql(
		p,
		"INSERT INTO period (closed_through, closed_at, seq) VALUES (20458, 0, 6)"); /* 2026-01-05 */
	plain_days(p, 1);
}

/* Voucher 1: 200.00 of lot 1, 100.01 of lot 3, 3.33 from the learner. */
static void first_voucher_is_used(struct plain *p)
{
	plain_begin(p, "accept", 1); /* 7 */
	plain_move(p, 1, 220, 1, 240, 0, 1, 20000);
	plain_move(p, 1, 811, 2026, 812, 2026, 1, 20000);
	plain_move(p, 2, 220, 3, 240, 0, 3, 10001);
	plain_move(p, 3, 140, 0, 240, 0, 0, 333);
	plain_post(p);
	plain_begin(p, "copay_settlement", 1); /* 8 */
	plain_move(p, 3, 110, 0, 140, 0, 0, 333);
	plain_post(p);
	plain_begin(p, "enter", 1); /* 9 */
	plain_move(p, 1, 240, 0, 250, 0, 1, 20000);
	plain_move(p, 2, 240, 0, 250, 0, 3, 10001);
	plain_move(p, 3, 240, 0, 250, 0, 0, 333);
	plain_move(p, 1, 150, 0, 265, 1, 1, 5000);
	plain_move(p, 1, 821, 2026, 823, 2026, 1, 5000);
	plain_post(p);
	plain_begin(p, "pay", 1); /* 10: the advance */
	plain_move(p, 1, 265, 1, 110, 0, 1, 5000);
	plain_move(p, 1, 210, 0, 130, 0, 1, 5000);
	plain_move(p, 1, 823, 2026, 822, 2026, 1, 5000);
	plain_post(p);
	plain_begin(p, "exit", 1); /* 11 */
	plain_post(p);
	plain_begin(p, "declare", 1); /* 12 */
	plain_post(p);
}

/* 242.67 of 303.34 is owed: 160.00, 80.01 and 2.66 by largest remainder; the rest is lost.  Payment 1 pays
 * the advance and what was left. */
static void first_voucher_is_paid(struct plain *p)
{
	static const int64_t amount[] = {20000, 10001, 333};
	int64_t part[3];

	assert_int_equal(money_split(24267, amount, 3, part), 0);
	plain_begin(p, "validate", 1); /* 13 */
	plain_move(p, 1, 250, 0, 260, 0, 1, part[0]);
	plain_move(p, 1, 260, 0, 150, 0, 1, 5000);
	plain_move(p, 1, 250, 0, 130, 0, 1, amount[0] - part[0]);
	plain_move(p, 1, 812, 2026, 811, 2026, 1, amount[0] - part[0]);
	plain_move(p, 2, 250, 0, 260, 0, 3, part[1]);
	plain_move(p, 2, 250, 0, 210, 0, 3, amount[1] - part[1]);
	plain_move(p, 3, 250, 0, 260, 0, 0, part[2]);
	plain_move(p, 3, 250, 0, 210, 0, 0, amount[2] - part[2]);
	plain_post(p);
	plain_begin(p, "bill", 1); /* 14 */
	plain_post(p);
	plain_begin(p, "order", 1); /* 15 */
	plain_move(p, 1, 260, 0, 265, 1, 1, part[0] - 5000);
	plain_move(p, 1, 821, 2026, 823, 2026, 1, part[0] - 5000);
	plain_move(p, 2, 260, 0, 265, 1, 3, part[1]);
	plain_move(p, 3, 260, 0, 265, 1, 0, part[2]);
	plain_post(p);
	plain_begin(p, "pay", 1); /* 16 */
	plain_move(p, 1, 265, 1, 110, 0, 1, part[0] - 5000);
	plain_move(p, 1, 210, 0, 130, 0, 1, part[0] - 5000);
	plain_move(p, 1, 823, 2026, 822, 2026, 1, part[0] - 5000);
	plain_move(p, 2, 265, 1, 110, 0, 3, part[1]);
	plain_move(p, 3, 265, 1, 110, 0, 0, part[2]);
	plain_post(p);
	plain_voucher(p, 1, 30334, "24267", "20459");
	plain_share(p, 1, 0, "1, 1, 20000, 0, 0, 0, 0, 0, 0, 16000");
	plain_share(p, 1, 1, "2, 3, 10001, 0, 0, 0, 0, 0, 0, 8001");
	plain_share(p, 1, 2, "3, NULL, 333, 0, 0, 0, 0, 0, 0, 266");
}

/* Voucher 2 is cancelled, voucher 3 is in training with an advance ordered. */
static void others_follow(struct plain *p)
{
	plain_begin(p, "accept", 2); /* 17 */
	plain_move(p, 1, 220, 2, 240, 0, 2, 15000);
	plain_move(p, 1, 811, 2026, 812, 2026, 2, 15000);
	plain_post(p);
	plain_begin(p, "cancel", 2); /* 18 */
	plain_move(p, 1, 240, 0, 220, 2, 2, 15000);
	plain_move(p, 1, 812, 2026, 811, 2026, 2, 15000);
	plain_post(p);
	plain_begin(p, "accept", 3); /* 19 */
	plain_move(p, 1, 220, 2, 240, 0, 2, 12000);
	plain_move(p, 1, 811, 2026, 812, 2026, 2, 12000);
	plain_post(p);
	plain_begin(p, "enter", 3); /* 20 */
	plain_move(p, 1, 240, 0, 250, 0, 2, 12000);
	plain_move(p, 1, 150, 0, 265, 3, 2, 3000);
	plain_move(p, 1, 821, 2026, 823, 2026, 2, 3000);
	plain_post(p);
	plain_voucher(p, 2, 15000, "NULL", "20459");
	plain_voucher(p, 3, 12000, "NULL", "NULL");
	plain_share(p, 2, 0, "1, 2, 15000, 0, 0, 0, 0, 0, 0, 0");
	plain_share(p, 3, 0, "1, 2, 12000, 0, 3000, 0, 12000, 0, 3000, 0");
	plain_sql(p, "INSERT INTO bank_statement (id, account, closed_on, opening, closing, lines) VALUES "
		     "(1, 'BANK1', 20458, 0, 80000, 0), (2, 'BANK1', 20459, 0, 56066, 0)");
	plain_sql(
		p,
		"INSERT INTO provider_exposure (provider, exposure) VALUES (1, 15000);"
		"INSERT INTO contribution (id, reference, kind, fund, amount, value_date, seq) "
		"VALUES (1, 'CARD-1', 4, 3, 333, 20459, 8);"
		"INSERT INTO payment (id, uuid, provider, kind, state, amount, iban, year, ordered_on, "
		"ordered_by, seq) VALUES (1, CAST('1' AS BLOB), 1, 1, 2, 24267, 'FR', 2026, 20459, 'a', 4), "
		"(3, CAST('3' AS BLOB), 1, 2, 1, 3000, 'FR', 2026, 20459, 'a', 5);"
		"INSERT INTO payment_line (payment, voucher, amount) VALUES (1, 1, 24267), (3, 3, 3000)");
}

static void seal_row(struct plain *p, const struct sealed_table *t, struct sealed_row *row)
{
	int is_voucher = strcmp(t->name, "voucher") == 0;
	unsigned char hash[SHA256_BYTES];
	struct err err = {0};

	assert_int_equal(content_hash(row->column, row->columns, hash), 0);
	must(db_run(p->db, "UPDATE entry SET subject_kind = $2, subject = $3, content = $4 WHERE seq = $1",
		    VALS(v_int(row->seq), is_voucher ? v_null() : v_text(t->name),
			 is_voucher ? v_null() : v_text(row->subject), v_blob(hash, sizeof hash)),
		    &err) == 0,
	     &err);
}

static void hash_again(struct plain *p)
{
	struct err err = {0};
	struct entry e;

	for (int64_t seq = 1; seq <= p->seq; seq++) {
		if (canon_read(p->db, seq, &e, &err) != 1)
			continue;
		assert_int_equal(canon_hash(&e, e.hash), 0);
		memcpy(p->hash, e.hash, sizeof p->hash);
		must(db_run(p->db, "UPDATE entry SET hash = $2 WHERE seq = $1",
			    VALS(v_int(seq), v_blob(e.hash, sizeof e.hash)), &err) == 0,
		     &err);
	}
}

void plain_seal(struct plain *p)
{
	const struct sealed_table *t;
	struct sealed_row row;
	struct err err = {0};

	for (size_t i = 0; (t = sealed_table(i)) != NULL; i++) {
		struct stmt *q = db_query(p->db, t->sql, NO_VALS, &err);

		row.known = 0;
		while (db_step(q, &err) == 1) {
			sealed_read(q, t, &row);
			seal_row(p, t, &row);
		}
	}
	hash_again(p);
	sql_settle(p->db);
}

void plain_story(struct plain *p)
{
	struct err err = {0};

	must(db_begin(p->db, &err) == 0, &err);
	money_comes_in(p);
	first_voucher_is_used(p);
	first_voucher_is_paid(p);
	others_follow(p);
	plain_seal(p);
	must(db_commit(p->db, &err) == 0, &err);
	plain_keep(p);
}

int plain_setup(void **state)
{
	struct plain *p = plain_new();

	plain_story(p);
	*state = p;
	return 0;
}

int plain_teardown(void **state)
{
	plain_free(*state);
	return 0;
}

void plain_keep(struct plain *p)
{
	char sql[PLAIN_SQL_MAX];

	for (size_t i = 0; i < TABLES; i++) {
		snprintf(sql, sizeof sql, "DROP TABLE IF EXISTS kept_%s", tables[i]);
		plain_sql(p, sql);
		snprintf(sql, sizeof sql, "CREATE TABLE kept_%s AS SELECT * FROM %s", tables[i], tables[i]);
		/* Not a table of the ledger: it must not become strict. */
		sql[0] = 'c';
		plain_sql(p, sql);
	}
}

void plain_restore_table(struct plain *p, const char *table)
{
	char sql[PLAIN_SQL_MAX];

	snprintf(sql, sizeof sql, "BEGIN; DELETE FROM %s; INSERT INTO %s SELECT * FROM kept_%s; COMMIT",
		 table, table, table);
	plain_sql(p, sql);
}

void plain_restore(struct plain *p)
{
	for (size_t i = 0; i < TABLES; i++)
		plain_restore_table(p, tables[i]);
}

void plain_forgive_triggers(struct audit_report *report)
{
	for (size_t i = 0; i < report->checks; i++)
		if (strcmp(report->check[i].name, "schema") == 0) {
			report->faults -= report->check[i].faults;
			report->check[i].faults = 0;
			report->check[i].listed = 0;
		}
}

int64_t plain_audit(struct plain *p, const char *only)
{
	struct err err = {0};

	must(audit_run(p->reader, only, &p->report, NULL, NULL, &err) == 0, &err);
	plain_forgive_triggers(&p->report);
	return p->report.faults;
}

int64_t plain_audit_sealed(struct plain *p)
{
	plain_seal(p);
	return plain_audit(p, NULL);
}

const struct audit_result *plain_result(const struct plain *p, const char *check)
{
	for (size_t i = 0; i < p->report.checks; i++)
		if (strcmp(p->report.check[i].name, check) == 0)
			return &p->report.check[i];
	fail_msg("there is no check %s", check);
	return NULL;
}

static void expect_findings(struct plain *p, const char *check, const struct plain_finding *finding,
			    size_t count)
{
	const struct audit_result *r = plain_result(p, check);

	for (size_t i = 0; i < count && i < r->listed; i++) {
		assert_string_equal(r->finding[i].text, finding[i].text);
		assert_int_equal(r->finding[i].seq, finding[i].seq);
	}
	assert_int_equal(r->faults + r->warnings, count);
}

static void expect_checks(struct plain *p, const char *faulty)
{
	char found[256] = "";

	for (size_t i = 0; i < p->report.checks; i++) {
		size_t n = strlen(found);

		if (p->report.check[i].faults > 0)
			snprintf(found + n, sizeof found - n, "%s%s", n ? " " : "", p->report.check[i].name);
	}
	assert_string_equal(found, faulty);
}

void plain_expect_all(struct plain *p, const char *change, const char *faulty, const char *check,
		      const struct plain_finding *finding, size_t count)
{
	plain_sql(p, change);
	if (strstr(faulty, "hash") == NULL && strstr(faulty, "seals") == NULL)
		plain_seal(p);
	plain_audit(p, NULL);
	expect_checks(p, faulty);
	expect_findings(p, check, finding, count);
	plain_audit(p, check);
	assert_int_equal(p->report.checks, 1);
	expect_findings(p, check, finding, count);
	plain_restore(p);
	assert_int_equal(plain_audit(p, NULL), 0);
}
