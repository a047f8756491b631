#include "reports/entitlement/cap.h"

#include "ledger/base/limits.h"
#include "ledger/book/journal.h"

#define EVER INT64_MAX /* before no entry in particular: now */

/* A lot, walked from its last movement back to its first. */
struct lot_walk {
	int64_t fund, lot;
	int64_t seq;     /* entry of the movement at hand; 0 at the end */
	int64_t balance; /* after it */
	int64_t frozen;  /* what that entry moved from 220 to 225, less what it moved back */
	int64_t previous;
};

/* The movement of that entry. */
static int read_move(struct db *db, struct lot_walk *w, struct err *err)
{
	struct stmt *q;
	int first = 1, rc;

	w->frozen = w->previous = 0;
	if (w->seq == 0)
		return 0;
	q = db_query(
		db,
		"SELECT lot_balance, lot_previous, debit, credit, amount FROM transfer "
		"WHERE id >= $1 AND id < $1 + $2 AND lot = $3 AND fund = $4 AND lot_move IS NOT NULL ORDER BY id DESC",
		VALS(v_int(w->seq * TRANSFER_ID_STEP), v_int(TRANSFER_ID_STEP), v_int(w->lot),
		     v_int(w->fund)),
		err);
	while ((rc = db_step(q, err)) == 1) {
		if (first)
			w->balance = col_int(q, 0);
		first = 0;
		w->previous = col_int(q, 1);
		if (col_int(q, 3) == K_FROZEN_LOT)
			w->frozen += col_int(q, 4);
		else if (col_int(q, 2) == K_FROZEN_LOT)
			w->frozen -= col_int(q, 4);
	}
	return rc;
}

static int begin_walk(struct db *db, int64_t fund, int64_t lot, struct lot_walk *w, struct err *err)
{
	*w = (struct lot_walk){.fund = fund, .lot = lot};
	if (db_int(db, "SELECT head FROM account WHERE id = $1",
		   VALS(v_int(account_id(fund, K_AVAILABLE, lot))), &w->seq, err) < 0)
		return -1;
	return read_move(db, w, err);
}

/* A chain that does not go back ends here: `ila verify` names it. */
static int step_back(struct db *db, struct lot_walk *w, struct err *err)
{
	w->seq = w->previous < w->seq ? w->previous : 0;
	return read_move(db, w, err);
}

/* What the lot held before that entry. */
static int lot_held(struct db *db, int64_t fund, int64_t lot, int64_t before, int64_t *held, struct err *err)
{
	struct lot_walk w;
	int seen = 0, rc = begin_walk(db, fund, lot, &w, err);

	*held = 0;
	for (; rc == 0 && w.seq != 0; rc = step_back(db, &w, err)) {
		if (w.seq >= before)
			continue;
		*held += seen ? w.frozen : w.balance + w.frozen;
		seen = 1;
	}
	return rc;
}

/* The lots of one learner and fund. */
struct lots {
	int64_t id[LOTS_MAX];
	size_t n;
};

static int list_lots(struct db *db, const struct cap *c, struct lots *lots, struct err *err)
{
	struct stmt *q = db_query(db, "SELECT id FROM lot WHERE learner = $1 AND fund = $2 ORDER BY id",
				  VALS(v_int(c->learner), v_int(c->fund)), err);
	int rc = 0;

	lots->n = 0;
	while (lots->n < LOTS_MAX && (rc = db_step(q, err)) == 1)
		lots->id[lots->n++] = col_int(q, 0);
	db_done(q);
	return rc < 0 ? -1 : 0;
}

/* All lots but one, before that entry. */
static int others_held(struct db *db, const struct cap *c, const struct lots *lots, int64_t but,
		       int64_t before, int64_t *held, struct err *err)
{
	*held = 0;
	for (size_t i = 0; i < lots->n; i++) {
		int64_t one = 0;

		if (lots->id[i] != but && lot_held(db, c->fund, lots->id[i], before, &one, err) != 0)
			return -1;
		*held += one;
	}
	return 0;
}

static int leaves(const struct cap *c, int64_t held, int64_t posted)
{
	int64_t room = held < c->amount ? c->amount - held : 0;

	return posted == (c->expected < room ? c->expected : room);
}

/* A correction counts the lot that it credits as full as it was before the first posting of the year. */
static int explains_posting(struct db *db, const struct cap *c, const struct lots *lots,
			    const struct posted *p, struct err *err)
{
	int64_t others, now, then;

	if (others_held(db, c, lots, p->lot, p->seq, &others, err) != 0 ||
	    lot_held(db, c->fund, p->lot, p->seq, &now, err) != 0 ||
	    lot_held(db, c->fund, p->lot, p->first, &then, err) != 0)
		return -1;
	return leaves(c, others + (then > now ? then : now), p->amount);
}

static int is_full(struct db *db, const struct cap *c, const struct lots *lots, int64_t before,
		   struct err *err)
{
	int64_t held;

	if (others_held(db, c, lots, 0, before, &held, err) != 0)
		return -1;
	return leaves(c, held, 0);
}

/* Nothing was posted: was there no room at one of the moments at which a lot moved? */
static int explains_nothing(struct db *db, const struct cap *c, const struct lots *lots, struct err *err)
{
	int full = is_full(db, c, lots, EVER, err);

	for (size_t i = 0; full == 0 && i < lots->n; i++) {
		struct lot_walk w;
		int64_t day = c->from;
		int rc = begin_walk(db, c->fund, lots->id[i], &w, err);

		for (; rc == 0 && full == 0 && w.seq != 0 && day >= c->from; rc = step_back(db, &w, err)) {
			full = is_full(db, c, lots, w.seq, err);
			if (full == 0 && db_int(db, "SELECT value_date FROM entry WHERE seq = $1",
						VALS(v_int(w.seq)), &day, err) < 0)
				rc = -1;
		}
		if (rc != 0)
			return -1;
	}
	return full;
}

int cap_explains(struct db *db, const struct cap *c, const struct posted *p, struct err *err)
{
	struct lots lots;

	if (list_lots(db, c, &lots, err) != 0)
		return -1;
	return p->entries > 0 ? explains_posting(db, c, &lots, p, err) : explains_nothing(db, c, &lots, err);
}
