/*
 * The table of queues: each row names an action that its roles may ask for, and a
 * statement that both engines run, by an index of what waits.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"
#include "ledger/rules/transition.h"
#include "ledger/queues/work.h"
#include "tests/lib/fixture.h"
#include "tests/lib/sql.h"

static struct fixture f;

static const struct action *action_named(const char *name)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (strcmp(a->name, name) == 0)
			return a;
	fail_msg("no action is called %s", name);
	return NULL;
}

static size_t places_of(const char *path)
{
	size_t n = 0;

	for (; *path != '\0'; path++)
		n += *path == '{';
	return n;
}

static void each_queue_names_an_action_of_its_roles(void **state)
{
	(void)state;
	for (const struct work_queue *q = work_queues; q->kind != NULL; q++) {
		const struct action *a = q->action != NULL ? action_named(q->action) : NULL;

		assert_true(q - work_queues < WORK_QUEUES_MAX && q->roles != 0 && q->words[0] != '\0');
		if (a == NULL)
			continue;
		if ((q->roles & ~a->roles) != 0)
			fail_msg("%s: not all of its roles may %s", q->kind, q->action);
		if (places_of(a->path) > 1 && q->second == NULL)
			fail_msg("%s: %s has a second word", q->kind, a->path);
	}
}

static void each_kind_is_told_of_on_the_page(void **state)
{
	static char text[1 << 18];
	FILE *in = fopen("api/guide/api.md", "r");

	(void)state;
	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	for (const struct work_queue *q = work_queues; q->kind != NULL; q++) {
		char word[64];

		snprintf(word, sizeof word, "`%s`", q->kind);
		if (strstr(text, word) == NULL)
			fail_msg("api/guide/api.md does not tell of %s", word);
	}
}

/* A step that is named is one that the role can take. */
static void each_step_is_one_of_its_roles(void **state)
{
	(void)state;
	for (const struct work_queue *q = work_queues; q->kind != NULL; q++) {
		if (q->action == NULL || strcmp(q->action, "voucher step") != 0)
			continue;
		for (int role = ROLE_NONE + 1; role < ROLE__MAX; role++)
			if ((q->roles & ROLE_BIT(role)) != 0 &&
			    transition_find(q->second, (enum role)role) == NULL)
				fail_msg("%s: a %s cannot %s", q->kind, role_name((enum role)role),
					 q->second);
	}
}

/* So is whatever may be done instead, or it is an outcome of the action. */
static void each_other_way_is_one_of_its_roles(void **state)
{
	char words[64], *word, *rest;

	(void)state;
	for (const struct work_queue *q = work_queues; q->kind != NULL; q++) {
		int is_step = q->of_voucher || (q->action != NULL && strcmp(q->action, "voucher step") == 0);

		snprintf(words, sizeof words, "%s", q->others != NULL ? q->others : "");
		for (word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
			for (int role = ROLE_NONE + 1; is_step && role < ROLE__MAX; role++)
				if ((q->roles & ROLE_BIT(role)) != 0 &&
				    transition_find(word, (enum role)role) == NULL)
					fail_msg("%s: a %s cannot %s", q->kind, role_name((enum role)role),
						 word);
	}
}

/* A second person is looked for by names that decisions bear. */
static void each_proposed_step_takes_two(void **state)
{
	char words[64], *word, *rest;

	(void)state;
	for (const struct work_queue *q = work_queues; q->kind != NULL; q++) {
		snprintf(words, sizeof words, "%s", q->proposed != NULL ? q->proposed : "");
		for (word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
			const struct transition *t = transition_find(word, ROLE_CONTROLLER);

			if (strcmp(word, "standing") != 0 && (t == NULL || t->second == 0))
				fail_msg("%s: %s takes one person", q->kind, word);
		}
	}
}

static size_t values_of(const struct work_queue *q, struct val vals[8])
{
	size_t n = 3;

	vals[0] = vals[1] = v_int(0);
	vals[2] = v_int(10);
	for (const char *w = q->with; *w != '\0'; w++)
		vals[n++] = *w == 'p' ? v_text("nobody") : v_int(1);
	return n;
}

/* Small tables, which grow by a few rows in a year. */
static int is_small(const struct work_queue *q)
{
	return strcmp(q->kind, "year_end") == 0 || strcmp(q->kind, "accrual_unfinished") == 0;
}

static int ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* A provider's own vouchers, but neither in the order of the queue nor one by its number. */
static int walks_provider(const struct work_queue *q, const char *plan)
{
	return q->roles == ROLE_BIT(ROLE_PROVIDER) && strncmp(plan, "SEARCH v ", 9) == 0 &&
	       strstr(plan, "(provider=? AND ") == NULL && strstr(plan, "(rowid=?)") == NULL;
}

/* More than what waits: a table, all behind a number, all of a provider or of a kind; or all, to sort it. */
static int walks_all(const struct work_queue *q, const char *plan)
{
	if (is_small(q))
		return 0;
	return (strncmp(plan, "SCAN ", 5) == 0 && strstr(plan, "INDEX") == NULL) ||
	       strstr(plan, "PRIMARY KEY (rowid>?)") != NULL ||
	       ends_with(plan, "voucher_provider (provider=?)") || ends_with(plan, "(kind=?)") ||
	       strcmp(plan, "USE TEMP B-TREE FOR ORDER BY") == 0 || walks_provider(q, plan);
}

/* Runs it; where the engine can say so in words, how many steps of its plan walk too much. */
static int look(struct db *db, const struct work_queue *q,
		void (*statement)(const struct db_made *, struct buf *))
{
	int by_file = strcmp(db_dialect(db), "sqlite") == 0, bad = 0, rc;
	struct err err = {0};
	struct val vals[8];
	struct stmt *st;
	struct buf sql;

	buf_init(&sql, STMT_TEXT_MAX);
	buf_text_add(&sql, by_file ? "EXPLAIN QUERY PLAN " : "");
	statement(&(struct db_made){.from = q}, &sql);
	assert_true(buf_ok(&sql));
	st = db_query(db, sql_kept(buf_text(&sql)), vals, values_of(q, vals), &err);
	buf_free(&sql);
	while ((rc = db_step(st, &err)) == 1)
		if (by_file && walks_all(q, col_text(st, 3))) {
			print_error("%s: %s\n", q->kind, col_text(st, 3));
			bad++;
		}
	if (rc != 0)
		fail_msg("%s: %s", q->kind, err.text);
	return bad;
}

static void each_statement_walks_an_index(void **state)
{
	struct err err = {0};
	struct db *db = ledger_reader(f.l, &err);
	int bad = 0;

	(void)state;
	assert_non_null(db);
	for (const struct work_queue *q = work_queues; q->kind != NULL; q++)
		bad += look(db, q, work_on_day) + look(db, q, work_later);
	ledger_reader_back(f.l, db);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_queue_names_an_action_of_its_roles),
		cmocka_unit_test(each_other_way_is_one_of_its_roles),
		cmocka_unit_test(each_proposed_step_takes_two),
		cmocka_unit_test(each_step_is_one_of_its_roles),
		cmocka_unit_test(each_kind_is_told_of_on_the_page),
		WITH_FIXTURE(f, each_statement_walks_an_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
