#include "ledger/registers/close_down.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/zone.h"
#include "ledger/book/seal.h"
#include "ledger/registers/programme.h"

static const char *const stage_names[CLOSING__MAX] = {
	[CLOSING_REQUESTS] = "requests", [CLOSING_ORDERS] = "orders", [CLOSING_STARTS] = "starts",
	[CLOSING_BILLING] = "billing",   [CLOSING_RIGHTS] = "rights", [CLOSING_REFUNDS] = "refunds",
	[CLOSING_ENDED] = "ended",
};

static const char *const day_names[CLOSE_DAYS] = {
	[CLOSE_REQUEST] = "last_request",
	[CLOSE_ORDER] = "last_order",
	[CLOSE_START] = "last_start",
	[CLOSE_BILLING] = "last_billing",
};

static const char *const day_words[CLOSE_DAYS] = {
	[CLOSE_REQUEST] = "requests and proposals",
	[CLOSE_ORDER] = "orders",
	[CLOSE_START] = "declaring entries",
	[CLOSE_BILLING] = "billing",
};

const char *close_stage_name(enum close_stage stage)
{
	return stage_names[stage];
}

const char *close_day_name(enum close_day day)
{
	return day_names[day];
}

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct close_down, id), 0, RECORD_KEY},
	{"programme", RECORD_TEXT, RECORD_ARRAY(struct close_down, programme), RECORD_FIXED},
	{"last_request", RECORD_DAY, offsetof(struct close_down, last[CLOSE_REQUEST]), 0, 0},
	{"last_order", RECORD_DAY, offsetof(struct close_down, last[CLOSE_ORDER]), 0, 0},
	{"last_start", RECORD_DAY, offsetof(struct close_down, last[CLOSE_START]), 0, 0},
	{"last_billing", RECORD_DAY, offsetof(struct close_down, last[CLOSE_BILLING]), 0, 0},
	{"stage", RECORD_INT, offsetof(struct close_down, stage), 0, RECORD_LOOSE},
	{"reached", RECORD_INT64, offsetof(struct close_down, reached), 0, RECORD_LOOSE},
	{"waiting", RECORD_INT64, offsetof(struct close_down, waiting), 0, RECORD_LOOSE},
	{"ordered_by", RECORD_TEXT, RECORD_ARRAY(struct close_down, ordered_by), 0},
	{"ended_at", RECORD_ID, offsetof(struct close_down, ended_at), 0, RECORD_LOOSE},
	{"seq", RECORD_INT64, offsetof(struct close_down, seq), 0, RECORD_SEALED},
};
static const struct record close_down_record = {"close_down", RECORD_COLUMNS(columns)};

int close_down_find(struct db *db, const char *programme, struct close_down *d, struct err *err)
{
	return record_find(db, &close_down_record, "WHERE programme = $1", VALS(v_text(programme)), d, err);
}

int close_down_upsert(struct tx *tx, struct close_down *d, struct err *err)
{
	int64_t last = 0;

	if (d->id != 0)
		return seal_update(tx, "close_down", &close_down_record, d, err);
	if (db_int(tx->db, "SELECT max(id) FROM close_down", NO_VALS, &last, err) < 0)
		return -1;
	d->id = last + 1;
	return seal_insert(tx, "close_down", &close_down_record, d, err);
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

void close_down_cache(struct tx *tx, const struct close_down *d)
{
	struct known fresh = {0};

	memcpy(fresh.programme, d->programme, sizeof fresh.programme);
	memcpy(fresh.last, d->last, sizeof fresh.last);
	db_cache_put_text(tx->db, &known_tag, &fresh, sizeof fresh);
}

static int find_days(struct tx *tx, const char *programme, day_t last[CLOSE_DAYS], struct err *err)
{
	const struct known *known = db_cache_get_text(tx->db, &known_tag, programme);
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
	close_down_cache(tx, &d);
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
	day_t last = d->last[CLOSE_BILLING];
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
	return tx->today <= last ? 0 : refuse_late(rule->programme, CLOSE_BILLING, last, err);
}

int close_down_save(struct tx *tx, const struct close_down *d, struct err *err)
{
	return record_update(tx->db, &close_down_record, d, err);
}
