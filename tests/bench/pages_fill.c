/*
 * Many vouchers as a ledger has them after four years: one provider of 3,000 has three tenths of them, a
 * learner has ten and one in 20,000 five hundred, funds and programmes have from nearly all down to a
 * thousandth.  The last seventh of a tenth are under way, in every state; of the old ones all but one in
 * 5,000 are closed.  Beside them their entries, shares, payments, controls, freezes and recoveries, tickets,
 * and what else waits for somebody.
 *
 * Rows are written without indexes, guards and constraints; the indexes are made when all are there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book/journal.h"
#include "tests/bench/pages.h"
#include "tests/lib/sql.h"

#define PART        500000 /* rows in a commit */
#define TEXT_BYTES  8192
#define INDEXES_MAX 128

void pages_must(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "pages: %s\n", err->text);
	exit(1);
}

/*
 * The text of each may name: FIRST and UPTO, the numbers of a part; N, how many vouchers; R, the first of the
 * recent ones; HEAD and AT, the last entry before them and its instant.  ROWS are the numbers of the part, as
 * i.  U is a name for the i-th row, sixteen bytes that grow with i.
 */
#define ROWS                                                                                                        \
	"(WITH RECURSIVE n(i) AS (SELECT CAST(FIRST AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < UPTO) " \
	"SELECT i FROM n) AS a"
#define U    "CAST(CAST(1000000000000000 + i AS TEXT) AS BLOB)"
#define HASH "CAST(CAST(1000000000000000 + i AS TEXT) || '0123456789abcdef' AS BLOB)"
#define DAY  "86400000000"

#define PROVIDERS 3000
#define COURSES   12000
#define FUNDS     300
#define PORTALS   "(SELECT id FROM organisation WHERE code = 'PORTAL')"

/* The states of a voucher, by a number below 1000: of the old ones, and of the others. */
#define OLD_STATE                                                                                            \
	"CASE WHEN r < 15 THEN 6 WHEN r < 23 THEN 11 WHEN r < 27 THEN 16 WHEN r < 30 THEN 12 ELSE 5 END"
#define NEW_STATE                                                                                            \
	"CASE WHEN r < 450 THEN 1 WHEN r < 600 THEN 2 WHEN r < 640 THEN 3 WHEN r < 700 THEN 4 "              \
	"WHEN r < 720 THEN 8 WHEN r < 735 THEN 9 WHEN r < 745 THEN 10 ELSE 5 END"
#define NEW_BILLING                                                                                          \
	"CASE WHEN r < 745 THEN 0 WHEN r < 790 THEN 1 WHEN r < 850 THEN 2 WHEN r < 880 THEN 3 "              \
	"WHEN r < 884 THEN 5 WHEN r < 885 THEN 6 ELSE 4 END"

static const struct rows {
	const char *what;
	int64_t count, one_in; /* so many rows, or one for so many vouchers */
	const char *sql;
} fillings[] = {
	{"organisations", PROVIDERS, 0,
	 "INSERT INTO organisation (id, code, name, roles, created_at, seq) "
	 "SELECT 1000 + i, 'P' || CAST(i AS TEXT), 'Provider', 16, 0, 1 FROM " ROWS},
	{"funders", 100, 0,
	 "INSERT INTO organisation (id, code, name, roles, created_at, seq) "
	 "SELECT 9000 + i, 'G' || CAST(i AS TEXT), 'Funder', 4, 0, 1 FROM " ROWS},
	{"portals", 2, 0,
	 "INSERT INTO organisation (id, code, name, roles, created_at, seq) "
	 "SELECT 9900 + i, 'Q' || CAST(i AS TEXT), 'Portal', 8, 0, 1 FROM " ROWS},
	{"funds", FUNDS, 0,
	 "INSERT INTO fund (id, code, programme, funder, class, nature, unspent, budgeted, seq) SELECT 1000 + i, "
	 "'F' || CAST(i AS TEXT), 'cpf', 9000 + CASE WHEN i < 50 THEN 0 ELSE i % 100 END, 'law', 2, 1, 0, 1 FROM " ROWS},
	{"courses", COURSES, 0,
	 "INSERT INTO course (id, code, provider, certification, action_type, title, price, hours, days, open_from, "
	 "seq) SELECT 1000 + i, 'K' || CAST(i AS TEXT), 1000 + i / 4, 'RNCP1', 1, 'Course', 10000, 10, 5, 0, 1 FROM " ROWS},
	{"learners", 0, 10,
	 "INSERT INTO learner (id, code, programme, portal, work_pct, low_qualified, active_from) "
	 "SELECT 1000 + i, 'Z' || CAST(i AS TEXT), 'cpf', CASE WHEN i % 100 < 70 THEN " PORTALS
	 " WHEN i % 100 < 99 THEN 9900 ELSE 9901 END, 100, 0, 0 FROM " ROWS},
	{"entries", 0, 1,
	 "INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, voucher, transfers, hash) "
	 "SELECT HEAD + i, 'enter', AT + i, 20000, 0, 0, i, 0, " HASH " FROM " ROWS},
	{"vouchers", 0, 1,
	 "INSERT INTO voucher (id, uuid, learner, provider, course, certification, action_type, hours, session_start, "
	 "session_end, rule, price, copay, state, billing, control, due_on, contested, head, requested_on, accepted_on, "
	 "exited_on, declared_at, validated_by, payable, billed_on, payment, closed_on) "
	 "SELECT i, " U
	 ", CASE WHEN i % 20000 = 77 THEN 1000 ELSE 1000 + (i * 101) % (N / 10) END, 1000 + k / 4, 1000 + k, "
	 "'RNCP1', 1, 10, d, d + 5, (SELECT min(id) FROM rule WHERE programme = CASE WHEN i % 1000 = 7 "
	 "THEN 'employer-acme' ELSE 'cpf' END), 10000, 0, state, billing, CASE WHEN state = 4 AND i % 50 = 3 THEN 1 ELSE 0 "
	 "END, CASE WHEN state IN (8, 9, 10) OR (state = 1 AND i % 200 = 7) THEN 20458 + i % 20 END, "
	 "CASE WHEN state = 1 AND i % 800 = 7 THEN 1 ELSE 0 END, HEAD + i, d - 20, d - 20, "
	 "CASE WHEN state IN (3, 4) THEN 20458 - i % 20 END, CASE WHEN state = 4 THEN (20458 - i % 20) * " DAY
	 " END, "
	 "CASE WHEN billing > 0 THEN 'controller' END, CASE WHEN billing > 0 THEN 10000 END, "
	 "CASE WHEN billing > 1 THEN d + 20 END, CASE WHEN billing > 2 THEN 1 + (i - 1) / 100 END, "
	 "CASE WHEN state IN (6, 11, 12, 16) OR billing = 4 THEN d + 30 END "
	 "FROM (SELECT i, r, k, CASE WHEN i < R THEN 20400 - (R - i) * 1460 / R ELSE 20438 + i % 120 END AS d, "
	 "CASE WHEN old = 1 THEN " OLD_STATE " ELSE " NEW_STATE " END AS state, "
	 "CASE WHEN old = 0 THEN " NEW_BILLING " WHEN r < 30 THEN 0 ELSE 4 END AS billing "
	 "FROM (SELECT i, (i * 7919) % 1000 AS r, CASE WHEN i < R AND i % 5000 <> 11 THEN 1 ELSE 0 END AS old, "
	 "CASE WHEN (i / 1000 * 37 + i * 13) % 100 < 30 THEN i % 4 ELSE 4 + (i * 31) % 11996 END AS k "
	 "FROM " ROWS ") AS b) AS c"},
	{"shares", 0, 1,
	 "INSERT INTO share (id, fund, lot, amount, card, advance, committed, in_training, payable, ordered, paid) "
	 "SELECT i * 16 + s, CASE WHEN s = 0 THEN (SELECT id FROM fund WHERE code = 'cpf-law') "
	 "WHEN i % 10 < 3 OR asks = 1 THEN 1000 + i / 10 % 300 ELSE (SELECT min(id) FROM fund WHERE nature = 3) END, "
	 "CASE WHEN s = 0 THEN i END, 5000, 0, 0, 0, 0, 0, 0, 5000 FROM (SELECT i, CASE WHEN i >= R AND (i * 7919) % 1000 "
	 "BETWEEN 735 AND 744 THEN 1 ELSE 0 END AS asks FROM " ROWS
	 ") AS b CROSS JOIN (SELECT 0 AS s UNION ALL SELECT 1) AS t ORDER BY i, s"},
	{"payments", 0, 100,
	 "INSERT INTO payment (id, uuid, provider, kind, state, amount, iban, year, ordered_on, ordered_by, settled_on, seq) "
	 "SELECT i + 1, " U ", CASE WHEN i % 10 < 3 THEN 1000 ELSE 1000 + i * 7 % 3000 END, "
	 "CASE WHEN i % 10 = 1 THEN 2 WHEN i % 50 = 2 THEN 4 WHEN i % 500 = 3 THEN 3 ELSE 1 END, "
	 "CASE WHEN i >= N / 100 - 2000 THEN 1 WHEN i % 300 = 5 THEN 3 ELSE 2 END, 10000, 'FR7630006000011234567890189', 2026, "
	 "20458 - (N / 100 - i) * 1460 * 100 / N, CASE WHEN i % 10 = 1 AND i >= N / 100 - 2000 THEN 'ledger' ELSE "
	 "'authoriser' END, CASE WHEN i < N / 100 - 2000 THEN 20458 END, HEAD + i * 100 + 1 FROM " ROWS},
	{"lines of payments", 0, 1,
	 "INSERT INTO payment_line (payment, voucher, amount) SELECT 1 + (i - 1) / 100, i, 5000 FROM " ROWS
	 " WHERE i % 100 = 1 OR (i - 1) / 100 % 10 <> 1"},
	{"transfers", 0, 100,
	 "INSERT INTO payment_transfer (file, line, payment, number, account, amount, seq) "
	 "SELECT 1 + i / 500, 1 + i, i + 1, 0, 'A', 5000, 1 FROM " ROWS " WHERE i < N / 100 - 1000"},
	{"recoveries", 1, 0,
	 "INSERT INTO recovery (voucher, number, ground, restores, amount, notified_on, order_on, opposed_on, closed_on, seq) "
	 "SELECT id, 1, 'undue', 0, 5000, 20400, 20440 + id % 40, CASE WHEN billing = 6 THEN 20450 END, CASE WHEN billing = 4 "
	 "THEN 20450 END, 1 FROM voucher WHERE billing IN (5, 6) OR (billing = 4 AND id % 50 = 0)"},
	{"controls and freezes", 1, 0,
	 "INSERT INTO hold (voucher, opened_at, kind, ground, until, opened_by, closed_at, seq) "
	 "SELECT id, id, CASE WHEN control = 1 THEN 1 ELSE 2 END, 'sample', 20458 + id % 60, 'controller', CASE WHEN billing = 4 "
	 "THEN 1 END, 1 FROM voucher WHERE control = 1 OR (billing = 2 AND id % 19 = 0) OR (billing = 4 AND id % 30 = 0)"},
	{"tickets", 0, 1000,
	 "INSERT INTO ticket (id, uuid, rule, portal, learner, course, session_start, learner_pays, taken_at, state, voucher, "
	 "collected_at) SELECT 10000000 + i, " U ", 1, " PORTALS
	 ", 1000 + i, 1000, 20458 + i % 60, 0, 0, 2, i * 1000, "
	 "CASE WHEN i * 1000 < R THEN 1 END FROM " ROWS},
	{"alerts", 20000, 0,
	 "INSERT INTO alert (id, kind, subject, scope, figure, raised_at, closed_at) SELECT 100 + i, 7, 1000 + i, 's', 1, "
	 "(20400 + i / 400) * " DAY ", CASE WHEN i < 19500 THEN 1 END FROM " ROWS},
	{"decisions", 0, 100,
	 "INSERT INTO decision (subject, kind, number, content, state, proposed_by, proposed_role, proposed_at, "
	 "confirmed_role, ended_at, seq) SELECT 'L' || CAST(i AS TEXT), 'cash', 1, '{}', CASE WHEN i < N / 100 - 500 THEN 3 ELSE "
	 "1 END, 'first', 7, (20300 + i * 158 / (N / 100)) * " DAY
	 ", 0, CASE WHEN i < N / 100 - 500 THEN 1 END, HEAD + i FROM " ROWS},
	{"decisions on what is held", 1, 0,
	 "INSERT INTO decision (subject, kind, number, content, state, proposed_by, proposed_role, proposed_at, "
	 "confirmed_role, seq) SELECT CAST(voucher AS TEXT), CASE WHEN kind = 1 THEN 'reduce' ELSE 'unfreeze' END, 1, '{}', 1, "
	 "CASE WHEN voucher / 1000 % 8 = 7 THEN 'first' ELSE 'controller' END, 5, (20440 + (voucher - R) * 18 / (N - R + 1)) * " DAY
	 ", 0, HEAD + N + voucher FROM hold WHERE closed_at IS NULL AND voucher / 1000 % 4 <> 0"},
	{"references", 0, 10,
	 "INSERT INTO metadata (kind, subject, side, reference, noted_at, noted_by) SELECT 1, 1 + i * 10, 1 + i % 2, CASE WHEN "
	 "i % 20 < 2 THEN 'R0' ELSE 'R' || CAST(i AS TEXT) END, 1, 'client' FROM " ROWS},
	{"freezes of accounts", 20000, 0,
	 "INSERT INTO account_freeze (learner, frozen_at, ground, until, frozen_by, released_at, seq) SELECT 1000 + i, 1, "
	 "'fraud', 20458 + i % 60, 'controller', CASE WHEN i < 19500 THEN 1 END, 1 FROM " ROWS},
	{"standings", PROVIDERS, 0,
	 "INSERT INTO provider_standing (provider, number, standing, ground, since, until, decided_by, confirmed_by, decided_at, "
	 "ended_at, seq) SELECT 1000 + i, 1, 1, 'fraud', 20000, 20458 + i % 60, 'a', 'b', 1, CASE WHEN i % 50 <> 0 THEN 1 END, 1 "
	 "FROM " ROWS},
	{"conflicts", 2000, 0,
	 "INSERT INTO conflict (id, learner, principal, declared_on, declared_at, declared_by, ended_at, seq) "
	 "SELECT 100 + i, 1000 + i * 37, 'p' || CAST(i % 50 AS TEXT), 20000, 1, 'o', CASE WHEN i % 3 = 0 THEN 1 END, 1 FROM " ROWS},
	{"lines of the bank", 0, 50,
	 "INSERT INTO bank_line (id, statement, line, amount, booked_on, value_on, reference, waiting, seq) SELECT 1 + i, "
	 "100 + i / 100, 1 + i % 100, 100, 20458 - (N / 50 - i) * 1460 * 50 / N, 20000, 'B' || CAST(i AS TEXT), "
	 "CASE WHEN i % 400 = 7 THEN 100 ELSE 0 END, 1 FROM " ROWS},
	{"credit notes", 0, 100,
	 "INSERT INTO credit_note (voucher, learner, fund, rule, reference, opened_on, proposed_on, proposed_by, balance, moves) "
	 "SELECT 1 + i, 1000 + i, 1000, 1, 'c', 20000, CASE WHEN i % 200 = 1 THEN 20400 + i % 50 END, "
	 "CASE WHEN i % 200 = 1 THEN 'ledger' END, 100, 1 FROM " ROWS},
	{"keys", 5000, 0,
	 "INSERT INTO api_key (id, org, role, principal, hash, created_at, seq, expires_on, created_by, rest) SELECT 100 + i, "
	 "1000 + i % 3000, 4, 'k' || CAST(i AS TEXT), " HASH ", (20400 + i % 50) * " DAY
	 ", 1, 20458 + i % 400, 'o', "
	 "CASE WHEN i % 50 = 1 THEN 'r' END FROM " ROWS},
	{"persons", 5000, 0,
	 "INSERT INTO person (id, code, org, valid_from, created_at, created_by, seq) SELECT 1000 + i, 'k' || CAST(i AS TEXT), "
	 "1000 + i % 3000, 0, 0, 'o', 1 FROM " ROWS},
	{"roles", 5000, 0,
	 "INSERT INTO role_grant (id, person, org, role, valid_from, valid_to, granted_by, granted_at, seq) SELECT 1000 + i, "
	 "1000 + i, 1000 + i % 3000, 4, 0, 20458 + i % 400, 'o', 0, 1 FROM " ROWS},
	{"votes", FUNDS * 6, 0,
	 "INSERT INTO budget (fund, year, ae, cp) SELECT 1000 + i % 300, 2020 + i / 300, 1, 1 FROM " ROWS},
	{"ended years", FUNDS * 5, 0,
	 "INSERT INTO year_end (fund, year, ae_left, cp_left, carried, reserve, ended_at, ended_by, seq) "
	 "SELECT 1000 + i % 300, 2020 + i / 300, 0, 0, 0, 0, 1, 'o', 1 FROM " ROWS},
};

/* --- one of them ------------------------------------------------------------------------ */

struct filling {
	struct db *db;
	int64_t first, end, vouchers, recent, head, at;
};

/* The number that a word of a text stands for. */
static int number_of(const struct filling *f, const char *word, size_t n, int64_t *out)
{
	const struct {
		const char *word;
		int64_t number;
	} words[] = {{"FIRST", f->first}, {"UPTO", f->end},  {"N", f->vouchers},
		     {"R", f->recent},    {"HEAD", f->head}, {"AT", f->at}};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i].word) == n && strncmp(words[i].word, word, n) == 0) {
			*out = words[i].number;
			return 1;
		}
	return 0;
}

static size_t word_length(const char *at)
{
	return strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
}

/* "... WHEN i < R THEN ..." with its numbers. */
static void put_numbers(const struct filling *f, const char *sql, struct buf *out)
{
	while (*sql != '\0') {
		size_t n = word_length(sql);
		int64_t number;

		if (n > 0 && number_of(f, sql, n, &number))
			buf_format(out, "%lld", (long long)number);
		else
			buf_add(out, sql, n > 0 ? n : 1);
		sql += n > 0 ? n : 1;
	}
}

static void fill_part(const struct filling *f, const char *sql)
{
	struct err err = {0};
	struct buf text;

	buf_init(&text, TEXT_BYTES);
	put_numbers(f, sql, &text);
	pages_must(buf_ok(&text) ? 0 : -1, &err);
	pages_must(db_begin(f->db, &err), &err);
	pages_must(db_script(f->db, buf_text(&text), &err), &err);
	pages_must(db_commit(f->db, &err), &err);
	pages_must(db_checkpoint(f->db, 0, &err), &err);
	buf_free(&text);
}

/* Numbers begin with 1 where there is one row for a voucher, else with 0. */
static void fill_rows(struct filling *f, const struct rows *rows)
{
	int64_t first = rows->one_in == 1,
		count = rows->one_in > 0 ? f->vouchers / rows->one_in : rows->count;

	for (int64_t i = first; i < count + first; i += PART) {
		f->first = i;
		f->end = i + PART < count + first ? i + PART : count + first;
		fill_part(f, rows->sql);
	}
	fprintf(stderr, "pages: %s\n", rows->what);
}

/* --- the ledger ----------------------------------------------------------------------------- */

struct index {
	char name[SQL_NAME], made[512];
};

static size_t drop_indexes(struct db *db, struct index *out)
{
	struct err err = {0};
	struct stmt *q = db_schema(db, &err);
	char drop[SQL_NAME + 16];
	size_t n = 0;
	int rc;

	while ((rc = db_step(q, &err)) == 1) {
		if (strcmp(col_text(q, 0), "index") != 0 || strncmp(col_text(q, 2), "CREATE INDEX", 12) != 0)
			continue;
		pages_must(n < INDEXES_MAX ? 0 : -1, &err);
		snprintf(out[n].name, sizeof out[n].name, "%s", col_text(q, 1));
		snprintf(out[n++].made, sizeof out[0].made, "%s", col_text(q, 2));
	}
	pages_must(rc, &err);
	for (size_t i = 0; i < n; i++) {
		snprintf(drop, sizeof drop, "DROP INDEX %.47s", out[i].name);
		pages_must(db_script(db, drop, &err), &err);
	}
	return n;
}

static void make_indexes(struct db *db, const struct index *index, size_t n)
{
	struct err err = {0};

	for (size_t i = 0; i < n; i++) {
		pages_must(db_script(db, index[i].made, &err), &err);
		pages_must(db_checkpoint(db, 0, &err), &err);
	}
}

void pages_fill(struct fixture *fixture, int64_t vouchers)
{
	static struct index index[INDEXES_MAX];
	struct filling f = {.vouchers = vouchers, .recent = vouchers - vouchers * 7 / 100};
	struct head head = {0};
	struct err err = {0};
	size_t n;

	ledger_close(fixture->l);
	fixture->l = NULL;
	pages_must(db_open(&f.db, fixture->path, DB_WRITE, &err), &err);
	sql_unguard(f.db);
	n = drop_indexes(f.db, index);
	pages_must(journal_head(f.db, &head, &err), &err);
	f.head = head.seq;
	f.at = head.booked_at;
	for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++)
		fill_rows(&f, &fillings[i]);
	make_indexes(f.db, index, n);
	sql_settle(f.db);
	if (db_is_server(db_url(f.db)))
		pages_must(db_script(f.db, "VACUUM ANALYZE", &err), &err);
	db_close(f.db);
}
