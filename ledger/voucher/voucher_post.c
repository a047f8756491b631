/*
 * The row of a step, carried out: its postings, its outcome, its entry.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/book/seal.h"
#include "ledger/oversight/alert.h"
#include "ledger/registers/budget.h"
#include "ledger/rights/credit_note.h"
#include "ledger/rights/grant.h"
#include "ledger/voucher/voucher.h"

/* The account of each stage, and whether a debit makes it grow. */
static const struct {
	int kind, by_debit;
} stages[STAGE__MAX] = {
	[STAGE_CARD] = {K_CARD, 1},
	[STAGE_ADVANCE] = {K_ADVANCE, 1},
	[STAGE_RESERVED] = {K_RESERVED, 0},
	[STAGE_COMMITTED] = {K_COMMITTED, 0},
	[STAGE_IN_TRAINING] = {K_IN_TRAINING, 0},
	[STAGE_PAYABLE] = {K_PAYABLE, 0},
	[STAGE_FROZEN] = {K_PAYABLE_FROZEN, 0},
	[STAGE_ORDERED] = {K_ORDERED, 0},
	[STAGE_PAID] = {0, 0},
};

static enum stage stage_of(int kind)
{
	int s = 0;

	while (s < STAGE_PAID && stages[s].kind != kind)
		s++;
	return (enum stage)s;
}

int64_t voucher_at(const struct voucher *v, enum stage stage)
{
	int64_t sum = 0;

	assert(stage < STAGE__MAX && v->shares <= SHARES_MAX);
	for (size_t i = 0; i < v->shares; i++)
		sum += v->share[i].at[stage];
	return sum;
}

/* The holder of this share's account of that kind. */
static int64_t holder_of(const struct voucher *v, const struct share *s, int kind, int year,
			 const struct entry *e)
{
	switch (kind) {
	case K_AVAILABLE:
		return s->lot;
	case K_ORDERED:
		return e->payment;
	case K_UNDUE:
	case K_UNDUE_OPPOSED:
	case K_RECOVERY:
		return v->id;
	case K_UNDUE_LEARNER:
	case K_CREDIT_NOTE:
		return v->learner;
	case K_AE_AVAILABLE:
	case K_AE_COMMITTED:
	case K_AE_FREED:
	case K_AE_BEYOND:
		return day_year(v->accepted_on);
	case K_CP_AVAILABLE:
	case K_CP_ORDERED:
	case K_CP_PAID:
	case K_CP_BEYOND:
		return year;
	default:
		return 0;
	}
}

static void shift(struct share *s, int kind, int64_t by)
{
	enum stage stage = stage_of(kind);

	if (kind == K_CREDIT_NOTE)
		s->noted += by;
	if (stage != STAGE_PAID)
		s->at[stage] += stages[stage].by_debit ? -by : by;
}

static void post_share(struct voucher *v, size_t i, int debit, int credit, int64_t amount, int year,
		       struct entry *e)
{
	struct share *s = &v->share[i];

	assert(amount >= 0);
	assert(debit >= K_CASH && credit >= K_CASH); /* no enum acct */
	entry_transfer(e, s->fund, debit, holder_of(v, s, debit, year, e), credit,
		       holder_of(v, s, credit, year, e), s->lot, amount);
	shift(s, debit, -amount);
	shift(s, credit, amount);
	/* Cash leaves for the provider; by an offset, for the fund that the provider owes. */
	if ((credit == K_CASH && debit == K_ORDERED) || (credit == K_TRANSIT && debit == K_PAYABLE))
		s->at[STAGE_PAID] += amount;
}

/* A co-payment: what has not cleared is called off; what has is the learner's, as a credit note. */
static void return_copay(struct voucher *v, size_t i, int debit, int64_t amount, struct entry *e)
{
	int64_t card = v->share[i].at[STAGE_CARD];
	int64_t clearing = amount < card ? amount : card;

	assert(v->share[i].lot == 0);
	post_share(v, i, debit, K_CARD, clearing, 0, e);
	post_share(v, i, debit, K_CREDIT_NOTE, amount - clearing, 0, e);
}

/* Back to where it came from: the very lot, the co-funder's pool, the learner's card. */
static int give_back(struct tx *tx, struct voucher *v, size_t i, const struct fund *f, int debit,
		     int64_t amount, struct entry *e, struct err *err)
{
	const struct share *s = &v->share[i];
	int granted;

	if (amount == 0)
		return 0;
	if (f->nature == NATURE_COPAY) {
		return_copay(v, i, debit, amount, e);
		return 0;
	}
	if (s->lot == 0) {
		post_share(v, i, debit, K_POOL, amount, 0, e);
		return 0;
	}
	granted = grant_return(tx, v->id, s->lot, amount, err);
	if (granted < 0)
		return -1;
	post_share(v, i, debit, granted ? K_POOL : K_AVAILABLE, amount, 0, e);
	return granted ? 0 : lot_overdue(tx, s->lot, err);
}

static int source_of(const struct share *s, const struct fund *f)
{
	if (s->lot != 0)
		return K_AVAILABLE;
	if (s->credit_note != 0)
		return K_CREDIT_NOTE;
	return f->nature == NATURE_COPAY ? K_CARD : K_POOL;
}

static int is_budget(int kind)
{
	return kind >= K_AE_VOTED;
}

int share_move(struct tx *tx, struct voucher *v, size_t i, int debit, int credit, int64_t amount, int year,
	       struct entry *e, struct err *err)
{
	struct fund f;

	assert(i < v->shares);
	if (amount == 0)
		return 0;
	if (amount < 0)
		return err_bug(err, "a posting below zero");
	if (fund_get(tx->db, v->share[i].fund, &f, err) != 0)
		return -1;
	if (is_budget(debit) && !f.budgeted)
		return 0;
	if (debit == ACCT_SOURCE)
		debit = source_of(&v->share[i], &f);
	switch (credit) {
	case ACCT_BACK:
		return give_back(tx, v, i, &f, debit, amount, e, err);
	case ACCT_NOTE:
		return_copay(v, i, debit, amount, e);
		return 0;
	case ACCT_LOST:
		/* What learners paid themselves is theirs. */
		if (f.nature == NATURE_COPAY) {
			return_copay(v, i, debit, amount, e);
			return 0;
		}
		credit = fund_lost_kind(&f);
		break;
	case ACCT_AE_BACK:
		credit = day_year(tx->today) == day_year(v->accepted_on) ? K_AE_AVAILABLE : K_AE_FREED;
		break;
	default:
		break;
	}
	assert(debit >= ACCT__MAX && credit >= ACCT__MAX); /* the row's words are accounts now */
	post_share(v, i, debit, credit, amount, year != 0 ? year : day_year(tx->today), e);
	return 0;
}

int voucher_move(struct tx *tx, enum transition_id id, struct voucher *v, const struct amounts *a,
		 struct entry *e, struct err *err)
{
	const struct posting *postings = transition_get(id)->postings;

	for (size_t i = 0; i < v->shares; i++)
		for (const struct posting *p = postings; p != NULL && p->of != PART__END; p++) {
			int64_t amount = a->of[i][p->of];

			if (p->of == PART_STAGE)
				amount = v->share[i].at[stage_of(p->debit)];
			if (share_move(tx, v, i, p->debit, p->credit, amount, a->year, e, err) != 0)
				return -1;
		}
	return 0;
}

void voucher_begin(const struct tx *tx, enum transition_id id, const struct voucher *v, const char *reason,
		   struct entry *e)
{
	entry_begin(e, transition_kind(id), tx->today);
	snprintf(e->reason, sizeof e->reason, "%s", reason);
	e->voucher = v->id;
	e->rule = v->rule;
	e->previous = v->head;
}

/* The only member of a set, or what it is already: where a row leaves a choice, the step has made it. */
static unsigned settled(unsigned set, unsigned now)
{
	unsigned only = 0;

	if (set == 0 || (set & (set - 1)) != 0)
		return now;
	while (set >> only != 1)
		only++;
	return only;
}

/* Whether a row allows the move: from one state of a set to one of a set, or to the same state. */
static int allowed(unsigned from, unsigned was, unsigned to, unsigned now)
{
	if ((from & STATE_BIT(was)) == 0)
		return 0;
	return to == 0 ? now == was : (to & STATE_BIT(now)) != 0;
}

/* State, billing and control after the step, which must be what its row names. */
static int take_outcome(const struct transition *t, struct voucher *v, struct err *err)
{
	/* The bank's word on an advance moves money and nothing else. */
	if (t->of_advances && (t->from & STATE_BIT(v->was.state)) == 0) {
		if (v->state != v->was.state || v->billing != v->was.billing || v->control != v->was.control)
			return err_bug(err, "an advance that moves the training");
		return 0;
	}
	v->state = (enum voucher_state)settled(t->to, v->state);
	v->billing = (enum billing_state)settled(t->billing_to, v->billing);
	v->control = (enum control_state)settled(t->control_to, v->control);
	if (!allowed(t->from, v->was.state, t->to, v->state) ||
	    !allowed(t->billing_from, v->was.billing, t->billing_to, v->billing) ||
	    !allowed(t->control_from != 0 ? t->control_from : ~0u, v->was.control, t->control_to, v->control))
		return err_bug(err, "a step whose outcome its row does not name");
	return 0;
}

static void remember(struct voucher *v)
{
	v->was.state = v->state;
	v->was.billing = v->billing;
	v->was.control = v->control;
}

/* The order has come to nothing: its co-payment goes home at once. */
static int is_undone(enum transition_id id)
{
	return id == T9 || id == T9_LAPSE || id == T10 || id == T12 || id == T13 || id == T14_LAPSE;
}

int voucher_follow_notes(struct tx *tx, struct voucher *v, int64_t entry, int at_once, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		struct share *s = &v->share[i];
		struct credit_note note;

		if (s->noted == 0)
			continue;
		note = (struct credit_note){.voucher = s->credit_note != 0 ? s->credit_note : v->id,
					    .learner = v->learner,
					    .fund = s->fund,
					    .rule = v->rule};
		snprintf(note.reference, sizeof note.reference, "%s", v->copay_reference);
		if (s->noted < 0 && credit_note_take(tx, note.voucher, -s->noted, entry, err) != 0)
			return -1;
		if (s->noted > 0 &&
		    credit_note_add(tx, &note, s->noted, at_once && s->credit_note == 0, entry, err) != 0)
			return -1;
		s->noted = 0;
	}
	return 0;
}

int voucher_conclude(struct tx *tx, enum transition_id id, struct voucher *v, struct entry *e,
		     struct err *err)
{
	assert(e->voucher == v->id && e->previous == v->head);
	if (take_outcome(transition_get(id), v, err) != 0 || budget_cover(tx, e, err) != 0)
		return -1;
	if (voucher_is_closed(v) && v->closed_on == DAY_NONE)
		v->closed_on = tx->today;
	if (voucher_check(v, err) != 0 || seal_into(e, &voucher_record, v, err) != 0 ||
	    transition_post(tx, id, e, err) != 0)
		return -1;
	v->head = e->seq;
	remember(v);
	return voucher_follow_notes(tx, v, e->seq, is_undone(id), err);
}

int voucher_finish(struct tx *tx, enum transition_id id, struct voucher *v, struct entry *e, struct err *err)
{
	if (voucher_conclude(tx, id, v, e, err) != 0 || voucher_update(tx, v, err) != 0)
		return -1;
	return alert_watch_budget(tx, e, err);
}

int voucher_note(struct tx *tx, struct voucher *v, struct entry *e, struct err *err)
{
	assert(e->voucher == v->id && e->previous == v->head);
	assert(v->state == v->was.state && v->billing == v->was.billing && v->control == v->was.control);
	if (e->count != 0)
		return err_bug(err, "a note that moves money");
	if (seal_into(e, &voucher_record, v, err) != 0 || journal_post(tx, e, err) != 0)
		return -1;
	v->head = e->seq;
	return voucher_update(tx, v, err);
}
