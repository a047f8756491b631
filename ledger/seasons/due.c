#include "ledger/seasons/due.h"

#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/base/log.h"
#include "ledger/oversight/bank_change.h"
#include "ledger/registers/agenda.h"
#include "ledger/registers/close_down.h"
#include "ledger/registers/course_term.h"
#include "ledger/seasons/draw.h"
#include "ledger/rights/credit_note.h"
#include "ledger/rights/freeze.h"
#include "ledger/rights/lot.h"
#include "ledger/seasons/standing_work.h"
#include "ledger/voucher/awaited.h"
#include "ledger/voucher/hold.h"

/* The step that is due by a timer of that kind, of what is awaited now; NULL: somebody was faster. */
static const struct transition *step_due(enum timer_kind kind, const struct awaited *a)
{
	if (kind == TIMER_UNFREEZE)
		return a->thaw;
	if (kind == TIMER_NOTICE)
		return a->timer == TIMER_UNENTERED ? transition_get(T14_NOTICE) : NULL;
	return a->timer == kind ? a->lapse : NULL;
}

/* Put off for a declaration, a control or a freeze that is no more: the one that counts now has days of its
 * own. 1, 0, -1. */
static int is_early(struct tx *tx, enum timer_kind kind, const struct awaited *a, const struct voucher *v,
		    struct err *err)
{
	day_t until;
	int rc;

	if (kind == TIMER_VALIDATE)
		return a->timer == kind && a->by >= tx->today;
	if (kind != TIMER_RELEASE && kind != TIMER_UNFREEZE)
		return 0;
	rc = hold_until(tx->db, v, kind == TIMER_RELEASE ? HOLD_CONTROL : HOLD_FREEZE, &until, err);
	return rc == 1 ? until >= tx->today : rc;
}

/* What cannot be done yet, because the bank has not answered about the advance, or because cash is missing,
 * is looked at again when the day is over.  It must not stop all else that is due. */
static int put_off(struct tx *tx, enum timer_kind kind, const struct voucher *v, struct err *err)
{
	if (err->code != ERR_NOT_YET)
		log_line("warn", err_name(err->code), "a deadline of voucher %lld is put off for a day: %s",
			 (long long)v->id, err->text);
	memset(err, 0, sizeof *err);
	return agenda_set_day(tx, kind, v->id, tx->today, v->rule, err);
}

/* The terms of the next courses, and from where to go on. */
static int take_up_courses(struct tx *tx, int64_t after, int *more, int64_t *then, struct err *err)
{
	if (course_terms_take_up(tx, after, then, err) != 0)
		return -1;
	*more = *then != 0;
	return 0;
}

/* *more: it is not finished and wants to go on in another transaction, with that subject. */
static int execute(struct tx *tx, enum timer_kind kind, int64_t subject, int *more, int64_t *then,
		   struct err *err)
{
	const struct transition *t;
	const struct rule *rule;
	struct awaited awaited;
	struct voucher v;
	struct step step = {.session_start = DAY_NONE, .session_end = DAY_NONE, .until = DAY_NONE};
	int64_t changes = db_changes(tx->db);
	int rc;

	*more = 0;
	*then = subject;
	if (kind == TIMER_COURSE_TERMS)
		return take_up_courses(tx, subject, more, then, err);
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
	if (kind == TIMER_CREDIT_NOTE)
		return credit_note_due(tx, subject, err);
	if (voucher_get(tx->db, subject, &v, err) != 0 || rule_get(tx->db, v.rule, &rule, err) != 0)
		return -1;
	awaited = voucher_awaited(rule, tx->env->zone, &v);
	rc = is_early(tx, kind, &awaited, &v, err);
	if (rc < 0)
		return -1;
	t = rc == 0 ? step_due(kind, &awaited) : NULL;
	if (t == NULL)
		return 0;
	step.voucher = v.uuid;
	rc = voucher_step(tx, t, &step, &v, err);
	if (rc == 0 || err_http(err->code) >= 500 || db_changes(tx->db) != changes)
		return rc;
	return put_off(tx, kind, &v, err);
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

int due_step(struct tx *tx, size_t max, int64_t *executed, struct err *err)
{
	enum timer_kind kind = TIMER_EXPIRE;
	int64_t due_at = 0, subject = 0;

	*executed = 0;
	for (size_t i = 0; i < max; i++) {
		int rc = earliest(tx, &due_at, &kind, &subject, err);
		int64_t then;
		int more;

		if (rc <= 0)
			return rc;
		if (execute(tx, kind, subject, &more, &then, err) != 0 ||
		    agenda_clear(tx, kind, subject, due_at, err) != 0)
			return -1;
		(*executed)++;
		if (more)
			return agenda_set(tx, tx->now, kind, then, kind == TIMER_DRAW ? subject : 0, err);
	}
	return 0;
}
