/*
 * ledger/queues/work: what waits for one among many, in pages of whatever size, is what somebody finds who
 * looks at everything; and a page does not look at everything.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/queues/work.h"
#include "ledger/registers/course.h"
#include "ledger/registers/learner.h"
#include "ledger/rules/rule.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/fixture.h"

#define VOUCHERS 2500
#define PAGE     60

static struct fixture f;
static unsigned draws = 3;
static int64_t few; /* the portal that has few of the learners */

/* What waits for it, in order. */
static struct waiting {
	int64_t due, number;
} waiting[VOUCHERS];
static size_t count;

static int draw(int below)
{
	draws = draws * 1664525u + 1013904223u;
	return (int)((draws >> 8) % (unsigned)below);
}

static int64_t number_of(struct db *db, const char *sql)
{
	struct err err = {0};
	int64_t id = 0;

	assert_int_equal(db_int(db, sql, NO_VALS, &id, &err), 1);
	return id;
}

/* Most of them another portal's; and none in the middle third of the days. */
static void make_all(struct tx *tx, struct err *err)
{
	int64_t own = number_of(tx->db, "SELECT id FROM learner WHERE code = 'L9'"),
		other = number_of(tx->db, "SELECT id FROM learner WHERE code = 'L1'"),
		course = number_of(tx->db, "SELECT id FROM course WHERE code = 'C-A1'"),
		provider = number_of(tx->db, "SELECT provider FROM course WHERE code = 'C-A1'"),
		rule = number_of(tx->db, "SELECT min(id) FROM rule WHERE programme = 'cpf'");

	few = number_of(tx->db, "SELECT id FROM organisation WHERE code = 'ACME'");
	assert_int_equal(db_run(tx->db,
				"UPDATE learner SET portal = CASE WHEN id = $1 THEN $2 ELSE $2 + 1 END",
				VALS(v_int(own), v_int(few)), err),
			 0);
	for (int64_t id = 1; id <= VOUCHERS; id++) {
		day_t due = tx->today + draw(30);
		int is_own = draw(25) == 0 && (due < tx->today + 10 || due >= tx->today + 20);
		struct voucher v = {.id = id,
				    .learner = is_own ? own : other,
				    .course = course,
				    .provider = provider,
				    .action_type = ACTION_TRAINING,
				    .rule = rule,
				    .price = 10000,
				    .state = draw(2) ? VOUCHER_PROPOSED : VOUCHER_ACCEPTED,
				    .session_start = tx->today,
				    .session_end = tx->today + 5,
				    .due_on = due,
				    .head = 1,
				    .requested_on = tx->today,
				    .accepted_on = DAY_NONE,
				    .started_on = DAY_NONE,
				    .exited_on = DAY_NONE,
				    .billed_on = DAY_NONE,
				    .closed_on = DAY_NONE,
				    .completion = -1,
				    .missed_hours = -1,
				    .payable = -1};

		v.uuid.bytes[0] = 1;
		memcpy(v.uuid.bytes + 8, &id, sizeof id);
		assert_int_equal(record_insert(tx->db, &voucher_record, &v, err), 0);
		if (is_own)
			waiting[count++] = (struct waiting){due, id};
	}
}

static int in_order(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	int64_t by = x->due != y->due ? x->due - y->due : x->number - y->number;

	return by < 0 ? -1 : by > 0;
}

/* One page of the portal's work; how many there are on it. */
static size_t read_page(struct db *db, struct work_page *page, struct work_item *out)
{
	struct actor actor = {.role = ROLE_PORTAL, .org = few};
	struct err err = {0};
	struct arena arena;
	struct tx tx;
	size_t n;

	arena_init(&arena, 4 << 20);
	ledger_look(f.l, db, &actor, &tx);
	if (work_list(&tx, -1, page, &arena, out, &n, &err) != 0)
		fail_msg("%s", err.text);
	arena_free(&arena);
	return n;
}

/* All pages of that size: how many were ended before they were full. */
static int walk(struct db *db, size_t max)
{
	static struct work_item out[PAGE];
	struct work_page page = {.max = max};
	size_t seen = 0;
	int is_short = 0;

	do {
		size_t n = read_page(db, &page, out);

		assert_true(n <= max && seen + n <= count);
		for (size_t i = 0; i < n; i++, seen++) {
			assert_int_equal(out[i].due, waiting[seen].due);
			assert_int_equal(out[i].number, waiting[seen].number);
		}
		assert_true(!page.has_more || page.next.day > page.from.day ||
			    (page.next.day == page.from.day && page.next.place > page.from.place));
		is_short += page.has_more && n < max;
		page.from = page.next;
	} while (page.has_more);
	assert_int_equal(seen, count);
	return is_short;
}

static void pages_of_any_size_leave_nothing_out(void **state)
{
	struct db *db = ledger_reader(f.l, &f.err);

	(void)state;
	assert_non_null(db);
	assert_true(count > PAGE);
	assert_int_equal(db_begin(db, &f.err), 0);
	qsort(waiting, count, sizeof waiting[0], in_order);
	for (size_t max = 1; max <= PAGE; max += 1 + max / 3)
		walk(db, max);
	db_rollback(db);
	ledger_reader_back(f.l, db);
}

/* 2,500 wait, some 80 of them for the portal, in three queues, which share what a page may look at in vain.
 */
static void a_page_looks_in_vain_for_so_long_and_no_longer(void **state)
{
	struct db *db = ledger_reader(f.l, &f.err);

	(void)state;
	assert_non_null(db);
	assert_int_equal(db_begin(db, &f.err), 0);
	assert_in_range(walk(db, PAGE), VOUCHERS / WORK_IN_VAIN, 3 * VOUCHERS / WORK_IN_VAIN);
	db_rollback(db);
	ledger_reader_back(f.l, db);
}

static int set_up(void **state)
{
	(void)state;
	fixture_open(&f);
	fixture_direct(&f, make_all);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_any_size_leave_nothing_out),
		cmocka_unit_test(a_page_looks_in_vain_for_so_long_and_no_longer),
	};

	return cmocka_run_group_tests_name("unit/queues/work", tests, set_up, tear_down);
}
