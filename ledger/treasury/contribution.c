#include "ledger/treasury/contribution.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/oversight/conflict.h"
#include "ledger/voucher/voucher.h"

static const struct {
	const char *name;  /* outside */
	const char *entry; /* in the journal */
	enum transition_id event;
} kinds[] = {
	[CONTRIBUTION_CALL] = {"call", "fund_call", G2_CALL},
	[CONTRIBUTION_RECEIPT] = {"receipt", "fund_receipt", G2_RECEIPT},
	[CONTRIBUTION_PAYMENT] = {"payment", "fund_payment", G4},
	[CONTRIBUTION_SETTLEMENT] = {"settlement", "copay_settlement", G4_SETTLEMENT},
};

const char *contribution_kind_name(enum contribution_kind kind)
{
	return kinds[kind].name;
}

enum transition_id contribution_event(enum contribution_kind kind)
{
	return kinds[kind].event;
}

int contribution_kind_find(const char *name, enum contribution_kind *out)
{
	for (int k = CONTRIBUTION_CALL; k <= CONTRIBUTION_SETTLEMENT; k++) {
		if (strcmp(kinds[k].name, name) == 0) {
			*out = (enum contribution_kind)k;
			return 0;
		}
	}
	return -1;
}

/* As it is stored. */
struct contribution_row {
	int64_t id;
	char reference[CODE_MAX + 1];
	enum contribution_kind kind;
	int64_t fund, amount;
	day_t value_date;
	int64_t call, seq;
};

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct contribution_row, id), 0, RECORD_KEY},
	{"reference", RECORD_TEXT, RECORD_ARRAY(struct contribution_row, reference), RECORD_FIXED},
	{"kind", RECORD_INT, offsetof(struct contribution_row, kind), 0, RECORD_FIXED},
	{"fund", RECORD_INT64, offsetof(struct contribution_row, fund), 0, RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct contribution_row, amount), 0, RECORD_FIXED},
	{"value_date", RECORD_DAY, offsetof(struct contribution_row, value_date), 0, RECORD_FIXED},
	{"call", RECORD_ID, offsetof(struct contribution_row, call), 0, RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct contribution_row, seq), 0, RECORD_SEALED},
};
static const struct record contribution_record = {"contribution", RECORD_COLUMNS(columns)};
static const char last_id[] = "SELECT max(id) FROM contribution";

/* What was recorded under the reference: 1 the same thing, 0 nothing, -1 another thing or failed. */
static int recorded(struct tx *tx, const struct contribution *c, const struct fund *fund, int64_t *seq,
		    struct err *err)
{
	struct contribution_row row;
	int rc = record_find(tx->db, &contribution_record, "WHERE reference = $1", VALS(v_text(c->reference)),
			     &row, err);

	if (rc != 1)
		return rc;
	*seq = row.seq;
	if (row.kind != c->kind || row.fund != fund->id || row.amount != c->amount ||
	    row.value_date != c->value_date)
		return err_set(
			err, ERR_REFERENCE_USED, "reference",
			"Reference %s was used before with another kind, fund, amount or date. To correct "
			"it, take it back (ila reverse) and record it again under a new reference.",
			c->reference);
	return 1;
}

/* The call a receipt answers: an id of a contribution of kind call for the same fund. */
static int find_call(struct tx *tx, const struct contribution *c, const struct fund *fund, int64_t *call,
		     struct err *err)
{
	int rc;

	if (c->call[0] == '\0')
		return err_set(err, ERR_FIELD_MISSING, "call", "A receipt must name its call.");
	rc = db_int(tx->db, "SELECT id FROM contribution WHERE reference = $1 AND kind = $2 AND fund = $3",
		    VALS(v_text(c->call), v_int(CONTRIBUTION_CALL), v_int(fund->id)), call, err);
	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "call", "There is no call %s on fund %s.", c->call,
			       fund->code);
	return rc == 1 ? 0 : -1;
}

/* What of the co-payment was called off while it cleared, and has not come all the same. */
static int called_off(struct tx *tx, const struct voucher *v, const struct fund *fund, int64_t *sum,
		      struct err *err)
{
	struct entry e;

	*sum = 0;
	for (int64_t seq = v->head; seq != 0; seq = e.previous) {
		int rc = canon_read(tx->db, seq, &e, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a voucher's chain leads nowhere");
		for (size_t i = 0; i < e.count; i++) {
			const struct transfer *t = &e.transfer[i];

			if (t->fund != fund->id)
				continue;
			*sum += t->credit == K_CARD && t->debit != K_CASH ? t->amount : 0;
			*sum -= t->credit == K_CREDIT_NOTE && t->debit == K_CASH ? t->amount : 0;
		}
	}
	return 0;
}

/* The share that a card pays. */
static int card_share(const struct voucher *v, const struct fund *fund)
{
	for (size_t i = 0; i < v->shares; i++)
		if (v->share[i].fund == fund->id && v->share[i].lot == 0 && v->share[i].credit_note == 0)
			return (int)i;
	return -1;
}

/*
 * A settlement clears the co-payment of one voucher: the share row follows the
 * account.  What was called off and comes all the same is the learner's own money.
 */
static int settle(struct tx *tx, const struct contribution *c, const struct fund *fund, struct entry *e,
		  struct voucher *v, struct err *err)
{
	int64_t clearing, off;
	char due[MONEY_TEXT];
	int i;

	if (!c->has_voucher)
		return err_set(err, ERR_FIELD_MISSING, "voucher",
			       "A settlement must name the voucher whose co-payment it is.");
	if (voucher_need(tx->db, &c->voucher, "voucher", v, err) != 0 ||
	    conflict_refuse(tx, v->learner, err) != 0)
		return -1;
	i = card_share(v, fund);
	if (i < 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "voucher",
			       "That voucher has no co-payment in fund %s.", fund->code);
	clearing = v->share[i].at[STAGE_CARD];
	if (c->amount > clearing && called_off(tx, v, fund, &off, err) != 0)
		return -1;
	if (c->amount > clearing && c->amount - clearing > off)
		return err_set(err, ERR_INSUFFICIENT_FUNDS, "amount",
			       "Only %s of that voucher's co-payment is still clearing.",
			       money_format(clearing + off, tx->env->exponent, due));
	if (clearing > c->amount)
		clearing = c->amount;
	e->voucher = v->id;
	e->previous = v->head;
	return share_move(tx, v, (size_t)i, K_CASH, K_CARD, clearing, 0, e, err) == 0
		       ? share_move(tx, v, (size_t)i, K_CASH, K_CREDIT_NOTE, c->amount - clearing, 0, e, err)
		       : -1;
}

static int check_contribution(const struct tx *tx, const struct contribution *c, const struct fund *fund,
			      struct err *err)
{
	char day[DATE_TEXT];

	if (c->amount <= 0 || c->amount > AMOUNT_MAX)
		return err_set(err, ERR_FIELD_INVALID, "amount", "An amount is more than 0.");
	if (c->value_date > tx->today)
		return err_set(err, ERR_FIELD_INVALID, "value_date", "%s is in the future.",
			       day_format(c->value_date, day));
	if ((c->kind == CONTRIBUTION_SETTLEMENT) != (fund->nature == NATURE_COPAY))
		return err_set(
			err, ERR_FIELD_INVALID, "fund",
			"A settlement goes to a co-payment fund, and a co-payment fund takes nothing else: %s is %s.",
			fund->code, fund->nature == NATURE_COPAY ? "one" : "none");
	return 0;
}

/* More than is outstanding is the sender's mistake, worded as such. */
static int reword(const struct tx *tx, const struct contribution *c, struct err *err)
{
	char missing[MONEY_TEXT];
	int64_t short_by = err->missing;

	if (err->code != ERR_ACCOUNT_SHORT)
		return -1;
	err_set(err, ERR_INSUFFICIENT_FUNDS, "amount", "This is %s more than is outstanding on call %s.",
		money_format(short_by, tx->env->exponent, missing), c->call);
	err->missing = short_by;
	return -1;
}

/* A settlement's entry seals its voucher; the others seal the contribution. */
static int seal(const struct contribution *c, const struct contribution_row *row, const struct voucher *v,
		struct entry *e, struct err *err)
{
	return c->kind == CONTRIBUTION_SETTLEMENT ? seal_into(e, &voucher_record, v, err)
						  : seal_into(e, &contribution_record, row, err);
}

static int post_contribution(struct tx *tx, const struct contribution *c, const struct fund *fund,
			     int64_t *seq, struct err *err)
{
	struct contribution_row row = {
		.kind = c->kind, .fund = fund->id, .amount = c->amount, .value_date = c->value_date};
	struct voucher v = {0};
	struct entry e;

	if (db_next_id(tx->db, last_id, &row.id, err) != 0)
		return -1;
	memcpy(row.reference, c->reference, sizeof row.reference);
	entry_begin(&e, kinds[c->kind].entry, c->value_date);
	switch (c->kind) {
	case CONTRIBUTION_CALL:
		entry_transfer(&e, fund->id, K_CALLED, row.id, K_CALL_PENDING, row.id, 0, c->amount);
		break;
	case CONTRIBUTION_RECEIPT:
		if (find_call(tx, c, fund, &row.call, err) != 0)
			return -1;
		entry_transfer(&e, fund->id, K_CASH, 0, K_CALLED, row.call, 0, c->amount);
		entry_transfer(&e, fund->id, K_CALL_PENDING, row.call, K_POOL, 0, 0, c->amount);
		break;
	case CONTRIBUTION_PAYMENT:
		entry_transfer(&e, fund->id, K_CASH, 0, K_POOL, 0, 0, c->amount);
		break;
	case CONTRIBUTION_SETTLEMENT:
		if (settle(tx, c, fund, &e, &v, err) != 0)
			return -1;
		break;
	}
	if (seal(c, &row, &v, &e, err) != 0)
		return -1;
	if (transition_post(tx, kinds[c->kind].event, &e, err) != 0)
		return reword(tx, c, err);
	*seq = row.seq = v.head = e.seq;
	if (c->kind == CONTRIBUTION_SETTLEMENT &&
	    (voucher_follow_notes(tx, &v, e.seq, 1, err) != 0 || voucher_update(tx, &v, err) != 0))
		return -1;
	db_used_id(tx->db, last_id, row.id);
	return record_insert(tx->db, &contribution_record, &row, err);
}

/* May the actor record it, and is it recorded? */
static int look(struct tx *tx, const struct contribution *c, struct fund *fund, int64_t *seq, struct err *err)
{
	*seq = 0;
	return transition_need(tx, kinds[c->kind].event, err) != 0 ||
			       fund_need(tx->db, c->fund, "fund", fund, err) != 0 ||
			       check_contribution(tx, c, fund, err) != 0
		       ? -1
		       : recorded(tx, c, fund, seq, err);
}

int contribution_look(struct tx *tx, const struct contribution *c, int64_t *seq, struct err *err)
{
	struct fund fund;

	return look(tx, c, &fund, seq, err);
}

int contribution_post(struct tx *tx, const struct contribution *c, int64_t *seq, enum upsert *done,
		      struct err *err)
{
	struct fund fund;
	int rc = look(tx, c, &fund, seq, err);

	*done = rc == 1 ? UPSERT_UNCHANGED : UPSERT_CREATED;
	return rc == 0 ? post_contribution(tx, c, &fund, seq, err) : rc < 0 ? -1 : 0;
}

int contribution_number(struct db *db, const char *reference, int64_t *id, struct err *err)
{
	return db_int(db, "SELECT id FROM contribution WHERE reference = $1", VALS(v_text(reference)), id,
		      err);
}

/* By the names outside. */
static int tell(struct db *db, const struct contribution_row *row, struct contribution_listed *out,
		struct err *err)
{
	struct contribution *c = &out->contribution;
	struct contribution_row call;
	struct fund fund;

	if (fund_get(db, row->fund, &fund, err) != 0)
		return -1;
	*out = (struct contribution_listed){.id = row->id, .seq = row->seq};
	memcpy(c->reference, row->reference, sizeof c->reference);
	memcpy(c->fund, fund.code, sizeof c->fund);
	c->kind = row->kind;
	c->amount = row->amount;
	c->value_date = row->value_date;
	if (row->call == 0)
		return 0;
	if (record_find(db, &contribution_record, "WHERE id = $1", VALS(v_int(row->call)), &call, err) != 1)
		return err->code != ERR_NONE ? -1 : err_bug(err, "a receipt without its call");
	memcpy(c->call, call.reference, sizeof c->call);
	return 0;
}

#define OF_FUNDER "AND ($2 = 0 OR fund IN (SELECT id FROM fund WHERE funder = $2)) "

int contribution_list(struct db *db, int64_t funder, const char *reference, int64_t after, size_t max,
		      struct contribution_listed *out, size_t *n, struct err *err)
{
	struct stmt *q = record_query(
		db, &contribution_record,
		"WHERE id > $1 " OF_FUNDER "AND ($3 = '' OR reference = $3) ORDER BY id LIMIT $4",
		VALS(v_int(after), v_int(funder), v_text(reference), v_int((int64_t)max)), err);
	struct contribution_row row;
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		record_read(&contribution_record, q, &row);
		if (tell(db, &row, &out[*n], err) != 0) {
			db_done(q);
			return -1;
		}
		(*n)++;
	}
	return rc;
}

int contribution_get(struct db *db, int64_t funder, int64_t id, struct contribution_listed *out,
		     struct err *err)
{
	struct contribution_row row;
	int rc = record_find(db, &contribution_record, "WHERE id = $1 " OF_FUNDER,
			     VALS(v_int(id), v_int(funder)), &row, err);

	if (rc != 1)
		return rc;
	return tell(db, &row, out, err) == 0 ? 1 : -1;
}
