/*
 * The record of a payment.  It may pay several vouchers of one provider; each
 * voucher has an entry of its own, in one transaction, so that its chain tells
 * the whole story.
 */
#include "ledger/voucher/payment.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"

#define PAYMENT_COLUMNS                                                                                      \
	"id, uuid, provider, kind, state, amount, iban, year, ordered_on, ordered_by, settled_on, bank_reference"

const char *payment_state_name(enum payment_state state)
{
	return state == PAYMENT_ORDERED ? "ordered" : state == PAYMENT_PAID ? "paid" : "rejected";
}

static int read_lines(struct db *db, struct payment *p, struct err *err)
{
	struct stmt *q =
		db_query(db, "SELECT voucher, amount FROM payment_line WHERE payment = $1 ORDER BY voucher",
			 VALS(v_int(p->id)), err);
	int rc;

	p->lines = 0;
	while ((rc = db_step(q, err)) == 1 && p->lines < PAYMENT_LINES_MAX) {
		p->voucher[p->lines] = col_int(q, 0);
		p->line_amount[p->lines++] = col_int(q, 1);
	}
	db_done(q);
	return rc < 0 ? -1 : 0;
}

static int read_payment(struct db *db, struct stmt *q, struct payment *p, struct err *err)
{
	size_t n = 0;
	const void *uuid;
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	memset(p, 0, sizeof *p);
	p->id = col_int(q, 0);
	uuid = col_blob(q, 1, &n);
	if (n == sizeof p->uuid.bytes)
		memcpy(p->uuid.bytes, uuid, n);
	p->provider = col_int(q, 2);
	p->kind = (enum payment_kind)col_int(q, 3);
	p->state = (enum payment_state)col_int(q, 4);
	p->amount = col_int(q, 5);
	col_copy(q, 6, p->iban, sizeof p->iban);
	p->year = (int)col_int(q, 7);
	p->ordered_on = col_day(q, 8);
	col_copy(q, 9, p->ordered_by, sizeof p->ordered_by);
	p->settled_on = col_day(q, 10);
	col_copy(q, 11, p->bank_reference, sizeof p->bank_reference);
	db_done(q);
	return read_lines(db, p, err) == 0 ? 1 : -1;
}

int payment_find(struct db *db, const struct uuid *uuid, struct payment *p, struct err *err)
{
	return read_payment(db,
			    db_query(db, "SELECT " PAYMENT_COLUMNS " FROM payment WHERE uuid = $1",
				     VALS(v_blob(uuid->bytes, sizeof uuid->bytes)), err),
			    p, err);
}

int payment_get(struct db *db, int64_t id, struct payment *p, struct err *err)
{
	int rc = read_payment(
		db,
		db_query(db, "SELECT " PAYMENT_COLUMNS " FROM payment WHERE id = $1", VALS(v_int(id)), err),
		p, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no payment %lld.", (long long)id);
	return rc < 0 ? -1 : 0;
}

int payment_open(struct tx *tx, const struct org *provider, enum payment_kind kind, struct payment *p,
		 struct err *err)
{
	int64_t last = 0;

	memset(p, 0, sizeof *p);
	if (db_int(tx->db, "SELECT max(id) FROM payment", NO_VALS, &last, err) < 0)
		return -1;
	if (uuid7(tx->env, tx->now, NULL, &p->uuid) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system's random number generator failed.");
	p->id = last + 1;
	p->provider = provider->id;
	p->kind = kind;
	p->state = PAYMENT_ORDERED;
	p->year = day_year(tx->today);
	p->ordered_on = tx->today;
	p->settled_on = DAY_NONE;
	memcpy(p->iban, provider->iban, sizeof p->iban);
	snprintf(p->ordered_by, sizeof p->ordered_by, "%s",
		 tx->actor.role == ROLE_AUTHORISER ? tx->actor.principal : "ledger");
	return 0;
}

int payment_insert(struct tx *tx, const struct payment *p, struct err *err)
{
	if (db_run(tx->db,
		   "INSERT INTO payment (id, uuid, provider, kind, state, amount, iban, year, ordered_on, ordered_by) "
		   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		   VALS(v_int(p->id), v_blob(p->uuid.bytes, sizeof p->uuid.bytes), v_int(p->provider),
			v_int(p->kind), v_int(p->state), v_int(p->amount), v_text(p->iban), v_int(p->year),
			v_int(p->ordered_on), v_text(p->ordered_by)),
		   err) != 0)
		return -1;
	for (size_t i = 0; i < p->lines; i++)
		if (db_run(tx->db, "INSERT INTO payment_line (payment, voucher, amount) VALUES ($1, $2, $3)",
			   VALS(v_int(p->id), v_int(p->voucher[i]), v_int(p->line_amount[i])), err) != 0)
			return -1;
	return 0;
}

int payment_amounts(struct tx *tx, const struct voucher *v, const int64_t *parts, struct amounts *a,
		    struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		struct fund f;

		if (fund_get(tx->db, v->share[i].fund, &f, err) != 0)
			return -1;
		a->of[i][PART_ORDERED] = parts[i];
		a->of[i][PART_NOTIONAL] = f.nature == NATURE_NOTIONAL ? parts[i] : 0;
	}
	return 0;
}

int payment_advance_parts(const struct voucher *v, int64_t amount, int64_t *parts, struct err *err)
{
	int64_t weights[SHARES_MAX];

	for (size_t i = 0; i < v->shares; i++)
		weights[i] = v->share[i].amount;
	return money_split(amount, weights, v->shares, parts) == 0
		       ? 0
		       : err_bug(err, "an advance that cannot be split");
}
