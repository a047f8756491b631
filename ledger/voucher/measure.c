#include "ledger/voucher/measure.h"

#include "ledger/registers/agenda.h"

static enum timer_kind timer_of(enum measure_kind kind)
{
	return kind == MEASURE_CONTROL ? TIMER_RELEASE : TIMER_UNFREEZE;
}

int measure_open(struct tx *tx, const struct voucher *v, enum measure_kind kind, const struct step *step,
		 int max_days, struct err *err)
{
	char last[DATE_TEXT];

	if (max_days == 0 && step->standing == 0)
		return err_set(err, ERR_NO_RULE, NULL, "The voucher's rule does not offer this.");
	if (step->until == DAY_NONE)
		return err_set(err, ERR_FIELD_MISSING, "until", "Give its last day.");
	if (step->until < tx->today || (step->standing == 0 && step->until > tx->today + max_days))
		return err_set(err, ERR_FIELD_INVALID, "until", "Its last day can be %s at the latest.",
			       day_format(tx->today + max_days, last));
	if (agenda_set_day(tx, timer_of(kind), v->id, step->until, v->rule, err) != 0)
		return -1;
	return db_run(tx->db,
		      "INSERT INTO measure (voucher, opened_at, kind, ground, until, opened_by, standing) "
		      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
		      VALS(v_int(v->id), v_int(tx->now), v_int(kind), v_text(step->cause), v_int(step->until),
			   v_text(actor_person(tx)), v_id(step->standing)),
		      err);
}

int measure_close(struct tx *tx, const struct voucher *v, enum measure_kind kind, const char *outcome,
		  struct err *err)
{
	int64_t until = 0;
	int rc = db_int(tx->db,
			"SELECT until FROM measure WHERE voucher = $1 AND kind = $2 AND closed_at IS NULL",
			VALS(v_int(v->id), v_int(kind)), &until, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a measure that was never opened");
	if (agenda_clear_day(tx, timer_of(kind), v->id, (day_t)until, err) != 0)
		return -1;
	return db_run(tx->db,
		      "UPDATE measure SET closed_at = $3, closed_by = $4, outcome = $5 "
		      "WHERE voucher = $1 AND kind = $2 AND closed_at IS NULL",
		      VALS(v_int(v->id), v_int(kind), v_int(tx->now), v_text(actor_person(tx)),
			   v_text(outcome[0] == '\0' ? "day_reached" : outcome)),
		      err);
}
