/*
 * ledger/lists/voucher_list: whatever is asked for, in pages of whatever size, a list is what somebody finds
 * who looks at every voucher.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/lists/voucher_find.h"
#include "tests/lib/fixture.h"
#include "tests/lib/sql.h"

#define VOUCHERS 2500
#define TRIES    120
#define PEOPLE   9
#define COURSES  4
#define FUNDS    4
#define RULES    2

static struct fixture f;
static struct voucher all[VOUCHERS + 1]; /* by number */
static struct voucher_row seen;          /* the last that was given */
static unsigned draws = 1;
static int64_t funds[FUNDS], funder[FUNDS], course[COURSES], provider_of[COURSES], learner[PEOPLE],
	portal[PEOPLE], rules[RULES];
static const char *const programmes[RULES] = {"cpf", "employer-acme"};
static int noted[VOUCHERS + 1][2]; /* by its client, and its provider: the reference "R%d"; 0 none */
static int64_t first_change;       /* the last entry before the first voucher */

static int draw(int below)
{
	draws = draws * 1664525u + 1013904223u;
	return (int)((draws >> 8) % (unsigned)below);
}

/* --- many vouchers ------------------------------------------------------------------------ */

/* As many of that column as there is room for; the rest are the first again. */
static void take_ids(struct db *db, const char *sql, int64_t *out, int64_t *beside, int count)
{
	struct err err = {0};
	struct stmt *q = db_query(db, sql, NO_VALS, &err);
	int n = 0, rc;

	while ((rc = db_step(q, &err)) == 1) {
		if (n == count)
			break;
		out[n] = col_int(q, 0);
		if (beside != NULL)
			beside[n] = col_int(q, 1);
		n++;
	}
	db_done(q);
	assert_true(n > 0 && rc >= 0);
	for (int i = n; i < count; i++) {
		out[i] = out[i - n];
		if (beside != NULL)
			beside[i] = beside[i - n];
	}
}

static void change(struct tx *tx, struct voucher *v)
{
	struct err err = {0};
	struct entry e;

	entry_begin(&e, "changed", tx->today);
	e.voucher = v->id;
	e.previous = v->head;
	assert_int_equal(journal_post(tx, &e, &err), 0);
	v->head = e.seq;
}

static void make_shares(struct voucher *v)
{
	v->shares = (size_t)draw(4);
	for (size_t i = 0; i < v->shares; i++)
		v->share[i] = (struct share){
			.place = (int)i, .fund = funds[draw(FUNDS)], .lot = draw(2), .amount = 1 + draw(9)};
}

/* Most are old and closed, as in a ledger that has some years. */
static void make_state(struct tx *tx, struct voucher *v)
{
	static const enum voucher_state rare[] = {VOUCHER_REQUESTED, VOUCHER_PROPOSED, VOUCHER_COFUND_WAIT,
						  VOUCHER_EXITED,    VOUCHER_DECLARED, VOUCHER_ENTERED,
						  VOUCHER_ACCEPTED};

	v->state = draw(5) == 0 ? rare[draw(7)] : draw(3) == 0 ? VOUCHER_LAPSED : VOUCHER_VALIDATED;
	v->billing = v->state == VOUCHER_VALIDATED
			     ? draw(10) == 0 ? (enum billing_state)draw(BILLING__MAX) : BILLING_PAID
			     : BILLING_NONE;
	v->control = v->state == VOUCHER_DECLARED ? (enum control_state)draw(CONTROL__MAX) : CONTROL_NONE;
	v->session_start = tx->today + draw(100) - 50;
	v->session_end = v->session_start + draw(20);
	v->exited_on = v->state == VOUCHER_EXITED ? v->session_end : DAY_NONE;
	v->declared_at = v->state == VOUCHER_DECLARED ? tx->now - draw(40) * 86400000000LL : 0;
	v->billed_on = v->billing >= BILLING_BILLED ? tx->today - draw(40) : DAY_NONE;
	v->due_on = v->state == VOUCHER_REQUESTED || v->state == VOUCHER_PROPOSED ||
				    v->state == VOUCHER_COFUND_WAIT ||
				    (v->state == VOUCHER_ACCEPTED && draw(2))
			    ? tx->today + draw(20)
			    : DAY_NONE;
	v->closed_on = voucher_is_closed(v) ? tx->today : DAY_NONE;
}

static void make_voucher(struct tx *tx, int64_t id, struct voucher *v)
{
	int c = draw(10) == 0 ? draw(COURSES) : 0;

	*v = (struct voucher){.id = id,
			      .learner = learner[draw(5) == 0 ? draw(PEOPLE) : 0],
			      .course = course[c],
			      .provider = provider_of[c],
			      .action_type = ACTION_TRAINING,
			      .rule = rules[draw(20) == 0],
			      .price = 10000,
			      .requested_on = tx->today,
			      .accepted_on = tx->today,
			      .started_on = DAY_NONE,
			      .completion = -1,
			      .missed_hours = -1,
			      .payable = -1};
	v->uuid.bytes[0] = 1;
	memcpy(v->uuid.bytes + 8, &id, sizeof id);
	make_state(tx, v);
	make_shares(v);
}

/* References, which need not be unique, of both sides. */
static void note(struct tx *tx, int64_t id, struct err *err)
{
	for (int side = 0; side < 2; side++) {
		struct metadata m = {.pairs = {0}};

		if (draw(3) != 0)
			continue;
		noted[id][side] = draw(20) == 0 ? 1 + draw(3) : 4;
		snprintf(m.reference, sizeof m.reference, "R%d", noted[id][side]);
		tx->actor.role = side == 0 ? ROLE_PORTAL : ROLE_PROVIDER;
		assert_int_equal(metadata_put(tx, METADATA_VOUCHER, id, &m, err), 0);
		tx->actor.role = ROLE_NONE;
	}
}

static void make_all(struct tx *tx, struct err *err)
{
	struct head head = {0};

	take_ids(tx->db, "SELECT id, funder FROM fund ORDER BY id", funds, funder, FUNDS);
	take_ids(tx->db, "SELECT id, provider FROM course ORDER BY id DESC", course, provider_of, COURSES);
	take_ids(tx->db, "SELECT id, portal FROM learner ORDER BY id", learner, portal, PEOPLE);
	take_ids(tx->db, "SELECT id FROM rule WHERE programme = 'cpf'", &rules[0], NULL, 1);
	take_ids(tx->db, "SELECT id FROM rule WHERE programme = 'employer-acme'", &rules[1], NULL, 1);
	assert_int_equal(journal_head(tx->db, &head, err), 0);
	first_change = head.seq;
	for (int64_t id = 1; id <= VOUCHERS; id++) {
		make_voucher(tx, id, &all[id]);
		change(tx, &all[id]);
		/* Some change again, so that the order of change is another one. */
		assert_int_equal(voucher_insert(tx, &all[id], err), 0);
		note(tx, id, err);
		if (draw(4) == 0) {
			struct voucher *v = &all[1 + draw((int)id)];

			change(tx, v);
			assert_int_equal(voucher_update(tx, v, err), 0);
		}
	}
}

/* --- by looking at each ----------------------------------------------------------------------- */

static int has_share(const struct voucher *v, int64_t fund, int64_t of)
{
	for (size_t i = 0; i < v->shares; i++)
		for (int k = 0; k < FUNDS; k++)
			if (v->share[i].fund == funds[k] && (fund == 0 || funds[k] == fund) &&
			    (of == 0 || funder[k] == of))
				return 1;
	return 0;
}

static int is_in(unsigned set, int value)
{
	return set == 0 || (set & STATE_BIT(value)) != 0;
}

static int is_portals(const struct voucher *v, int64_t of)
{
	for (int k = 0; k < PEOPLE; k++)
		if (learner[k] == v->learner)
			return portal[k] == 0 || portal[k] == of;
	return 0;
}

static int is_due(struct db *db, const struct voucher_filter *q, const struct voucher *v)
{
	const struct rule *rule;
	struct err err = {0};
	struct awaited a;

	assert_int_equal(rule_get(db, v->rule, &rule, &err), 0);
	a = voucher_awaited(rule, q->zone, v);
	return a.step != NULL && a.by != DAY_NONE && a.by < q->due_before;
}

static int is_noted(const struct voucher_filter *q, const struct voucher *v)
{
	int reference = q->reference[1] - '0';

	return (noted[v->id][0] == reference && is_in(q->sides, METADATA_OF_CLIENT)) ||
	       (noted[v->id][1] == reference && is_in(q->sides, METADATA_OF_PROVIDER));
}

static int fits(struct db *db, const struct voucher_filter *q, const struct voucher *v)
{
	return (q->reference[0] == '\0' || is_noted(q, v)) && is_in(q->states, (int)v->state) &&
	       is_in(q->billings, (int)v->billing) && is_in(q->controls, (int)v->control) &&
	       (q->provider == 0 || q->provider == v->provider) &&
	       (q->course == 0 || q->course == v->course) && (q->learner == 0 || q->learner == v->learner) &&
	       (q->fund == 0 || has_share(v, q->fund, 0)) && (q->funder == 0 || has_share(v, 0, q->funder)) &&
	       (q->portal == 0 || is_portals(v, q->portal)) &&
	       (q->programme[0] == '\0' || v->rule == rules[strcmp(q->programme, programmes[0]) != 0]) &&
	       (!q->since_known || v->head > q->since) && (q->due_before == DAY_NONE || is_due(db, q, v));
}

static int by_head(const void *a, const void *b)
{
	int64_t x = all[*(const int64_t *)a].head, y = all[*(const int64_t *)b].head;

	return (x > y) - (x < y);
}

static size_t expect(struct db *db, const struct voucher_filter *q, int64_t *out)
{
	size_t n = 0;

	for (int64_t id = VOUCHERS; id > 0; id--)
		if (fits(db, q, &all[id]))
			out[n++] = id;
	if (q->since_known)
		qsort(out, n, sizeof *out, by_head);
	return n;
}

/* --- by the list ------------------------------------------------------------------------------- */

struct got {
	int64_t id[VOUCHERS + 1];
	size_t count;
};

static int take(void *arg, const struct voucher_row *row, struct err *err)
{
	struct got *got = arg;

	(void)err;
	assert_true(got->count < VOUCHERS);
	got->id[got->count++] = row->v.id;
	seen = *row;
	return 0;
}

/* All pages; how many. */
static int walk(struct db *db, const struct voucher_filter *q, size_t limit, struct got *got)
{
	struct list_page page = {.max = limit};
	struct err err = {0};
	int pages = 0;

	got->count = 0;
	do {
		size_t before = got->count;

		if (voucher_list(db, q, &page, take, got, &err) != 0)
			fail_msg("%s", err.text);
		assert_true(got->count - before <= limit);
		assert_true(!page.has_more || page.next != page.after);
		page.after = page.next;
		pages++;
	} while (page.has_more);
	return pages;
}

static unsigned draw_set(int below)
{
	unsigned set = 0;

	for (int i = 0; i <= draw(3); i++)
		set |= STATE_BIT(draw(below));
	return set;
}

static struct voucher_filter draw_filter(void)
{
	struct voucher_filter q = {.due_before = DAY_NONE, .zone = ledger_settings(f.l)->zone};

	for (int i = draw(4); i > 0; i--)
		switch (draw(13)) {
		case 0:
			q.states = draw_set(VOUCHER__MAX);
			break;
		case 1:
			q.billings = draw_set(BILLING__MAX);
			break;
		case 2:
			q.controls = draw_set(CONTROL__MAX);
			break;
		case 3:
			q.provider = draw(9) == 0 ? -1 : provider_of[draw(COURSES)];
			break;
		case 4:
			q.course = course[draw(COURSES)];
			break;
		case 5:
			q.learner = learner[draw(PEOPLE)];
			break;
		case 6:
			q.fund = funds[draw(FUNDS)];
			break;
		case 7:
			q.funder = funder[draw(FUNDS)];
			break;
		case 8:
			q.portal = draw(3) == 0 ? 1 : portal[draw(PEOPLE)];
			break;
		case 9:
			strcpy(q.programme, programmes[draw(RULES)]);
			break;
		case 11:
			snprintf(q.reference, sizeof q.reference, "R%d", 1 + draw(5));
			q.sides = (unsigned)draw(4) << METADATA_OF_CLIENT;
			break;
		case 10:
			q.since_known = 1;
			q.since = first_change + draw(2 * VOUCHERS);
			break;
		default:
			q.due_before = ledger_today(f.l) + draw(60) - 30;
			break;
		}
	return q;
}

static void fail_with(const struct voucher_filter *q, size_t limit, size_t expected, size_t found)
{
	fail_msg(
		"states %x billings %x controls %x provider %lld course %lld learner %lld fund %lld funder %lld "
		"portal %lld programme %s since %lld due %d limit %zu: %zu expected, %zu found",
		q->states, q->billings, q->controls, (long long)q->provider, (long long)q->course,
		(long long)q->learner, (long long)q->fund, (long long)q->funder, (long long)q->portal,
		q->programme, (long long)(q->since_known ? q->since : -1), q->due_before, limit, expected,
		found);
}

static void with_reader(void (*body)(struct db *))
{
	struct db *db = ledger_reader(f.l, &f.err);

	assert_non_null(db);
	assert_int_equal(db_begin(db, &f.err), 0);
	body(db);
	db_rollback(db);
	ledger_reader_back(f.l, db);
}

static void hold_against(struct db *db)
{
	static int64_t expected[VOUCHERS + 1];
	static struct got got;

	for (int i = 0; i < TRIES; i++) {
		struct voucher_filter q = draw_filter();
		size_t n = expect(db, &q, expected);
		size_t limit = n < 30 ? (size_t)(1 + draw(5)) : (size_t)(50 + draw(150));

		walk(db, &q, limit, &got);
		if (got.count != n || memcmp(got.id, expected, n * sizeof *expected) != 0)
			fail_with(&q, limit, n, got.count);
	}
}

static void a_list_is_what_somebody_finds_who_looks_at_every_voucher(void **state)
{
	(void)state;
	with_reader(hold_against);
}

/* One that nobody has among many: the page ends, empty, where it has walked enough. */
static void look_for_nobody(struct db *db)
{
	struct voucher_filter q = {.due_before = DAY_NONE, .states = STATE_BIT(VOUCHER_NO_SHOW)};
	struct list_page page = {.max = 50};
	static struct got got;
	struct err err = {0};

	assert_int_equal(voucher_list(db, &q, &page, take, &got, &err), 0);
	assert_int_equal(got.count, 0);
	assert_int_equal(page.has_more, 1);
	assert_int_equal(page.next, VOUCHERS - LIST_SCAN);
	assert_int_equal(walk(db, &q, 50, &got), (VOUCHERS + LIST_SCAN - 1) / LIST_SCAN);
}

static void a_page_walks_so_far_and_no_farther(void **state)
{
	(void)state;
	with_reader(look_for_nobody);
}

/* Three states, far from the end of each. */
static void look_for_three(struct db *db)
{
	struct voucher_filter q = {.due_before = DAY_NONE,
				   .states = STATE_BIT(VOUCHER_REQUESTED) | STATE_BIT(VOUCHER_PROPOSED) |
					     STATE_BIT(VOUCHER_EXITED)};
	struct list_page page = {.max = 50};
	struct found found;
	struct err err = {0};
	int walked = 0;

	assert_int_equal(find_begin(db, &q, &page, 60, &found, &err), 0);
	assert_int_equal(found.more, 1);
	for (int64_t id = found.end; id <= VOUCHERS; id++)
		walked += (q.states & STATE_BIT(all[id].state)) != 0;
	assert_in_range(walked, 20, 60);
}

static void several_values_share_what_a_page_may_walk(void **state)
{
	(void)state;
	with_reader(look_for_three);
}

static void look_at_one(struct db *db)
{
	struct voucher_filter q = {.due_before = DAY_NONE};
	struct list_page page = {.max = 1};
	static struct got got;
	struct err err = {0};
	struct voucher v;

	for (int i = 0; i < 50; i++) {
		page.after = 2 + draw(VOUCHERS);
		assert_int_equal(voucher_list(db, &q, &page, take, &got, &err), 0);
		assert_int_equal(voucher_find_number(db, page.after - 1, &v, &err), 1);
		assert_int_equal(seen.v.id, v.id);
		assert_int_equal(seen.v.shares, v.shares);
		for (size_t k = 0; k < v.shares; k++) {
			assert_int_equal(seen.v.share[k].fund, v.share[k].fund);
			assert_int_equal(seen.v.share[k].lot, v.share[k].lot);
			assert_int_equal(seen.v.share[k].amount, v.share[k].amount);
		}
		assert_memory_equal(&seen.v.uuid, &v.uuid, sizeof v.uuid);
		assert_int_equal(seen.v.head, v.head);
		assert_int_equal(seen.v.due_on, v.due_on);
	}
}

static void one_of_a_list_is_the_voucher_as_it_is(void **state)
{
	(void)state;
	with_reader(look_at_one);
}

/* A walk through a whole table, or of one whose rows are sorted before they are cut off. */
static int walks_all(const char *plan, int is_cut)
{
	static const char *const tables[] = {"voucher", "share", "entry", "learner", "course", "organisation",
					     "payment", "v",     "s",     "e",       "l",      "c",
					     "o",       "p"};

	if (is_cut && strstr(plan, "USE TEMP B-TREE FOR ORDER BY") != NULL)
		return 1;
	if (strncmp(plan, "SCAN ", 5) != 0)
		return 0;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		size_t n = strlen(tables[i]);

		if (strncmp(plan + 5, tables[i], n) == 0 && (plan[5 + n] == '\0' || plan[5 + n] == ' '))
			return 1;
	}
	return 0;
}

#define INDEX_NAME 64

/* "SEARCH voucher USING COVERING INDEX voucher_open (provider=?)": the index by which a walk goes. */
static void take_index(const char *plan, char index[INDEX_NAME])
{
	const char *at = strstr(plan, " INDEX ");

	if (index[0] == '\0' && strncmp(plan, "SEARCH ", 7) == 0 && at != NULL)
		snprintf(index, INDEX_NAME, "%.*s", (int)strcspn(at + 7, " "), at + 7);
}

/* index: "" the first that is searched is put there; else one of that name is to be searched. */
static void explain(struct db *db, struct db_made made, int is_cut, char index[INDEX_NAME])
{
	int goes = index[0] == '\0';
	static const struct val none[17 + KEYS_MAX];
	struct err err = {0};
	struct buf sql;
	struct stmt *st;
	size_t n = 0;
	int rc;

	buf_init(&sql, STMT_TEXT_MAX + 32);
	buf_text_add(&sql, "EXPLAIN QUERY PLAN ");
	made.make(&made, &sql);
	for (const char *at = strchr(buf_text(&sql), '$'); at != NULL; at = strchr(at + 1, '$'))
		n = strtoul(at + 1, NULL, 10) > n ? strtoul(at + 1, NULL, 10) : n;
	st = db_query(db, sql_kept(buf_text(&sql)), none, n, &err);
	while ((rc = db_step(st, &err)) == 1) {
		char taken[INDEX_NAME] = "";

		if (walks_all(col_text(st, 3), is_cut))
			fail_msg("%s in %s", col_text(st, 3), buf_text(&sql));
		take_index(col_text(st, 3), taken);
		goes |= strcmp(taken, index) == 0;
		take_index(col_text(st, 3), index);
	}
	assert_int_equal(rc, 0);
	if (!goes)
		fail_msg("%s is not walked in %s", index, buf_text(&sql));
	buf_free(&sql);
}

static void explain_all(struct db *db)
{
	for (int i = 0; i < TRIES; i++) {
		struct voucher_filter q = draw_filter();
		struct list_page page = {.max = 50};
		struct found found;
		struct err err = {0};
		char index[INDEX_NAME] = "";

		assert_int_equal(find_begin(db, &q, &page, LIST_SCAN, &found, &err), 0);
		/* A learner has few. */
		if (!q.since_known)
			explain(db, find_end_made(&found), q.learner == 0, index);
		explain(db, find_list_made(&found), 0, index);
	}
}

/* PostgreSQL plans by the figures of its tables: tests/bench/pages looks at it. */
static void whatever_is_asked_an_index_is_walked(void **state)
{
	(void)state;
	if (db_is_server(f.path))
		skip();
	with_reader(explain_all);
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
		cmocka_unit_test(a_list_is_what_somebody_finds_who_looks_at_every_voucher),
		cmocka_unit_test(a_page_walks_so_far_and_no_farther),
		cmocka_unit_test(several_values_share_what_a_page_may_walk),
		cmocka_unit_test(whatever_is_asked_an_index_is_walked),
		cmocka_unit_test(one_of_a_list_is_the_voucher_as_it_is),
	};

	return cmocka_run_group_tests_name("unit/lists/voucher_list", tests, set_up, tear_down);
}
