#include "ledger/scheme/timer.h"

#include "ledger/base/limits.h"
#include "ledger/scheme/bank_change.h"
#include "ledger/scheme/close_down.h"
#include "ledger/scheme/draw.h"
#include "ledger/scheme/freeze.h"
#include "ledger/scheme/lot.h"
#include "ledger/scheme/standing.h"
#include "ledger/scheme/voucher.h"

int timer_set(struct tx *tx, int64_t due_at, enum timer_kind kind, int64_t subject, int64_t rule,
	      struct err *err)
{
	return db_run(tx->db,
		      "INSERT INTO timer (due_at, kind, subject, rule) VALUES ($1, $2, $3, $4) "
		      "ON CONFLICT (due_at, kind, subject) DO NOTHING",
		      VALS(v_int(due_at), v_int(kind), v_int(subject), v_id(rule)), err);
}

int timer_clear(struct tx *tx, enum timer_kind kind, int64_t subject, int64_t due_at, struct err *err)
{
	return db_run(tx->db, "DELETE FROM timer WHERE due_at = $1 AND kind = $2 AND subject = $3",
		      VALS(v_int(due_at), v_int(kind), v_int(subject)), err);
}

int timer_next(struct db *db, int64_t *due_at, struct err *err)
{
	return db_int(db, "SELECT min(due_at) FROM timer", NO_VALS, due_at, err);
}

int timer_set_day(struct tx *tx, enum timer_kind kind, int64_t subject, day_t last, int64_t rule,
		  struct err *err)
{
	if (last == DAY_NONE)
		return 0;
	return timer_set(tx, zone_midnight(tx->env->zone, last + 1), kind, subject, rule, err);
}

int timer_clear_day(struct tx *tx, enum timer_kind kind, int64_t subject, day_t last, struct err *err)
{
	if (last == DAY_NONE)
		return 0;
	return timer_clear(tx, kind, subject, zone_midnight(tx->env->zone, last + 1), err);
}

/* The step that is due by a timer of that kind in v's present state, or NULL: somebody was faster. */
static const struct transition *step_due(enum timer_kind kind, const struct voucher *v)
{
	switch (kind) {
	case TIMER_VALIDATE:
		return v->state == VOUCHER_DECLARED && v->control != CONTROL_IN ? transition_get(T18) : NULL;
	case TIMER_RELEASE:
		return v->state == VOUCHER_DECLARED && v->control == CONTROL_IN ? transition_get(T20) : NULL;
	case TIMER_LAPSE:
		if (v->state == VOUCHER_COFUND_WAIT)
			return transition_get(T9_LAPSE);
		return v->state == VOUCHER_REQUESTED || v->state == VOUCHER_PROPOSED ? transition_get(T4)
										     : NULL;
	case TIMER_NO_SHOW:
		return v->state == VOUCHER_ACCEPTED && v->due_on != DAY_NONE ? transition_get(T14) : NULL;
	case TIMER_UNFREEZE:
		return voucher_frozen(v) > 0 ? transition_get(T26_UNFREEZE) : NULL;
	case TIMER_EXPIRE:
	case TIMER_DRAW:
	case TIMER_UNFREEZE_ACCOUNT:
	case TIMER_STANDING:
	case TIMER_STANDING_END:
	case TIMER_CLOSE_DOWN:
	case TIMER_BANK_CHANGE:
		break;
	}
	return NULL;
}

/* *more: it is not finished and wants to go on in another transaction. */
static int execute(struct tx *tx, enum timer_kind kind, int64_t subject, int *more, struct err *err)
{
	const struct transition *t;
	struct voucher v;
	struct step step = {.session_start = DAY_NONE, .session_end = DAY_NONE, .until = DAY_NONE};
	int rc;

	*more = 0;
	if (kind == TIMER_DRAW)
		return draw_step(tx, subject, more, err);
	if (kind == TIMER_CLOSE_DOWN)
		return close_down_step(tx, subject, more, err);
	if (kind == TIMER_EXPIRE)
		return lot_expire(tx, subject, err);
	if (kind == TIMER_UNFREEZE_ACCOUNT)
		return freeze_end(tx, subject, err);
	if (kind == TIMER_STANDING)
		return standing_work(tx, subject, TIMERS_PER_RUN_MAX, more, err);
	if (kind == TIMER_STANDING_END)
		return standing_end(tx, subject, err);
	if (kind == TIMER_BANK_CHANGE)
		return bank_change_due(tx, subject, err);
	rc = voucher_get(tx->db, subject, &v, err);
	if (rc == 0)
		return err_bug(err, "a timer names no voucher");
	if (rc < 0)
		return -1;
	t = step_due(kind, &v);
	if (t == NULL)
		return 0;
	step.voucher = v.uuid;
	rc = voucher_step(tx, t, &step, &v, err);
	/* The bank has not spoken yet on the advance: look again when the day is over. */
	if (rc != 0 && err->code == ERR_GUARD) {
		err->code = ERR_NONE;
		rc = timer_set_day(tx, kind, subject, tx->today, v.rule, err);
	}
	return rc;
}

/* The earliest timer that is due: 1 with its key, 0 none, -1. */
static int earliest(struct tx *tx, int64_t *due_at, enum timer_kind *kind, int64_t *subject, struct err *err)
{
	struct stmt *q = db_query(tx->db,
				  "SELECT due_at, kind, subject FROM timer WHERE due_at <= $1 "
				  "ORDER BY due_at, kind, subject LIMIT 1",
				  VALS(v_int(tx->now)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		*due_at = col_int(q, 0);
		*kind = (enum timer_kind)col_int(q, 1);
		*subject = col_int(q, 2);
		db_done(q);
	}
	return rc;
}

int timer_step(struct tx *tx, size_t max, int64_t *executed, struct err *err)
{
	enum timer_kind kind = TIMER_EXPIRE;
	int64_t due_at = 0, subject = 0;

	*executed = 0;
	for (size_t i = 0; i < max; i++) {
		int rc = earliest(tx, &due_at, &kind, &subject, err);
		int more;

		if (rc <= 0)
			return rc;
		if (execute(tx, kind, subject, &more, err) != 0 ||
		    timer_clear(tx, kind, subject, due_at, err) != 0)
			return -1;
		(*executed)++;
		if (more)
			return timer_set(tx, tx->now, kind, subject, kind == TIMER_DRAW ? subject : 0, err);
	}
	return 0;
}
