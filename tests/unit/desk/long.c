/*
 * ledger/desk: long commands, which work in parts with others between.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "ledger/book/journal.h"
#include "tests/lib/fixture.h"
#include "tests/lib/sql.h"

#define PARTS 6

static struct fixture f;

static int post_cent(struct tx *tx, struct err *err)
{
	struct entry e;

	entry_begin(&e, "test", tx->today);
	entry_transfer(&e, 1, K_CASH, 0, K_POOL, 0, 0, 1);
	return journal_post(tx, &e, err);
}

/* One that is done at once, sent by a part of a long one. */
struct other {
	struct command command;
	int done;
};

static int run_other(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return post_cent(tx, err);
}

static void other_done(struct command *c)
{
	((struct other *)c->owner)->done = 1;
}

/* A cent in each part. */
struct work {
	int parts, undone, refuse_at, hurry_at,
		tamper_at; /* parts to do; the first of them to undo; 0: never */
	int sends;         /* each part sends another command */
	int part, ended, ended_status, stood;
	struct other other[PARTS];
	int *begun, *most; /* how many work at once */
	int waited;        /* parts before which the other had not been served */
};

static void work_end(struct command *c)
{
	struct work *w = c->args;

	w->ended++;
	w->ended_status = c->status;
	w->stood = c->stands;
	if (w->begun != NULL)
		(*w->begun)--;
}

static void send_other(struct work *w)
{
	struct other *o = &w->other[w->part];
	struct err err = {0};

	o->command = (struct command){.name = "other", .run = run_other, .done = other_done, .owner = o};
	buf_init(&o->command.answer, 256);
	if (desk_send(ledger_desk(f.l), &o->command, &err) != 0)
		w->waited++;
}

/* What is read back before the commit is then not what was posted. */
static int tamper(struct tx *tx, struct err *err)
{
	sql_drop_trigger(tx->db, "transfer", "transfer_no_update");
	return db_script(tx->db,
			 "UPDATE transfer SET amount = amount + 1 WHERE id = (SELECT max(id) FROM transfer);",
			 err);
}

static int run_work(struct tx *tx, struct command *c, struct err *err)
{
	struct work *w = c->args;

	if (w->part == 0 && w->begun != NULL && ++*w->begun > *w->most)
		*w->most = *w->begun;
	c->end = work_end;
	if (w->sends && w->part > 0 && !w->other[w->part - 1].done)
		w->waited++;
	if (w->sends && w->part < PARTS)
		send_other(w);
	if (post_cent(tx, err) != 0)
		return -1;
	w->part++;
	if (w->part == w->refuse_at)
		return err_set(err, ERR_STATE, NULL, "refused in part %d", w->part);
	if (w->part == w->tamper_at && tamper(tx, err) != 0)
		return -1;
	if (w->part == w->hurry_at)
		desk_hurry(ledger_desk(f.l));
	c->more = w->part < w->parts;
	c->undo = w->part <= w->undone;
	if (!c->more)
		buf_format(&c->answer, "{\"parts\":%d}", w->part);
	return 0;
}

static void prepare(struct command *c, struct work *w, const char *key)
{
	memset(c, 0, sizeof *c);
	c->name = "work";
	c->run = run_work;
	c->args = w;
	c->is_long = 1;
	c->actor.org = 1;
	snprintf(c->idempotency_key, sizeof c->idempotency_key, "%s", key);
	buf_init(&c->answer, 1024);
}

static int call(struct work *w, const char *key, struct command *c)
{
	prepare(c, w, key);
	memset(&f.err, 0, sizeof f.err);
	return desk_call(ledger_desk(f.l), c, &f.err);
}

static int64_t cash(void)
{
	return fixture_balance(&f, "cpf-law", K_CASH);
}

static int64_t refusals(void)
{
	struct db *db = ledger_reader(f.l, &f.err);
	int64_t n = -1;

	assert_int_equal(db_int(db, "SELECT count(*) FROM refusal", NO_VALS, &n, &f.err), 1);
	ledger_reader_back(f.l, db);
	return n;
}

static void others_are_served_between_the_parts(void **state)
{
	struct work w = {.parts = PARTS, .sends = 1}, last = {.parts = 1}, again = {.parts = PARTS};
	struct desk_stats stats;
	struct command c;

	(void)state;
	assert_int_equal(call(&w, "long", &c), 0);
	assert_string_equal(buf_text(&c.answer), "{\"parts\":6}");
	assert_int_equal(w.waited, 0);
	assert_int_equal(w.ended, 1);
	buf_free(&c.answer);
	/* Behind the one that the last part sent. */
	assert_int_equal(call(&last, "", &c), 0);
	buf_free(&c.answer);
	assert_int_equal(cash(), 2 * PARTS + 1);
	desk_stats(ledger_desk(f.l), &stats);
	assert_int_equal(stats.parts, PARTS - 1);
	/* The answer is kept for a retry, which runs nothing. */
	assert_int_equal(call(&again, "long", &c), 0);
	assert_int_equal(c.replayed, 1);
	assert_int_equal(again.part, 0);
	assert_string_equal(buf_text(&c.answer), "{\"parts\":6}");
	buf_free(&c.answer);
}

static void a_part_that_is_undone_leaves_nothing(void **state)
{
	struct work w = {.parts = PARTS, .undone = 4};
	struct command c;

	(void)state;
	assert_int_equal(call(&w, "", &c), 0);
	assert_int_equal(w.part, PARTS);
	assert_int_equal(cash(), PARTS - 4);
	buf_free(&c.answer);
}

static void a_refusal_undoes_its_part_and_none_before(void **state)
{
	struct work w = {.parts = PARTS, .refuse_at = 4};
	struct command c;

	(void)state;
	assert_int_equal(call(&w, "key", &c), -1);
	assert_int_equal(f.err.code, ERR_STATE);
	assert_int_equal(w.ended, 1);
	assert_int_equal(w.ended_status, -1);
	assert_int_equal(cash(), 3);
	assert_int_equal(refusals(), 1);
	buf_free(&c.answer);
	/* It was answered: the same key gets the same answer. */
	assert_int_equal(call(&w, "key", &c), 0);
	assert_int_equal(c.http_status, 409);
	assert_int_equal(w.part, 4);
	buf_free(&c.answer);
}

static void a_desk_in_a_hurry_ends_it_after_its_part(void **state)
{
	struct work w = {.parts = PARTS, .hurry_at = 2};
	struct command c;

	(void)state;
	assert_int_equal(call(&w, "key", &c), -1);
	assert_int_equal(f.err.code, ERR_DRAINING);
	assert_int_equal(w.ended, 1);
	assert_int_equal(w.stood, 1);
	assert_int_equal(cash(), 2);
	buf_free(&c.answer);
	/* Nothing was kept: after the restart the same key runs again. */
	fixture_reopen(&f);
	w = (struct work){.parts = 2};
	assert_int_equal(call(&w, "key", &c), 0);
	assert_int_equal(cash(), 4);
	buf_free(&c.answer);
}

static void a_commit_that_fails_takes_its_part_and_none_before(void **state)
{
	struct work w = {.parts = PARTS, .tamper_at = 3};
	struct command c;

	(void)state;
	assert_int_equal(call(&w, "key", &c), -1);
	assert_int_equal(f.err.code, ERR_BUG);
	assert_int_equal(w.part, 3);
	assert_int_equal(w.ended, 1);
	assert_int_equal(w.stood, 0);
	assert_int_equal(cash(), 2);
	buf_free(&c.answer);
	/* Nothing was kept: the same key runs again. */
	w = (struct work){.parts = 2};
	assert_int_equal(call(&w, "key", &c), 0);
	assert_int_equal(cash(), 4);
	buf_free(&c.answer);
}

/* Long ones sent together, and who waits for them. */
struct many {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int left;
};

static void one_done(struct command *c)
{
	struct many *m = c->owner;

	pthread_mutex_lock(&m->mutex);
	if (--m->left == 0)
		pthread_cond_signal(&m->cond);
	pthread_mutex_unlock(&m->mutex);
}

static void send_all(struct command *c, struct work *w, int n, const char *const *keys)
{
	struct many m = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, n};

	for (int i = 0; i < n; i++) {
		prepare(&c[i], &w[i], keys != NULL ? keys[i] : "");
		c[i].done = one_done;
		c[i].owner = &m;
		assert_int_equal(desk_send(ledger_desk(f.l), &c[i], &f.err), 0);
	}
	pthread_mutex_lock(&m.mutex);
	while (m.left > 0)
		pthread_cond_wait(&m.cond, &m.mutex);
	pthread_mutex_unlock(&m.mutex);
}

static void so_many_at_once_and_no_more(void **state)
{
	enum { N = 3 * LONG_COMMANDS_MAX + 1 };
	static struct command c[N];
	static struct work w[N];
	int begun = 0, most = 0;

	(void)state;
	for (int i = 0; i < N; i++)
		w[i] = (struct work){.parts = 20, .begun = &begun, .most = &most};
	send_all(c, w, N, NULL);
	for (int i = 0; i < N; i++) {
		assert_int_equal(c[i].status, 0);
		assert_int_equal(w[i].ended, 1);
		buf_free(&c[i].answer);
	}
	assert_int_equal(begun, 0);
	assert_int_equal(most, LONG_COMMANDS_MAX);
	assert_int_equal(cash(), N * 20);
}

static void a_key_that_is_worked_on_is_turned_away(void **state)
{
	static const char *const keys[] = {"same", "same"};
	static struct command c[2];
	static struct work w[2];

	(void)state;
	w[0] = w[1] = (struct work){.parts = 200};
	send_all(c, w, 2, keys);
	assert_int_equal(c[0].status, 0);
	assert_int_equal(w[0].part, 200);
	assert_int_equal(c[1].status, -1);
	assert_int_equal(c[1].err.code, ERR_BUSY);
	assert_int_equal(w[1].part, 0);
	assert_int_equal(cash(), 200);
	buf_free(&c[0].answer);
	buf_free(&c[1].answer);
	/* Afterwards it gets the answer. */
	assert_int_equal(call(&w[1], "same", &c[1]), 0);
	assert_int_equal(c[1].replayed, 1);
	buf_free(&c[1].answer);
}

#define TEST(name) WITH_FIXTURE(f, name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(others_are_served_between_the_parts),
		TEST(a_part_that_is_undone_leaves_nothing),
		TEST(a_refusal_undoes_its_part_and_none_before),
		TEST(a_desk_in_a_hurry_ends_it_after_its_part),
		TEST(a_commit_that_fails_takes_its_part_and_none_before),
		TEST(so_many_at_once_and_no_more),
		TEST(a_key_that_is_worked_on_is_turned_away),
	};

	return cmocka_run_group_tests_name("desk/long", tests, NULL, NULL);
}
