#include "ledger/voucher/recovery.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"

static const struct record_column columns[] = {
	{"voucher", RECORD_INT64, offsetof(struct recovery, voucher), 0, RECORD_KEY},
	{"number", RECORD_INT, offsetof(struct recovery, number), 0, RECORD_KEY},
	{"ground", RECORD_TEXT, RECORD_ARRAY(struct recovery, ground), RECORD_FIXED},
	{"restores", RECORD_INT, offsetof(struct recovery, restores), 0, RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct recovery, amount), 0, RECORD_FIXED},
	{"notified_on", RECORD_DAY, offsetof(struct recovery, notified_on), 0, RECORD_FIXED},
	{"order_on", RECORD_DAY, offsetof(struct recovery, order_on), 0, RECORD_FIXED},
	{"opposed_on", RECORD_DAY, offsetof(struct recovery, opposed_on), 0, 0},
	{"closed_on", RECORD_DAY, offsetof(struct recovery, closed_on), 0, 0},
	{"seq", RECORD_INT64, offsetof(struct recovery, seq), 0, RECORD_SEALED},
};
static const struct record recovery_record = {"recovery", RECORD_COLUMNS(columns)};

static const struct record_column part_columns[] = {
	{"voucher", RECORD_INT64, offsetof(struct recovery_part, voucher), 0, RECORD_KEY},
	{"number", RECORD_INT, offsetof(struct recovery_part, number), 0, RECORD_KEY},
	{"place", RECORD_INT, offsetof(struct recovery_part, place), 0, RECORD_KEY},
	{"fund", RECORD_INT64, offsetof(struct recovery_part, fund), 0, RECORD_FIXED},
	{"lot", RECORD_ID, offsetof(struct recovery_part, lot), 0, RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct recovery_part, amount), 0, RECORD_FIXED},
	{"recovered", RECORD_INT64, offsetof(struct recovery_part, recovered), 0, 0},
	{"offset_against", RECORD_INT64, offsetof(struct recovery_part, offset_against), 0, 0},
	{"written_off", RECORD_INT64, offsetof(struct recovery_part, written_off), 0, 0},
	{"seq", RECORD_INT64, offsetof(struct recovery_part, seq), 0, RECORD_SEALED},
};
static const struct record part_record = {"recovery_part", RECORD_COLUMNS(part_columns)};

#define RECOVERY_KIND "recovery" /* of their entries */

int64_t recovery_part_left(const struct recovery_part *p)
{
	return p->amount - p->recovered - p->offset_against - p->written_off;
}

int recovery_open_of(struct db *db, int64_t voucher, struct recovery *c, struct err *err)
{
	int rc;

	memset(c, 0, sizeof *c);
	rc = record_find(db, &recovery_record, "WHERE voucher = $1 AND closed_on IS NULL",
			 VALS(v_int(voucher)), c, err);
	if (rc != 1)
		return rc;
	if (record_list(db, &part_record, "WHERE voucher = $1 AND number = $2 ORDER BY place LIMIT $3",
			VALS(v_int(voucher), v_int(c->number), v_int(SHARES_MAX)), c->part, sizeof c->part[0],
			&c->parts, err) != 0)
		return -1;
	assert(c->parts <= SHARES_MAX);
	for (size_t i = 0; i < c->parts; i++)
		c->part[i].left = recovery_part_left(&c->part[i]);
	return 1;
}

int recovery_after_payment(struct db *db, struct voucher *v, struct err *err)
{
	struct recovery c;
	int rc = recovery_open_of(db, v->id, &c, err);

	v->billing = rc == 1 ? BILLING_RECOVERY : BILLING_PAID;
	return rc < 0 ? -1 : 0;
}

int64_t recovery_left(const struct recovery *c)
{
	int64_t left = 0;

	for (size_t i = 0; i < c->parts; i++)
		left += recovery_part_left(&c->part[i]);
	return left;
}

int recovery_taken(struct db *db, int64_t voucher, int64_t out[SHARES_MAX], struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT place, amount - written_off FROM recovery_part WHERE voucher = $1 "
			 "UNION ALL SELECT place, amount - dropped FROM learner_recovery WHERE voucher = $1",
			 VALS(v_int(voucher)), err);
	int rc;

	memset(out, 0, SHARES_MAX * sizeof *out);
	while ((rc = db_step(q, err)) == 1)
		if (col_int(q, 0) >= 0 && col_int(q, 0) < SHARES_MAX)
			out[col_int(q, 0)] += col_int(q, 1);
	return rc;
}

int recovery_note(struct tx *tx, const struct voucher *v, const char *ground, int restores,
		  const int64_t *parts, struct err *err)
{
	struct recovery c = {.voucher = v->id,
			     .restores = restores,
			     .notified_on = tx->today,
			     .opposed_on = DAY_NONE,
			     .closed_on = DAY_NONE};
	const struct rule *rule;
	int64_t number = 0;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    db_int(tx->db, "SELECT max(number) FROM recovery WHERE voucher = $1", VALS(v_int(v->id)), &number,
		   err) < 0)
		return -1;
	c.number = (int)number + 1;
	c.order_on = tx->today + rule->recovery_demand_days;
	snprintf(c.ground, sizeof c.ground, "%s", ground);
	for (size_t i = 0; i < v->shares; i++) {
		assert(parts[i] >= 0);
		c.amount += parts[i];
	}
	assert(c.amount > 0 && c.order_on >= c.notified_on);
	if (seal_insert(tx, RECOVERY_KIND, &recovery_record, &c, err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++) {
		struct recovery_part p = {.voucher = v->id,
					  .number = c.number,
					  .place = (int)i,
					  .fund = v->share[i].fund,
					  .lot = v->share[i].lot,
					  .amount = parts[i]};

		if (p.amount > 0 && seal_insert(tx, RECOVERY_KIND, &part_record, &p, err) != 0)
			return -1;
	}
	return 0;
}

int recovery_save(struct tx *tx, struct recovery *c, struct err *err)
{
	if (recovery_left(c) == 0)
		c->closed_on = tx->today;
	for (size_t i = 0; i < c->parts; i++) {
		struct recovery_part *p = &c->part[i];

		assert(recovery_part_left(p) <= p->left); /* what is left never grows */
		if (recovery_part_left(p) != p->left &&
		    seal_update(tx, RECOVERY_KIND, &part_record, p, err) != 0)
			return -1;
	}
	return seal_update(tx, RECOVERY_KIND, &recovery_record, c, err);
}
