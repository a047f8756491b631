/*
 * ledger/desk: group commit, refusals that leave no trace, retries, keys that are revoked meanwhile.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book/journal.h"
#include "ledger/desk/queue.h"
#include "ledger/desk/replay.h"
#include "tests/lib/fixture.h"
#include "tests/lib/persons.h"

static struct fixture f;

/* Pays an amount into cpf-law, then refuses if told to. */
struct pay_in {
	int64_t amount;
	int refuse; /* 1 before anything is written, 2 after */
	int runs;
};

static int run_pay_in(struct tx *tx, struct command *c, struct err *err)
{
	struct pay_in *p = c->args;
	struct entry e;

	p->runs++;
	if (p->refuse == 1)
		return err_set(err, ERR_STATE, NULL, "refused before it wrote");
	entry_begin(&e, "test", tx->today);
	entry_transfer(&e, 1, K_CASH, 0, K_POOL, 0, 0, p->amount);
	if (journal_post(tx, &e, err) != 0)
		return -1;
	if (p->refuse == 2)
		return err_set(err, ERR_STATE, NULL, "refused after it wrote");
	buf_format(&c->answer, "{\"amount\":%lld}", (long long)p->amount);
	c->http_status = 201;
	return 0;
}

static void prepare(struct command *c, struct pay_in *p, const char *key, unsigned char body)
{
	memset(c, 0, sizeof *c);
	c->name = "pay_in";
	c->run = run_pay_in;
	c->args = p;
	c->actor.org = 1;
	snprintf(c->idempotency_key, sizeof c->idempotency_key, "%s", key);
	memset(c->fingerprint, body, sizeof c->fingerprint);
	buf_init(&c->answer, 1024);
}

static int64_t cash(void)
{
	return fixture_balance(&f, "cpf-law", K_CASH);
}

static int64_t rows(const char *sql)
{
	struct db *db = ledger_reader(f.l, &f.err);
	int64_t n = 0;

	assert_non_null(db);
	/* Each sql is a literal of this file. */
	assert_int_equal(db_int(db, sql, NO_VALS, &n, &f.err), 1);
	ledger_reader_back(f.l, db);
	return n;
}

static void a_refusal_leaves_only_its_line_in_the_log(void **state)
{
	struct pay_in p = {.amount = 5, .refuse = 1};
	unsigned char before[32], after[32];
	struct command c;

	(void)state;
	fixture_digest(&f, before);
	for (p.refuse = 1; p.refuse <= 2; p.refuse++) {
		prepare(&c, &p, "", 0);
		assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), -1);
		assert_int_equal(f.err.code, ERR_STATE);
		buf_free(&c.answer);
		fixture_digest(&f, after);
		assert_memory_equal(before, after, sizeof before);
	}
	assert_int_equal(rows("SELECT count(*) FROM refusal"), 2);
}

/* Commands sent while the writer is held up by the first end in one group. */
struct many {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int left;
};

static void on_done(struct command *c)
{
	struct many *m = c->owner;

	pthread_mutex_lock(&m->mutex);
	if (--m->left == 0)
		pthread_cond_signal(&m->cond);
	pthread_mutex_unlock(&m->mutex);
}

static void one_culprit_does_not_hurt_its_group(void **state)
{
	enum { N = 64 };
	static struct command c[N];
	static struct pay_in p[N];
	struct many m = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, N};

	(void)state;
	for (int i = 0; i < N; i++) {
		p[i] = (struct pay_in){.amount = 1, .refuse = i % 16 == 7 ? 2 : 0};
		prepare(&c[i], &p[i], "", 0);
		c[i].done = on_done;
		c[i].owner = &m;
		assert_int_equal(desk_send(ledger_desk(f.l), &c[i], &f.err), 0);
	}
	pthread_mutex_lock(&m.mutex);
	while (m.left > 0)
		pthread_cond_wait(&m.cond, &m.mutex);
	pthread_mutex_unlock(&m.mutex);
	for (int i = 0; i < N; i++) {
		assert_int_equal(c[i].status, p[i].refuse ? -1 : 0);
		buf_free(&c[i].answer);
	}
	assert_int_equal(cash(), N - N / 16);
	assert_int_equal(rows("SELECT count(*) - max(seq) FROM entry"), 0);
}

static void the_same_key_gets_its_person_the_first_answer(void **state)
{
	struct pay_in first = {.amount = 7}, second = {.amount = 9};
	struct command c;

	(void)state;
	prepare(&c, &first, "key-1", 1);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	assert_int_equal(c.replayed, 0);
	buf_free(&c.answer);
	prepare(&c, &second, "key-1", 1);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	assert_int_equal(c.replayed, 1);
	assert_int_equal(c.http_status, 201);
	assert_string_equal(buf_text(&c.answer), "{\"amount\":7}");
	assert_int_equal(second.runs, 0);
	buf_free(&c.answer);
	assert_int_equal(cash(), 7);
	/* Another body under the key is refused, and the first answer still stands. */
	prepare(&c, &second, "key-1", 2);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), -1);
	assert_int_equal(f.err.code, ERR_IDEMPOTENCY_KEY_REUSED);
	buf_free(&c.answer);
	/* The key belongs to its organisation. */
	prepare(&c, &second, "key-1", 2);
	c.actor.org = 2;
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	buf_free(&c.answer);
	assert_int_equal(cash(), 16);
	/* And in it to one person. */
	prepare(&c, &first, "key-1", 1);
	snprintf(c.actor.principal, sizeof c.actor.principal, "anne");
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	assert_int_equal(c.replayed, 0);
	buf_free(&c.answer);
	assert_int_equal(cash(), 23);
}

static int run_make_key(struct tx *tx, struct command *c, struct err *err)
{
	char text[KEY_TEXT];
	struct org org;
	int64_t key;

	if (org_find(tx->db, "ACME", &org, err) != 1 ||
	    persons_key(tx, "ACME", ROLE_FUNDER, "anne", text, err) != 0 ||
	    db_int(tx->db, "SELECT max(id) FROM api_key", NO_VALS, &key, err) != 1)
		return -1;
	*(struct actor *)c->args = (struct actor){.org = org.id, .key = key, .role = ROLE_FUNDER};
	return 0;
}

static int run_revoke(struct tx *tx, struct command *c, struct err *err)
{
	return key_revoke(tx, ((struct actor *)c->args)->key, err);
}

/* Sent before the revocation, or behind it in the same group: what counts is when it runs. */
static void a_revoked_key_is_refused_by_the_writer(void **state)
{
	struct pay_in p = {.amount = 7};
	struct actor anne, nobody = {0};
	struct command c;

	(void)state;
	assert_int_equal(fixture_run(&f, &nobody, run_make_key, &anne), 0);
	for (int revoked = 0; revoked <= 1; revoked++) {
		prepare(&c, &p, "key-1", 1);
		c.actor = anne;
		memset(&f.err, 0, sizeof f.err);
		assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), -revoked);
		assert_int_equal(f.err.code, revoked ? ERR_UNAUTHENTICATED : ERR_NONE);
		buf_free(&c.answer);
		if (!revoked)
			assert_int_equal(fixture_run(&f, &nobody, run_revoke, &anne), 0);
	}
	/* Not even the first answer is given again; the attempt is in the log. */
	assert_int_equal(p.runs, 1);
	assert_int_equal(cash(), 7);
	assert_int_equal(rows("SELECT count(*) FROM refusal WHERE code = 'unauthenticated'"), 1);
	assert_int_equal(rows("SELECT count(*) FROM replay"), 1);
}

static void a_refusal_by_rule_is_kept_and_not_judged_again(void **state)
{
	struct pay_in p = {.amount = 7, .refuse = 2};
	struct command c;

	(void)state;
	prepare(&c, &p, "key-2", 1);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), -1);
	buf_free(&c.answer);
	p.refuse = 0;
	p.runs = 0;
	prepare(&c, &p, "key-2", 1);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	assert_int_equal(c.replayed, 1);
	assert_int_equal(c.http_status, 409);
	assert_non_null(strstr(buf_text(&c.answer), "refused after it wrote"));
	assert_int_equal(p.runs, 0);
	buf_free(&c.answer);
	assert_int_equal(cash(), 0);
}

static int run_forget(struct tx *tx, struct command *c, struct err *err)
{
	int n = replay_forget(tx, tx->now + 1, err);

	*(int *)c->args = n;
	return n < 0 ? -1 : 0;
}

static void old_answers_are_forgotten(void **state)
{
	struct actor nobody = {0};
	struct pay_in p = {.amount = 1};
	int forgotten = 0;
	struct command c;

	(void)state;
	for (int i = 0; i < 3; i++) {
		char key[16];

		snprintf(key, sizeof key, "old-%d", i);
		prepare(&c, &p, key, 1);
		assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
		buf_free(&c.answer);
	}
	assert_int_equal(fixture_run(&f, &nobody, run_forget, &forgotten), 0);
	assert_int_equal(forgotten, 3);
	assert_int_equal(rows("SELECT count(*) FROM replay"), 0);
}

/* What is booked under a wrong clock cannot be unbooked: it is not believed. */
static void a_wrong_clock_stops_writing_until_it_is_confirmed(void **state)
{
	struct env *env = ledger_env(f.l);
	struct pay_in p = {.amount = 1};
	int64_t right = env->now(env);
	struct command c;
	int status;

	(void)state;
	env->confirmed = right; /* as a real ledger's */
	for (int i = 0; i < 2; i++) {
		env->sandbox_now = right + (i ? -1 : 401 * 24) * 3600 * US_PER_S;
		prepare(&c, &p, "", 0);
		status = desk_call(ledger_desk(f.l), &c, &f.err);
		buf_free(&c.answer);
		assert_int_equal(status, -1);
		assert_int_equal(f.err.code, ERR_CLOCK);
		assert_non_null(strstr(f.err.text, "ila clock --confirm"));
	}
	/* A year without an entry is believed, and so is what a person has said. */
	env->sandbox_now = right + 399 * US_PER_DAY;
	prepare(&c, &p, "", 0);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	buf_free(&c.answer);
	env->sandbox_now = right;
	env->tolerated = right + 400 * US_PER_DAY;
	prepare(&c, &p, "", 0);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	buf_free(&c.answer);
	env->confirmed = 0;
}

static void a_full_queue_refuses_and_a_closed_one_too(void **state)
{
	struct queue *q = queue_open(2);
	struct command a, b, c, *list;

	(void)state;
	assert_int_equal(queue_put(q, &a), 0);
	assert_int_equal(queue_put(q, &b), 0);
	assert_int_equal(queue_put(q, &c), 1);
	assert_int_equal(queue_take(q, 1, QUEUE_FOREVER, &list), 1);
	assert_ptr_equal(list, &a);
	assert_int_equal(queue_put(q, &c), 0);
	queue_close(q);
	assert_int_equal(queue_put(q, &a), 2);
	assert_int_equal(queue_take(q, 5, QUEUE_FOREVER, &list), 1);
	assert_ptr_equal(list, &b);
	assert_ptr_equal(b.next, &c);
	assert_null(c.next);
	assert_int_equal(queue_take(q, 5, QUEUE_FOREVER, &list), 0);
	assert_null(list);
	queue_free(q);
}

static void several_are_queued_as_far_as_there_is_room(void **state)
{
	struct queue *q = queue_open(3);
	struct command a, b, c, d, *list, *const three[] = {&b, &c, &d};
	size_t taken;

	(void)state;
	assert_int_equal(queue_put(q, &a), 0);
	assert_int_equal(queue_put_all(q, three, 3, &taken), 1);
	assert_int_equal(taken, 2);
	assert_int_equal(queue_take(q, 5, QUEUE_FOREVER, &list), 1);
	assert_ptr_equal(list, &a);
	assert_ptr_equal(a.next, &b);
	assert_ptr_equal(b.next, &c);
	assert_null(c.next);
	assert_int_equal(queue_put_all(q, three, 3, &taken), 0);
	assert_int_equal(taken, 3);
	queue_close(q);
	assert_int_equal(queue_put_all(q, three, 3, &taken), 2);
	assert_int_equal(taken, 0);
	queue_free(q);
}

static void those_that_are_sent_together_are_one_group(void **state)
{
	enum { N = 64 };
	static struct command c[N];
	static struct pay_in p[N];
	struct command *list[N];
	struct many m = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, N};
	struct desk_stats before, after;
	size_t sent;

	(void)state;
	desk_stats(ledger_desk(f.l), &before);
	for (int i = 0; i < N; i++) {
		p[i] = (struct pay_in){.amount = 1};
		prepare(&c[i], &p[i], "", 0);
		c[i].done = on_done;
		c[i].owner = &m;
		list[i] = &c[i];
	}
	assert_int_equal(desk_send_all(ledger_desk(f.l), list, N, &sent, &f.err), 0);
	assert_int_equal(sent, N);
	pthread_mutex_lock(&m.mutex);
	while (m.left > 0)
		pthread_cond_wait(&m.cond, &m.mutex);
	pthread_mutex_unlock(&m.mutex);
	desk_stats(ledger_desk(f.l), &after);
	for (int i = 0; i < N; i++)
		buf_free(&c[i].answer);
	assert_int_equal(after.groups - before.groups, 1);
	assert_int_equal(after.commands - before.commands, N);
	assert_int_equal(cash(), N);
}

/* Holds the writer up. */
struct brake {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int begun, released;
};

static int run_brake(struct tx *tx, struct command *c, struct err *err)
{
	struct brake *b = c->args;

	(void)tx;
	(void)err;
	pthread_mutex_lock(&b->mutex);
	b->begun = 1;
	pthread_cond_broadcast(&b->cond);
	while (!b->released)
		pthread_cond_wait(&b->cond, &b->mutex);
	pthread_mutex_unlock(&b->mutex);
	return 0;
}

static int run_nothing(struct tx *tx, struct command *c, struct err *err)
{
	(void)tx;
	(void)c;
	(void)err;
	return 0;
}

static void pull(struct brake *b, struct command *c)
{
	assert_int_equal(desk_send(ledger_desk(f.l), c, &f.err), 0);
	pthread_mutex_lock(&b->mutex);
	while (!b->begun)
		pthread_cond_wait(&b->cond, &b->mutex);
	pthread_mutex_unlock(&b->mutex);
}

static void release(struct brake *b)
{
	pthread_mutex_lock(&b->mutex);
	b->released = 1;
	pthread_cond_broadcast(&b->cond);
	pthread_mutex_unlock(&b->mutex);
}

static void begin_one(struct command *c, struct many *m,
		      int (*run)(struct tx *, struct command *, struct err *), void *args)
{
	*c = (struct command){.name = "pay_in", .run = run, .args = args, .done = on_done, .owner = m};
	c->actor.org = 1;
	buf_init(&c->answer, 1024);
}

static int64_t turned_away(void)
{
	struct desk_stats stats;

	desk_stats(ledger_desk(f.l), &stats);
	return stats.queue_full;
}

static void who_waits_at_a_full_queue_is_not_turned_away(void **state)
{
	enum { N = QUEUE_MAX + 2 };
	static struct command c[N + 1], *list[N];
	struct brake brake = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
	struct many m = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, QUEUE_MAX + 1};
	struct desk *desk = ledger_desk(f.l);
	const int64_t expected[] = {0, 1, 3};
	int64_t before = turned_away(), counted[3];
	int all, one;
	size_t sent;

	(void)state;
	begin_one(&c[N], &m, run_brake, &brake);
	pull(&brake, &c[N]);
	for (int i = 0; i < N; i++) {
		begin_one(&c[i], &m, run_nothing, NULL);
		list[i] = &c[i];
	}
	/* Nothing is asserted while the writer is held up: it would stay so. */
	all = desk_send_all(desk, list, N, &sent, &f.err);
	counted[0] = turned_away();
	one = desk_send(desk, &c[QUEUE_MAX], &f.err);
	counted[1] = turned_away();
	desk_turned_away(desk, 2);
	counted[2] = turned_away();
	release(&brake);
	pthread_mutex_lock(&m.mutex);
	while (m.left > 0)
		pthread_cond_wait(&m.cond, &m.mutex);
	pthread_mutex_unlock(&m.mutex);
	for (int i = 0; i <= N; i++)
		buf_free(&c[i].answer);
	assert_int_equal(all, -1);
	assert_int_equal(one, -1);
	assert_int_equal(f.err.code, ERR_BUSY);
	assert_int_equal(sent, QUEUE_MAX);
	for (int i = 0; i < 3; i++)
		assert_int_equal(counted[i] - before, expected[i]);
	memset(&f.err, 0, sizeof f.err);
}

static void what_was_answered_is_there_after_reopening(void **state)
{
	struct pay_in p = {.amount = 11};
	struct command c;

	(void)state;
	prepare(&c, &p, "key-3", 1);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	buf_free(&c.answer);
	fixture_reopen(&f);
	assert_int_equal(cash(), 11);
	prepare(&c, &p, "key-3", 1);
	assert_int_equal(desk_call(ledger_desk(f.l), &c, &f.err), 0);
	assert_int_equal(c.replayed, 1);
	buf_free(&c.answer);
	assert_int_equal(cash(), 11);
}

static void a_second_writer_is_refused(void **state)
{
	(void)state;
	assert_null(ledger_open(f.path, 1, &f.err));
	assert_int_equal(f.err.code, ERR_LOCKED);
	assert_non_null(strstr(f.err.text, f.path));
	assert_int_equal(ledger_create(f.path, &(struct ledger_new){0}, &f.err), -1);
	assert_int_equal(f.err.code, ERR_EXISTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, a_refusal_leaves_only_its_line_in_the_log),
		WITH_FIXTURE(f, one_culprit_does_not_hurt_its_group),
		WITH_FIXTURE(f, those_that_are_sent_together_are_one_group),
		WITH_FIXTURE(f, the_same_key_gets_its_person_the_first_answer),
		WITH_FIXTURE(f, a_revoked_key_is_refused_by_the_writer),
		WITH_FIXTURE(f, a_refusal_by_rule_is_kept_and_not_judged_again),
		WITH_FIXTURE(f, old_answers_are_forgotten),
		WITH_FIXTURE(f, a_wrong_clock_stops_writing_until_it_is_confirmed),
		cmocka_unit_test(a_full_queue_refuses_and_a_closed_one_too),
		cmocka_unit_test(several_are_queued_as_far_as_there_is_room),
		WITH_FIXTURE(f, who_waits_at_a_full_queue_is_not_turned_away),
		WITH_FIXTURE(f, what_was_answered_is_there_after_reopening),
		WITH_FIXTURE(f, a_second_writer_is_refused),
	};

	return cmocka_run_group_tests_name("desk/writer", tests, NULL, NULL);
}
