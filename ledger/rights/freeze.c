#include "ledger/rights/freeze.h"

#include <stdio.h>

#include "ledger/base/check.h"
#include "ledger/book/seal.h"
#include "ledger/oversight/conflict.h"
#include "ledger/rights/lot.h"
#include "ledger/registers/agenda.h"
#include "ledger/rules/transition.h"

struct freeze {
	int64_t learner, frozen_at;
	char ground[REASON_MAX + 1];
	day_t until;
	char frozen_by[PRINCIPAL_MAX];
	int64_t released_at;
	char released_by[PRINCIPAL_MAX];
	int64_t seq;
};

static const struct record_column columns[] = {
	{"learner", RECORD_INT64, offsetof(struct freeze, learner), 0, RECORD_KEY},
	{"frozen_at", RECORD_INT64, offsetof(struct freeze, frozen_at), 0, RECORD_KEY},
	{"ground", RECORD_TEXT, RECORD_ARRAY(struct freeze, ground), RECORD_FIXED},
	{"until", RECORD_DAY, offsetof(struct freeze, until), 0, RECORD_FIXED},
	{"frozen_by", RECORD_TEXT, RECORD_ARRAY(struct freeze, frozen_by), RECORD_FIXED},
	{"released_at", RECORD_ID, offsetof(struct freeze, released_at), 0, 0},
	{"released_by", RECORD_OPTIONAL, RECORD_ARRAY(struct freeze, released_by), 0},
	{"seq", RECORD_INT64, offsetof(struct freeze, seq), 0, RECORD_SEALED},
};
static const struct record freeze_record = {"account_freeze", RECORD_COLUMNS(columns)};

static const char frozen_until[] =
	"SELECT until FROM account_freeze WHERE learner = $1 AND released_at IS NULL";

void freeze_ahead(struct db *db, int64_t learner)
{
	db_ahead(db, frozen_until, VALS(v_int(learner)));
}

int freeze_active(struct db *db, int64_t learner, day_t *until, struct err *err)
{
	int64_t day;
	int rc = db_int(db, frozen_until, VALS(v_int(learner)), &day, err);

	*until = rc == 1 ? (day_t)day : DAY_NONE;
	return rc;
}

int freeze_refuse(struct db *db, const struct learner *l, struct err *err)
{
	char day[DATE_TEXT];
	day_t until;
	int rc = freeze_active(db, l->id, &until, err);

	if (rc == 1)
		return err_set(err, ERR_ACCOUNT_FROZEN, "learner",
			       "The account of %s is frozen through %s. Unfreeze it first.", l->code,
			       day_format(until, day));
	return rc;
}

/* All that a lot holds on one account goes to the other. */
static int move(struct tx *tx, const struct lot *lot, const char *kind, const char *ground, int from, int to,
		int64_t *amount, struct err *err)
{
	struct entry e;
	int64_t held;

	if (balance_of(tx->db, lot->fund, from, lot->id, &held, err) != 0)
		return -1;
	*amount += held;
	if (held == 0)
		return 0;
	entry_begin(&e, kind, tx->today);
	e.lot = lot->id;
	snprintf(e.reason, sizeof e.reason, "%s", ground);
	entry_transfer(&e, lot->fund, from, lot->id, to, lot->id, lot->id, held);
	return transition_post(tx, to == K_FROZEN_LOT ? G8 : G8_UNFREEZE, &e, err);
}

static int check_freeze(const struct tx *tx, const char *ground, day_t until, struct err *err)
{
	char first[DATE_TEXT], last[DATE_TEXT];
	day_t limit = day_add_months(tx->today, FREEZE_MONTHS_MAX);

	if (transition_need(tx, G8, err) != 0)
		return -1;
	if (!check_reason(ground))
		return err_set(err, ERR_FIELD_INVALID, "ground",
			       "The ground must be a word of a-z, 0-9 and _, such as fraud_inquiry.");
	if (until < tx->today || until > limit)
		return err_set(err, ERR_FIELD_INVALID, "until",
			       "The last day of a freeze must lie between %s and %s.",
			       day_format(tx->today, first), day_format(limit, last));
	return 0;
}

static int note(struct tx *tx, int64_t learner, const char *ground, day_t until, struct err *err)
{
	struct freeze f = {.learner = learner, .until = until};
	int64_t last = 0;

	/* The clock may stand still. */
	if (db_int(tx->db, "SELECT max(frozen_at) FROM account_freeze WHERE learner = $1",
		   VALS(v_int(learner)), &last, err) < 0)
		return -1;
	f.frozen_at = tx->now > last ? tx->now : last + 1;
	snprintf(f.ground, sizeof f.ground, "%s", ground);
	snprintf(f.frozen_by, sizeof f.frozen_by, "%s", actor_person(tx));
	if (seal_insert(tx, "account_freeze", &freeze_record, &f, err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_UNFREEZE_ACCOUNT, learner, until, 0, err);
}

int account_freeze(struct tx *tx, const char *learner, const char *ground, day_t until, int64_t *amount,
		   struct err *err)
{
	struct lot lots[LOTS_MAX];
	struct learner l;
	char day[DATE_TEXT];
	day_t already;
	size_t n;
	int rc;

	*amount = 0;
	if (check_freeze(tx, ground, until, err) != 0 || learner_need(tx->db, learner, NULL, &l, err) != 0 ||
	    conflict_refuse(tx, l.id, err) != 0)
		return -1;
	rc = freeze_active(tx->db, l.id, &already, err);
	if (rc == 1)
		return err_set(err, ERR_ACCOUNT_FROZEN, NULL,
			       "The account of %s is frozen through %s already.", l.code,
			       day_format(already, day));
	if (rc < 0 || lot_list(tx->db, l.id, lots, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (move(tx, &lots[i], "account_freeze", ground, K_AVAILABLE, K_FROZEN_LOT, amount, err) != 0)
			return -1;
	return note(tx, l.id, ground, until, err);
}

static int release(struct tx *tx, int64_t learner, day_t until, int64_t *amount, struct err *err)
{
	struct lot lots[LOTS_MAX];
	struct freeze f;
	size_t n;
	int rc = record_find(tx->db, &freeze_record, "WHERE learner = $1 AND released_at IS NULL",
			     VALS(v_int(learner)), &f, err);

	*amount = 0;
	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a release of what is not frozen");
	if (lot_list(tx->db, learner, lots, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (move(tx, &lots[i], "account_unfreeze", "", K_FROZEN_LOT, K_AVAILABLE, amount, err) != 0 ||
		    lot_overdue(tx, lots[i].id, err) != 0)
			return -1;
	f.released_at = tx->now;
	snprintf(f.released_by, sizeof f.released_by, "%s", actor_person(tx));
	if (seal_update(tx, "account_unfreeze", &freeze_record, &f, err) != 0)
		return -1;
	return agenda_clear_day(tx, TIMER_UNFREEZE_ACCOUNT, learner, until, err);
}

int account_unfreeze(struct tx *tx, const char *learner, int64_t *amount, struct err *err)
{
	struct learner l;
	day_t until;
	int rc;

	if (transition_need(tx, G8_UNFREEZE, err) != 0 || learner_need(tx->db, learner, NULL, &l, err) != 0 ||
	    conflict_refuse(tx, l.id, err) != 0)
		return -1;
	rc = freeze_active(tx->db, l.id, &until, err);
	if (rc == 0)
		return err_set(err, ERR_ACCOUNT_NOT_FROZEN, NULL, "The account of %s is not frozen.", l.code);
	return rc < 0 ? -1 : release(tx, l.id, until, amount, err);
}

int freeze_end(struct tx *tx, int64_t learner, struct err *err)
{
	int64_t amount;
	day_t until;
	int rc = freeze_active(tx->db, learner, &until, err);

	return rc == 1 ? release(tx, learner, until, &amount, err) : rc;
}
