/*
 * The happy path: take what waits, begin, run each command, commit, answer all.
 *
 * What may go wrong:
 *	- a command refuses before it wrote: the others are not concerned;
 *	- a command refuses after it wrote, or the store fails: the transaction is
 *	  rolled back and every member runs again in a transaction of its own, so
 *	  that only the culprit suffers;
 *	- the disk is full at the commit: everybody is told that nothing was changed;
 *	- the commit fails otherwise, at the sync above all: the log may hold it whole,
 *	  so the writer stops for good, a restart decides
 *	  (ledger/store/README.md#a-failed-sync-is-final), and those whose commit it
 *	  was are told so: the key finds the outcome.
 *
 * Long commands are taken out of the list first.  When the others are answered,
 * one part of each is run, in a transaction of its own, and those that have more
 * to do go back to the end of the queue: behind all who came meanwhile.
 */
#include "ledger/desk/writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/date.h"
#include "ledger/base/log.h"
#include "ledger/forms/problem.h"
#include "ledger/base/zone.h"
#include "ledger/desk/queue.h"
#include "ledger/desk/replay.h"

struct desk {
	struct db *db;
	struct env *env;
	struct desk_hooks hooks;
	struct queue *queue;
	pthread_t thread;
	int started;
	int broken; /* the writer's own: the disk has failed */
	_Atomic int hurried;
	struct command *under_way; /* the writer's own: long commands that have begun */
	struct buf posted;         /* the writer's own: by the transaction that it is in */
	pthread_mutex_t mutex;     /* of stats */
	struct desk_stats stats;
};

/* An entry booked under a wrong clock cannot be unbooked: time only goes forward.  A clock behind the last
 * entry, or far ahead of it, stops writing until somebody has looked at it.  A sandbox's clock is set by
 * hand. */
static int check_clock(const struct env *env, int64_t now, int64_t last, struct err *err)
{
	int64_t known = last > env->confirmed ? last : env->confirmed;
	char is[INSTANT_TEXT], was[INSTANT_TEXT];

	if (env->confirmed == 0)
		return 0;
	if ((now >= last - CLOCK_BEHIND_S * US_PER_S || last <= env->tolerated) &&
	    now <= known + CLOCK_AHEAD_DAYS * US_PER_DAY)
		return 0;
	return err_set(
		err, ERR_CLOCK, NULL,
		"The clock says %s, the ledger was last written at %s. Set the clock, or, if it is right, "
		"confirm it once with 'ila clock --confirm'.",
		instant_format(now, is), instant_format(known, was));
}

static int begin(struct desk *d, struct tx *tx, int64_t *seq, struct err *err)
{
	int64_t last;
	int64_t now = d->env->now(d->env);

	if (db_begin(d->db, err) != 0)
		return -1;
	if (d->hooks.head(d->db, seq, &last, err) != 0 || check_clock(d->env, now, last, err) != 0)
		return -1;
	memset(tx, 0, sizeof *tx);
	buf_clear(&d->posted);
	tx->posted = &d->posted;
	tx->db = d->db;
	tx->env = d->env;
	tx->now = now > last ? now : last + 1;
	tx->today = zone_day(d->env->zone, tx->now);
	return 0;
}

static int finish(struct desk *d, int64_t seq, struct err *err)
{
	if (d->hooks.before_commit(d->db, seq, &d->posted, err) != 0)
		return -1;
	if (db_commit(d->db, err) == 0)
		return 0;
	if (err->code != ERR_STORAGE)
		return -1;
	d->broken = 1;
	pthread_mutex_lock(&d->mutex);
	d->stats.broken = 1;
	pthread_mutex_unlock(&d->mutex);
	log_line("error", "commit_failed", "the writer stops until the next start");
	err_set(err, ERR_STORAGE, NULL,
		"The disk failed while this was being written. Check the disk and start the ledger again, then "
		"send the same request with the same Idempotency-Key: it is done once.");
	err->effect = EFFECT_UNKNOWN;
	return -1;
}

/* Failures that are not the caller's doing end the whole transaction. */
static int is_failure(const struct err *err)
{
	return err_http(err->code) >= 500;
}

/* Answer and log of a refusal.  Refusals of form never reach the desk, but for a reused key. */
static int record_refusal(struct tx *tx, struct command *c, struct err *err)
{
	assert(c->status != 0 && c->err.code != ERR_NONE);
	buf_clear(&c->answer);
	c->http_status = err_http(c->err.code);
	problem_write(&c->err, 1, NULL, c->errors, &c->answer);
	if (replay_refused(tx, c, err) != 0)
		return -1;
	if (c->idempotency_key[0] == '\0' || c->err.code == ERR_IDEMPOTENCY_KEY_REUSED)
		return 0;
	return replay_keep(tx, c, err);
}

static void reset(struct command *c)
{
	c->status = 0;
	c->http_status = 0;
	c->secret_for = 0;
	c->replayed = 0;
	c->more = 0;
	c->undo = 0;
	memset(&c->err, 0, sizeof c->err);
	buf_clear(&c->answer);
}

/* The answer that c wrote is gone with the transaction. */
static void fail(struct command *c, const struct err *err)
{
	struct err kept = *err;

	assert(err->code != ERR_NONE);
	reset(c);
	c->status = -1;
	c->err = kept;
}

static size_t count_under_way(const struct desk *d)
{
	size_t n = 0;

	for (const struct command *c = d->under_way; c != NULL; c = c->under_way)
		n++;
	return n;
}

/* The kept answer comes with the last part: until then the key is known from the list alone. */
static int key_under_way(const struct desk *d, const struct command *c)
{
	for (const struct command *u = d->under_way; u != NULL; u = u->under_way)
		if (u != c && replay_same_key(u, c))
			return 1;
	return 0;
}

static void turn_away(struct command *c)
{
	c->status = -1;
	err_set(&c->err, ERR_BUSY, NULL,
		"A request with this Idempotency-Key is being worked on, in parts. Ask again later, with the same "
		"key: its answer will be given.");
}

/* Does the actor still have leave to write?  1; 0: no, c says so, and so does the log of refusals; -1: that
 * could not be found out, or not be logged. */
static int permit(struct desk *d, struct tx *tx, struct command *c)
{
	struct err err = {0};

	if (d->hooks.permit == NULL || d->hooks.permit(tx->db, &c->actor, &c->err) == 0)
		return 1;
	c->status = -1;
	if (is_failure(&c->err))
		return -1;
	if (replay_refused(tx, c, &err) == 0)
		return 0;
	fail(c, &err);
	return -1;
}

/*
 * Run c inside tx.  0: done or refused cleanly, in c.  -1: the transaction must
 * be rolled back; c->err says why, *wrote whether it is a refusal after a write.
 */
static int run(struct desk *d, struct tx *tx, struct command *c, int *wrote)
{
	int64_t changes = db_changes(d->db);
	struct err err = {0};
	int rc = 0;

	reset(c);
	*wrote = 0;
	rc = permit(d, tx, c);
	if (rc != 1)
		return rc;
	rc = 0;
	if (key_under_way(d, c)) {
		turn_away(c);
		return 0;
	}
	tx->actor = c->actor;
	tx->secret_for = 0;
	tx->idempotency_key = c->idempotency_key;
	if (c->idempotency_key[0] != '\0')
		rc = replay_find(tx, c, &c->err);
	if (rc == 1)
		return 0;
	if (rc == 0)
		rc = c->run(tx, c, &c->err);
	if (rc != 0) {
		c->status = -1;
		if (c->err.code == ERR_NONE)
			err_bug(&c->err, c->name);
		*wrote = !is_failure(&c->err) && db_changes(d->db) != changes;
		if (is_failure(&c->err))
			fail(c, &c->err);
		if (is_failure(&c->err) || *wrote)
			return -1;
		rc = record_refusal(tx, c, &err);
	} else if (!c->more) {
		c->secret_for = tx->secret_for;
		if (c->http_status == 0)
			c->http_status = 200;
		if (!buf_ok(&c->answer))
			rc = err_bug(&err, "an answer is too long");
		else if (c->idempotency_key[0] != '\0')
			rc = replay_keep(tx, c, &err);
	}
	if (rc != 0)
		fail(c, &err);
	return rc;
}

/* The refusal of a command that had written: alone, after its rollback. */
static void refuse_alone(struct desk *d, struct command *c)
{
	struct err err = {0};
	struct tx tx;
	int64_t seq;

	if (begin(d, &tx, &seq, &err) != 0)
		goto fail;
	tx.actor = c->actor;
	if (record_refusal(&tx, c, &err) != 0 || finish(d, seq, &err) != 0)
		goto fail;
	return;
fail:
	db_rollback(d->db);
	fail(c, &err);
}

/* One command in a transaction of its own. */
static void run_alone(struct desk *d, struct command *c)
{
	struct err err = {0};
	struct tx tx;
	int64_t seq;
	int wrote = 0;

	c->stands = 0;
	if (begin(d, &tx, &seq, &err) != 0)
		goto fail;
	if (run(d, &tx, c, &wrote) != 0) {
		db_rollback(d->db);
		if (wrote)
			refuse_alone(d, c);
		return;
	}
	if (c->undo)
		db_rollback(d->db);
	else if (finish(d, seq, &err) != 0)
		goto fail;
	c->stands = 1;
	return;
fail:
	db_rollback(d->db);
	fail(c, &err);
}

/*
 * The whole list in one transaction; -1: rolled back, nothing answered yet, err is that of a failed commit.
 */
static int run_together(struct desk *d, struct command *list, struct err *err)
{
	struct tx tx;
	int64_t seq;
	int wrote;

	if (begin(d, &tx, &seq, err) != 0)
		goto fail;
	for (struct command *c = list; c != NULL; c = c->next)
		if (run(d, &tx, c, &wrote) != 0)
			goto fail;
	if (finish(d, seq, err) == 0)
		return 0;
fail:
	db_rollback(d->db);
	return -1;
}

static void refuse_broken(struct command *c)
{
	reset(c);
	c->status = -1;
	err_set(&c->err, ERR_STORAGE, NULL,
		"The disk failed earlier and the ledger stopped writing. Check the disk and start again.");
}

static void count(struct desk *d, const struct command *list, int rerun)
{
	int64_t n = 0;

	pthread_mutex_lock(&d->mutex);
	for (const struct command *c = list; c != NULL; c = c->next, n++) {
		d->stats.refused += c->status != 0;
		d->stats.replayed += c->replayed;
	}
	d->stats.commands += n;
	d->stats.groups++;
	d->stats.rerun += rerun;
	if (n > d->stats.group_largest)
		d->stats.group_largest = n;
	pthread_mutex_unlock(&d->mutex);
	assert(n > 0 && n <= GROUP_MAX);
}

/* done() may free the command: take the next one first. */
static void answer(struct command *list)
{
	while (list != NULL) {
		struct command *next = list->next;

		list->done(list);
		list = next;
	}
}

/* Each by itself; once the disk has failed the rest is not begun. */
static void run_each(struct desk *d, struct command *list)
{
	for (struct command *c = list; c != NULL; c = c->next) {
		if (d->broken)
			refuse_broken(c);
		else
			run_alone(d, c);
	}
}

static void serve(struct desk *d, struct command *list)
{
	int begun = !d->broken;
	struct err err = {0};
	int done = begun && run_together(d, list, &err) == 0;

	if (!done && begun && d->broken) {
		for (struct command *c = list; c != NULL; c = c->next)
			fail(c, &err);
	} else if (!done) {
		run_each(d, list);
	}
	count(d, list, begun && !done);
	answer(list);
}

static int is_under_way(const struct desk *d, const struct command *c)
{
	const struct command *u = d->under_way;

	while (u != NULL && u != c)
		u = u->under_way;
	return u != NULL;
}

static void put_back(struct desk *d, struct command *c)
{
	if (!is_under_way(d, c)) {
		assert(count_under_way(d) < LONG_COMMANDS_MAX);
		c->under_way = d->under_way;
		d->under_way = c;
	}
	pthread_mutex_lock(&d->mutex);
	d->stats.parts++;
	pthread_mutex_unlock(&d->mutex);
	queue_put_back(d->queue, c);
}

static void end(struct desk *d, struct command *c)
{
	struct command **at = &d->under_way;

	while (*at != NULL && *at != c)
		at = &(*at)->under_way;
	if (*at == c)
		*at = c->under_way;
	if (c->end != NULL)
		c->end(c);
	c->next = NULL;
	count(d, c, 0);
	answer(c);
}

static void interrupt(struct command *c)
{
	struct err err = {0};

	err_set(&err, ERR_DRAINING, NULL, "The server is shutting down. Try again later.");
	fail(c, &err);
}

/* One part of a long command. */
static void run_part(struct desk *d, struct command *c)
{
	if (!d->broken && count_under_way(d) == LONG_COMMANDS_MAX && !is_under_way(d, c)) {
		queue_put_back(d->queue, c);
		return;
	}
	if (d->broken)
		refuse_broken(c);
	else
		run_alone(d, c);
	if (c->status == 0 && c->more && d->hurried)
		interrupt(c);
	if (c->status == 0 && c->more)
		put_back(d, c);
	else
		end(d, c);
}

/* Take the long commands out of the list. */
static struct command *part_long(struct command **list)
{
	struct command *found = NULL, **last = &found;

	while (*list != NULL) {
		struct command *c = *list;

		if (!c->is_long) {
			list = &c->next;
			continue;
		}
		*list = c->next;
		c->next = NULL;
		*last = c;
		last = &c->next;
	}
	return found;
}

static void *writer(void *arg)
{
	struct desk *d = arg;
	struct command *list, *next;
	int emptied = 0; /* the log, in the turn before this one */

	while ((list = queue_take(d->queue, GROUP_MAX)) != NULL) {
		struct command *parts = part_long(&list);
		struct err ignored = {0};

		if (list != NULL)
			serve(d, list);
		/* A log that could not be emptied now is emptied later; the next commit tells of a sick disk.
		 * That takes as long as a part: others are not made to wait for both. */
		emptied = !d->broken && !emptied && db_log_bytes(d->db) > WAL_PASSIVE_BYTES;
		if (emptied)
			(void)db_checkpoint(d->db, 0, &ignored);
		for (; parts != NULL; parts = next) {
			next = parts->next;
			if (emptied)
				queue_put_back(d->queue, parts);
			else
				run_part(d, parts);
		}
	}
	return NULL;
}

struct desk *desk_open(struct db *db, struct env *env, const struct desk_hooks *hooks, struct err *err)
{
	struct desk *d = calloc(1, sizeof *d);

	if (d == NULL)
		goto fail;
	d->db = db;
	d->env = env;
	d->hooks = *hooks;
	buf_init(&d->posted, hooks->posted_max);
	pthread_mutex_init(&d->mutex, NULL);
	d->queue = queue_open(QUEUE_MAX);
	if (d->queue == NULL || pthread_create(&d->thread, NULL, writer, d) != 0)
		goto fail;
	d->started = 1;
	return d;
fail:
	desk_close(d);
	err_set(err, ERR_STORAGE, NULL, "The writer could not be started: out of memory or threads.");
	return NULL;
}

int desk_send(struct desk *d, struct command *c, struct err *err)
{
	switch (queue_put(d->queue, c)) {
	case 0:
		return 0;
	case 1:
		pthread_mutex_lock(&d->mutex);
		d->stats.queue_full++;
		pthread_mutex_unlock(&d->mutex);
		return err_set(err, ERR_BUSY, NULL, "%d requests are waiting already. Try again in a second.",
			       QUEUE_MAX);
	default:
		return err_set(err, ERR_DRAINING, NULL, "The server is shutting down. Try again later.");
	}
}

struct waiter {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int done;
};

static void wake(struct command *c)
{
	struct waiter *w = c->owner;

	pthread_mutex_lock(&w->mutex);
	w->done = 1;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->mutex);
}

int desk_call(struct desk *d, struct command *c, struct err *err)
{
	struct waiter w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

	/* cppcheck-suppress autoVariables; taken back before w goes */
	c->owner = &w;
	c->done = wake;
	if (desk_send(d, c, err) != 0)
		return -1;
	pthread_mutex_lock(&w.mutex);
	while (!w.done)
		pthread_cond_wait(&w.cond, &w.mutex);
	pthread_mutex_unlock(&w.mutex);
	pthread_mutex_destroy(&w.mutex);
	pthread_cond_destroy(&w.cond);
	c->owner = NULL;
	if (c->status != 0)
		*err = c->err;
	return c->status;
}

void desk_hurry(struct desk *d)
{
	d->hurried = 1;
}

void desk_drain(struct desk *d)
{
	desk_hurry(d);
	queue_close(d->queue);
	if (d->started)
		pthread_join(d->thread, NULL);
	d->started = 0;
}

void desk_close(struct desk *d)
{
	if (d == NULL)
		return;
	if (d->queue != NULL)
		desk_drain(d);
	queue_free(d->queue);
	buf_free(&d->posted);
	pthread_mutex_destroy(&d->mutex);
	free(d);
}

void desk_stats(struct desk *d, struct desk_stats *out)
{
	pthread_mutex_lock(&d->mutex);
	*out = d->stats;
	pthread_mutex_unlock(&d->mutex);
	out->queued = (int64_t)queue_length(d->queue);
}
