#include "ledger/voucher/claim.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"

static int read_parts(struct db *db, struct claim *c, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT place, fund, lot, amount, recovered, offset_against, written_off FROM claim_part "
		"WHERE voucher = $1 AND number = $2 ORDER BY place",
		VALS(v_int(c->voucher), v_int(c->number)), err);
	int rc;

	while ((rc = db_step(q, err)) == 1 && c->parts < SHARES_MAX)
		c->part[c->parts++] = (struct claim_part){.place = (int)col_int(q, 0),
							  .fund = col_int(q, 1),
							  .lot = col_int(q, 2),
							  .amount = col_int(q, 3),
							  .recovered = col_int(q, 4),
							  .offset_against = col_int(q, 5),
							  .written_off = col_int(q, 6)};
	db_done(q);
	return rc < 0 ? -1 : 0;
}

int claim_open_of(struct db *db, int64_t voucher, struct claim *c, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT number, ground, restores, amount, notified_on, order_on, opposed_on FROM claim "
		"WHERE voucher = $1 AND closed_on IS NULL",
		VALS(v_int(voucher)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	memset(c, 0, sizeof *c);
	c->voucher = voucher;
	c->number = (int)col_int(q, 0);
	col_copy(q, 1, c->ground, sizeof c->ground);
	c->restores = (int)col_int(q, 2);
	c->amount = col_int(q, 3);
	c->notified_on = col_day(q, 4);
	c->order_on = col_day(q, 5);
	c->opposed_on = col_day(q, 6);
	c->closed_on = DAY_NONE;
	db_done(q);
	return read_parts(db, c, err) == 0 ? 1 : -1;
}

int claim_after_payment(struct db *db, struct voucher *v, struct err *err)
{
	struct claim c;
	int rc = claim_open_of(db, v->id, &c, err);

	v->billing = rc == 1 ? BILLING_RECOVERY : BILLING_PAID;
	return rc < 0 ? -1 : 0;
}

int64_t claim_left(const struct claim *c)
{
	int64_t left = 0;

	for (size_t i = 0; i < c->parts; i++) {
		const struct claim_part *p = &c->part[i];

		left += p->amount - p->recovered - p->offset_against - p->written_off;
	}
	return left;
}

int claim_taken(struct db *db, int64_t voucher, int64_t out[SHARES_MAX], struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT place, amount - written_off FROM claim_part WHERE voucher = $1 "
			 "UNION ALL SELECT place, amount - dropped FROM learner_claim WHERE voucher = $1",
			 VALS(v_int(voucher)), err);
	int rc;

	memset(out, 0, SHARES_MAX * sizeof *out);
	while ((rc = db_step(q, err)) == 1)
		if (col_int(q, 0) >= 0 && col_int(q, 0) < SHARES_MAX)
			out[col_int(q, 0)] += col_int(q, 1);
	return rc;
}

static int insert_part(struct tx *tx, const struct voucher *v, int64_t number, size_t i, int64_t amount,
		       struct err *err)
{
	return db_run(tx->db,
		      "INSERT INTO claim_part (voucher, number, place, fund, lot, amount) "
		      "VALUES ($1, $2, $3, $4, $5, $6)",
		      VALS(v_int(v->id), v_int(number), v_int((int64_t)i), v_int(v->share[i].fund),
			   v_id(v->share[i].lot), v_int(amount)),
		      err);
}

int claim_note(struct tx *tx, const struct voucher *v, const char *ground, int restores, const int64_t *parts,
	       struct err *err)
{
	const struct rule *rule;
	int64_t number = 0, amount = 0;

	for (size_t i = 0; i < v->shares; i++)
		amount += parts[i];
	if (rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    db_int(tx->db, "SELECT max(number) FROM claim WHERE voucher = $1", VALS(v_int(v->id)), &number,
		   err) < 0)
		return -1;
	number++;
	if (db_run(tx->db,
		   "INSERT INTO claim (voucher, number, ground, restores, amount, notified_on, order_on) "
		   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
		   VALS(v_int(v->id), v_int(number), v_text(ground), v_int(restores), v_int(amount),
			v_int(tx->today), v_int(tx->today + rule->recovery_demand_days)),
		   err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++)
		if (parts[i] > 0 && insert_part(tx, v, number, i, parts[i], err) != 0)
			return -1;
	return 0;
}

int claim_save(struct tx *tx, struct claim *c, struct err *err)
{
	if (claim_left(c) == 0)
		c->closed_on = tx->today;
	for (size_t i = 0; i < c->parts; i++) {
		const struct claim_part *p = &c->part[i];

		if (db_run(tx->db,
			   "UPDATE claim_part SET recovered = $4, offset_against = $5, written_off = $6 "
			   "WHERE voucher = $1 AND number = $2 AND place = $3",
			   VALS(v_int(c->voucher), v_int(c->number), v_int(p->place), v_int(p->recovered),
				v_int(p->offset_against), v_int(p->written_off)),
			   err) != 0)
			return -1;
	}
	return db_run(
		tx->db, "UPDATE claim SET opposed_on = $3, closed_on = $4 WHERE voucher = $1 AND number = $2",
		VALS(v_int(c->voucher), v_int(c->number), v_day(c->opposed_on), v_day(c->closed_on)), err);
}
