/*
 * The stages of a close-down, in parts: the vouchers by number, the lots by
 * number, then the funds.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/registers/close_down.h"
#include "ledger/rights/accrual.h"
#include "ledger/rights/credit_note.h"
#include "ledger/treasury/refund.h"
#include "ledger/registers/agenda.h"
#include "ledger/rules/transition.h"
#include "ledger/voucher/awaited.h"
#include "ledger/registers/transit.h"

#define REASON "close_down"

/* The step that the stage asks of v; NULL: none, or not yet. */
static const struct transition *step_of(const struct tx *tx, const struct close_down *d,
					const struct rule *rule, const struct voucher *v)
{
	struct awaited a = voucher_awaited(rule, tx->env->zone, v);

	if (a.closing == NULL || d->stage < a.from)
		return NULL;
	/* A bill may be later than the last billing, and a freeze must end first. */
	if (a.closing->id == T22_FORFEIT &&
	    (a.thaw != NULL || tx->today <= close_down_bill_day(tx, d, v->validated_at)))
		return NULL;
	return a.closing;
}

static int visit(struct tx *tx, struct close_down *d, int64_t id, struct err *err)
{
	struct step step = {.session_start = DAY_NONE, .session_end = DAY_NONE, .until = DAY_NONE};
	const struct transition *t;
	const struct rule *rule;
	struct voucher v;

	if (voucher_get(tx->db, id, &v, err) != 0 || rule_get(tx->db, v.rule, &rule, err) != 0)
		return -1;
	t = step_of(tx, d, rule, &v);
	if (t != NULL) {
		step.voucher = v.uuid;
		snprintf(step.cause, sizeof step.cause, REASON);
		/* The bank has not answered about the advance yet: another day. */
		if (voucher_step(tx, t, &step, &v, err) != 0 && err->code != ERR_NOT_YET)
			return -1;
		err->code = ERR_NONE;
	}
	d->waiting += v.closed_on == DAY_NONE;
	return 0;
}

/* The open vouchers of the next numbers; *end: there are no more. */
static int vouchers(struct tx *tx, struct close_down *d, int *end, struct err *err)
{
	int64_t id[CLOSE_DOWN_STEPS_MAX], to = d->reached + CLOSE_DOWN_SPAN, last = 0;
	size_t n = 0;
	struct stmt *q = db_query(
		tx->db,
		"SELECT v.id FROM voucher v JOIN learner l ON l.id = v.learner WHERE v.id > $1 AND v.id <= $2 "
		"AND v.closed_on IS NULL AND l.programme = $3 ORDER BY v.id LIMIT $4",
		VALS(v_int(d->reached), v_int(to), v_text(d->programme), v_int(CLOSE_DOWN_STEPS_MAX)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		id[n++] = col_int(q, 0);
	assert(n <= CLOSE_DOWN_STEPS_MAX);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = visit(tx, d, id[i], err);
	if (rc != 0 || db_int(tx->db, "SELECT max(id) FROM voucher", NO_VALS, &last, err) < 0)
		return -1;
	d->reached = n == CLOSE_DOWN_STEPS_MAX ? id[n - 1] : to;
	*end = d->reached >= last;
	return 0;
}

/* G6 for the lots of the next numbers.  A frozen account's are waited for. */
static int lots(struct tx *tx, struct close_down *d, int *end, struct err *err)
{
	int64_t id[CLOSE_DOWN_STEPS_MAX], to = d->reached + CLOSE_DOWN_STEPS_MAX, last = 0;
	size_t n = 0;
	struct stmt *q = db_query(tx->db,
				  "SELECT o.id FROM lot o JOIN learner l ON l.id = o.learner "
				  "WHERE o.id > $1 AND o.id <= $2 AND l.programme = $3 ORDER BY o.id",
				  VALS(v_int(d->reached), v_int(to), v_text(d->programme)), err);
	int rc;

	while (n < CLOSE_DOWN_STEPS_MAX && (rc = db_step(q, err)) == 1)
		id[n++] = col_int(q, 0);
	db_done(q);
	for (size_t i = 0; rc >= 0 && i < n; i++)
		rc = lot_expire(tx, id[i], err);
	if (rc < 0 || db_int(tx->db, "SELECT max(id) FROM lot", NO_VALS, &last, err) < 0)
		return -1;
	d->reached = to;
	*end = to >= last;
	return 0;
}

/* Money that the fund holds for nobody goes back to the funder: Dr 210, 215 Cr 280. */
static int fall_due(struct tx *tx, const struct fund *f, struct err *err)
{
	int64_t pool, reserve, promised;
	struct entry e;

	if (balance_of(tx->db, f->id, K_POOL, 0, &pool, err) != 0 ||
	    balance_of(tx->db, f->id, K_RESERVE, 0, &reserve, err) != 0 ||
	    balance_of(tx->db, f->id, K_UNFUNDED, 0, &promised, err) != 0)
		return -1;
	entry_begin(&e, "close_down", tx->today);
	snprintf(e.reason, sizeof e.reason, "due_to_funder");
	/* Rights that are still promised without money have the first claim on it. */
	entry_transfer(&e, f->id, K_POOL, 0, K_DUE_FUNDER, 0, 0, pool > promised ? pool - promised : 0);
	entry_transfer(&e, f->id, K_RESERVE, 0, K_DUE_FUNDER, 0, 0, reserve);
	return e.count > 0 ? transition_post(tx, G12, &e, err) : 0;
}

/* As much as its cash allows; what cannot be ordered today is tried again tomorrow. */
static int give_back(struct tx *tx, const struct close_down *d, const struct fund *f, struct err *err)
{
	int64_t due, cash, ordered, amount;
	struct payment p;
	int possible;

	if (balance_of(tx->db, f->id, K_DUE_FUNDER, 0, &due, err) != 0 ||
	    transit_free_cash(tx, f->id, &cash, err) != 0 ||
	    balance_of_kind(tx->db, f->id, K_ORDERED, &ordered, err) != 0)
		return -1;
	/* Cash that is ordered already is not there twice. */
	cash -= ordered;
	amount = due < cash ? due : cash;
	if (amount <= 0)
		return 0;
	possible = refund_possible(tx, f, err);
	return possible == 1 ? refund_make(tx, f, amount, d->ordered_by, &p, err) : possible;
}

/* Is a stage of the fund not at zero? */
static int is_open(struct tx *tx, const struct fund *f, int *open, struct err *err)
{
	static const int stages[] = {K_CALL_PENDING, K_POOL,           K_RESERVE,   K_AVAILABLE,
				     K_FROZEN_LOT,   K_RESERVED,       K_COMMITTED, K_IN_TRAINING,
				     K_PAYABLE,      K_PAYABLE_FROZEN, K_ORDERED,   K_CREDIT_NOTE,
				     K_DUE_FUNDER,   K_TRANSIT};

	*open = 0;
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
		int64_t balance;

		if (balance_of_kind(tx->db, f->id, stages[i], &balance, err) != 0)
			return -1;
		*open |= balance != 0;
	}
	return 0;
}

/* 1: what learners own of it is not proposed to be paid back whole, do it again; 0 done. */
static int refund_fund(struct tx *tx, struct close_down *d, int64_t id, struct err *err)
{
	size_t proposed = 0;
	struct fund f;
	int open, rc;

	if (fund_get(tx->db, id, &f, err) != 0)
		return -1;
	rc = close_down_covers(tx->db, d->programme, &f, err);
	if (rc <= 0)
		return rc;
	if (f.nature == NATURE_COPAY && credit_note_propose(tx, f.id, &proposed, err) != 0)
		return -1;
	if (proposed == CREDIT_NOTES_MAX)
		return 1;
	if (fall_due(tx, &f, err) != 0 || give_back(tx, d, &f, err) != 0 || is_open(tx, &f, &open, err) != 0)
		return -1;
	d->waiting += open;
	return 0;
}

static int funds(struct tx *tx, struct close_down *d, int *end, struct err *err)
{
	int64_t id[CLOSE_DOWN_FUNDS_MAX];
	size_t n = 0;
	struct stmt *q = db_query(tx->db, "SELECT id FROM fund WHERE id > $1 ORDER BY id LIMIT $2",
				  VALS(v_int(d->reached), v_int(CLOSE_DOWN_FUNDS_MAX)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1)
		id[n++] = col_int(q, 0);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = refund_fund(tx, d, id[i], err);
		d->reached = rc == 0 ? id[i] : d->reached;
	}
	*end = rc == 0 && n < CLOSE_DOWN_FUNDS_MAX;
	return rc < 0 ? -1 : 0;
}

/* Something is still awaited: do the same again tomorrow, rights first, since accounts may be unfrozen and
 * undue payments may come back until then.  What is awaited stays counted: the rights were walked once. */
static int wait_a_day(struct tx *tx, struct close_down *d, struct err *err)
{
	if (d->stage == CLOSING_BILLING)
		d->waiting = 0;
	else
		d->stage = CLOSING_RIGHTS;
	return agenda_set(tx, tx->now + US_PER_DAY, TIMER_CLOSE_DOWN, d->id, 0, err);
}

/* A stage has been gone through: the next one, or the same tomorrow.  Each ends once in the journal. */
static int advance(struct tx *tx, struct close_down *d, int *more, struct err *err)
{
	int again = d->stage == CLOSING_RIGHTS && d->waiting > 0;
	struct entry e;

	d->reached = 0;
	*more = 0;
	if (d->waiting > 0 && (d->stage == CLOSING_BILLING || d->stage == CLOSING_REFUNDS))
		return wait_a_day(tx, d, err);
	if (d->stage == CLOSING_ORDERS && accrual_end_runs(tx, d->programme, err) != 0)
		return -1;
	entry_begin(&e, "close_down", tx->today);
	snprintf(e.reason, sizeof e.reason, "%s", close_stage_name(d->stage));
	d->waiting = 0;
	d->stage++;
	if (d->stage == CLOSING_ENDED)
		d->ended_at = tx->now;
	*more = d->stage != CLOSING_ENDED;
	return again ? 0 : journal_post(tx, &e, err);
}

static int find_close_down(struct tx *tx, int64_t id, struct close_down *d, struct err *err)
{
	char programme[CODE_MAX + 1];
	struct stmt *q =
		db_query(tx->db, "SELECT programme FROM close_down WHERE id = $1", VALS(v_int(id)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		col_copy(q, 0, programme, sizeof programme);
		db_done(q);
		rc = close_down_find(tx->db, programme, d, err);
	}
	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a timer of no close-down");
}

int close_down_step(struct tx *tx, int64_t id, int *more, struct err *err)
{
	static int (*const work[CLOSING__MAX])(struct tx *, struct close_down *, int *, struct err *) = {
		[CLOSING_REQUESTS] = vouchers, [CLOSING_ORDERS] = vouchers, [CLOSING_STARTS] = vouchers,
		[CLOSING_BILLING] = vouchers,  [CLOSING_RIGHTS] = lots,     [CLOSING_REFUNDS] = funds,
	};
	struct close_down d;
	int end;

	*more = 0;
	if (find_close_down(tx, id, &d, err) != 0)
		return -1;
	if (d.stage == CLOSING_ENDED)
		return 0;
	if (d.stage <= CLOSING_BILLING && tx->today <= d.last[d.stage])
		return agenda_set_day(tx, TIMER_CLOSE_DOWN, d.id, d.last[d.stage], 0, err);
	if (work[d.stage](tx, &d, &end, err) != 0)
		return -1;
	*more = 1;
	if (end && advance(tx, &d, more, err) != 0)
		return -1;
	return close_down_save(tx, &d, err);
}
