/*
 * The life of the writer's thread: stand by until it leads; take what waits, run it as
 * a group (group.h), answer all; stand by again when the lead is lost.
 *
 * A group that fails runs again one by one, unless nothing can be written any more.
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

#include "ledger/base/log.h"
#include "ledger/desk/group.h"
#include "ledger/desk/queue.h"

#define STAND_BY_MS 500 /* until the lead is tried for again, when the lock is not what is waited for */

const int64_t desk_commit_bounds[DESK_BOUNDS] = {250,   500,   1000,   2500,   5000,    10000,
						 25000, 50000, 100000, 250000, 1000000, 5000000};
const int64_t desk_group_bounds[DESK_BOUNDS] = {1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 384, GROUP_MAX};

struct desk {
	struct group group; /* the writer's own */
	struct queue *queue;
	pthread_t thread;
	int started;
	_Atomic int hurried;
	int emptied;           /* the writer's own: the log, in the turn before this one */
	pthread_mutex_t mutex; /* of stats */
	struct desk_stats stats;
};

/* Why nothing can be written. */
static int refuse_state(int state, struct err *err)
{
	if (state == DESK_BROKEN)
		return err_set(
			err, ERR_STORAGE, NULL,
			"The disk failed earlier and the ledger stopped writing. Check the disk and start again.");
	return err_set(err, ERR_NO_LEADER, NULL,
		       "This process does not lead the ledger, or has just lost the lead.");
}

static void refuse(struct desk *d, struct command *c)
{
	struct err err = {0};

	refuse_state(d->group.state, &err);
	group_fail(c, &err);
}

void desk_observe(struct desk_histogram *h, const int64_t bounds[DESK_BOUNDS], int64_t value)
{
	for (int i = 0; i < DESK_BOUNDS; i++)
		h->at_most[i] += value <= bounds[i];
	h->count++;
	h->sum += value;
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
	d->stats.commits = d->group.commits;
	desk_observe(&d->stats.sizes, desk_group_bounds, n);
	if (n > d->stats.group_largest)
		d->stats.group_largest = n;
	pthread_mutex_unlock(&d->mutex);
	assert(n > 0 && n <= GROUP_MAX);
}

/* done() may free the command: take the next one first. */
static void answer(struct desk *d, struct command *list)
{
	while (list != NULL) {
		struct command *next = list->next;

		list->head = d->group.head;
		list->done(list);
		list = next;
	}
}

/* Each by itself; once nothing can be written, or one had to wait in vain, the rest is not begun. */
static void run_each(struct desk *d, struct command *list)
{
	const struct command *in_vain = NULL;

	for (struct command *c = list; c != NULL; c = c->next) {
		if (d->group.state != DESK_LEADS)
			refuse(d, c);
		else if (in_vain != NULL)
			group_fail(c, &in_vain->err);
		else
			group_run_alone(&d->group, c);
		if (d->group.busy && in_vain == NULL)
			in_vain = c;
	}
}

static void serve(struct desk *d, struct command *list)
{
	int begun = d->group.state == DESK_LEADS;
	struct err err = {0};
	int done = begun && group_run_together(&d->group, list, &err) == 0;

	if (!done && begun && d->group.state != DESK_LEADS) {
		for (struct command *c = list; c != NULL; c = c->next)
			group_fail(c, &err);
	} else if (!done) {
		run_each(d, list);
	}
	count(d, list, begun && !done);
	answer(d, list);
}

static size_t count_under_way(const struct desk *d)
{
	size_t n = 0;

	for (const struct command *c = d->group.under_way; c != NULL; c = c->under_way)
		n++;
	return n;
}

static int is_under_way(const struct desk *d, const struct command *c)
{
	const struct command *u = d->group.under_way;

	while (u != NULL && u != c)
		u = u->under_way;
	return u != NULL;
}

static void put_back(struct desk *d, struct command *c)
{
	if (!is_under_way(d, c)) {
		assert(count_under_way(d) < LONG_COMMANDS_MAX);
		c->under_way = d->group.under_way;
		d->group.under_way = c;
	}
	pthread_mutex_lock(&d->mutex);
	d->stats.parts++;
	pthread_mutex_unlock(&d->mutex);
	queue_put_back(d->queue, c);
}

static void end(struct desk *d, struct command *c)
{
	struct command **at = &d->group.under_way;

	while (*at != NULL && *at != c)
		at = &(*at)->under_way;
	if (*at == c)
		*at = c->under_way;
	if (c->end != NULL)
		c->end(c);
	c->next = NULL;
	count(d, c, 0);
	answer(d, c);
}

static void interrupt(struct command *c)
{
	struct err err = {0};

	err_set(&err, ERR_DRAINING, NULL, "The server is shutting down. Try again later.");
	group_fail(c, &err);
}

/* One part of a long command. */
static void run_part(struct desk *d, struct command *c)
{
	if (d->group.state == DESK_LEADS && count_under_way(d) == LONG_COMMANDS_MAX && !is_under_way(d, c)) {
		queue_put_back(d->queue, c);
		return;
	}
	if (d->group.state != DESK_LEADS)
		refuse(d, c);
	else
		group_run_alone(&d->group, c);
	if (d->group.state == DESK_LEADS)
		db_grown(lead_db(d->group.lead));
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

/* A log that could not be emptied now is emptied later; the next commit tells of a sick disk. */
static int empty_log(struct desk *d)
{
	struct db *db = lead_db(d->group.lead);
	struct err ignored = {0};

	if (d->group.state != DESK_LEADS || d->emptied || db_log_bytes(db) <= WAL_PASSIVE_BYTES)
		return 0;
	(void)db_checkpoint(db, 0, &ignored);
	return 1;
}

/* One turn: a group, then a part of each long command. */
static void take_turn(struct desk *d, struct command *list)
{
	struct command *parts = part_long(&list), *next;

	if (list != NULL)
		serve(d, list);
	/* That takes as long as a part: others are not made to wait for both. */
	d->emptied = empty_log(d);
	for (; parts != NULL; parts = next) {
		next = parts->next;
		if (d->emptied)
			queue_put_back(d->queue, parts);
		else
			run_part(d, parts);
	}
}

/* All that this connection knew is forgotten with it. */
static void stand_down(struct desk *d)
{
	log_line("warn", "lead_lost", "this process does not lead any more");
	lead_drop(d->group.lead);
}

/* Try for the lead once; while another one has it, see who.  How long to wait before the next try. */
static int stand_by(struct desk *d)
{
	static struct log_seldom seldom;
	struct err err = {0};

	if (lead_take(d->group.lead, &err) == 0) {
		d->group.state = DESK_LEADS;
		log_line("info", "leads", "epoch %lld", (long long)lead_leader(d->group.lead).epoch);
		return 0;
	}
	if (err.code == ERR_LOCKED && lead_look(d->group.lead, &err) == 0)
		return 0; /* the lock was waited for */
	log_seldom(&seldom, "error", "stands_by", "the lead cannot be taken: %s", err_name(err.code));
	return STAND_BY_MS;
}

/* Commands that come while it stands by are turned away before it tries. */
static void *writer(void *arg)
{
	struct desk *d = arg;
	struct command *list;
	int pause = 0;

	while (queue_take(d->queue, GROUP_MAX, d->group.state == DESK_FOLLOWS ? pause : QUEUE_FOREVER,
			  &list)) {
		int led = d->group.state == DESK_LEADS;

		if (list != NULL)
			take_turn(d, list);
		else
			pause = stand_by(d);
		if (led && d->group.state == DESK_FOLLOWS) {
			stand_down(d);
			pause = 0;
		}
	}
	return NULL;
}

struct desk *desk_open(struct lead *lead, struct env *env, const struct desk_hooks *hooks, struct err *err)
{
	struct desk *d = calloc(1, sizeof *d);

	if (d == NULL)
		goto fail;
	d->group.lead = lead;
	d->group.env = env;
	d->group.hooks = *hooks;
	d->group.state = lead_db(lead) != NULL ? DESK_LEADS : DESK_FOLLOWS;
	buf_init(&d->group.posted, hooks->posted_max);
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

enum desk_state desk_state(struct desk *d)
{
	return (enum desk_state)d->group.state;
}

void desk_turned_away(struct desk *d, size_t n)
{
	pthread_mutex_lock(&d->mutex);
	d->stats.queue_full += (int64_t)n;
	pthread_mutex_unlock(&d->mutex);
}

int desk_send(struct desk *d, struct command *c, struct err *err)
{
	size_t sent;

	if (desk_send_all(d, &c, 1, &sent, err) == 0)
		return 0;
	if (err->code == ERR_BUSY)
		desk_turned_away(d, 1);
	return -1;
}

int desk_send_all(struct desk *d, struct command *const *list, size_t n, size_t *sent, struct err *err)
{
	*sent = 0;
	if (d->group.state == DESK_FOLLOWS)
		return refuse_state(DESK_FOLLOWS, err);
	switch (queue_put_all(d->queue, list, n, sent)) {
	case 0:
		return 0;
	case 1:
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
	buf_free(&d->group.posted);
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
