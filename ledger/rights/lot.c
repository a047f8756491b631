#include "ledger/rights/lot.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/zone.h"
#include "ledger/book/journal.h"
#include "ledger/rights/freeze.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/agenda.h"
#include "ledger/rules/transition.h"
#include "ledger/store/record.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct lot, id), 0, RECORD_KEY},
	{"learner", RECORD_INT64, offsetof(struct lot, learner), 0, 0},
	{"fund", RECORD_INT64, offsetof(struct lot, fund), 0, 0},
	{"earmark_kind", RECORD_INT, offsetof(struct lot, earmark_kind), 0, 0},
	{"earmark", RECORD_TEXT, RECORD_ARRAY(struct lot, earmark), 0},
	{"expires_on", RECORD_DAY, offsetof(struct lot, expires_on), 0, 0},
	{"credited_on", RECORD_DAY, offsetof(struct lot, credited_on), 0, 0},
};
static const struct record lot_record = {"lot", RECORD_COLUMNS(columns)};

static const char *const earmark_names[EARMARK__MAX] = {
	[EARMARK_NONE] = "",
	[EARMARK_CERTIFICATION] = "certification",
	[EARMARK_ACTION] = "action_type",
	[EARMARK_PROVIDER] = "provider",
	[EARMARK_REGION] = "region",
	[EARMARK_GRANT] = "grant",
};

const char *earmark_kind_name(enum earmark_kind kind)
{
	return earmark_names[kind];
}

int earmark_kind_find(const char *name, enum earmark_kind *out)
{
	for (int k = EARMARK_NONE; k < EARMARK_GRANT; k++) {
		if (strcmp(earmark_names[k], name) == 0) {
			*out = (enum earmark_kind)k;
			return 0;
		}
	}
	return -1;
}

static const char of_learner[] = "WHERE learner = $1 ORDER BY id";

/* A learner's lots without their balances. */
static int list(struct db *db, int64_t learner, struct lot *out, size_t *n, struct err *err)
{
	struct stmt *q = record_query(db, &lot_record, of_learner, VALS(v_int(learner)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		if (*n == LOTS_MAX) {
			db_done(q);
			return err_set(err, ERR_LIMIT, NULL, "A learner can hold at most %d entitlements.",
				       LOTS_MAX);
		}
		out[*n] = (struct lot){0};
		record_read(&lot_record, q, &out[(*n)++]);
	}
	return rc;
}

static const char last_id[] = "SELECT max(id) FROM lot";

/* The number of a new lot of a learner who holds that many. */
static int next(struct tx *tx, struct lot *l, size_t held, struct err *err)
{
	if (held >= LOTS_MAX)
		return err_set(err, ERR_LIMIT, NULL, "A learner can hold at most %d entitlements.", LOTS_MAX);
	if (db_next_id(tx->db, last_id, &l->id, err) != 0)
		return -1;
	if (l->id > HOLDER_MAX)
		return err_set(err, ERR_LIMIT, NULL,
			       "The ledger has reached its largest number of entitlements.");
	return 0;
}

int lot_keep(struct tx *tx, struct lot *l, struct err *err)
{
	assert(l->id > 0 && l->learner != 0 && l->fund != 0);
	if (record_insert(tx->db, &lot_record, l, err) != 0)
		return -1;
	db_used_id(tx->db, last_id, l->id);
	if (l->expires_on == DAY_NONE)
		return 0;
	return agenda_set(tx, zone_midnight(tx->env->zone, l->expires_on + 1), TIMER_EXPIRE, l->id, 0, err);
}

int lot_add(struct tx *tx, struct lot *l, size_t held, struct err *err)
{
	if (next(tx, l, held, err) != 0 || lot_keep(tx, l, err) != 0)
		return -1;
	account_expect_new(tx->db, l->fund, K_AVAILABLE, l->id);
	return 0;
}

/* 1 when the learner, who holds n, has that very lot; *l is it then. */
static int find_lot_like(struct tx *tx, struct lot *l, size_t *n, struct err *err)
{
	struct lot lots[LOTS_MAX];

	if (list(tx->db, l->learner, lots, n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		if (lots[i].fund == l->fund && lots[i].earmark_kind == l->earmark_kind &&
		    strcmp(lots[i].earmark, l->earmark) == 0 && lots[i].expires_on == l->expires_on) {
			*l = lots[i];
			return 1;
		}
	}
	return 0;
}

int lot_open(struct tx *tx, struct lot *l, struct err *err)
{
	size_t n;
	int rc = find_lot_like(tx, l, &n, err);

	return rc != 0 ? (rc < 0 ? -1 : 0) : lot_add(tx, l, n, err);
}

int lot_plan(struct tx *tx, struct lot *l, int *known, struct err *err)
{
	size_t n;

	*known = find_lot_like(tx, l, &n, err);
	return *known != 0 ? (*known < 0 ? -1 : 0) : next(tx, l, n, err);
}

int lot_get(struct db *db, int64_t id, struct lot *l, struct err *err)
{
	int rc;

	*l = (struct lot){0};
	rc = record_find(db, &lot_record, "WHERE id = $1", VALS(v_int(id)), l, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no lot %lld.", (long long)id);
	if (rc < 0)
		return -1;
	return balance_of(db, l->fund, K_AVAILABLE, l->id, &l->balance, err);
}

void lot_ahead(struct db *db, int64_t learner, int round)
{
	struct lot lots[LOTS_MAX];
	struct err ignored = {0};
	size_t n;

	if (round == 0) {
		record_ahead(db, &lot_record, of_learner, VALS(v_int(learner)));
		freeze_ahead(db, learner);
	}
	if (round != 1 || list(db, learner, lots, &n, &ignored) != 0)
		return;
	for (size_t i = 0; i < n; i++)
		account_ahead(db, lots[i].fund, K_AVAILABLE, lots[i].id);
}

int lot_list(struct db *db, int64_t learner, struct lot *out, size_t *n, struct err *err)
{
	day_t until;

	if (list(db, learner, out, n, err) != 0 || freeze_active(db, learner, &until, err) < 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		out[i].is_frozen = until != DAY_NONE;
		if (balance_of(db, out[i].fund, K_AVAILABLE, out[i].id, &out[i].balance, err) != 0 ||
		    (until != DAY_NONE &&
		     balance_of(db, out[i].fund, K_FROZEN_LOT, out[i].id, &out[i].frozen, err) != 0))
			return -1;
	}
	return 0;
}

int lot_overdue(struct tx *tx, int64_t id, struct err *err)
{
	struct lot lot;

	if (lot_get(tx->db, id, &lot, err) != 0)
		return -1;
	if (lot.expires_on == DAY_NONE || lot.expires_on >= tx->today)
		return 0;
	return agenda_set(tx, tx->now, TIMER_EXPIRE, id, 0, err);
}

int lot_expire(struct tx *tx, int64_t id, struct err *err)
{
	struct entry e;
	struct fund fund;
	struct lot lot;
	day_t until;

	if (lot_get(tx->db, id, &lot, err) != 0 || fund_get(tx->db, lot.fund, &fund, err) != 0 ||
	    freeze_active(tx->db, lot.learner, &until, err) < 0)
		return -1;
	if (lot.balance == 0 || until != DAY_NONE)
		return 0;
	entry_begin(&e, "expire", tx->today);
	e.lot = lot.id;
	entry_transfer(&e, fund.id, K_AVAILABLE, lot.id, fund_lost_kind(&fund), 0, lot.id, lot.balance);
	return transition_post(tx, G6, &e, err);
}

int lot_entries_of_members(struct db *db, int64_t union_org, int64_t after, int64_t until, size_t max,
			   int64_t *out, size_t *n, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT e.seq FROM entry e JOIN lot l ON l.id = e.lot WHERE e.seq > $1 AND e.seq <= $2 AND "
		"e.voucher IS NULL AND EXISTS (SELECT 1 FROM union_mandate m WHERE m.union_org = $3 AND "
		"m.learner = l.learner AND m.ended_on IS NULL) ORDER BY e.seq LIMIT $4",
		VALS(v_int(after), v_int(until), v_int(union_org), v_int((int64_t)max)), err);
	int rc;

	for (*n = 0; (rc = db_step(q, err)) == 1; (*n)++) {
		assert(*n < max);
		out[*n] = col_int(q, 0);
	}
	return rc;
}
