#include "ledger/seasons/standing_work.h"

#include <assert.h>
#include <stdio.h>

#include "ledger/registers/standing.h"
#include "ledger/voucher/awaited.h"
#include "ledger/voucher/hold.h"

int standing_end(struct tx *tx, int64_t provider, struct err *err)
{
	struct standing_row r;
	int rc = standing_now(tx->db, provider, &r, err);

	if (rc != 1 || r.until == DAY_NONE || r.until >= tx->today)
		return rc < 0 ? -1 : 0;
	/* A payable that it froze has a last day of its own, this one at the latest. */
	r.work = -1;
	return standing_save_end(tx, &r, err);
}

/* Open vouchers of the provider past r->work, which moves on to the last of them, -1 when there is no more.
 */
static int next_vouchers(struct tx *tx, struct standing_row *r, size_t max, int64_t *out, size_t *n,
			 struct err *err)
{
	struct stmt *q =
		db_query(tx->db,
			 "SELECT id FROM voucher WHERE id + 0 > $1 AND provider = $2 AND closed_on IS NULL "
			 "ORDER BY id + 0 LIMIT $3",
			 VALS(v_int(r->work), v_int(r->provider), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		assert(*n < max);
		out[(*n)++] = col_int(q, 0);
	}
	r->work = *n == max ? out[max - 1] : -1;
	return rc;
}

/* 1 when the open freeze of the voucher is this standing's. */
static int froze(struct tx *tx, const struct standing_row *r, const struct voucher *v, struct err *err)
{
	int64_t number = 0;

	if (db_int(tx->db, "SELECT standing FROM hold WHERE voucher = $1 AND kind = $2 AND closed_at IS NULL",
		   VALS(v_int(v->id), v_int(HOLD_FREEZE)), &number, err) < 0)
		return -1;
	return number == r->number;
}

/* The step that the standing wants of this voucher now, NULL none; -1 when that cannot be known. */
static int step_wanted(struct tx *tx, const struct standing_row *r, const struct voucher *v,
		       const struct transition **t, struct err *err)
{
	const struct rule *rule;
	struct awaited a;
	int own;

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	a = voucher_awaited(rule, tx->env->zone, v);
	if (r->ended_at == 0) {
		*t = a.removal != NULL && standing_kind(r->standing)->cancels ? a.removal : a.stop;
		return 0;
	}
	own = a.thaw == NULL ? 0 : froze(tx, r, v, err);
	*t = own == 1 ? a.thaw : NULL;
	return own < 0 ? -1 : 0;
}

static int reach(struct tx *tx, const struct standing_row *r, int64_t id, struct err *err)
{
	day_t most = day_add_months(tx->today, FREEZE_MONTHS_MAX);
	struct step step = {.session_start = DAY_NONE, .session_end = DAY_NONE, .standing = r->number};
	const struct transition *t;
	struct voucher v;

	if (voucher_get(tx->db, id, &v, err) != 0 || step_wanted(tx, r, &v, &t, err) != 0)
		return -1;
	if (t == NULL)
		return 0;
	step.voucher = v.uuid;
	step.until = r->until < most ? r->until : most;
	snprintf(step.cause, sizeof step.cause, "%s", r->ended_at != 0 ? "standing_ended" : r->ground);
	return voucher_step(tx, t, &step, &v, err);
}

int standing_work(struct tx *tx, int64_t provider, size_t max, int *more, struct err *err)
{
	int64_t vouchers[TIMERS_PER_RUN_MAX];
	struct standing_row r;
	size_t n;
	int rc = standing_next_work(tx, provider, &r, err);

	*more = 0;
	if (rc != 1)
		return rc;
	if (max > TIMERS_PER_RUN_MAX)
		max = TIMERS_PER_RUN_MAX;
	if (next_vouchers(tx, &r, max, vouchers, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (reach(tx, &r, vouchers[i], err) != 0)
			return -1;
	if (db_run(tx->db, "UPDATE provider_standing SET work = $3 WHERE provider = $1 AND number = $2",
		   VALS(v_int(provider), v_int(r.number), r.work < 0 ? v_null() : v_int(r.work)), err) != 0)
		return -1;
	rc = standing_next_work(tx, provider, &r, err);
	*more = rc == 1;
	return rc < 0 ? -1 : 0;
}
