/*
 * Each fund's part of each voucher stands where the journal says it stands.
 *
 * The stages of a share are the sums of the voucher's transfers by fund and lot
 * (ledger/field.md#the-moneys-path); the plan is what its acceptance committed and
 * adds up to the price (invariant 3 of ledger/field.md); a closed voucher has
 * nothing on its way (4); what validation made payable is the split by largest
 * remainder, computed here once more (10).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"
#include "ledger/audit/tally.h"

enum {
	CARD,
	ADVANCE,
	COMMITTED,
	IN_TRAINING,
	PAYABLE,
	ORDERED,
	PAID,
	RESERVED,
	FROZEN,
	STAGES,
	PLAN = STAGES,
	OWED,
	COLUMNS
};

/* States in which a fee is owed: the co-payment has no part in it. */
#define STATE_CANCELLED_LEARNER 6
#define STATE_NO_SHOW           16
#define NATURE_COPAY            3

static const char *const stage[STAGES] = {
	[CARD] = "clearing (account 140)",       [ADVANCE] = "advanced (account 150)",
	[COMMITTED] = "committed (account 240)", [IN_TRAINING] = "in training (account 250)",
	[PAYABLE] = "payable (account 260)",     [ORDERED] = "ordered (account 265)",
	[PAID] = "paid (account 110)",           [RESERVED] = "reserved (account 230)",
	[FROZEN] = "frozen (account 261)",
};

/* What lies between acceptance and the bank: nothing of it once a voucher is closed. */
static const int open_stage[] = {ADVANCE, COMMITTED, IN_TRAINING, PAYABLE, ORDERED, RESERVED, FROZEN};

struct state {
	struct tally tally;
};

struct share {
	int64_t fund, lot, amount;
	int copay;
	int64_t stage[STAGES];
};

struct voucher {
	int64_t id;
	int64_t price;
	int64_t payable; /* what validation owes; -1 not validated */
	int closed;
	int accepted;
	int fee; /* 1: what is payable is a fee */
	int exists;
	struct share share[SHARE_ID_STEP];
	size_t shares;
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	return tally_open(&s->tally, COLUMNS, err);
}

static struct table_key key_of(int64_t voucher, int64_t fund, int64_t lot)
{
	return (struct table_key){(uint64_t)voucher, (uint64_t)fund << 33 ^ (uint64_t)lot};
}

static char *part_text(const struct audit *a, struct table_key key, char out[AUDIT_ACCOUNT_TEXT])
{
	int64_t lot = (int64_t)(key.b & HOLDER_MAX);
	char code[AUDIT_FUND_TEXT];

	audit_fund_code(a, (int64_t)(key.b >> 33), code);
	if (lot == 0)
		snprintf(out, AUDIT_ACCOUNT_TEXT, "Voucher %" PRId64 ", co-payment in fund %s",
			 (int64_t)key.a, code);
	else
		snprintf(out, AUDIT_ACCOUNT_TEXT, "Voucher %" PRId64 ", lot %" PRId64 " of fund %s",
			 (int64_t)key.a, lot, code);
	return out;
}

/* The stage an account keeps, or -1; debits: 1 when it grows by debits. */
static int stage_of(int kind, int *debits)
{
	*debits = kind == 140 || kind == 150;
	switch (kind) {
	case 140:
		return CARD;
	case 150:
		return ADVANCE;
	case 230:
		return RESERVED;
	case 240:
		return COMMITTED;
	case 250:
		return IN_TRAINING;
	case 260:
		return PAYABLE;
	case 261:
		return FROZEN;
	case 265:
		return ORDERED;
	default:
		return -1;
	}
}

/* Kinds of entries that commit a plan, and that make something payable. */
static const char *const accepting[] = {"accept", "approve_cofunding", NULL};
static const char *const owing[] = {"validate", "reduce", "cancel_late", "no_show", NULL};

static int is_one_of(const char *kind, const char *const *kinds)
{
	while (*kinds != NULL && strcmp(*kinds, kind) != 0)
		kinds++;
	return *kinds != NULL;
}

static int transfer(struct state *s, const struct entry *e, const struct transfer *t, struct err *err)
{
	struct table_key key = key_of(e->voucher, t->fund, t->lot);
	int64_t less = audit_less(0, t->amount);
	int debits;
	int from = stage_of(t->debit, &debits);
	int rc = 0;

	if (from >= 0)
		rc |= tally_journal(&s->tally, key, (size_t)from, debits ? t->amount : less, e->seq, err);
	from = stage_of(t->credit, &debits);
	if (from >= 0)
		rc |= tally_journal(&s->tally, key, (size_t)from, debits ? less : t->amount, e->seq, err);
	/* An offset pays, too: through 112, and in the journals of earlier programs through 110. */
	if ((t->debit == 265 && t->credit == 110) ||
	    (t->debit == 260 && (t->credit == 112 || t->credit == 110)))
		rc |= tally_journal(&s->tally, key, PAID, t->amount, e->seq, err);
	if (t->debit == 110 && t->credit == 265)
		rc |= tally_journal(&s->tally, key, PAID, less, e->seq, err);
	if (t->credit == 240 && is_one_of(e->kind, accepting))
		rc |= tally_journal(&s->tally, key, PLAN, t->amount, e->seq, err);
	if (t->credit == 260 && is_one_of(e->kind, owing))
		rc |= tally_journal(&s->tally, key, OWED, t->amount, e->seq, err);
	return rc;
}

/* Money due to a funder or a learner is paid like a voucher's, but concerns none (check_refunds.c). */
static int is_refund(const struct transfer *t)
{
	return ((t->debit == 280 || t->debit == 270) && t->credit == 265) ||
	       (t->debit == 265 && (t->credit == 280 || t->credit == 270 || t->credit == 110));
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;
	const struct entry *e = &row->e;
	int ignored;

	if (row->headless)
		return 0;
	for (size_t i = 0; i < e->count; i++) {
		const struct transfer *t = &e->transfer[i];

		if (e->voucher != 0) {
			if (transfer(s, e, t, err) != 0)
				return -1;
		} else if (!is_refund(t) &&
			   (stage_of(t->debit, &ignored) >= 0 || stage_of(t->credit, &ignored) >= 0)) {
			audit_fault(a, e->seq,
				    "Entry %" PRId64
				    ", line %d moves from %d to %d, but concerns no voucher.",
				    e->seq, row->line[i], t->debit, t->credit);
		}
	}
	return 0;
}

static wide_t weight(const struct voucher *v, size_t i)
{
	return v->fee && v->share[i].copay ? 0 : (wide_t)v->share[i].amount;
}

/* Largest remainder, ties to the earlier place.  The parts add up to total; 0, or -1 when that cannot be. */
static int split(int64_t total, const struct voucher *v, int64_t parts[SHARE_ID_STEP])
{
	wide_t remainder[SHARE_ID_STEP];
	wide_t sum = 0;
	int64_t left = total;

	for (size_t i = 0; i < v->shares; i++) {
		if (v->share[i].amount < 0)
			return -1;
		sum += weight(v, i);
	}
	if (total < 0 || (wide_t)total > sum)
		return -1;
	for (size_t i = 0; i < v->shares; i++) {
		wide_t product = (wide_t)total * weight(v, i);

		parts[i] = sum ? (int64_t)(product / sum) : 0;
		remainder[i] = sum ? product % sum : 0;
		left -= parts[i];
	}
	for (; left > 0; left--) {
		size_t most = 0;

		for (size_t i = 1; i < v->shares; i++)
			if (remainder[i] > remainder[most])
				most = i;
		parts[most]++;
		remainder[most] = 0;
	}
	return 0;
}

static void check_closed(struct audit *a, const struct voucher *v, const struct share *x)
{
	char text[AUDIT_ACCOUNT_TEXT], amount[MONEY_TEXT];

	for (size_t i = 0; v->closed && i < sizeof open_stage / sizeof open_stage[0]; i++)
		if (x->stage[open_stage[i]] != 0)
			audit_fault(a, 0, "%s: the voucher is closed, but %s is %s.",
				    part_text(a, key_of(v->id, x->fund, x->lot), text),
				    audit_money(a, x->stage[open_stage[i]], amount), stage[open_stage[i]]);
}

static int check_voucher(struct audit *a, struct state *s, const struct voucher *v, struct err *err)
{
	int64_t parts[SHARE_ID_STEP] = {0};
	int64_t sum = 0;
	char plan[MONEY_TEXT], price[MONEY_TEXT];
	int rc = 0;

	for (size_t i = 0; i < v->shares; i++)
		sum = audit_sum(sum, v->share[i].amount);
	audit_looked(a, v->exists);
	if (!v->exists)
		audit_fault(a, 0, "Voucher %" PRId64 " has shares, but does not exist.", v->id);
	else if ((v->accepted || v->shares > 0) && sum != v->price)
		audit_fault(a, 0,
			    "Voucher %" PRId64 ": the shares of its plan add up to %s, its price is %s.",
			    v->id, audit_money(a, sum, plan), audit_money(a, v->price, price));
	if (v->payable >= 0 && split(v->payable, v, parts) != 0)
		audit_fault(a, 0, "Voucher %" PRId64 ": %s is payable, its plan has only %s.", v->id,
			    audit_money(a, v->payable, price), audit_money(a, sum, plan));
	for (size_t i = 0; i < v->shares; i++) {
		const struct share *x = &v->share[i];
		struct table_key key = key_of(v->id, x->fund, x->lot);

		check_closed(a, v, x);
		for (size_t c = 0; c < STAGES; c++)
			rc |= tally_stored(&s->tally, key, c, x->stage[c], err);
		rc |= tally_stored(&s->tally, key, PLAN, v->accepted ? x->amount : 0, err);
		rc |= tally_stored(&s->tally, key, OWED, parts[i], err);
	}
	return rc;
}

static void take_share(const struct audit *a, struct stmt *q, struct voucher *v)
{
	struct share *x = &v->share[v->shares++];
	const struct audit_fund *fund;

	x->fund = col_int(q, 1);
	x->lot = col_int(q, 2);
	x->amount = col_int(q, 3);
	for (int c = 0; c < STAGES; c++)
		x->stage[c] = col_int(q, 4 + c);
	fund = audit_fund_find(a, x->fund);
	x->copay = fund != NULL && fund->nature == NATURE_COPAY;
}

/* Vouchers and shares lie in the same order: read side by side. */
static int read_vouchers(struct audit *a, struct state *s, struct err *err)
{
	struct stmt *vouchers = db_query(
		a->db, "SELECT id, price, payable, closed_on, accepted_on, state FROM voucher ORDER BY id",
		NO_VALS, err);
	struct stmt *shares =
		db_query(a->db,
			 "SELECT id, fund, lot, amount, card, advance, committed, in_training, payable, "
			 "       ordered, paid, reserved, frozen "
			 "FROM share ORDER BY id",
			 NO_VALS, err);
	int more_vouchers = db_step(vouchers, err);
	int more_shares = db_step(shares, err);
	int rc = 0;

	while (rc == 0 && more_vouchers >= 0 && more_shares >= 0 && (more_vouchers || more_shares)) {
		struct voucher v = {.payable = -1, .accepted = 1};
		int64_t of = more_shares ? col_int(shares, 0) / SHARE_ID_STEP : 0;

		v.exists = more_vouchers && (!more_shares || col_int(vouchers, 0) <= of);
		v.id = v.exists ? col_int(vouchers, 0) : of;
		if (v.exists) {
			v.price = col_int(vouchers, 1);
			v.payable = col_null(vouchers, 2) ? -1 : col_int(vouchers, 2);
			v.closed = !col_null(vouchers, 3);
			v.accepted = !col_null(vouchers, 4);
			v.fee = col_int(vouchers, 5) == STATE_CANCELLED_LEARNER ||
				col_int(vouchers, 5) == STATE_NO_SHOW;
			more_vouchers = db_step(vouchers, err);
		}
		while (more_shares == 1 && col_int(shares, 0) / SHARE_ID_STEP == v.id &&
		       v.shares < SHARE_ID_STEP) {
			take_share(a, shares, &v);
			more_shares = db_step(shares, err);
		}
		rc = check_voucher(a, s, &v, err);
	}
	db_done(vouchers);
	db_done(shares);
	return rc != 0 || more_vouchers < 0 || more_shares < 0 ? -1 : 0;
}

static void name(struct audit *a, const struct difference *d)
{
	char text[AUDIT_ACCOUNT_TEXT], stored[MONEY_TEXT], journal[MONEY_TEXT];

	part_text(a, d->key, text);
	audit_money(a, d->stored, stored);
	audit_money(a, d->journal, journal);
	if (d->column == PLAN)
		audit_fault(a, d->seq, "%s: the plan says %s, its acceptance committed %s.", text, stored,
			    journal);
	else if (d->column == OWED)
		audit_fault(a, d->seq, "%s: validation made %s payable, its part by largest remainder is %s.",
			    text, journal, stored);
	else
		audit_fault(a, 0, "%s: the share says %s %s, the journal %s.", text, stored, stage[d->column],
			    journal);
}

static int end(struct audit *a, void *state, struct err *err)
{
	struct state *s = state;
	struct difference d;
	size_t at = 0;

	if (read_vouchers(a, s, err) != 0)
		return -1;
	if (tally_close(&s->tally))
		return 1;
	while (tally_next(&s->tally, &at, &d))
		name(a, &d);
	if (tally_more(&s->tally))
		audit_fault(a, 0, "More shares differ than can be named in one run.");
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	tally_free(&s->tally);
	free(s);
}

const struct audit_check check_shares = {
	.name = "shares",
	.what = "every voucher's shares stand where the journal says, add up to the price and split to the cent",
	.unit = "vouchers",
	.open = begin,
	.entry = entry,
	.close = end,
	.free = release,
};
