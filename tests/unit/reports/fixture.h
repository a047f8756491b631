/*
 * A small ledger posted by hand, entry by entry, so that every figure of a
 * report can be added up on paper: two quarters of 2026, a notional fund with a
 * budget (LAW), an employer's cash fund (ACME), the co-payments (COPAY).
 */
#ifndef TESTS_UNIT_REPORTS_FIXTURE_H
#define TESTS_UNIT_REPORTS_FIXTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/buf.h"
#include "ledger/base/embed.h"
#include "ledger/book/journal.h"
#include "ledger/store/migrate.h"
#include "reports/report.h"
#include "tests/lib/where.h"
#include "tests/lib/kept.h"
#include "tests/lib/program.h"

enum { LAW = 1, ACME, COPAY };

#define FIXTURE_FILE_MAX 65536

static const struct ledger_settings fixture_settings = {
	.currency = "EUR", .exponent = 2, .sandbox = 1, .id = "01900000-0000-7000-8000-000000000000"};

struct fixture {
	char dir[64];
	char path[96];
	struct db *writer;
	struct db *reader;
	struct tx tx;
};

static day_t on(int month, int day)
{
	return day_from_civil(2026, month, day);
}

static char *read_whole(const char *path)
{
	char *text = calloc(1, FIXTURE_FILE_MAX);
	int fd = open(path, O_RDONLY);
	size_t n = 0;
	ssize_t got;

	assert_non_null(text);
	assert_true(fd >= 0);
	while ((got = read(fd, text + n, FIXTURE_FILE_MAX - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	return text;
}

static void run_sql(struct fixture *f, const char *sql, const struct val *vals, size_t n)
{
	struct err err = {0};

	if (db_run(f->writer, sql, vals, n, &err) != 0)
		fail_msg("%s", err.text);
}

/* One transfer of an entry. */
#define T(f, dr, dh, cr, ch, cents)                                                                          \
	(struct transfer)                                                                                    \
	{                                                                                                    \
		.fund = (f), .debit = (dr), .debit_holder = (dh), .credit = (cr), .credit_holder = (ch),     \
		.amount = (cents)                                                                            \
	}
#define POST(f, kind, day, voucher, payment, ...)                                                            \
	post((f), (kind), (day), (voucher), (payment), (const struct transfer[]){__VA_ARGS__},               \
	     sizeof((const struct transfer[]){__VA_ARGS__}) / sizeof(struct transfer))
#define FACT(f, kind, day, voucher) post((f), (kind), (day), (voucher), 0, NULL, 0)

static int64_t post(struct fixture *f, const char *kind, day_t day, int64_t voucher, int64_t payment,
		    const struct transfer *t, size_t n)
{
	struct entry e;
	struct err err = {0};

	entry_begin(&e, kind, day);
	e.voucher = voucher;
	e.payment = payment;
	for (size_t i = 0; i < n; i++)
		entry_transfer(&e, t[i].fund, t[i].debit, t[i].debit_holder, t[i].credit, t[i].credit_holder,
			       0, t[i].amount);
	f->tx.now = (int64_t)day * US_PER_DAY;
	if (journal_post(&f->tx, &e, &err) != 0)
		fail_msg("%s", err.text);
	return e.seq;
}

static void take_back(struct fixture *f, int64_t seq, day_t day)
{
	struct entry e;
	struct err err = {0};

	f->tx.now = (int64_t)day * US_PER_DAY;
	if (journal_reverse(&f->tx, seq, day, "mistake", &e, &err) != 0)
		fail_msg("%s", err.text);
}

static void add_org(struct fixture *f, int64_t id, const char *code, const char *name, const char *siren,
		    const char *siret)
{
	run_sql(f,
		"INSERT INTO organisation (id, code, name, siren, siret, roles, created_at, seq) "
		"VALUES ($1, $2, $3, $4, $5, 4, 0, 1)",
		VALS(v_int(id), v_text(code), v_text(name), v_text(siren), v_text(siret)));
}

static void add_fund(struct fixture *f, int64_t id, const char *code, const char *programme, int64_t funder,
		     const char *class_, int nature, int budgeted)
{
	run_sql(f,
		"INSERT INTO fund (id, code, programme, funder, class, nature, unspent, budgeted, seq) "
		"VALUES ($1, $2, $3, $4, $5, $6, 1, $7, 1)",
		VALS(v_int(id), v_text(code), v_text(programme), v_int(funder), v_text(class_), v_int(nature),
		     v_int(budgeted)));
}

static void add_rule(struct fixture *f, int64_t id, const char *programme, const char *file)
{
	char *body = read_whole(file);
	unsigned char hash[SHA256_BYTES];

	sha256(body, strlen(body), hash);
	run_sql(f,
		"INSERT INTO rule (id, programme, version, valid_from, valid_to, body, hash, imported_at, seq) "
		"VALUES ($1, $2, '2026', $3, $4, $5, $6, 0, 1)",
		VALS(v_int(id), v_text(programme), v_int(on(1, 1)), v_int(on(12, 31)), v_text(body),
		     v_blob(hash, sizeof hash)));
	free(body);
}

static void add_learner(struct fixture *f, int64_t id, const char *region)
{
	char code[16];

	snprintf(code, sizeof code, "L%lld", (long long)id);
	run_sql(f,
		"INSERT INTO learner (id, code, programme, portal, work_pct, low_qualified, status, sex, age_band, "
		"                     qualification, region, active_from) "
		"VALUES ($1, $2, 'cpf', 0, 100, 0, 'employee', 'F', '25-34', '3', $3, 0)",
		VALS(v_int(id), v_text(code), v_text(region)));
}

static void add_voucher(struct fixture *f, int64_t id, int64_t learner, const char *certification,
			int64_t price, day_t start, day_t end)
{
	unsigned char uuid[16] = {0x01, 0x90, [15] = (unsigned char)id};

	run_sql(f,
		"INSERT INTO voucher (id, uuid, learner, provider, course, certification, action_type, rule, state, "
		"                     billing, price, copay, hours, session_start, session_end, requested_on, accepted_on, "
		"                     code_hash, head) "
		"VALUES ($1, $2, $3, 3, 1, $4, 1, 1, 1, 0, $5, 0, 35, $6, $7, $6, $6, $8, 0)",
		VALS(v_int(id), v_blob(uuid, sizeof uuid), v_int(learner), v_text(certification),
		     v_int(price), v_int(start), v_int(end), v_blob("h", 1)));
}

/* What a voucher's steps have set on it by the end. */
static void mark_voucher(struct fixture *f, int64_t id, day_t started, day_t exited, int completion,
			 int64_t payable, day_t billed)
{
	run_sql(f,
		"UPDATE voucher SET started_on = $2, exited_on = $3, completion = $4, payable = $5, billed_on = $6, "
		"                   validated_at = 0 WHERE id = $1",
		VALS(v_int(id), v_int(started), v_int(exited), v_int(completion), v_int(payable),
		     v_int(billed)));
}

static void add_payment(struct fixture *f, int64_t id, int kind, int64_t amount, day_t ordered, day_t settled)
{
	unsigned char uuid[16] = {0x01, 0x91, [15] = (unsigned char)id};

	run_sql(f,
		"INSERT INTO payment (id, uuid, provider, kind, state, amount, iban, year, ordered_on, ordered_by, "
		"                     settled_on, seq) "
		"VALUES ($1, $2, 3, $3, 2, $4, 'FR', 2026, $5, 'p', $6, 1)",
		VALS(v_int(id), v_blob(uuid, sizeof uuid), v_int(kind), v_int(amount), v_int(ordered),
		     v_int(settled)));
}

static void add_invoice(struct fixture *f, const char *number, int64_t voucher, int64_t amount, day_t day)
{
	run_sql(f,
		"INSERT INTO invoice (provider, number, voucher, amount, billed_on) VALUES (3, $1, $2, $3, $4)",
		VALS(v_text(number), v_int(voucher), v_int(amount), v_int(day)));
}

/*
 * 100.00 claimed back of voucher 1: 80.00 of the law's, 20.00 of the learner's, part of which has come back.
 */
static void add_recovery(struct fixture *f)
{
	run_sql(f,
		"INSERT INTO recovery (voucher, number, ground, restores, amount, notified_on, order_on, seq) "
		"VALUES (1, 1, 'no_training', 0, 10000, $1, $2, 1)",
		VALS(v_int(on(5, 4)), v_int(on(6, 4))));
	run_sql(f,
		"INSERT INTO recovery_part (voucher, number, place, fund, lot, amount, recovered, offset_against, "
		"                        written_off, seq) "
		"VALUES (1, 1, 0, $1, NULL, 2000, 0, 0, 500, 1), (1, 1, 1, $2, 1, 8000, 3000, 1000, 0, 1)",
		VALS(v_int(COPAY), v_int(LAW)));
}

static void add_registers(struct fixture *f)
{
	add_org(f, 1, "FC", "France competences", "130024110", NULL);
	add_org(f, 2, "ACME", "Acme", "552100554", NULL);
	add_org(f, 3, "82815245400033", "ALYRA; \"école\"", "828152454", "82815245400033");
	add_rule(f, 1, "cpf", "ledger/rules/samples/cpf-2026.json");
	add_rule(f, 2, "employer-acme", "ledger/rules/samples/employer-topup.json");
	add_fund(f, LAW, "cpf-law", "cpf", 1, "law", 1, 1);
	add_fund(f, ACME, "acme-2026", "employer-acme", 2, "employer", 2, 0);
	add_fund(f, COPAY, "cpf-copay", "cpf", 1, "learner", 3, 0);
	run_sql(f, "INSERT INTO certification (code, title) VALUES ('RNCP37674', 'TP Développeur web')",
		NO_VALS);
	run_sql(f, "INSERT INTO certification (code, title) VALUES ('RS5000', '=Blockchain')", NO_VALS);
	add_learner(f, 1, "Bretagne");
	add_learner(f, 2, "Corse");
}

static void make_tables(const char *path)
{
	struct err err = {0};
	struct db *db;

	if (db_open(&db, path, DB_CREATE, &err) != 0 || migrate_all(db, embedded_files, 0, &err) != 0)
		fail_msg("%s", err.text);
	db_close(db);
	kept_take("reports", path);
}

static void fixture_open(struct fixture *f)
{
	struct err err = {0};

	memset(f, 0, sizeof *f);
	snprintf(f->dir, sizeof f->dir, "%.40s/ila-reports-XXXXXX", kept_place());
	assert_non_null(mkdtemp(f->dir));
	where_ledger(f->dir, "ila.db", f->path, sizeof f->path);
	if (!kept_write("reports", f->path))
		make_tables(f->path);
	if (db_open(&f->writer, f->path, DB_WRITE, &err) != 0 ||
	    db_open(&f->reader, f->path, DB_READ, &err) != 0)
		fail_msg("%s", err.text);
	f->tx.db = f->writer;
	add_registers(f);
}

static void fixture_close(struct fixture *f)
{
	db_close(f->reader);
	db_close(f->writer);
	program_remove(f->dir);
}

/* First quarter: money in, rights given, two vouchers accepted, one begun. */
static void first_quarter(struct fixture *f)
{
	add_voucher(f, 1, 1, "RNCP37674", 60320, on(3, 2), on(3, 31));
	add_voucher(f, 2, 2, "RS5000", 50000, on(5, 1), on(7, 31));
	add_recovery(f);
	POST(f, "vote", on(1, 2), 0, 0, T(LAW, 810, 2026, 811, 2026, 100000),
	     T(LAW, 820, 2026, 821, 2026, 100000));
	POST(f, "fund_payment", on(1, 5), 0, 0, T(LAW, 110, 0, 210, 0, 200000));
	POST(f, "fund_call", on(1, 6), 0, 0, T(ACME, 120, 1, 205, 1, 50000));
	run_sql(f,
		"INSERT INTO contribution (id, reference, kind, fund, amount, value_date, seq) "
		"VALUES (1, 'C-1', 1, $1, 50000, $2, 3)",
		VALS(v_int(ACME), v_int(on(1, 6))));
	POST(f, "fund_receipt", on(1, 20), 0, 0, T(ACME, 110, 0, 120, 1, 30000),
	     T(ACME, 205, 1, 210, 0, 30000));
	POST(f, "accrue", on(1, 21), 0, 0, T(LAW, 130, 0, 220, 1, 50000));
	POST(f, "accrue", on(1, 21), 0, 0, T(LAW, 130, 0, 220, 2, 50000));
	POST(f, "topup", on(1, 22), 0, 0, T(ACME, 210, 0, 220, 3, 20000));
	POST(f, "accept", on(2, 10), 1, 0, T(LAW, 220, 1, 240, 0, 40000), T(LAW, 811, 2026, 812, 2026, 40000),
	     T(ACME, 220, 3, 240, 0, 10000), T(COPAY, 140, 0, 240, 0, 10320),
	     T(COPAY, 110, 0, 140, 0, 10320));
	POST(f, "accept", on(2, 11), 2, 0, T(LAW, 220, 2, 240, 0, 50000),
	     T(LAW, 811, 2026, 812, 2026, 50000));
	POST(f, "enter", on(3, 2), 1, 0, T(LAW, 240, 0, 250, 0, 40000), T(ACME, 240, 0, 250, 0, 10000),
	     T(COPAY, 240, 0, 250, 0, 10320));
	FACT(f, "exit", on(3, 31), 1);
}

/* The first voucher in full. */
static void finish_first(struct fixture *f)
{
	FACT(f, "declare", on(4, 1), 1);
	POST(f, "validate", on(4, 8), 1, 0, T(LAW, 250, 0, 260, 0, 40000), T(ACME, 250, 0, 260, 0, 10000),
	     T(COPAY, 250, 0, 260, 0, 10320));
	FACT(f, "bill", on(4, 9), 1);
	POST(f, "order", on(4, 10), 1, 1, T(LAW, 260, 0, 265, 1, 40000), T(ACME, 260, 0, 265, 1, 10000),
	     T(COPAY, 260, 0, 265, 1, 10320), T(LAW, 821, 2026, 823, 2026, 40000));
	POST(f, "pay", on(4, 15), 1, 1, T(LAW, 265, 1, 110, 0, 40000), T(ACME, 265, 1, 110, 0, 10000),
	     T(COPAY, 265, 1, 110, 0, 10320), T(LAW, 210, 0, 130, 0, 40000),
	     T(LAW, 823, 2026, 822, 2026, 40000));
	mark_voucher(f, 1, on(3, 2), on(3, 31), 100, 60320, on(4, 9));
	add_payment(f, 1, 1, 60320, on(4, 10), on(4, 15));
	add_invoice(f, "F-1", 1, 60320, on(4, 9));
}

/* The second with an advance of 125, abandoned at 40 percent: 200 owed, 300 lost, 75 still to pay. */
static void finish_second(struct fixture *f)
{
	POST(f, "enter", on(5, 4), 2, 2, T(LAW, 240, 0, 250, 0, 50000), T(LAW, 150, 0, 265, 2, 12500),
	     T(LAW, 821, 2026, 823, 2026, 12500));
	POST(f, "pay", on(5, 10), 2, 2, T(LAW, 265, 2, 110, 0, 12500), T(LAW, 210, 0, 130, 0, 12500),
	     T(LAW, 823, 2026, 822, 2026, 12500));
	FACT(f, "exit", on(6, 15), 2);
	FACT(f, "declare", on(6, 15), 2);
	POST(f, "validate", on(6, 22), 2, 0, T(LAW, 250, 0, 260, 0, 20000), T(LAW, 260, 0, 150, 0, 12500),
	     T(LAW, 250, 0, 130, 0, 30000), T(LAW, 812, 2026, 811, 2026, 30000));
	FACT(f, "bill", on(6, 23), 2);
	POST(f, "order", on(6, 24), 2, 3, T(LAW, 260, 0, 265, 3, 7500), T(LAW, 821, 2026, 823, 2026, 7500));
	mark_voucher(f, 2, on(5, 4), on(6, 15), 40, 20000, on(6, 23));
	add_payment(f, 2, 2, 12500, on(5, 4), on(5, 10));
	add_payment(f, 3, 1, 7500, on(6, 24), on(7, 1));
	add_invoice(f, "F-2", 2, 20000, on(6, 23));
}

/* A third is cancelled, a wrong accrual taken back, a top-up expires, the last payment leaves. */
static void end_of_half(struct fixture *f)
{
	int64_t wrong;

	add_voucher(f, 3, 1, "RNCP37674", 10000, on(9, 1), on(10, 30));
	POST(f, "accept", on(6, 25), 3, 0, T(LAW, 220, 1, 240, 0, 10000),
	     T(LAW, 811, 2026, 812, 2026, 10000));
	POST(f, "cancel", on(6, 26), 3, 0, T(LAW, 240, 0, 220, 1, 10000),
	     T(LAW, 812, 2026, 811, 2026, 10000));
	wrong = POST(f, "accrue", on(6, 27), 0, 0, T(LAW, 130, 0, 220, 1, 5000));
	take_back(f, wrong, on(6, 28));
	POST(f, "expire", on(6, 30), 0, 0, T(ACME, 220, 3, 280, 0, 10000));
	POST(f, "pay", on(7, 1), 2, 3, T(LAW, 265, 3, 110, 0, 7500), T(LAW, 210, 0, 130, 0, 7500),
	     T(LAW, 823, 2026, 822, 2026, 7500));
}

__attribute__((unused)) static void fixture_story(struct fixture *f)
{
	first_quarter(f);
	finish_first(f);
	finish_second(f);
	end_of_half(f);
}

#endif
