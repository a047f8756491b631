/*
 * ledger/book: the journal, its accounts, periods, statements; and what the
 * database itself refuses.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/audit/audit_chart.h"
#include "ledger/book/journal.h"
#include "ledger/book/period.h"
#include "ledger/book/statement.h"
#include "tests/lib/fixture.h"
#include "tests/lib/where.h"

#define FUND 1 /* cpf-law */

static struct fixture f;
static const struct actor nobody;

/* One transfer as a command; the entry as it was posted. */
struct post {
	struct entry e;
	int debit, credit;
	int64_t debit_holder, credit_holder, amount;
	day_t day;
	int times;
	int and_back; /* 1: the same amount the other way round follows */
};

static int run_post(struct tx *tx, struct command *c, struct err *err)
{
	struct post *p = c->args;

	entry_begin(&p->e, "test", p->day ? p->day : tx->today);
	for (int i = 0; i < (p->times ? p->times : 1); i++)
		entry_transfer(&p->e, FUND, p->debit, p->debit_holder, p->credit, p->credit_holder, 0,
			       p->amount);
	if (p->and_back)
		entry_transfer(&p->e, FUND, p->credit, p->credit_holder, p->debit, p->debit_holder, 0,
			       p->amount);
	return journal_post(tx, &p->e, err);
}

static int post(struct post *p)
{
	return fixture_run(&f, &nobody, run_post, p);
}

static int64_t balance(int kind)
{
	return fixture_balance(&f, "cpf-law", kind);
}

static void an_entry_moves_both_sides(void **state)
{
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 500};

	(void)state;
	assert_int_equal(post(&p), 0);
	assert_int_equal(balance(K_CASH), 500);
	assert_int_equal(balance(K_POOL), 500);
}

static void sequence_is_gap_free_and_time_grows(void **state)
{
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 1};
	int64_t seq, at;

	(void)state;
	assert_int_equal(post(&p), 0);
	seq = p.e.seq;
	at = p.e.booked_at;
	/* The sandbox clock stands still: the writer's time must not. */
	assert_int_equal(post(&p), 0);
	assert_int_equal(p.e.seq, seq + 1);
	assert_true(p.e.booked_at > at);
}

static void a_floored_account_refuses_and_leaves_no_trace(void **state)
{
	struct post p = {.debit = K_POOL, .credit = K_CASH, .amount = 700};
	unsigned char before[32], after[32];

	(void)state;
	fixture_digest(&f, before);
	assert_int_equal(post(&p), -1);
	assert_int_equal(f.err.code, ERR_ACCOUNT_SHORT);
	assert_int_equal(f.err.missing, 700);
	fixture_digest(&f, after);
	assert_memory_equal(before, after, sizeof before);
}

static void an_account_may_pass_below_zero_inside_an_entry(void **state)
{
	struct post p = {.debit = K_POOL, .credit = K_CASH, .amount = 10, .and_back = 1};

	(void)state;
	/* Out before in, from nothing: the entry counts as a whole. */
	assert_int_equal(post(&p), 0);
	assert_int_equal(balance(K_CASH), 0);
	p.and_back = 0;
	assert_int_equal(post(&p), -1);
}

static void no_sum_overflows(void **state)
{
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = AMOUNT_MAX + 1};

	(void)state;
	assert_int_equal(post(&p), -1);
	assert_int_equal(f.err.code, ERR_LIMIT);
}

static void the_number_of_transfers_is_limited(void **state)
{
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 1, .times = ENTRY_TRANSFERS_MAX};

	(void)state;
	assert_int_equal(post(&p), 0);
	p.times = ENTRY_TRANSFERS_MAX + 1;
	assert_int_equal(post(&p), -1);
	assert_int_equal(f.err.code, ERR_BUG);
}

static void an_unknown_kind_or_holder_is_our_fault(void **state)
{
	struct post p = {.debit = 999, .credit = K_POOL, .amount = 1};

	(void)state;
	assert_int_equal(post(&p), -1);
	assert_int_equal(f.err.code, ERR_BUG);
	p = (struct post){.debit = K_CASH, .debit_holder = 3, .credit = K_POOL, .amount = 1};
	assert_int_equal(post(&p), -1);
	assert_int_equal(f.err.code, ERR_BUG);
	p = (struct post){.debit = K_CASH, .credit = K_AE_AVAILABLE, .credit_holder = 2026, .amount = 1};
	assert_int_equal(post(&p), -1);
	assert_int_equal(f.err.code, ERR_BUG);
}

static void nothing_is_no_transfer(void **state)
{
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 0};

	(void)state;
	assert_int_equal(post(&p), 0);
	assert_int_equal(p.e.count, 0);
}

struct reversal {
	int64_t seq;
	struct entry e;
};

static int run_reverse(struct tx *tx, struct command *c, struct err *err)
{
	struct reversal *r = c->args;

	return journal_reverse(tx, r->seq, tx->today, "wrong_amount", &r->e, err);
}

static void a_reversal_takes_back_once_and_names_its_original(void **state)
{
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 500};
	struct reversal r = {0};

	(void)state;
	assert_int_equal(post(&p), 0);
	r.seq = p.e.seq;
	assert_int_equal(fixture_run(&f, &nobody, run_reverse, &r), 0);
	assert_int_equal(r.e.reverses, p.e.seq);
	assert_int_equal(balance(K_CASH), 0);
	assert_int_equal(fixture_run(&f, &nobody, run_reverse, &r), -1);
	assert_int_equal(f.err.code, ERR_REVERSED_ALREADY);
	r.seq = 99999;
	assert_int_equal(fixture_run(&f, &nobody, run_reverse, &r), -1);
	assert_int_equal(f.err.code, ERR_NOT_FOUND);
}

static void money_that_moved_on_cannot_be_taken_back(void **state)
{
	struct post in = {.debit = K_CASH, .credit = K_POOL, .amount = 500};
	struct post on = {.debit = K_POOL, .credit = K_RESERVE, .amount = 400};
	struct reversal r = {0};

	(void)state;
	assert_int_equal(post(&in), 0);
	assert_int_equal(post(&on), 0);
	r.seq = in.e.seq;
	assert_int_equal(fixture_run(&f, &nobody, run_reverse, &r), -1);
	assert_int_equal(f.err.code, ERR_ACCOUNT_SHORT);
}

static int run_close(struct tx *tx, struct command *c, struct err *err)
{
	return period_close(tx, *(day_t *)c->args, err);
}

static void a_closed_period_takes_no_entry(void **state)
{
	day_t yesterday = ledger_today(f.l) - 1;
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 1, .day = yesterday};

	(void)state;
	assert_int_equal(post(&p), 0);
	assert_int_equal(fixture_run(&f, &nobody, run_close, &yesterday), 0);
	assert_int_equal(post(&p), -1);
	assert_int_equal(f.err.code, ERR_PERIOD_CLOSED);
}

/* The engine's own hand, past every function of ours. */
struct script {
	const char *sql;
};

static int run_script(struct tx *tx, struct command *c, struct err *err)
{
	return db_script(tx->db, ((struct script *)c->args)->sql, err);
}

static void the_database_itself_refuses_changes_of_the_journal(void **state)
{
	static const char *const attempts[] = {
		"UPDATE entry SET booked_at = 0",
		"DELETE FROM entry",
		"UPDATE transfer SET amount = 1",
		"DELETE FROM transfer",
		"DELETE FROM account",
		"UPDATE account SET debits = 0",
		"REPLACE INTO entry SELECT * FROM entry WHERE seq = 1",
		"INSERT OR REPLACE INTO transfer SELECT * FROM transfer WHERE id = (SELECT min(id) FROM transfer)",
		"REPLACE INTO account SELECT * FROM account WHERE id = (SELECT min(id) FROM account)",
		("INSERT INTO entry SELECT seq + 7, kind, booked_at, value_date, org, api_key, voucher, lot, payment, rule, "
		 "reason, reverses, previous, transfers, hash FROM entry WHERE seq = 1"),
		"DELETE FROM period",
	};
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 5};
	day_t yesterday = ledger_today(f.l) - 1;
	unsigned char before[32], after[32];

	(void)state;
	assert_int_equal(post(&p), 0);
	assert_int_equal(fixture_run(&f, &nobody, run_close, &yesterday), 0);
	fixture_digest(&f, before);
	for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
		struct script s = {attempts[i]};

		if (fixture_run(&f, &nobody, run_script, &s) == 0)
			fail_msg("went through: %s", attempts[i]);
		fixture_digest(&f, after);
		assert_memory_equal(before, after, sizeof before);
	}
}

static int insert_transfer(struct tx *tx, int64_t id, struct err *err)
{
	return db_run(tx->db,
		      "INSERT INTO transfer (id, fund, debit, debit_holder, credit, credit_holder, amount) "
		      "VALUES ($1, $2, $3, 0, $4, 0, 1)",
		      VALS(v_int(id), v_int(FUND), v_int(K_CASH), v_int(K_POOL)), err);
}

static void insert_beside_the_last_entry(struct tx *tx, struct err *err)
{
	struct head head;

	assert_int_equal(journal_head(tx->db, &head, err), 0);
	assert_int_equal(insert_transfer(tx, (head.seq + 1) * TRANSFER_ID_STEP, err), -1);
	assert_non_null(strstr(err->text, "not a transfer of the last entry"));
	db_rollback(tx->db); /* what failed ends a transaction of PostgreSQL */
	assert_int_equal(db_begin(tx->db, err), 0);
	assert_int_equal(insert_transfer(tx, (head.seq + 1) * TRANSFER_ID_STEP - 1, err), 0);
	db_rollback(tx->db);
	assert_int_equal(db_begin(tx->db, err), 0);
}

/* Its trigger has the number by itself. */
static void the_database_counts_the_lines_of_an_entry_as_the_program_does(void **state)
{
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 5};

	(void)state;
	assert_int_equal(post(&p), 0);
	fixture_direct(&f, insert_beside_the_last_entry);
}

static void a_balance_can_be_asked_at_any_sequence(void **state)
{
	struct post p = {.debit = K_CASH, .credit = K_POOL, .amount = 100};
	int64_t first, seq, sum;
	struct db *db;

	(void)state;
	assert_int_equal(post(&p), 0);
	first = p.e.seq;
	for (int i = 0; i < 9; i++)
		assert_int_equal(post(&p), 0);
	db = ledger_reader(f.l, &f.err);
	for (int64_t i = 0; i < 10; i++) {
		assert_int_equal(balance_at(db, FUND, K_CASH, -1, first + i, &sum, &f.err), 0);
		assert_int_equal(sum, 100 * (i + 1));
	}
	assert_int_equal(balance_at(db, FUND, K_CASH, -1, first + 10, &sum, &f.err), -1);
	assert_int_equal(f.err.code, ERR_NOT_FOUND);
	assert_int_equal(journal_seq_at(db, p.e.booked_at, &seq, &f.err), 0);
	assert_int_equal(seq, p.e.seq);
	assert_int_equal(journal_seq_at(db, p.e.booked_at - 1, &seq, &f.err), 0);
	assert_int_equal(seq, p.e.seq - 1);
	ledger_reader_back(f.l, db);
}

static void the_auditors_chart_is_the_same(void **state)
{
	const struct kind *k;
	size_t n = 0;

	(void)state;
	for (; (k = chart_at(n)) != NULL; n++) {
		const struct audit_kind *a = audit_kind(k->number);

		assert_non_null(a);
		assert_int_equal(a->side == 'D', k->side == DEBIT);
		assert_int_equal(a->memo, k->memo);
		assert_int_equal(a->floored, k->floored);
		assert_ptr_equal(chart_find(k->number), k);
	}
	assert_int_equal(n, 37);
	assert_null(chart_find(111));
	assert_null(chart_find(-1));
	assert_null(chart_find(100000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, an_entry_moves_both_sides),
		WITH_FIXTURE(f, sequence_is_gap_free_and_time_grows),
		WITH_FIXTURE(f, a_floored_account_refuses_and_leaves_no_trace),
		WITH_FIXTURE(f, an_account_may_pass_below_zero_inside_an_entry),
		WITH_FIXTURE(f, no_sum_overflows),
		WITH_FIXTURE(f, the_number_of_transfers_is_limited),
		WITH_FIXTURE(f, an_unknown_kind_or_holder_is_our_fault),
		WITH_FIXTURE(f, nothing_is_no_transfer),
		WITH_FIXTURE(f, a_reversal_takes_back_once_and_names_its_original),
		WITH_FIXTURE(f, money_that_moved_on_cannot_be_taken_back),
		WITH_FIXTURE(f, a_closed_period_takes_no_entry),
		WITH_FIXTURE(f, the_database_itself_refuses_changes_of_the_journal),
		WITH_FIXTURE(f, the_database_counts_the_lines_of_an_entry_as_the_program_does),
		WITH_FIXTURE(f, a_balance_can_be_asked_at_any_sequence),
		WITH_FIXTURE(f, the_auditors_chart_is_the_same),
	};

	return cmocka_run_group_tests_name("book/journal", tests, NULL, NULL);
}
