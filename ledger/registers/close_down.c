#include "ledger/registers/close_down.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/zone.h"
#include "ledger/registers/programme.h"

static const char *const stage_names[CLOSING__MAX] = {
	[CLOSING_REQUESTS] = "requests", [CLOSING_ORDERS] = "orders", [CLOSING_STARTS] = "starts",
	[CLOSING_CLAIMS] = "claims",     [CLOSING_RIGHTS] = "rights", [CLOSING_REFUNDS] = "refunds",
	[CLOSING_ENDED] = "ended",
};

static const char *const day_names[CLOSE_DAYS] = {
	[CLOSE_REQUEST] = "last_request",
	[CLOSE_ORDER] = "last_order",
	[CLOSE_START] = "last_start",
	[CLOSE_CLAIM] = "last_claim",
};

static const char *const day_words[CLOSE_DAYS] = {
	[CLOSE_REQUEST] = "requests and proposals",
	[CLOSE_ORDER] = "orders",
	[CLOSE_START] = "declaring entries",
	[CLOSE_CLAIM] = "claims",
};

const char *close_stage_name(enum close_stage stage)
{
	return stage_names[stage];
}

const char *close_day_name(enum close_day day)
{
	return day_names[day];
}

int close_down_find(struct db *db, const char *programme, struct close_down *d, struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT id, last_request, last_order, last_start, last_claim, stage, reached, "
			 "waiting, ordered_by, ended_at FROM close_down WHERE programme = $1",
			 VALS(v_text(programme)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	d->id = col_int(q, 0);
	snprintf(d->programme, sizeof d->programme, "%s", programme);
	for (int i = 0; i < CLOSE_DAYS; i++)
		d->last[i] = col_day(q, 1 + i);
	d->stage = (enum close_stage)col_int(q, 5);
	d->reached = col_int(q, 6);
	d->waiting = col_int(q, 7);
	col_copy(q, 8, d->ordered_by, sizeof d->ordered_by);
	d->ended_at = col_int(q, 9);
	db_done(q);
	return 1;
}

int close_down_decisions(struct db *db, const char *programme,
			 struct close_decision out[CLOSE_DOWN_DECISIONS], size_t *n, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT number, last_request, last_order, last_start, last_claim, reason, decided_by, "
		"decided_role, decided_at, confirmed_by, confirmed_role, confirmed_at "
		"FROM close_down_decision WHERE programme = $1 ORDER BY number LIMIT $2",
		VALS(v_text(programme), v_int(CLOSE_DOWN_DECISIONS)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		struct close_decision *d = &out[(*n)++];

		d->number = col_int(q, 0);
		for (int i = 0; i < CLOSE_DAYS; i++)
			d->last[i] = col_day(q, 1 + i);
		col_copy(q, 5, d->reason, sizeof d->reason);
		col_copy(q, 6, d->decided_by, sizeof d->decided_by);
		d->decided_role = (int)col_int(q, 7);
		d->decided_at = col_int(q, 8);
		col_copy(q, 9, d->confirmed_by, sizeof d->confirmed_by);
		d->confirmed_role = (int)col_int(q, 10);
		d->confirmed_at = col_int(q, 11);
	}
	return rc;
}

int close_down_covers(struct db *db, const char *programme, const struct fund *f, struct err *err)
{
	char account[CODE_MAX + 1];
	int rc = programme_account(db, f->programme, account, err);

	return rc == 1 ? strcmp(account, programme) == 0 : rc;
}

int close_down_open(struct db *db, const char *programme, struct close_group out[CLOSE_DOWN_GROUPS],
		    size_t *n, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT v.state, v.billing, count(*), sum((SELECT coalesce(sum(s.reserved + s.committed + "
		"s.in_training + s.payable + s.frozen + s.ordered), 0) FROM share s "
		"WHERE s.id >= v.id * $3 AND s.id < v.id * $3 + $3)) "
		"FROM voucher v JOIN learner l ON l.id = v.learner "
		"WHERE v.closed_on IS NULL AND l.programme = $1 "
		"GROUP BY v.state, v.billing ORDER BY v.state, v.billing LIMIT $2",
		VALS(v_text(programme), v_int(CLOSE_DOWN_GROUPS), v_int(SHARE_ID_STEP)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		out[(*n)++] =
			(struct close_group){(enum voucher_state)col_int(q, 0),
					     (enum billing_state)col_int(q, 1), col_int(q, 2), col_int(q, 3)};
	return rc;
}

/* The days of a programme, kept in the writer's memory: asked at every order and entry. */
struct known {
	char programme[CODE_MAX + 1];
	day_t last[CLOSE_DAYS]; /* DAY_NONE: it is not closing down */
};

static const char known_tag;

void close_down_remember(struct tx *tx, const struct close_down *d)
{
	struct known fresh = {0};

	memcpy(fresh.programme, d->programme, sizeof fresh.programme);
	memcpy(fresh.last, d->last, sizeof fresh.last);
	db_remember_text(tx->db, &known_tag, &fresh, sizeof fresh);
}

static int find_days(struct tx *tx, const char *programme, day_t last[CLOSE_DAYS], struct err *err)
{
	const struct known *known = db_recall_text(tx->db, &known_tag, programme);
	struct close_down d;
	int rc;

	if (known != NULL) {
		memcpy(last, known->last, sizeof known->last);
		return 0;
	}
	rc = close_down_find(tx->db, programme, &d, err);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		snprintf(d.programme, sizeof d.programme, "%s", programme);
		for (int i = 0; i < CLOSE_DAYS; i++)
			d.last[i] = DAY_NONE;
	}
	memcpy(last, d.last, sizeof d.last);
	close_down_remember(tx, &d);
	return 0;
}

static int refuse_late(const char *programme, enum close_day day, day_t last, struct err *err)
{
	char text[DATE_TEXT];

	return err_set(err, day <= CLOSE_ORDER ? ERR_INTAKE_CLOSED : ERR_DEADLINE, NULL,
		       "Programme %s closes down: the last day for %s was %s.", programme, day_words[day],
		       day_format(last, text));
}

int close_down_check(struct tx *tx, const char *programme, enum close_day day, struct err *err)
{
	day_t last[CLOSE_DAYS];

	if (find_days(tx, programme, last, err) != 0)
		return -1;
	if (last[day] == DAY_NONE || tx->today <= last[day])
		return 0;
	return refuse_late(programme, day, last[day], err);
}

int close_down_check_session(struct tx *tx, const char *programme, day_t start, struct err *err)
{
	day_t last[CLOSE_DAYS];
	char text[DATE_TEXT];

	if (find_days(tx, programme, last, err) != 0)
		return -1;
	if (last[CLOSE_START] == DAY_NONE || start <= last[CLOSE_START])
		return 0;
	return err_set(err, ERR_SESSION_TOO_FAR, "session_start",
		       "Programme %s closes down: a session must start by %s.", programme,
		       day_format(last[CLOSE_START], text));
}

day_t close_down_bill_day(const struct tx *tx, const struct close_down *d, int64_t validated_at)
{
	day_t last = d->last[CLOSE_CLAIM];
	day_t validated = validated_at == 0 ? last : zone_day(tx->env->zone, validated_at);

	return validated > last ? validated + CLOSE_DOWN_BILL_DAYS : last;
}

int close_down_check_bill(struct tx *tx, const struct rule *rule, int64_t validated_at, struct err *err)
{
	struct close_down d;
	day_t last;
	int rc = close_down_find(tx->db, rule->programme, &d, err);

	if (rc <= 0)
		return rc;
	last = close_down_bill_day(tx, &d, validated_at);
	return tx->today <= last ? 0 : refuse_late(rule->programme, CLOSE_CLAIM, last, err);
}

int close_down_save(struct tx *tx, const struct close_down *d, struct err *err)
{
	return db_run(
		tx->db,
		"UPDATE close_down SET stage = $2, reached = $3, waiting = $4, ended_at = $5 WHERE id = $1",
		VALS(v_int(d->id), v_int(d->stage), v_int(d->reached), v_int(d->waiting), v_id(d->ended_at)),
		err);
}
