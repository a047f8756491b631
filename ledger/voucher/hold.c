#include "ledger/voucher/hold.h"

#include <stdio.h>

#include "ledger/book/seal.h"
#include "ledger/registers/agenda.h"
#include "ledger/registers/learner.h"
#include "ledger/rights/payroll.h"

struct hold {
	int64_t voucher, opened_at;
	int kind;
	char ground[REASON_MAX + 1];
	day_t until;
	char opened_by[PRINCIPAL_MAX];
	int64_t standing, closed_at;
	char closed_by[PRINCIPAL_MAX];
	char outcome[REASON_MAX + 1];
	int64_t seq;
};

static const struct record_column columns[] = {
	{"voucher", RECORD_INT64, offsetof(struct hold, voucher), 0, RECORD_KEY},
	{"opened_at", RECORD_INT64, offsetof(struct hold, opened_at), 0, RECORD_KEY},
	{"kind", RECORD_INT, offsetof(struct hold, kind), 0, RECORD_FIXED},
	{"ground", RECORD_TEXT, RECORD_ARRAY(struct hold, ground), RECORD_FIXED},
	{"until", RECORD_DAY, offsetof(struct hold, until), 0, RECORD_FIXED},
	{"opened_by", RECORD_TEXT, RECORD_ARRAY(struct hold, opened_by), RECORD_FIXED},
	{"standing", RECORD_ID, offsetof(struct hold, standing), 0, RECORD_FIXED},
	{"closed_at", RECORD_ID, offsetof(struct hold, closed_at), 0, 0},
	{"closed_by", RECORD_OPTIONAL, RECORD_ARRAY(struct hold, closed_by), 0},
	{"outcome", RECORD_OPTIONAL, RECORD_ARRAY(struct hold, outcome), 0},
	{"seq", RECORD_INT64, offsetof(struct hold, seq), 0, RECORD_SEALED},
};
static const struct record hold_record = {"hold", RECORD_COLUMNS(columns)};

#define HOLD_ENTRY "hold" /* kind of their entries */

static enum timer_kind timer_of(enum hold_kind kind)
{
	return kind == HOLD_CONTROL ? TIMER_RELEASE : TIMER_UNFREEZE;
}

int hold_open(struct tx *tx, const struct voucher *v, enum hold_kind kind, const struct step *step,
	      int max_days, struct err *err)
{
	struct hold m = {.voucher = v->id,
			 .opened_at = tx->now,
			 .kind = (int)kind,
			 .until = step->until,
			 .standing = step->standing};
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
	snprintf(m.ground, sizeof m.ground, "%s", step->cause);
	snprintf(m.opened_by, sizeof m.opened_by, "%s", actor_person(tx));
	return seal_insert(tx, HOLD_ENTRY, &hold_record, &m, err);
}

int hold_ended_as(struct db *db, const struct voucher *v, enum hold_kind kind, const char *outcome,
		  struct err *err)
{
	int64_t one;

	return db_int(db, "SELECT 1 FROM hold WHERE voucher = $1 AND kind = $2 AND outcome = $3 LIMIT 1",
		      VALS(v_int(v->id), v_int(kind), v_text(outcome)), &one, err);
}

int hold_unreferenced(struct tx *tx, const struct rule *rule, const struct voucher *v, struct err *err)
{
	struct learner l;
	int rc;

	if (rule->unreferenced_max == 0 || v->price <= rule->unreferenced_max)
		return 0;
	if (learner_get(tx->db, v->learner, &l, err) != 0)
		return -1;
	if (l.identity[0] != '\0')
		return 0;
	rc = payroll_of_late(tx->db, l.id, day_year(tx->today), err);
	return rc < 0 ? -1 : rc == 0;
}

int hold_until(struct db *db, const struct voucher *v, enum hold_kind kind, day_t *until, struct err *err)
{
	int64_t day = 0;
	int rc = db_int(db, "SELECT until FROM hold WHERE voucher = $1 AND kind = $2 AND closed_at IS NULL",
			VALS(v_int(v->id), v_int(kind)), &day, err);

	*until = (day_t)day;
	return rc;
}

int hold_close(struct tx *tx, const struct voucher *v, enum hold_kind kind, const char *outcome,
	       struct err *err)
{
	struct hold m;
	int rc = record_find(tx->db, &hold_record, "WHERE voucher = $1 AND kind = $2 AND closed_at IS NULL",
			     VALS(v_int(v->id), v_int(kind)), &m, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a hold that was never opened");
	if (agenda_clear_day(tx, timer_of(kind), v->id, m.until, err) != 0)
		return -1;
	m.closed_at = tx->now;
	snprintf(m.closed_by, sizeof m.closed_by, "%s", actor_person(tx));
	snprintf(m.outcome, sizeof m.outcome, "%s", outcome[0] == '\0' ? "day_reached" : outcome);
	return seal_update(tx, HOLD_ENTRY, &hold_record, &m, err);
}
