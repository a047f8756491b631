/*
 * The limit of PostgreSQL: the SQL of the ledger in sets, without the ledger.
 *
 *	sets redeem LEDGER COUNT GROUP FIRST
 *	sets rows FROM TO PART TABLE KEY ...
 *
 * redeem: vouchers as the ledger would redeem them, GROUP in a commit, from the
 * FIRST-th: what a group reads (kept answers, vouchers, shares, the standing) in one
 * flight, what it writes (entries, transfers, four accounts, vouchers, shares, kept
 * answers) in a second, with the reading back of the journal, then the commit.  It
 * checks and hashes nothing.  rows: what FROM has in each TABLE behind the largest
 * KEY of TO is read into memory, and written into TO, PART rows of each in a commit;
 * a table without such rows ends the run, since what is not written costs nothing.
 * LEDGER, FROM and TO are addresses of databases.
 *
 * Prints: how many a second, of vouchers or of rows of the first table.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <postgresql/libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GROUP_MOST  512
#define ARRAYS_MAX  48
#define SHARE_STEP  16
#define LINE_STEP   64
#define KIND_BITS   10
#define HOLDER_BITS 33
#define ANSWER      1100 /* bytes of a kept answer */
#define INT8        20
#define TEXT        25
#define BYTEA       17

/* An array of the server's, in its binary form. */
struct array {
	char *at;
	size_t len, room;
	int nulls, count;
	uint32_t type;
};

static PGconn *c;
static struct array arrays[ARRAYS_MAX];
static int used; /* of them */

static void give_up(const char *what)
{
	fprintf(stderr, "sets: %s: %s\n", what, c != NULL ? PQerrorMessage(c) : "");
	exit(1);
}

/* --- arrays ---------------------------------------------------------------------- */

static void add(struct array *a, const void *p, size_t n)
{
	if (a->len + n > a->room) {
		a->room = 2 * (a->len + n);
		a->at = realloc(a->at, a->room);
		if (a->at == NULL)
			give_up("out of memory");
	}
	memcpy(a->at + a->len, p, n);
	a->len += n;
}

static void add_head(struct array *a, uint32_t n)
{
	n = htonl(n);
	add(a, &n, sizeof n);
}

static struct array *begin_array(uint32_t type)
{
	static const char head[20];
	struct array *a = &arrays[used++];

	a->len = 0;
	a->nulls = a->count = 0;
	a->type = type;
	add(a, head, sizeof head);
	return a;
}

static void add_value(struct array *a, const void *p, int n)
{
	add_head(a, (uint32_t)n);
	if (n > 0)
		add(a, p, (size_t)n);
	a->nulls |= n < 0;
	a->count++;
}

static void add_int(struct array *a, int64_t n)
{
	uint64_t wire = htobe64((uint64_t)n);

	add_value(a, &wire, sizeof wire);
}

static void end_array(struct array *a)
{
	uint32_t head[5] = {htonl(1), htonl((uint32_t)a->nulls), htonl(a->type), htonl((uint32_t)a->count),
			    htonl(1)};

	memcpy(a->at, head, sizeof head);
}

static uint32_t type_of(const PGresult *r, int column)
{
	return PQftype(r, column) == INT8 ? INT8 : PQftype(r, column) == TEXT ? TEXT : BYTEA;
}

/* A column of rows that were read. */
static void array_of(const PGresult *r, int column, int from, int to)
{
	struct array *a = begin_array(type_of(r, column));

	for (int i = from; i < to; i++)
		add_value(a, PQgetvalue(r, i, column),
			  PQgetisnull(r, i, column) ? -1 : PQgetlength(r, i, column));
	end_array(a);
}

static void array_steps(int64_t from, int64_t step, int n)
{
	struct array *a = begin_array(INT8);

	for (int i = 0; i < n; i++)
		add_int(a, from + i * step);
	end_array(a);
}

static void array_nulls(uint32_t type, int n)
{
	struct array *a = begin_array(type);

	for (int i = 0; i < n; i++)
		add_value(a, NULL, -1);
	end_array(a);
}

static void array_bytes(uint32_t type, const char *p, int size, int n)
{
	struct array *a = begin_array(type);

	for (int i = 0; i < n; i++)
		add_value(a, p, size);
	end_array(a);
}

/* Bytes in no order, as hashes are. */
static void array_random(int size, int n)
{
	static uint64_t state = 88172645463325252u;
	struct array *a = begin_array(BYTEA);
	uint64_t bytes[4];

	for (int i = 0; i < n; i++) {
		for (int k = 0; k < 4; k++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			bytes[k] = state;
		}
		add_value(a, bytes, size);
	}
	end_array(a);
}

/* --- flights ---------------------------------------------------------------------- */

static void tell(const char *sql)
{
	PGresult *r = PQexec(c, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		give_up(sql);
	PQclear(r);
}

static void prepare(const char *name, const char *sql)
{
	PGresult *r = PQprepare(c, name, sql, 0, NULL);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		give_up(sql);
	PQclear(r);
}

/* The arrays made since the last, as its parameters. */
static void send_arrays(const char *name)
{
	const char *values[ARRAYS_MAX];
	int lengths[ARRAYS_MAX], formats[ARRAYS_MAX];

	for (int i = 0; i < used; i++) {
		values[i] = arrays[i].at;
		lengths[i] = (int)arrays[i].len;
		formats[i] = 1;
	}
	if (!PQsendQueryPrepared(c, name, used, values, lengths, formats, 1))
		give_up(name);
	used = 0;
}

static void send_number(const char *name, int64_t a, int64_t b, int n)
{
	uint64_t wire[2] = {htobe64((uint64_t)a), htobe64((uint64_t)b)};
	const char *values[2] = {(char *)&wire[0], (char *)&wire[1]};
	const int lengths[2] = {8, 8}, formats[2] = {1, 1};

	if (!PQsendQueryPrepared(c, name, n, values, lengths, formats, 1))
		give_up(name);
}

static void begin_flight(void)
{
	if (!PQenterPipelineMode(c))
		give_up("pipeline");
}

/* What was sent n times, in order. */
static void end_flight(PGresult **out, int n)
{
	PGresult *r;

	PQpipelineSync(c);
	for (int i = 0; i < n; i++) {
		r = PQgetResult(c);
		if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
			give_up("a statement of a flight");
		if (out != NULL)
			out[i] = r;
		else
			PQclear(r);
		PQclear(PQgetResult(c));
	}
	r = PQgetResult(c);
	if (PQresultStatus(r) != PGRES_PIPELINE_SYNC)
		give_up("sync");
	PQclear(r);
	PQexitPipelineMode(c);
}

static int64_t number(const char *sql)
{
	PGresult *r = PQexec(c, sql);
	int64_t n;

	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
		give_up(sql);
	n = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return n;
}

static PGconn *connect_to(const char *address)
{
	char url[512];

	snprintf(url, sizeof url, "%.*s", (int)strcspn(address, "#"), address);
	c = PQconnectdb(url);
	if (PQstatus(c) != CONNECTION_OK)
		give_up(address);
	tell("SET jit = off; SET plan_cache_mode = force_generic_plan; SET search_path = ila; SET enable_seqscan = off; "
	     "SET enable_hashjoin = off; SET enable_mergejoin = off");
	return c;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- redemptions ------------------------------------------------------------------ */

#define VOUCHER_SET                                                                                              \
	"accepted_on, advance_payment, billed_on, billing, cause, closed_on, code_hash, completion, contested, " \
	"control, copay, copay_reference, declared_at, due_on, exited_on, head, invoice, kept_back, "            \
	"missed_hours, ordered_by, paid_by, payable, payment, price, provider_new, rule, session_end, "          \
	"session_start, started_on, state, validated_at, validated_by"
#define VOUCHER_COLUMNS 32

static int64_t seq, at, answer_id, voucher_first, law, copay;

/* "SET a = u.a, ..." of a list of names. */
static void make_set(const char *names, char *out, size_t size)
{
	size_t len = 0;

	while (*names != '\0') {
		int n = (int)strcspn(names, ",");

		len += (size_t)snprintf(out + len, size - len, "%s%.*s = u.%.*s", len > 0 ? ", " : "", n,
					names, n, names);
		names += n + (names[n] == ',') + (names[n] == ',' && names[n + 1] == ' ');
	}
}

static void make_unnest(const PGresult *r, int from, char *out, size_t size)
{
	size_t len = 0;

	for (int i = from; i < PQnfields(r); i++)
		len += (size_t)snprintf(out + len, size - len, "%s$%d::%s[]", i > from ? ", " : "",
					i - from + 1,
					type_of(r, i) == INT8   ? "bigint"
					: type_of(r, i) == TEXT ? "text"
								: "bytea");
}

static void prepare_vouchers(void)
{
	char set[2048], arrays_text[1024], sql[4096];
	PGresult *r = PQexecParams(c, "SELECT id, " VOUCHER_SET " FROM voucher LIMIT 0", 0, NULL, NULL, NULL,
				   NULL, 1);

	make_set(VOUCHER_SET, set, sizeof set);
	make_unnest(r, 0, arrays_text, sizeof arrays_text);
	PQclear(r);
	snprintf(sql, sizeof sql,
		 "UPDATE voucher SET %s FROM unnest(%s) AS u(id, " VOUCHER_SET ") WHERE voucher.id = u.id",
		 set, arrays_text);
	prepare("voucher", sql);
}

static void prepare_redeem(void)
{
	prepare("read_replay",
		"SELECT a.n, s.* FROM unnest($1::bytea[]) WITH ORDINALITY AS a(p, n), LATERAL (SELECT fingerprint, "
		"status, body, secret_for FROM replay WHERE key_hash = a.p) AS s");
	prepare("read_voucher",
		"SELECT a.n, s.* FROM unnest($1::bigint[]) WITH ORDINALITY AS a(p, n), LATERAL (SELECT id, " VOUCHER_SET
		", action_type, certification, course, hours, learner, provider, requested_on, uuid "
		"FROM voucher WHERE id = a.p) AS s");
	prepare("read_share",
		"SELECT a.n, s.* FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS a(p, q, n), LATERAL (SELECT id, "
		"fund, lot, amount, card, advance, reserved, committed, in_training, payable, frozen, ordered, paid FROM "
		"share WHERE id >= a.p AND id < a.q ORDER BY id) AS s");
	prepare("read_standing", "SELECT * FROM provider_standing WHERE provider = $1 AND ended_at IS NULL "
				 "ORDER BY number DESC LIMIT 1");
	prepare("entry",
		"INSERT INTO entry (seq, kind, booked_at, value_date, org, api_key, voucher, lot, payment, rule, reason, "
		"reverses, previous, transfers, hash, subject_kind, subject, content) SELECT * FROM unnest($1::bigint[], "
		"$2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], "
		"$9::bigint[], $10::bigint[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bytea[], "
		"$16::text[], $17::text[], $18::bytea[])");
	prepare("transfer",
		"INSERT INTO transfer (id, fund, debit, debit_holder, credit, credit_holder, amount, lot, lot_move, "
		"lot_previous, lot_balance) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], "
		"$5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])");
	prepare("account",
		"UPDATE account SET debits = debits + u.amount, credits = credits + u.amount, moves = 0, head = "
		"NULL FROM unnest($1::bigint[], $2::bigint[]) AS u(id, amount) WHERE account.id = u.id");
	prepare("share",
		"UPDATE share SET card = u.a, advance = u.b, reserved = u.c, committed = u.d, in_training = u.e, payable = "
		"u.f, frozen = u.g, ordered = u.j, paid = u.i FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], "
		"$4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[]) AS u(id, "
		"a, b, c, d, e, f, g, j, i) WHERE share.id = u.id");
	prepare("replay",
		"INSERT INTO replay (id, key_hash, fingerprint, status, body, secret_for, at) SELECT * FROM "
		"unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[])");
	prepare("head", "SELECT seq, booked_at, hash FROM entry ORDER BY seq DESC LIMIT 1");
	prepare("back_entry", "SELECT * FROM entry WHERE seq >= $1 AND seq < $2 ORDER BY seq");
	prepare("back_transfer", "SELECT * FROM transfer WHERE id >= $1 AND id < $2 ORDER BY id");
	prepare_vouchers();
}

static int64_t account(int64_t fund, int64_t kind)
{
	return (fund << KIND_BITS | kind) << HOLDER_BITS;
}

static void look(void)
{
	char sql[256];

	seq = number("SELECT max(seq) FROM entry");
	at = number("SELECT max(booked_at) FROM entry");
	answer_id = number("SELECT coalesce(max(id), 0) FROM replay");
	voucher_first = number("SELECT min(id) FROM voucher WHERE copay > 0");
	law = number("SELECT id FROM fund WHERE code = 'cpf-law'");
	copay = number("SELECT id FROM fund WHERE code = 'cpf-copay'");
	for (int i = 0; i < 4; i++) {
		int64_t fund = i < 2 ? law : copay, kind = i % 2 == 0 ? 240 : 250;

		snprintf(
			sql, sizeof sql,
			"INSERT INTO account (id, kind, fund, holder, debits, credits, moves) VALUES (%lld, %lld, %lld, 0, "
			"0, 0, 0) ON CONFLICT DO NOTHING",
			(long long)account(fund, kind), (long long)kind, (long long)fund);
		tell(sql);
	}
}

static void read_group(int64_t first, int n, PGresult *out[4])
{
	begin_flight();
	array_random(16, n);
	send_arrays("read_replay");
	array_steps(first, 1, n);
	send_arrays("read_voucher");
	array_steps(first * SHARE_STEP, SHARE_STEP, n);
	array_steps((first + 1) * SHARE_STEP, SHARE_STEP, n);
	send_arrays("read_share");
	send_number("read_standing", 6, 0, 1);
	end_flight(out, 4);
	if (PQntuples(out[1]) != n)
		give_up("vouchers that are not there");
}

static void write_entries(int64_t first, int n)
{
	array_steps(seq + 1, 1, n);
	array_bytes(TEXT, "enter", 5, n);
	array_steps(at + 1, 1, n);
	array_steps(20500, 0, n);
	array_steps(6, 0, n);
	array_steps(8, 0, n);
	array_steps(first, 1, n);
	array_nulls(INT8, n);
	array_nulls(INT8, n);
	array_steps(1, 0, n);
	array_nulls(TEXT, n);
	array_nulls(INT8, n);
	array_steps(seq, 0, n);
	array_steps(2, 0, n);
	array_random(32, n);
	array_nulls(TEXT, n);
	array_nulls(TEXT, n);
	array_random(32, n);
	send_arrays("entry");
}

static void write_transfers(int n)
{
	struct array *a = begin_array(INT8);

	for (int i = 0; i < 2 * n; i++)
		add_int(a, (seq + 1 + i / 2) * LINE_STEP + i % 2);
	end_array(a);
	a = begin_array(INT8);
	for (int i = 0; i < 2 * n; i++)
		add_int(a, i % 2 == 0 ? copay : law);
	end_array(a);
	array_steps(240, 0, 2 * n);
	array_steps(0, 0, 2 * n);
	array_steps(250, 0, 2 * n);
	array_steps(0, 0, 2 * n);
	array_steps(10320, 0, 2 * n);
	for (int i = 0; i < 4; i++)
		array_nulls(INT8, 2 * n);
	send_arrays("transfer");
}

static void write_accounts(void)
{
	struct array *a = begin_array(INT8);

	add_int(a, account(copay, 240));
	add_int(a, account(copay, 250));
	add_int(a, account(law, 240));
	add_int(a, account(law, 250));
	end_array(a);
	array_steps(10320, 0, 4);
	send_arrays("account");
}

static void write_group(int64_t first, int n, PGresult *read[4])
{
	static char answer[ANSWER];

	memset(answer, 'a', sizeof answer);
	begin_flight();
	write_entries(first, n);
	write_transfers(n);
	write_accounts();
	for (int i = 0; i <= VOUCHER_COLUMNS; i++)
		array_of(read[1], 1 + i, 0, n);
	send_arrays("voucher");
	array_of(read[2], 1, 0, PQntuples(read[2]));
	for (int i = 0; i < 9; i++)
		array_of(read[2], 5 + i, 0, PQntuples(read[2]));
	send_arrays("share");
	array_steps(answer_id + 1, 1, n);
	array_random(16, n);
	array_random(32, n);
	array_steps(201, 0, n);
	array_bytes(TEXT, answer, sizeof answer, n);
	array_nulls(INT8, n);
	array_steps(at + 1, 0, n);
	send_arrays("replay");
	send_number("back_entry", seq + 1, INT64_MAX, 2);
	send_number("back_transfer", (seq + 1) * LINE_STEP, INT64_MAX, 2);
	end_flight(NULL, 8);
	seq += n;
	at += n;
	answer_id += n;
}

static void redeem(const char *address, int count, int group, int first)
{
	double start;

	connect_to(address);
	look();
	prepare_redeem();
	start = seconds();
	for (int done = 0; done < count; done += group) {
		int n = count - done < group ? count - done : group;
		int64_t from = voucher_first + first + done;
		PGresult *read[4];

		tell("BEGIN");
		begin_flight();
		send_arrays("head");
		end_flight(NULL, 1);
		read_group(from, n, read);
		write_group(from, n, read);
		tell("COMMIT");
		for (int i = 0; i < 4; i++)
			PQclear(read[i]);
	}
	printf("%.0f\n", count / (seconds() - start));
}

/* --- rows of whole tables ---------------------------------------------------------- */

#define TABLES_MAX 8

static void rows(int argc, char **argv)
{
	int part = atoi(argv[4]), tables = (argc - 5) / 2, most = 0;
	PGresult *r[TABLES_MAX];
	char sql[8192], columns[2048], arrays_text[1024];
	double start;

	if (tables < 1 || tables > TABLES_MAX)
		give_up("usage");
	connect_to(argv[3]);
	for (int t = 0; t < tables; t++) {
		int64_t last;

		snprintf(sql, sizeof sql, "SELECT coalesce(max(%s), 0) FROM %s", argv[6 + 2 * t],
			 argv[5 + 2 * t]);
		last = number(sql);
		PQfinish(c);
		connect_to(argv[2]);
		snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE %s > %lld ORDER BY %s", argv[5 + 2 * t],
			 argv[6 + 2 * t], (long long)last, argv[6 + 2 * t]);
		r[t] = PQexecParams(c, sql, 0, NULL, NULL, NULL, NULL, 1);
		if (PQresultStatus(r[t]) != PGRES_TUPLES_OK)
			give_up(sql);
		if (PQntuples(r[t]) == 0)
			give_up("a table of which there is nothing to write");
		most = PQntuples(r[t]) > most ? PQntuples(r[t]) : most;
		PQfinish(c);
		connect_to(argv[3]);
	}
	for (int t = 0; t < tables; t++) {
		size_t len = 0;

		for (int i = 0; i < PQnfields(r[t]); i++)
			len += (size_t)snprintf(columns + len, sizeof columns - len, "%s%s",
						i > 0 ? ", " : "", PQfname(r[t], i));
		make_unnest(r[t], 0, arrays_text, sizeof arrays_text);
		snprintf(sql, sizeof sql, "INSERT INTO %s (%s) SELECT * FROM unnest(%s)", argv[5 + 2 * t],
			 columns, arrays_text);
		prepare(argv[5 + 2 * t], sql);
	}
	start = seconds();
	for (int from = 0; from < most; from += part) {
		int sent = 0;

		tell("BEGIN");
		begin_flight();
		for (int t = 0; t < tables; t++) {
			int to = from + part < PQntuples(r[t]) ? from + part : PQntuples(r[t]);

			for (int i = 0; i < PQnfields(r[t]) && from < to; i++)
				array_of(r[t], i, from, to);
			if (from < to)
				send_arrays(argv[5 + 2 * t]);
			sent += from < to;
		}
		end_flight(NULL, sent);
		tell("COMMIT");
	}
	printf("%.0f\n", PQntuples(r[0]) / (seconds() - start));
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "redeem") == 0 && atoi(argv[4]) > 0 && atoi(argv[4]) <= GROUP_MOST)
		redeem(argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]));
	else if (argc >= 7 && strcmp(argv[1], "rows") == 0 && atoi(argv[4]) > 0)
		rows(argc, argv);
	else
		return 2;
	PQfinish(c);
	return 0;
}
