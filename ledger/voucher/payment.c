/*
 * The record of a payment.  It may pay several vouchers of one provider; each
 * voucher has an entry of its own, in one transaction, so that its chain tells
 * the whole story.
 */
#include "ledger/voucher/payment.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct payment, id), 0, RECORD_KEY},
	{"uuid", RECORD_BYTES, RECORD_ARRAY(struct payment, uuid), RECORD_FIXED},
	{"provider", RECORD_INT64, offsetof(struct payment, provider), 0, RECORD_FIXED},
	{"kind", RECORD_INT, offsetof(struct payment, kind), 0, RECORD_FIXED},
	{"state", RECORD_INT, offsetof(struct payment, state), 0, 0},
	{"amount", RECORD_INT64, offsetof(struct payment, amount), 0, RECORD_FIXED},
	{"iban", RECORD_TEXT, RECORD_ARRAY(struct payment, iban), 0},
	{"year", RECORD_INT, offsetof(struct payment, year), 0, RECORD_FIXED},
	{"ordered_on", RECORD_DAY, offsetof(struct payment, ordered_on), 0, 0},
	{"ordered_by", RECORD_TEXT, RECORD_ARRAY(struct payment, ordered_by), 0},
	{"settled_on", RECORD_DAY, offsetof(struct payment, settled_on), 0, 0},
	{"bank_reference", RECORD_OPTIONAL, RECORD_ARRAY(struct payment, bank_reference), 0},
	{"seq", RECORD_INT64, offsetof(struct payment, seq), 0, RECORD_SEALED},
};
const struct record payment_record = {"payment", RECORD_COLUMNS(columns)};

const char *payment_state_name(enum payment_state state)
{
	return state == PAYMENT_ORDERED ? "ordered" : state == PAYMENT_PAID ? "paid" : "rejected";
}

int payment_is_proposed(const struct payment *p)
{
	return p->kind == PAYMENT_ADVANCE && p->state == PAYMENT_ORDERED &&
	       strcmp(p->ordered_by, PAYMENT_BY_LEDGER) == 0;
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

static int find_payment(struct db *db, const char *tail, const struct val *vals, size_t n, struct payment *p,
			struct err *err)
{
	int rc;

	memset(p, 0, sizeof *p);
	rc = record_find(db, &payment_record, tail, vals, n, p, err);
	return rc == 1 && read_lines(db, p, err) != 0 ? -1 : rc;
}

int payment_need(struct db *db, const struct uuid *uuid, const char *field, struct payment *p,
		 struct err *err)
{
	int rc = find_payment(db, "WHERE uuid = $1", VALS(v_blob(uuid->bytes, sizeof uuid->bytes)), p, err);

	if (rc == 0)
		return err_missing(err, field, "There is no such payment.");
	return rc < 0 ? -1 : 0;
}

int payment_get(struct db *db, int64_t id, struct payment *p, struct err *err)
{
	int rc = find_payment(db, "WHERE id = $1", VALS(v_int(id)), p, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no payment %lld.", (long long)id);
	return rc < 0 ? -1 : 0;
}

char *payment_end_to_end(const struct payment *p, char out[END_TO_END_TEXT])
{
	for (size_t i = 0; i < sizeof p->uuid.bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", p->uuid.bytes[i]);
	return out;
}

int payment_of_end_to_end(const char *text, struct uuid *uuid)
{
	char dashed[UUID_TEXT];

	if (strlen(text) != END_TO_END_TEXT - 1)
		return 0;
	snprintf(dashed, sizeof dashed, "%.8s-%.4s-%.4s-%.4s-%.12s", text, text + 8, text + 12, text + 16,
		 text + 20);
	return uuid_parse(dashed, uuid) == 0;
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
		 tx->actor.role == ROLE_AUTHORISER ? tx->actor.principal : PAYMENT_BY_LEDGER);
	return 0;
}

int payment_has_lines(const struct payment *p)
{
	return p->kind == PAYMENT_FINAL || p->kind == PAYMENT_ADVANCE;
}

/* What its lines come to. */
static int64_t lines_sum(const struct payment *p)
{
	int64_t sum = 0;

	assert(p->lines <= PAYMENT_LINES_MAX);
	for (size_t i = 0; i < p->lines; i++)
		sum += p->line_amount[i];
	return sum;
}

int payment_insert(struct tx *tx, struct payment *p, struct err *err)
{
	int rc;

	assert(!payment_has_lines(p) || lines_sum(p) == p->amount);
	rc = p->seq != 0 ? record_insert(tx->db, &payment_record, p, err)
			 : seal_insert(tx, "payment", &payment_record, p, err);

	if (rc != 0)
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
