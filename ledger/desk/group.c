/*
 * The happy path: begin, run each command, mark the lead, commit.
 *
 * What may go wrong:
 *	- a command refuses before it wrote: the others are not concerned;
 *	- a command refuses after it wrote, or the store fails: the transaction is
 *	  rolled back and every member runs again in a transaction of its own, so
 *	  that only the culprit suffers;
 *	- the database is busy, again when the first member runs alone: the others are not made to
 *	  wait for the same, each in its turn;
 *	- the disk is full at the commit: everybody is told that nothing was changed;
 *	- the commit fails otherwise, at the sync above all: the log may hold it whole,
 *	  so the writer stops for good, a restart decides
 *	  (ledger/store/README.md#a-failed-sync-is-final), and those whose commit it
 *	  was are told so: the key finds the outcome;
 *	- the database is lost, or another process leads: this one leads no longer.  A
 *	  commit that was under way has an unknown outcome, for which the same holds.
 */
#include "ledger/desk/group.h"

#include <assert.h>
#include <string.h>

#include "ledger/base/date.h"
#include "ledger/base/log.h"
#include "ledger/base/zone.h"
#include "ledger/desk/replay.h"
#include "ledger/forms/problem.h"

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

/* One transaction: its circumstances, and what it began with. */
struct work {
	struct tx tx;
	struct head before;
	int64_t changes;
};

static int begin(struct group *g, struct work *w, struct err *err)
{
	struct db *db = lead_db(g->lead);
	int64_t now = g->env->now(g->env), last;

	g->busy = 0;
	if (db_begin(db, err) != 0)
		return -1;
	if (g->hooks.head(db, &w->before, err) != 0 ||
	    check_clock(g->env, now, w->before.booked_at, err) != 0)
		return -1;
	last = w->before.booked_at;
	w->changes = db_changes(db);
	memset(&w->tx, 0, sizeof w->tx);
	buf_clear(&g->posted);
	w->tx.posted = &g->posted;
	w->tx.db = db;
	w->tx.env = g->env;
	w->tx.now = now > last ? now : last + 1;
	w->tx.today = zone_day(g->env->zone, w->tx.now);
	return 0;
}

/* The commit may have been executed, or not. */
static int unsure(struct group *g, struct err *err)
{
	int lost = db_lost(lead_db(g->lead));

	err_set(err, lost ? ERR_UNREACHABLE : ERR_STORAGE, NULL, "%s",
		lost ? "The connection to the database was lost while this was being committed. Send the same request "
		       "with the same Idempotency-Key: it is done once."
		     : "The disk failed while this was being written. Check the disk and start the ledger again, then "
		       "send the same request with the same Idempotency-Key: it is done once.");
	err->effect = EFFECT_UNKNOWN;
	if (!lost) {
		g->state = DESK_BROKEN;
		log_line("error", "commit_failed", "the writer stops until the next start");
	}
	return -1;
}

static int finish(struct group *g, struct work *w, struct err *err)
{
	struct db *db = lead_db(g->lead);
	struct head after;
	int64_t began;

	if (g->hooks.before_commit(db, w->before.seq, &g->posted, err) != 0 ||
	    g->hooks.head(db, &after, err) != 0 ||
	    lead_mark(g->lead, &w->before, &after, db_changes(db) != w->changes, err) != 0)
		return -1;
	began = env_ticks();
	if (db_commit(db, err) != 0)
		return err->effect == EFFECT_UNKNOWN ? unsure(g, err) : -1;
	desk_observe(&g->commits, desk_commit_bounds, env_ticks() - began);
	lead_committed(g->lead, &after);
	g->head = after;
	return 0;
}

/* Undo.  A connection that is lost, or an epoch that is over, ends the lead. */
static void undo(struct group *g, const struct err *err)
{
	db_rollback(lead_db(g->lead));
	g->busy = err->code == ERR_BUSY;
	if (g->state == DESK_LEADS && (err->code == ERR_NO_LEADER || db_lost(lead_db(g->lead))))
		g->state = DESK_FOLLOWS;
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
	problem_write(&c->err, 1, c->instance, c->errors, &c->answer);
	if (replay_refused(tx, c, err) != 0)
		return -1;
	if (c->idempotency_key[0] == '\0' || c->err.code == ERR_IDEMPOTENCY_KEY_REUSED)
		return 0;
	return replay_keep(tx, c, err);
}

void group_reset(struct command *c)
{
	c->status = 0;
	c->http_status = 0;
	c->secret_for = 0;
	c->replayed = 0;
	c->more = 0;
	c->undo = 0;
	memset(&c->head, 0, sizeof c->head);
	memset(&c->err, 0, sizeof c->err);
	buf_clear(&c->answer);
}

void group_fail(struct command *c, const struct err *err)
{
	struct err kept = *err;

	assert(err->code != ERR_NONE);
	group_reset(c);
	c->status = -1;
	c->err = kept;
}

/* The kept answer comes with the last part: until then the key is known from the list alone. */
static int key_under_way(const struct group *g, const struct command *c)
{
	for (const struct command *u = g->under_way; u != NULL; u = u->under_way)
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
static int permit(struct group *g, struct tx *tx, struct command *c)
{
	struct err err = {0};

	if (g->hooks.permit == NULL || g->hooks.permit(tx, &c->actor, &c->err) == 0)
		return 1;
	c->status = -1;
	if (is_failure(&c->err))
		return -1;
	if (replay_refused(tx, c, &err) == 0)
		return 0;
	group_fail(c, &err);
	return -1;
}

/*
 * Run c inside tx.  0: done or refused cleanly, in c.  -1: the transaction must
 * be rolled back; c->err says why, *wrote whether it is a refusal after a write.
 */
static int run(struct group *g, struct tx *tx, struct command *c, int *wrote)
{
	struct err err = {0};
	int64_t changes;
	int rc = 0;

	group_reset(c);
	*wrote = 0;
	rc = permit(g, tx, c);
	if (rc != 1)
		return rc;
	rc = 0;
	changes = db_changes(tx->db);
	if (key_under_way(g, c)) {
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
		*wrote = !is_failure(&c->err) && db_changes(tx->db) != changes;
		if (is_failure(&c->err))
			group_fail(c, &c->err);
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
		group_fail(c, &err);
	return rc;
}

/* The refusal of a command that had written: alone, after its rollback. */
static void refuse_alone(struct group *g, struct command *c)
{
	struct err err = {0};
	struct work w;

	if (begin(g, &w, &err) != 0)
		goto fail;
	w.tx.actor = c->actor;
	if (record_refusal(&w.tx, c, &err) != 0 || finish(g, &w, &err) != 0)
		goto fail;
	return;
fail:
	undo(g, &err);
	group_fail(c, &err);
}

void group_run_alone(struct group *g, struct command *c)
{
	struct err err = {0};
	struct work w;
	int wrote = 0;

	c->stands = 0;
	if (begin(g, &w, &err) != 0)
		goto fail;
	if (run(g, &w.tx, c, &wrote) != 0) {
		undo(g, &c->err);
		if (wrote)
			refuse_alone(g, c);
		return;
	}
	if (c->undo)
		db_rollback(w.tx.db);
	else if (finish(g, &w, &err) != 0)
		goto fail;
	c->stands = 1;
	return;
fail:
	undo(g, &err);
	group_fail(c, &err);
}

/* What the commands will read is asked for at once, where that saves waits. */
static void ask_ahead(struct db *db, const struct command *list)
{
	for (int round = 0; round < AHEAD_ROUNDS && db_reads_ahead(db); round++)
		for (const struct command *c = list; c != NULL; c = c->next) {
			if (round == 0)
				replay_ahead(db, c);
			if (c->ahead != NULL)
				c->ahead(db, c, round);
		}
}

int group_run_together(struct group *g, struct command *list, struct err *err)
{
	struct work w;
	int wrote;

	if (begin(g, &w, err) != 0)
		goto fail;
	ask_ahead(w.tx.db, list);
	for (struct command *c = list; c != NULL; c = c->next)
		if (run(g, &w.tx, c, &wrote) != 0) {
			*err = c->err;
			goto fail;
		}
	if (finish(g, &w, err) == 0)
		return 0;
fail:
	undo(g, err);
	return -1;
}
