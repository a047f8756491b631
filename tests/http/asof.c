/*
 * What held at a past entry or instant, asked while 32 clients write: every answer
 * is the sum of the entries up to the one it names, and an instant always means
 * the same entry (ledger/README.md#order-is-the-sequence: the as-of query of
 * another ledger was wrong at 241 of 400 instants).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/book/chart.h"
#include "ledger/registers/fund.h"
#include "tests/lib/served.h"

#define CLIENTS   32
#define EACH      50
#define QUESTIONS 400
#define SEED      20261123u

struct question {
	const char *fund;
	int64_t instant; /* 0: asked by seq */
	int64_t seq;     /* asked for; of an instant: answered */
	char *answer;
};

static struct served s;
static struct question asked[QUESTIONS];
static _Atomic int writing;

static void *write_on(void *arg)
{
	size_t first = *(size_t *)arg;
	struct err err = {0};
	struct client *c = client_open(s.address, &err);

	for (size_t i = first; i < first + EACH; i++)
		if (served_redeem(&s, c, i, NULL) != 201)
			break;
	client_close(c);
	writing--;
	return NULL;
}

static int64_t number_in(const char *answer, const char *name)
{
	const char *at = strstr(answer, name);

	assert_non_null(at);
	return strtoll(at + strlen(name), NULL, 10);
}

static int get(struct client *c, const char *path, struct buf *out)
{
	return served_call(&s, c, &(struct call){.key = s.key[ROLE_OPERATOR], .method = "GET", .path = path},
			   out);
}

/* By seq and by instant in turn, anywhere between the first entry and the last. */
static void ask(struct client *c, struct question *q, size_t i, unsigned *seed)
{
	char path[160], instant[INSTANT_TEXT];
	struct buf answer;

	buf_init(&answer, 65536);
	q->fund = i % 3 == 0 ? "cpf-copay" : "cpf-law";
	snprintf(path, sizeof path, "/v1/funds/%s", q->fund);
	assert_int_equal(get(c, path, &answer), 200);
	q->seq = rand_r(seed) % number_in(buf_text(&answer), "\"as_of_seq\":");
	if (i % 2 == 0) {
		q->instant = FIXTURE_START + q->seq;
		instant_format(q->instant, instant);
		snprintf(path, sizeof path, "/v1/funds/%s?at=%s", q->fund, instant);
	} else {
		snprintf(path, sizeof path, "/v1/funds/%s?seq=%" PRId64, q->fund, q->seq);
	}
	assert_int_equal(get(c, path, &answer), 200);
	if (q->instant != 0)
		q->seq = number_in(buf_text(&answer), "\"as_of_seq\":");
	assert_int_equal(number_in(buf_text(&answer), "\"as_of_seq\":"), q->seq);
	q->answer = buf_steal(&answer);
}

/* Balances by kind after entry seq, as plain sums over its transfers. */
static void sum_up(struct db *db, int64_t fund, int64_t seq, int64_t balance[KIND_MAX + 1])
{
	struct stmt *q =
		db_query(db, "SELECT debit, credit, amount FROM transfer WHERE id < $1 AND fund = $2",
			 VALS(v_int((seq + 1) * TRANSFER_ID_STEP), v_int(fund)), &s.f.err);

	memset(balance, 0, (KIND_MAX + 1) * sizeof *balance);
	while (db_step(q, &s.f.err) == 1) {
		balance[col_int(q, 0)] += col_int(q, 2);
		balance[col_int(q, 1)] -= col_int(q, 2);
	}
}

static void check(struct db *db, const struct question *q)
{
	int64_t balance[KIND_MAX + 1], seq = 0;
	struct fund f;

	if (q->instant != 0) {
		assert_int_equal(db_int(db, "SELECT count(*) FROM entry WHERE booked_at <= $1",
					VALS(v_int(q->instant)), &seq, &s.f.err),
				 1);
		assert_int_equal(q->seq, seq);
	}
	assert_int_equal(fund_find(db, q->fund, &f, &s.f.err), 1);
	sum_up(db, f.id, q->seq, balance);
	for (const char *at = q->answer; (at = strstr(at, "\"kind\":")) != NULL; at++) {
		int64_t kind = number_in(at, "\"kind\":"), is = number_in(at, "\"balance\":");
		int64_t *should = &balance[kind];

		if (chart_find((int)kind)->side == CREDIT)
			*should = -*should;
		if (is != *should)
			fail_msg("kind %" PRId64 " at entry %" PRId64 ": %" PRId64 ", not %" PRId64, kind,
				 q->seq, is, *should);
		*should = 0;
	}
	for (int kind = 0; kind <= KIND_MAX; kind++)
		if (balance[kind] != 0)
			fail_msg("kind %d at entry %" PRId64 " is left out", kind, q->seq);
}

static void every_answer_is_the_sum_of_the_entries_up_to_its_own(void **state)
{
	pthread_t thread[CLIENTS];
	size_t first[CLIENTS];
	unsigned seed = SEED;
	struct client *c = client_open(s.address, &s.f.err);
	struct db *db;
	int meanwhile = 0;

	(void)state;
	assert_non_null(c);
	writing = CLIENTS;
	for (size_t i = 0; i < CLIENTS; i++) {
		first[i] = i * EACH;
		assert_int_equal(pthread_create(&thread[i], NULL, write_on, &first[i]), 0);
	}
	for (size_t i = 0; i < QUESTIONS; i++) {
		ask(c, &asked[i], i, &seed);
		meanwhile += writing > 0;
	}
	for (size_t i = 0; i < CLIENTS; i++)
		pthread_join(thread[i], NULL);
	client_close(c);
	assert_true(meanwhile > 0);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'"), CLIENTS * EACH);
	db = ledger_reader(s.f.l, &s.f.err);
	for (size_t i = 0; i < QUESTIONS; i++) {
		check(db, &asked[i]);
		free(asked[i].answer);
	}
	ledger_reader_back(s.f.l, db);
	print_message("%d of %d asked while clients wrote\n", meanwhile, QUESTIONS);
}

static int report(const char *as_of, const char *folder)
{
	char command[512];

	snprintf(command, sizeof command,
		 "\"$ILA_BIN\" --db '%s' report trial-balance --as-of %s --out '%s/%s' > /dev/null 2>&1",
		 s.f.path, as_of, s.f.dir, folder);
	return system(command);
}

static int shell(const char *line)
{
	setenv("DIR", s.f.dir, 1);
	return system(line);
}

/* The trial balance of then, made later, is the one that was made then. */
static void a_trial_balance_of_then_is_the_one_made_then(void **state)
{
	int64_t then = served_count(&s, "SELECT max(seq) FROM entry");
	char seq[32], instant[INSTANT_TEXT];
	size_t first = 0;

	(void)state;
	snprintf(seq, sizeof seq, "%" PRId64, then);
	instant_format(served_count(&s, "SELECT max(booked_at) FROM entry"), instant);
	assert_int_equal(report(seq, "then"), 0);
	served_start(&s);
	writing = 1;
	(void)write_on(&first);
	assert_int_equal(served_stop(&s), 0);
	assert_true(served_count(&s, "SELECT max(seq) FROM entry") >= then + EACH);
	assert_int_equal(report(seq, "by-seq"), 0);
	assert_int_equal(report(instant, "by-instant"), 0);
	assert_int_equal(shell("cmp \"$DIR/then/trial-balance.csv\" \"$DIR/by-seq/trial-balance.csv\""), 0);
	assert_int_equal(shell("cmp \"$DIR/then/trial-balance.csv\" \"$DIR/by-instant/trial-balance.csv\""),
			 0);
	assert_int_not_equal(report("999999999", "x"), 0);
	assert_int_not_equal(report("2030-01-01T00:00:00Z", "x"), 0);
	assert_int_not_equal(report("2020-01-01T00:00:00Z", "x"), 0);
	assert_int_not_equal(report("soon", "x"), 0);
	assert_int_equal(shell("test ! -e \"$DIR/x\" && rm -rf \"$DIR\"/then \"$DIR\"/by-*"), 0);
}

static void what_cannot_be_answered_is_refused(void **state)
{
	struct buf answer;

	(void)state;
	buf_init(&answer, 65536);
	assert_int_equal(get(NULL, "/v1/funds/cpf-law?seq=999999999", &answer), 404);
	assert_int_equal(get(NULL, "/v1/funds/cpf-law?seq=-1", &answer), 400);
	assert_int_equal(get(NULL, "/v1/funds/cpf-law?at=yesterday", &answer), 400);
	assert_int_equal(get(NULL, "/v1/funds/cpf-law?at=2030-01-01T00:00:00Z", &answer), 400);
	assert_non_null(strstr(buf_text(&answer), "not settled yet"));
	assert_int_equal(get(NULL, "/v1/funds/cpf-law?seq=1&at=2026-01-05T08:00:00Z", &answer), 400);
	assert_int_equal(get(NULL, "/v1/funds/cpf-law?at=2020-01-01T00:00:00Z", &answer), 200);
	assert_non_null(strstr(buf_text(&answer), "\"as_of_seq\":0,\"balances\":[]"));
	buf_free(&answer);
}

static int set_up(void **state)
{
	(void)state;
	served_ready(&s, CLIENTS * EACH);
	served_start(&s);
	return 0;
}

static int set_up_alone(void **state)
{
	(void)state;
	served_open(&s);
	served_learners(&s, EACH);
	served_orders(&s, EACH);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_close(&s);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_answer_is_the_sum_of_the_entries_up_to_its_own, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_answered_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_trial_balance_of_then_is_the_one_made_then, set_up_alone,
						tear_down),
	};

	return cmocka_run_group_tests_name("http/asof", tests, NULL, NULL);
}
