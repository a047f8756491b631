#include "ledger/treasury/bank_resolve.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/chart.h"
#include "ledger/proof/canon.h"
#include "ledger/registers/fund.h"
#include "ledger/treasury/bank_answer.h"
#include "ledger/treasury/bank_match.h"
#include "ledger/treasury/contribution.h"

const struct decision_kind decision_on_bank_line = {"bank_line", ROLE_BIT(ROLE_ACCOUNTANT),
						    ROLE_BIT(ROLE_OPERATOR), 0};

/* One part under way. */
struct resolving {
	const struct bank_resolution *r;
	struct bank_line *l;
	int64_t amount; /* without its sign */
	day_t on;
	char fund[CODE_MAX + 1]; /* settlement: whose co-payment it was */
};

typedef int enter_fn(struct tx *, struct resolving *, struct err *);

/* --- what a part is -------------------------------------------------------------------- */

static int enter_paid(struct tx *tx, struct resolving *x, struct err *err)
{
	char movement[CODE_MAX + 1];
	const struct bank_word word = {x->r->purpose == BANK_PAID, bank_movement(x->l, movement), x->on};
	struct payment p;
	struct uuid uuid;

	if (uuid_parse(x->r->subject, &uuid) != 0)
		return err_set(err, ERR_FIELD_INVALID, "subject", "A payment is named by its id, a UUID.");
	return bank_confirm(tx, &uuid, &word, x->amount, &p, err);
}

/* Its reference says which line and part it came by. */
static void begin_contribution(const struct resolving *x, enum contribution_kind of, struct contribution *c)
{
	*c = (struct contribution){.kind = of, .amount = x->amount, .value_date = x->on};
	snprintf(c->reference, sizeof c->reference, "bank-line-%" PRId64 "-%" PRId64, x->l->id,
		 x->l->amount - x->l->waiting);
}

/* The fund of the call, or that is named itself. */
static int fund_of(struct tx *tx, const struct resolving *x, struct fund *f, struct err *err)
{
	int64_t fund;
	int rc;

	if (x->r->purpose == BANK_PAYMENT)
		return bank_fund_on(tx->db, x->l, x->r->subject, f, err);
	rc = db_int(tx->db, "SELECT fund FROM contribution WHERE reference = $1 AND kind = $2",
		    VALS(v_text(x->r->subject), v_int(CONTRIBUTION_CALL)), &fund, err);
	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "subject", "There is no call %s.", x->r->subject);
	return rc < 0 || fund_get(tx->db, fund, f, err) != 0 ? -1
							     : bank_fund_on(tx->db, x->l, f->code, f, err);
}

static int enter_money(struct tx *tx, struct resolving *x, struct err *err)
{
	int receipt = x->r->purpose == BANK_RECEIPT;
	struct contribution c;
	enum upsert done;
	struct fund f;
	int64_t seq;

	if (fund_of(tx, x, &f, err) != 0)
		return -1;
	begin_contribution(x, receipt ? CONTRIBUTION_RECEIPT : CONTRIBUTION_PAYMENT, &c);
	if (receipt)
		memcpy(c.call, x->r->subject, sizeof c.call);
	memcpy(c.fund, f.code, sizeof c.fund);
	return contribution_post(tx, &c, &seq, &done, err);
}

static int need_voucher(struct tx *tx, const struct resolving *x, struct voucher *v, struct err *err)
{
	struct uuid uuid;

	if (uuid_parse(x->r->subject, &uuid) != 0)
		return err_set(err, ERR_FIELD_INVALID, "subject", "A voucher is named by its id, a UUID.");
	return voucher_need(tx->db, &uuid, "subject", v, err);
}

/* The fund of the voucher's co-payment; what of it has come is contribution_post()'s to judge. */
static int find_copay_fund(struct tx *tx, const struct voucher *v, struct fund *f, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		const struct share *s = &v->share[i];

		if (s->lot != 0 || s->credit_note != 0)
			continue;
		if (fund_get(tx->db, s->fund, f, err) != 0)
			return -1;
		if (f->nature == NATURE_COPAY)
			return 0;
	}
	return err_set(err, ERR_UNKNOWN_REFERENCE, "subject", "That voucher has no co-payment by card.");
}

static int enter_settlement(struct tx *tx, struct resolving *x, struct err *err)
{
	struct contribution c;
	struct fund f;
	enum upsert done;
	struct voucher v;
	int64_t seq;

	if (need_voucher(tx, x, &v, err) != 0)
		return -1;
	begin_contribution(x, CONTRIBUTION_SETTLEMENT, &c);
	c.voucher = v.uuid;
	c.has_voucher = 1;
	if (find_copay_fund(tx, &v, &f, err) != 0 || bank_fund_on(tx->db, x->l, f.code, &f, err) != 0)
		return -1;
	memcpy(c.fund, f.code, sizeof c.fund);
	memcpy(x->fund, f.code, sizeof x->fund);
	return contribution_post(tx, &c, &seq, &done, err);
}

static int enter_collected(struct tx *tx, struct resolving *x, struct err *err)
{
	struct step step = {.amount = x->amount,
			    .bank_date = x->on,
			    .until = DAY_NONE,
			    .session_start = DAY_NONE,
			    .session_end = DAY_NONE};
	struct voucher v;

	if (need_voucher(tx, x, &v, err) != 0)
		return -1;
	step.voucher = v.uuid;
	memcpy(step.cause, x->r->reason, sizeof step.cause);
	for (size_t i = 0; i < v.shares; i++) {
		struct fund f;

		if (fund_get(tx->db, v.share[i].fund, &f, err) != 0 ||
		    bank_fund_on(tx->db, x->l, f.code, &f, err) != 0)
			return -1;
	}
	return voucher_step(tx, transition_get(T29), &step, &v, err);
}

/* What the entry moved on 110 of the funds that lie on the line's account. */
static int moved_by(struct tx *tx, const struct bank_line *l, const struct entry *e, int64_t *moved,
		    struct err *err)
{
	char account[CODE_MAX + 1];

	*moved = 0;
	if (bank_line_account(tx->db, l, account, err) != 0)
		return -1;
	for (size_t i = 0; i < e->count; i++) {
		const struct transfer *t = &e->transfer[i];
		struct fund f;

		if (t->debit != K_CASH && t->credit != K_CASH)
			continue;
		if (fund_get(tx->db, t->fund, &f, err) != 0)
			return -1;
		if (strcmp(f.bank_account, account) == 0)
			*moved += t->debit == K_CASH ? t->amount : -t->amount;
	}
	return 0;
}

/* An entry before has moved it, on its own day: no other is made, and it stands for one line only. */
static int enter_recorded(struct tx *tx, struct resolving *x, struct err *err)
{
	char *end, is[MONEY_TEXT];
	int64_t seq = strtoll(x->r->subject, &end, 10), moved;
	struct entry e;
	int rc;

	/* One entry has one name: 12, never 012. */
	if (*end != '\0' || x->r->subject[0] < '1' || x->r->subject[0] > '9')
		return err_set(err, ERR_FIELD_INVALID, "subject", "An entry is named by its number.");
	rc = canon_read(tx->db, seq, &e, err);
	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "subject", "There is no entry %" PRId64 ".", seq);
	if (rc < 0 || moved_by(tx, x->l, &e, &moved, err) != 0)
		return -1;
	if (moved != (x->l->waiting < 0 ? -x->amount : x->amount))
		return err_set(err, ERR_AMOUNT_DIFFERS, "amount",
			       "Entry %" PRId64 " moved %s on that bank account.", seq,
			       money_format(moved, tx->env->exponent, is));
	x->on = e.value_date;
	rc = bank_part_known(tx->db, BANK_RECORDED, x->r->subject, err);
	return rc < 0    ? -1
	       : rc == 1 ? err_set(err, ERR_REFERENCE_USED, "subject", "Another line stands for that entry.")
			 : 0;
}

/* What the bank keeps or pays, each on its account of expense or income. */
static const struct {
	enum bank_purpose purpose;
	int account;
} results[] = {
	{BANK_CHARGES, K_BANK_CHARGES},
	{BANK_ACQUIRER_FEE, K_ACQUIRER_FEES},
	{BANK_INTEREST_PAID, K_INTEREST_PAID},
	{BANK_INTEREST, K_INTEREST},
};

/* Covered at once by the fund's own money, with what was not covered before. */
static int add_cover(struct tx *tx, const struct fund *f, int account, int64_t amount, struct entry *e,
		     struct err *err)
{
	int64_t open, pool;

	if (balance_of(tx->db, f->id, account, 0, &open, err) != 0 ||
	    balance_of(tx->db, f->id, K_POOL, 0, &pool, err) != 0)
		return -1;
	open += amount;
	entry_transfer(e, f->id, K_POOL, 0, account, 0, 0, open < pool ? open : pool);
	return 0;
}

/* Charges, fees and interest of that fund. */
static int post_result(struct tx *tx, const struct resolving *x, enum bank_purpose purpose, const char *fund,
		       int64_t amount, struct err *err)
{
	int income = purpose == BANK_INTEREST;
	enum transition_id event = income ? G13_INTEREST : G13_CHARGE;
	size_t i = 0;
	struct fund f;
	struct entry e;

	while (results[i].purpose != purpose)
		i++;
	if (transition_need(tx, event, err) != 0 || bank_fund_on(tx->db, x->l, fund, &f, err) != 0)
		return -1;
	if (income && f.nature == NATURE_COPAY)
		return err_set(err, ERR_FIELD_INVALID, "subject",
			       "Fund %s holds co-payments: interest is for another fund of that account.",
			       f.code);
	entry_begin(&e, transition_kind(event), x->on);
	snprintf(e.reason, sizeof e.reason, "%s", x->r->reason);
	if (income) {
		entry_transfer(&e, f.id, K_CASH, 0, results[i].account, 0, 0, amount);
		entry_transfer(&e, f.id, results[i].account, 0, K_POOL, 0, 0, amount);
	} else {
		entry_transfer(&e, f.id, results[i].account, 0, K_CASH, 0, 0, amount);
		if (add_cover(tx, &f, results[i].account, amount, &e, err) != 0)
			return -1;
	}
	return transition_post(tx, event, &e, err);
}

static int enter_result(struct tx *tx, struct resolving *x, struct err *err)
{
	return post_result(tx, x, x->r->purpose, x->r->subject, x->amount, err);
}

/* What an offset left to the bank: to this fund, or from it. */
static int enter_transit(struct tx *tx, struct resolving *x, struct err *err)
{
	int in = x->l->waiting > 0;
	char most[MONEY_TEXT];
	struct fund f;
	struct entry e;
	int64_t open;

	if (transition_need(tx, G16, err) != 0 || bank_fund_on(tx->db, x->l, x->r->subject, &f, err) != 0 ||
	    balance_of(tx->db, f.id, K_TRANSIT, 0, &open, err) != 0)
		return -1;
	open = in ? open : -open;
	if (open <= 0)
		return err_set(err, ERR_AMOUNT_TOO_HIGH, "subject", "Nothing is in transit %s fund %s.",
			       in ? "to" : "from", f.code);
	if (x->amount > open)
		return err_set(err, ERR_AMOUNT_TOO_HIGH, "amount", "Only %s is in transit %s fund %s.",
			       money_format(open, tx->env->exponent, most), in ? "to" : "from", f.code);
	entry_begin(&e, transition_kind(G16), x->on);
	snprintf(e.reason, sizeof e.reason, "%s", x->r->reason);
	entry_transfer(&e, f.id, in ? K_CASH : K_TRANSIT, 0, in ? K_TRANSIT : K_CASH, 0, 0, x->amount);
	return transition_post(tx, G16, &e, err);
}

static const struct purpose {
	enter_fn *enter;
	int sign; /* of the line: 1 credited, -1 debited, 0 either */
	int two;  /* it creates money: a second person */
} purposes[BANK_PURPOSE__MAX] = {
	[BANK_PAID] = {enter_paid, -1, 0},
	[BANK_RETURNED] = {enter_paid, 1, 0},
	[BANK_RECEIPT] = {enter_money, 1, 1},
	[BANK_SETTLEMENT] = {enter_settlement, 1, 0},
	[BANK_PAYMENT] = {enter_money, 1, 1},
	[BANK_COLLECTED] = {enter_collected, 1, 0},
	[BANK_RECORDED] = {enter_recorded, 0, 0},
	[BANK_CHARGES] = {enter_result, -1, 0},
	[BANK_INTEREST_PAID] = {enter_result, -1, 0},
	[BANK_INTEREST] = {enter_result, 1, 0},
	[BANK_ACQUIRER_FEE] = {enter_result, -1, 0},
	[BANK_TRANSIT] = {enter_transit, 0, 0},
};

int bank_purpose_find(const char *name, enum bank_purpose *out)
{
	for (int i = 1; i < BANK_PURPOSE__MAX; i++)
		if (purposes[i].enter != NULL && strcmp(bank_purpose_name((enum bank_purpose)i), name) == 0) {
			*out = (enum bank_purpose)i;
			return 0;
		}
	return -1;
}

/* --- resolving ------------------------------------------------------------------------------ */

static int check_line(struct tx *tx, struct resolving *x, struct err *err)
{
	const struct purpose *p = &purposes[x->r->purpose];
	char waits[MONEY_TEXT];
	int64_t waiting;

	if (bank_line_get(tx->db, x->r->line, x->l, err) != 0)
		return -1;
	waiting = x->l->waiting < 0 ? -x->l->waiting : x->l->waiting;
	if (waiting == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL, "Bank line %" PRId64 " is entered already.",
			       x->l->id);
	if (p->sign != 0 && p->sign != (x->l->waiting < 0 ? -1 : 1))
		return err_set(err, ERR_FIELD_INVALID, "purpose",
			       "The line was %s: it cannot be of the purpose %s.",
			       x->l->waiting < 0 ? "debited" : "credited", bank_purpose_name(x->r->purpose));
	if (x->r->fee != 0 && (x->r->purpose != BANK_SETTLEMENT || x->r->fee < 0))
		return err_set(err, ERR_FIELD_INVALID, "fee",
			       "Only of a settlement has the acquirer kept a fee.");
	x->amount = x->r->amount == 0 ? waiting + x->r->fee : x->r->amount;
	if (x->amount - x->r->fee > waiting || x->amount <= x->r->fee)
		return err_set(err, ERR_AMOUNT_TOO_HIGH, "amount", "Only %s of the line waits.",
			       money_format(waiting, tx->env->exponent, waits));
	x->on = x->r->on == DAY_NONE ? x->l->booked_on : x->r->on;
	return bank_day(tx, DAY_MIN, &x->on, err);
}

/* The first word waits, the second carries it out. */
static int take_word(struct tx *tx, const struct resolving *x, struct decision *d, struct err *err)
{
	char subject[DECISION_SUBJECT];
	struct content words[] = {{"amount", v_int(x->amount)},
				  {"on", v_day(x->on)},
				  {"purpose", v_text(bank_purpose_name(x->r->purpose))},
				  {"reason", v_text(x->r->reason)},
				  {"subject", v_text(x->r->subject)}};

	return decision_take(tx, &decision_on_bank_line, decision_subject(x->l->id, subject), words,
			     sizeof words / sizeof words[0], d, err);
}

static int need_person(const struct tx *tx, const struct purpose *p, struct err *err)
{
	return role_need(tx,
			 p->two ? decision_on_bank_line.roles | decision_on_bank_line.second
				: decision_on_bank_line.roles,
			 err);
}

/* What the acquirer kept of a settlement: a part of the line that goes the other way. */
static int take_fee(struct tx *tx, struct resolving *x, struct err *err)
{
	const char *fund = x->r->fee_fund[0] != '\0' ? x->r->fee_fund : x->fund;
	struct bank_part part = {.purpose = BANK_ACQUIRER_FEE, .amount = -x->r->fee, .entered_on = x->on};

	if (x->r->fee == 0)
		return 0;
	snprintf(part.subject, sizeof part.subject, "%s", fund);
	memcpy(part.reason, x->r->reason, sizeof part.reason);
	return post_result(tx, x, BANK_ACQUIRER_FEE, fund, x->r->fee, err) != 0
		       ? -1
		       : bank_line_enter(tx, x->l, &part, err);
}

int bank_line_resolve(struct tx *tx, const struct bank_resolution *r, struct bank_line *l, struct decision *d,
		      struct err *err)
{
	const struct purpose *p = &purposes[r->purpose];
	struct resolving x = {.r = r, .l = l};
	struct fund f;
	struct bank_part part = {.purpose = r->purpose};
	int rc;

	assert(r->purpose > BANK_UNKNOWN && r->purpose < BANK_PURPOSE__MAX && p->enter != NULL);
	if (need_person(tx, p, err) != 0 || check_line(tx, &x, err) != 0)
		return -1;
	if (p->two) {
		rc = fund_of(tx, &x, &f, err) != 0 ? -1 : take_word(tx, &x, d, err);
		if (rc != 1)
			return rc;
	}
	if (p->enter(tx, &x, err) != 0)
		return -1;
	part.entered_on = x.on;
	part.amount = l->waiting < 0 ? -x.amount : x.amount;
	memcpy(part.subject, r->subject, sizeof part.subject);
	memcpy(part.reason, r->reason, sizeof part.reason);
	return bank_line_enter(tx, l, &part, err) == 0 && take_fee(tx, &x, err) == 0 ? 1 : -1;
}
