#include "ledger/events/late.h"

#include <stdio.h>
#include <string.h>

#include "ledger/book/journal.h"
#include "ledger/oversight/alert.h"
#include "ledger/store/record.h"

#define US          1000000LL
#define LATE_FAR_US (2 * LATE_RETRY_S_MAX * US)

static const struct record_column columns[] = {
	{"webhook", RECORD_INT64, offsetof(struct late, webhook), 0, RECORD_KEY},
	{"seq", RECORD_INT64, offsetof(struct late, seq), 0, RECORD_KEY},
	{"state", RECORD_INT, offsetof(struct late, state), 0, 0},
	{"attempts", RECORD_INT, offsetof(struct late, attempts), 0, 0},
	{"next_at", RECORD_INT64, offsetof(struct late, next_at), 0, 0},
	{"status", RECORD_KNOWN, offsetof(struct late, status), 0, 0},
	{"problem", RECORD_OPTIONAL, RECORD_ARRAY(struct late, problem), 0},
	{"asked", RECORD_INT64, offsetof(struct late, asked), 0, 0},
};
static const struct record late_record = {"webhook_late", RECORD_COLUMNS(columns)};

static const struct record_column reach_columns[] = {
	{"webhook", RECORD_INT64, offsetof(struct reach, webhook), 0, RECORD_KEY},
	{"through", RECORD_INT64, offsetof(struct reach, through), 0, 0},
	{"delivered", RECORD_INT64, offsetof(struct reach, delivered), 0, 0},
	{"tests", RECORD_INT64, offsetof(struct reach, tests), 0, 0},
	{"failing_since", RECORD_ID, offsetof(struct reach, failing_since), 0, 0},
};
static const struct record reach_record = {"webhook_reach", RECORD_COLUMNS(reach_columns)};

const char *late_state_name(enum late_state state)
{
	static const char *const names[LATE__MAX] = {"", "waiting", "dead"};

	return names[state];
}

int64_t late_wait_s(int attempts, unsigned chance)
{
	static const int64_t waits[LATE_ATTEMPTS_MAX] = {0,     5,     300,   1800,  7200,
							 18000, 36000, 50400, 72000, 86400};

	if (attempts >= LATE_ATTEMPTS_MAX)
		return -1;
	return waits[attempts] + waits[attempts] * (int64_t)(chance % 1000) / 5000;
}

/* --- begin, forget, resume -------------------------------------------------------------- */

int late_begin(struct tx *tx, int64_t webhook, int64_t through, struct err *err)
{
	return record_insert(tx->db, &reach_record, &(struct reach){.webhook = webhook, .through = through},
			     err);
}

int late_forget(struct tx *tx, int64_t webhook, struct err *err)
{
	return db_run(tx->db, "DELETE FROM webhook_late WHERE webhook = $1", VALS(v_int(webhook)), err);
}

int late_resume(struct tx *tx, int64_t webhook, struct err *err)
{
	return db_run(tx->db, "UPDATE webhook_late SET next_at = 0 WHERE webhook = $1 AND state = $2",
		      VALS(v_int(webhook), v_int(LATE_WAITING)), err) != 0 ||
			       db_run(tx->db,
				      "UPDATE webhook_reach SET failing_since = NULL WHERE webhook = $1",
				      VALS(v_int(webhook)), err) != 0
		       ? -1
		       : 0;
}

int late_reach(struct db *db, int64_t webhook, struct reach *r, struct err *err)
{
	int rc = record_find(db, &reach_record, "WHERE webhook = $1", VALS(v_int(webhook)), r, err);

	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a webhook without its reach");
}

/* A time further off than the longest delay was made under another clock. */
int late_due(struct db *db, int64_t webhook, int64_t now, size_t max, struct late *out, size_t *n,
	     int64_t *waiting, struct err *err)
{
	if (db_int(db, "SELECT count(*) FROM webhook_late WHERE webhook = $1 AND state = $2",
		   VALS(v_int(webhook), v_int(LATE_WAITING)), waiting, err) < 0)
		return -1;
	return record_list(db, &late_record,
			   "WHERE webhook = $1 AND state = $2 AND (next_at <= $3 OR next_at > $4) "
			   "ORDER BY next_at, seq LIMIT $5",
			   VALS(v_int(webhook), v_int(LATE_WAITING), v_int(now), v_int(now + LATE_FAR_US),
				v_int((int64_t)max)),
			   out, sizeof *out, n, err);
}

int late_list(struct db *db, int64_t webhook, int64_t after, size_t max, struct late *out, size_t *n,
	      struct err *err)
{
	return record_list(db, &late_record, "WHERE webhook = $1 AND seq > $2 ORDER BY seq LIMIT $3",
			   VALS(v_int(webhook), v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
}

/* --- how far behind they are ---------------------------------------------------------------- */

/* The first entry after the slowest, and the oldest that waits for another attempt; INT64_MAX none.  A test
 * is no entry. */
static int find_oldest(struct db *db, day_t today, const struct head *last, struct lag *lag, int64_t *oldest,
		       struct err *err)
{
	int64_t through = last->seq, late = INT64_MAX;

	if (db_int(db,
		   "SELECT min(r.through) FROM webhook_reach r JOIN webhook ON webhook.id = r.webhook "
		   "WHERE " WEBHOOK_IS_SERVED,
		   VALS(v_int(WEBHOOK_IN_FORCE), v_int(today)), &through, err) < 0 ||
	    db_int(db,
		   "SELECT min(l.seq) FROM webhook_late l JOIN webhook ON webhook.id = l.webhook "
		   "WHERE " WEBHOOK_IS_SERVED " AND l.state = $3 AND l.seq > 0",
		   VALS(v_int(WEBHOOK_IN_FORCE), v_int(today), v_int(LATE_WAITING)), &late, err) < 0)
		return -1;
	lag->entries = last->seq > through ? last->seq - through : 0;
	*oldest = lag->entries > 0 && through < late ? through + 1 : late;
	return 0;
}

static int count_late(struct db *db, struct lag *lag, struct err *err)
{
	struct stmt *q = db_query(db,
				  "SELECT count(CASE WHEN state = $1 THEN 1 END), "
				  "count(CASE WHEN state = $2 THEN 1 END) FROM webhook_late LIMIT 1",
				  VALS(v_int(LATE_WAITING), v_int(LATE_DEAD)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		lag->waiting = col_int(q, 0);
		lag->dead = col_int(q, 1);
	}
	db_done(q);
	return rc < 0 ? -1 : 0;
}

int late_lag(struct db *db, day_t today, int64_t now, struct lag *lag, struct err *err)
{
	struct head last, at;
	int64_t oldest;

	memset(lag, 0, sizeof *lag);
	if (journal_head(db, &last, err) != 0 || find_oldest(db, today, &last, lag, &oldest, err) != 0 ||
	    count_late(db, lag, err) != 0)
		return -1;
	if (oldest == INT64_MAX)
		return 0;
	if (journal_head_at(db, oldest, &at, err) != 1)
		return err->code != ERR_NONE ? -1 : err_bug(err, "an event of no entry");
	lag->age = now > at.booked_at ? now - at.booked_at : 0;
	return 0;
}

/* --- what came of attempts ------------------------------------------------------------------ */

static int note_failed(struct tx *tx, const struct outcomes *all, const struct outcome *o, struct err *err)
{
	struct late row = {.webhook = all->webhook, .seq = o->seq};
	int known = record_find(tx->db, &late_record, "WHERE webhook = $1 AND seq = $2",
				VALS(v_int(all->webhook), v_int(o->seq)), &row, err);
	int64_t wait;

	/* It was taken away meanwhile, for the webhook has ended; or is asked for once more. */
	if (known < 0 || (o->is_late && (known == 0 || row.asked != o->asked)))
		return known < 0 ? -1 : 0;
	row.attempts++;
	row.status = o->status > 0 ? o->status : -1;
	snprintf(row.problem, sizeof row.problem, "%s", o->problem);
	wait = late_wait_s(row.attempts, all->chance + (unsigned)o->seq * 37);
	row.state = wait < 0 ? LATE_DEAD : LATE_WAITING;
	if (wait < o->retry_s)
		wait = o->retry_s < LATE_RETRY_S_MAX ? o->retry_s : LATE_RETRY_S_MAX;
	row.next_at = all->now + wait * US;
	return known ? record_update(tx->db, &late_record, &row, err)
		     : record_insert(tx->db, &late_record, &row, err);
}

static int note_delivered(struct tx *tx, const struct outcomes *all, const struct outcome *o, struct err *err)
{
	return !o->is_late ? 0
			   : db_run(tx->db,
				    "DELETE FROM webhook_late WHERE webhook = $1 AND seq = $2 AND asked = $3",
				    VALS(v_int(all->webhook), v_int(o->seq), v_int(o->asked)), err);
}

static int switch_off(struct tx *tx, struct webhook *w, const char *cause, struct err *err)
{
	int64_t late = 0;

	if (db_int(tx->db, "SELECT count(*) FROM webhook_late WHERE webhook = $1", VALS(v_int(w->id)), &late,
		   err) < 0)
		return -1;
	return webhook_off(tx, w, cause, err) == 0 ? alert_watch_webhook(tx, w->org, w->id, w->seq, late, err)
						   : -1;
}

static int note_each(struct tx *tx, const struct outcomes *all, int64_t *delivered, int *gone,
		     struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct outcome *o = &all->at[i];

		*delivered += o->problem == NULL;
		*gone |= o->status == 410;
		if ((o->problem == NULL ? note_delivered : note_failed)(tx, all, o, err) != 0)
			return -1;
	}
	return 0;
}

/* How far it has come; *again: it gets through after it had not. */
static int note_reach(struct tx *tx, const struct outcomes *all, int64_t delivered, struct reach *r,
		      int *again, struct err *err)
{
	if (late_reach(tx->db, all->webhook, r, err) != 0)
		return -1;
	if (all->through > r->through)
		r->through = all->through;
	r->delivered += delivered;
	*again = delivered > 0 && r->failing_since != 0;
	if (delivered > 0)
		r->failing_since = 0;
	else if (all->count > 0 && r->failing_since == 0)
		r->failing_since = all->now;
	return record_update(tx->db, &reach_record, r, err);
}

int late_note(struct tx *tx, const struct outcomes *all, struct err *err)
{
	int64_t delivered = 0;
	int gone = 0, again;
	struct webhook w;
	struct reach r;
	int rc = webhook_find(tx->db, all->webhook, &w, err);

	if (rc != 1 || w.state == WEBHOOK_ENDED)
		return rc < 0 ? -1 : 0;
	if (note_each(tx, all, &delivered, &gone, err) != 0 ||
	    note_reach(tx, all, delivered, &r, &again, err) != 0)
		return -1;
	if (w.state != WEBHOOK_IN_FORCE)
		return 0;
	if (gone)
		return switch_off(tx, &w, "gone", err);
	if (r.failing_since != 0 && all->now - r.failing_since >= WEBHOOK_FAILING_DAYS * 86400 * US)
		return switch_off(tx, &w, "failing", err);
	/* What waits need not wait any longer. */
	return again ? late_resume(tx, w.id, err) : 0;
}

/* --- again ------------------------------------------------------------------------------------ */

static int queue(struct tx *tx, int64_t webhook, int64_t seq, struct err *err)
{
	return db_run(tx->db,
		      "INSERT INTO webhook_late (webhook, seq, state, attempts, next_at, asked) "
		      "VALUES ($1, $2, $3, 0, 0, 1) ON CONFLICT (webhook, seq) DO UPDATE SET state = $3, "
		      "attempts = 0, next_at = 0, asked = webhook_late.asked + 1",
		      VALS(v_int(webhook), v_int(seq), v_int(LATE_WAITING)), err);
}

int late_replay(struct tx *tx, const struct webhook *w, int64_t from, int64_t to, int64_t *queued,
		int64_t *looked, struct err *err)
{
	struct event events[EVENTS_MAX];
	struct event_page p = {.who = {w->org, w->role},
			       .types = w->types,
			       .after = from - 1,
			       .until = to,
			       .max = EVENTS_MAX};

	if (event_page(tx->db, &p, events, err) != 0)
		return -1;
	for (size_t i = 0; i < p.n; i++)
		if (queue(tx, w->id, events[i].seq, err) != 0)
			return -1;
	*queued = (int64_t)p.n;
	*looked = p.looked;
	return 0;
}

/* In a sandbox the clock stands still: the number makes each another. */
int late_test(struct tx *tx, int64_t webhook, struct err *err)
{
	struct reach r;

	if (late_reach(tx->db, webhook, &r, err) != 0)
		return -1;
	r.tests++;
	return record_update(tx->db, &reach_record, &r, err) == 0
		       ? queue(tx, webhook, -(tx->now + r.tests), err)
		       : -1;
}
