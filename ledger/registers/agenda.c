#include "ledger/registers/agenda.h"

#include "ledger/base/zone.h"

int agenda_set(struct tx *tx, int64_t due_at, enum timer_kind kind, int64_t subject, int64_t rule,
	       struct err *err)
{
	return db_run(tx->db,
		      "INSERT INTO timer (due_at, kind, subject, rule) VALUES ($1, $2, $3, $4) "
		      "ON CONFLICT (due_at, kind, subject) DO NOTHING",
		      VALS(v_int(due_at), v_int(kind), v_int(subject), v_id(rule)), err);
}

int agenda_clear(struct tx *tx, enum timer_kind kind, int64_t subject, int64_t due_at, struct err *err)
{
	return db_run(tx->db, "DELETE FROM timer WHERE due_at = $1 AND kind = $2 AND subject = $3",
		      VALS(v_int(due_at), v_int(kind), v_int(subject)), err);
}

int agenda_next(struct db *db, int64_t *due_at, struct err *err)
{
	return db_int(db, "SELECT min(due_at) FROM timer", NO_VALS, due_at, err);
}

int agenda_set_day(struct tx *tx, enum timer_kind kind, int64_t subject, day_t last, int64_t rule,
		   struct err *err)
{
	if (last == DAY_NONE)
		return 0;
	return agenda_set(tx, zone_midnight(tx->env->zone, last + 1), kind, subject, rule, err);
}

int agenda_clear_day(struct tx *tx, enum timer_kind kind, int64_t subject, day_t last, struct err *err)
{
	if (last == DAY_NONE)
		return 0;
	return agenda_clear(tx, kind, subject, zone_midnight(tx->env->zone, last + 1), err);
}
