/*
 * Orders to the bank and its answers.  A payment may pay several vouchers of one
 * provider; each voucher has an entry of its own, in one transaction, so that its
 * chain tells the whole story.
 */
#include "ledger/scheme/payment.h"

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

/* A new payment without lines yet; its id is needed as the holder of account 265. */
static int open_payment(struct tx *tx, const struct org *provider, enum payment_kind kind, struct payment *p,
			struct err *err)
{
	int64_t last = 0;

	memset(p, 0, sizeof *p);
	if (db_int(tx->db, "SELECT max(id) FROM payment", NO_VALS, &last, err) < 0)
		return -1;
	if (uuid7(tx->env, tx->now, NULL, &p->uuid) != 0)
		return err_set(err, ERR_STORAGE, NULL,
			       "The system gives no random bytes. Nothing was changed.");
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

static int insert_payment(struct tx *tx, const struct payment *p, struct err *err)
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

/* Is there payment credit for parts of v's shares? Refuses BUDGET_EXHAUSTED. */
static int check_credit(struct tx *tx, const struct voucher *v, const int64_t *parts, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		int64_t wanted = 0, available;
		struct fund f;

		if (fund_get(tx->db, v->share[i].fund, &f, err) != 0)
			return -1;
		if (!f.budgeted)
			continue;
		for (size_t k = 0; k < v->shares; k++)
			wanted += v->share[k].fund == f.id ? parts[k] : 0;
		if (balance_of(tx->db, f.id, K_CP_AVAILABLE, day_year(tx->today), &available, err) != 0)
			return -1;
		if (available < wanted) {
			err_set(err, ERR_BUDGET_EXHAUSTED, NULL,
				"Fund %s lacks payment credit for %d. Nothing was changed. The order waits for credit.",
				f.code, day_year(tx->today));
			err->missing = wanted - available;
			return -1;
		}
	}
	return 0;
}

/* Budget side of a step of the chain 821 -> 823 -> 822 for one share. */
static int move_credit(struct tx *tx, const struct share *s, int from, int to, int year, int64_t amount,
		       struct entry *e, struct err *err)
{
	struct fund f;

	if (fund_get(tx->db, s->fund, &f, err) != 0)
		return -1;
	if (f.budgeted)
		entry_transfer(e, s->fund, from, year, to, year, s->lot, amount);
	return 0;
}

/* The shares' parts of an advance: a function of the plan, so that the bank's answer finds the same ones. */
static int advance_parts(const struct voucher *v, int64_t amount, int64_t *parts, struct err *err)
{
	int64_t weights[SHARES_MAX];

	for (size_t i = 0; i < v->shares; i++)
		weights[i] = v->share[i].amount;
	return money_split(amount, weights, v->shares, parts) == 0
		       ? 0
		       : err_bug(err, "an advance that cannot be split");
}

/* Is the provider's IBAN known, and unchanged long enough (DOMAIN D2 T23)? */
static int check_iban(const struct tx *tx, const struct rule *rule, const struct org *provider,
		      struct err *err)
{
	char since[DATE_TEXT];

	if (provider->iban[0] == '\0')
		return err_set(
			err, ERR_GUARD, NULL,
			"No bank account is recorded for provider %s. Nothing was changed. Import it first.",
			provider->code);
	if (tx->today < provider->iban_since + rule->iban_quiet_days)
		return err_set(
			err, ERR_GUARD, NULL,
			"The bank account of provider %s was recorded on %s; payments to it begin %d days later. "
			"Nothing was changed.",
			provider->code, day_format(provider->iban_since, since), rule->iban_quiet_days);
	return 0;
}

static int grants_advance(const struct rule *rule, const struct voucher *v)
{
	return rule->advance_pct > 0 && v->session_end - v->session_start + 1 >= rule->advance_min_days;
}

static int order_advance(struct tx *tx, struct voucher *v, const struct org *provider, int64_t amount,
			 const int64_t *parts, struct entry *e, struct err *err)
{
	struct payment p;

	if (open_payment(tx, provider, PAYMENT_ADVANCE, &p, err) != 0)
		return -1;
	p.amount = amount;
	p.voucher[0] = v->id;
	p.line_amount[0] = amount;
	p.lines = 1;
	for (size_t i = 0; i < v->shares; i++) {
		struct share *s = &v->share[i];

		entry_transfer(e, s->fund, K_ADVANCE, 0, K_ORDERED, p.id, s->lot, parts[i]);
		if (move_credit(tx, s, K_CP_AVAILABLE, K_CP_ORDERED, p.year, parts[i], e, err) != 0)
			return -1;
		s->advance += parts[i];
		s->ordered += parts[i];
	}
	e->payment = p.id;
	v->advance_payment = p.id;
	return insert_payment(tx, &p, err);
}

int payment_advance(struct tx *tx, struct voucher *v, const struct rule *rule, struct entry *e,
		    int64_t *amount, struct err *err)
{
	int64_t parts[SHARES_MAX];
	struct org provider;
	struct err why = {0};

	*amount = grants_advance(rule, v) ? money_share(v->price, rule->advance_pct, 100) : 0;
	if (*amount == 0)
		return 0;
	if (org_get(tx->db, v->provider, &provider, err) != 0 || advance_parts(v, *amount, parts, err) != 0)
		return -1;
	if (check_iban(tx, rule, &provider, &why) != 0 || check_credit(tx, v, parts, &why) != 0) {
		*amount = 0;
		if (why.code == ERR_GUARD || why.code == ERR_BUDGET_EXHAUSTED)
			return 0;
		*err = why;
		return -1;
	}
	return order_advance(tx, v, &provider, *amount, parts, e, err);
}

/* T23 of one voucher into payment p, whose row does not exist yet. */
static int order_one(struct tx *tx, struct voucher *v, struct payment *p, struct err *err)
{
	int64_t parts[SHARES_MAX], sum = 0;
	struct entry e;

	if (tx->actor.role != ROLE_NONE && strcmp(tx->actor.principal, v->validated_by) == 0)
		return err_set(
			err, ERR_SEPARATION_OF_DUTIES, NULL,
			"%s validated this voucher: another person must order its payment. Nothing was changed.",
			v->validated_by);
	for (size_t i = 0; i < v->shares; i++)
		sum += parts[i] = v->share[i].payable;
	if (check_credit(tx, v, parts, err) != 0)
		return -1;
	voucher_begin(tx, v, "order", &e);
	e.payment = p->id;
	for (size_t i = 0; i < v->shares; i++) {
		struct share *s = &v->share[i];

		entry_transfer(&e, s->fund, K_PAYABLE, 0, K_ORDERED, p->id, s->lot, parts[i]);
		if (move_credit(tx, s, K_CP_AVAILABLE, K_CP_ORDERED, p->year, parts[i], &e, err) != 0)
			return -1;
		s->ordered += parts[i];
		s->payable = 0;
	}
	v->billing = BILLING_ORDERED;
	v->payment = p->id;
	snprintf(v->ordered_by, sizeof v->ordered_by, "%s", p->ordered_by);
	p->voucher[p->lines] = v->id;
	p->line_amount[p->lines++] = sum;
	p->amount += sum;
	return voucher_finish(tx, v, &e, err);
}

int voucher_order(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct org provider;
	struct payment p;

	(void)step;
	if (rule_get(tx->db, v->rule, &rule, err) != 0 || org_get(tx->db, v->provider, &provider, err) != 0 ||
	    check_iban(tx, rule, &provider, err) != 0 ||
	    open_payment(tx, &provider, PAYMENT_FINAL, &p, err) != 0 || order_one(tx, v, &p, err) != 0)
		return -1;
	return insert_payment(tx, &p, err);
}

/* Billed vouchers of a provider, oldest first: read before anything is written. */
static int list_billed(struct tx *tx, int64_t provider, size_t max, int64_t *out, size_t *n, struct err *err)
{
	struct stmt *q =
		db_query(tx->db,
			 "SELECT i.voucher FROM invoice i JOIN voucher v ON v.id = i.voucher "
			 "WHERE i.provider = $1 AND v.billing = $2 ORDER BY i.billed_on, i.voucher LIMIT $3",
			 VALS(v_int(provider), v_int(BILLING_BILLED), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		out[(*n)++] = col_int(q, 0);
	return rc;
}

int payment_order(struct tx *tx, int64_t provider_id, size_t max, struct payment *p, struct err *err)
{
	int64_t vouchers[PAYMENT_LINES_MAX];
	struct org provider;
	size_t n;

	if (max > PAYMENT_LINES_MAX)
		max = PAYMENT_LINES_MAX;
	if (tx->actor.role != ROLE_AUTHORISER)
		return err_set(err, ERR_FORBIDDEN, NULL, "Only an authoriser orders payments.");
	if (list_billed(tx, provider_id, max, vouchers, &n, err) != 0)
		return -1;
	if (n == 0)
		return 0;
	if (org_get(tx->db, provider_id, &provider, err) != 0 ||
	    open_payment(tx, &provider, PAYMENT_FINAL, p, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule;
		struct voucher v;
		int rc = voucher_get(tx->db, vouchers[i], &v, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "an invoice without a voucher");
		if (rule_get(tx->db, v.rule, &rule, err) != 0 || check_iban(tx, rule, &provider, err) != 0 ||
		    order_one(tx, &v, p, err) != 0)
			return -1;
	}
	return insert_payment(tx, p, err) == 0 ? 1 : -1;
}

/* The bank paid: Dr 265 Cr 110, notional funds also Dr 210 Cr 130, Dr 823 Cr 822. */
static int pay_share(struct tx *tx, const struct payment *p, struct share *s, int64_t part, struct entry *e,
		     struct err *err)
{
	char missing[MONEY_TEXT];
	int64_t cash, pool;
	struct fund f;

	if (fund_get(tx->db, s->fund, &f, err) != 0 || balance_of(tx->db, f.id, K_CASH, 0, &cash, err) != 0 ||
	    balance_of(tx->db, f.id, K_POOL, 0, &pool, err) != 0)
		return -1;
	/* A notional fund spends pooled money: what it holds must not be spoken for otherwise. */
	if (f.nature == NATURE_NOTIONAL && pool < cash)
		cash = pool;
	if (cash < part) {
		err_set(err, ERR_INSUFFICIENT_FUNDS, NULL,
			"Fund %s lacks %s of cash for this payment. Nothing was changed. Record the money first.",
			f.code, money_format(part - cash, 2, missing));
		err->missing = part - cash;
		return -1;
	}
	entry_transfer(e, s->fund, K_ORDERED, p->id, K_CASH, 0, s->lot, part);
	if (f.nature == NATURE_NOTIONAL)
		entry_transfer(e, s->fund, K_POOL, 0, K_UNFUNDED, 0, s->lot, part);
	s->ordered -= part;
	s->paid += part;
	return move_credit(tx, s, K_CP_ORDERED, K_CP_PAID, p->year, part, e, err);
}

/* The bank rejected: Dr 265 Cr 260 (an advance: Cr 150), Dr 823 Cr 821. */
static int reject_share(struct tx *tx, const struct payment *p, struct share *s, int64_t part,
			struct entry *e, struct err *err)
{
	int advance = p->kind == PAYMENT_ADVANCE;

	entry_transfer(e, s->fund, K_ORDERED, p->id, advance ? K_ADVANCE : K_PAYABLE, 0, s->lot, part);
	s->ordered -= part;
	if (advance)
		s->advance -= part;
	else
		s->payable += part;
	return move_credit(tx, s, K_CP_ORDERED, K_CP_AVAILABLE, p->year, part, e, err);
}

static int check_payer(const struct tx *tx, const struct payment *p, const struct voucher *v, struct err *err)
{
	if (strcmp(tx->actor.principal, p->ordered_by) != 0 &&
	    strcmp(tx->actor.principal, v->validated_by) != 0)
		return 0;
	return err_set(
		err, ERR_SEPARATION_OF_DUTIES, NULL,
		"%s validated or ordered this payment: another person must settle it. Nothing was changed.",
		tx->actor.principal);
}

/* One voucher of the payment. */
static int settle_one(struct tx *tx, const struct payment *p, int64_t amount, int paid, struct voucher *v,
		      struct err *err)
{
	int64_t parts[SHARES_MAX];
	struct entry e;

	if (check_payer(tx, p, v, err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++)
		parts[i] = v->share[i].ordered;
	if (p->kind == PAYMENT_ADVANCE && advance_parts(v, amount, parts, err) != 0)
		return -1;
	voucher_begin(tx, v, paid ? "pay" : "reject", &e);
	e.payment = p->id;
	for (size_t i = 0; i < v->shares; i++)
		if ((paid ? pay_share : reject_share)(tx, p, &v->share[i], parts[i], &e, err) != 0)
			return -1;
	if (p->kind == PAYMENT_ADVANCE) {
		v->advance_payment = 0;
	} else {
		v->billing = paid ? BILLING_PAID : BILLING_BILLED;
		snprintf(v->paid_by, sizeof v->paid_by, "%s", paid ? tx->actor.principal : "");
	}
	return voucher_finish(tx, v, &e, err);
}

int payment_settle(struct tx *tx, struct payment *p, int paid, const char *bank_reference, struct err *err)
{
	if (tx->actor.role != ROLE_ACCOUNTANT)
		return err_set(err, ERR_FORBIDDEN, NULL, "Only an accountant records what the bank did.");
	if (p->state != PAYMENT_ORDERED)
		return err_set(err, ERR_STATE, NULL, "The payment is %s already. Nothing was changed.",
			       payment_state_name(p->state));
	for (size_t i = 0; i < p->lines; i++) {
		struct voucher v;
		int rc = voucher_get(tx->db, p->voucher[i], &v, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a payment without its voucher");
		if (settle_one(tx, p, p->line_amount[i], paid, &v, err) != 0)
			return -1;
	}
	p->state = paid ? PAYMENT_PAID : PAYMENT_REJECTED;
	p->settled_on = tx->today;
	snprintf(p->bank_reference, sizeof p->bank_reference, "%s", bank_reference);
	return db_run(
		tx->db, "UPDATE payment SET state = $2, settled_on = $3, bank_reference = $4 WHERE id = $1",
		VALS(v_int(p->id), v_int(p->state), v_int(p->settled_on), v_text(p->bank_reference)), err);
}

/* The payment that a step on a voucher settles: the advance while it is open, else the final one. */
static int settle_step(struct tx *tx, const struct step *step, int paid, struct voucher *v, struct err *err)
{
	struct payment p;
	char amount[MONEY_TEXT];
	int rc;

	if (payment_get(tx->db, v->advance_payment ? v->advance_payment : v->payment, &p, err) != 0)
		return -1;
	if (paid && step->amount != p.amount)
		return err_set(err, ERR_GUARD, "amount", "The order is for %s. Nothing was changed.",
			       money_format(p.amount, 2, amount));
	if (payment_settle(tx, &p, paid, step->bank_reference, err) != 0)
		return -1;
	rc = voucher_get(tx->db, v->id, v, err);
	return rc == 1 ? 0 : -1;
}

int voucher_pay(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return settle_step(tx, step, 1, v, err);
}

int voucher_reject(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return settle_step(tx, step, 0, v, err);
}
