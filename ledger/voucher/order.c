#include "ledger/voucher/order.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/registers/budget.h"
#include "ledger/registers/close_down.h"
#include "ledger/rights/accrual.h"
#include "ledger/rights/credit_note.h"
#include "ledger/voucher/gates.h"

/* Plain texts: the rows that earlier orders of a group have left may go on waiting (store/shape.h). */
static const char card_sql[] = "SELECT id FROM voucher WHERE copay_reference = $1";
static const char ordered_sql[] = "SELECT id, course, state, session_start, session_end FROM voucher "
				  "WHERE learner = $1 ORDER BY id";

void order_ahead(struct db *db, int64_t learner, const char *card)
{
	db_ahead(db, ordered_sql, VALS(v_int(learner)));
	if (card[0] != '\0')
		db_ahead(db, card_sql, VALS(v_text(card)));
}

int order_refused(struct refusals *r, struct err *err)
{
	if (r == NULL || err_http(err->code) >= 500)
		return -1;
	if (r->count < REFUSALS_MAX)
		r->at[r->count++] = *err;
	memset(err, 0, sizeof *err);
	return 0;
}

static int check_learner(struct tx *tx, const struct learner *l, struct err *err)
{
	if (tx->today < l->active_from || (l->closed_on != DAY_NONE && tx->today >= l->closed_on))
		return err_set(err, ERR_ACCOUNT_NOT_ACTIVE, "learner",
			       "The learner's account is not active today.");
	return 0;
}

static int find_learner(struct tx *tx, const struct accept *a, struct learner *l, struct err *err)
{
	if (learner_need_own(tx->db, &tx->actor, a->learner, "learner", l, err) != 0)
		return -1;
	return check_learner(tx, l, err) == 0 ? 0 : order_refused(a->refusals, err);
}

static int find_copay_fund(struct tx *tx, struct order *o, struct err *err)
{
	if (o->rule->copay_fund[0] == '\0')
		return 0;
	return fund_of_rule(tx->db, o->rule->copay_fund, &o->copay_fund, err);
}

/* Checks of every order on the day it is made or accepted. */
static int complete(struct tx *tx, struct order *o, struct err *err)
{
	memset(&o->copay_fund, 0, sizeof o->copay_fund);
	memset(&o->cofund, 0, sizeof o->cofund);
	if ((course_eligible(tx->db, &o->course, tx->today, err) != 0 &&
	     order_refused(o->refusals, err) != 0) ||
	    (order_check_kind(o, err) != 0 && order_refused(o->refusals, err) != 0) ||
	    (order_check_again(tx, o, err) != 0 && order_refused(o->refusals, err) != 0) ||
	    org_get(tx->db, o->course.provider, &o->provider, err) != 0)
		return -1;
	return find_copay_fund(tx, o, err);
}

/* The rule the order is judged by; one that comes directly must come inside its window. */
static int find_rule(struct tx *tx, const struct accept *a, const struct learner *l, const struct rule **out,
		     struct err *err)
{
	char from[DATE_TEXT], to[DATE_TEXT], now[DATE_TEXT];
	const struct rule *r;

	if (a->draw != 0)
		return rule_get(tx->db, a->draw, out, err);
	if (rule_on(tx->db, l->programme, tx->today, out, err) != 0)
		return -1;
	r = *out;
	if (r->intake == INTAKE_ALWAYS || (tx->today >= r->intake_from && tx->today <= r->intake_to))
		return 0;
	err_set(err, ERR_INTAKE_CLOSED, NULL,
		"Programme %s, version %s, takes orders from %s to %s; today is %s.", r->programme,
		r->version, day_format(r->intake_from, from), day_format(r->intake_to, to),
		day_format(tx->today, now));
	return order_refused(a->refusals, err);
}

int order_open(struct tx *tx, enum transition_id id, const struct accept *a, struct order *o, struct err *err)
{
	struct gate_subject subject;

	o->voucher = 0;
	o->refusals = a->refusals;
	if (find_learner(tx, a, &o->learner, err) != 0 ||
	    course_need(tx->db, a->course, "course", &o->course, err) != 0 ||
	    find_rule(tx, a, &o->learner, &o->rule, err) != 0)
		return -1;
	subject = (struct gate_subject){
		.learner = o->learner.id, .provider = o->course.provider, .rule = o->rule};
	if ((gates_check(tx, transition_get(id), &subject, err) != 0 &&
	     order_refused(o->refusals, err) != 0) ||
	    complete(tx, o, err) != 0)
		return -1;
	return order_session(tx, o, a->session_start, a->session_end, err) == 0
		       ? 0
		       : order_refused(o->refusals, err);
}

int order_of(struct tx *tx, const struct voucher *v, struct order *o, struct err *err)
{
	o->voucher = v->id;
	o->refusals = NULL;
	if (learner_get(tx->db, v->learner, &o->learner, err) != 0 ||
	    check_learner(tx, &o->learner, err) != 0 || course_get(tx->db, v->course, &o->course, err) != 0 ||
	    rule_get(tx->db, v->rule, &o->rule, err) != 0)
		return -1;
	return complete(tx, o, err);
}

/* A session is as long as its course at most: its length decides on an advance, its end on every deadline. */
static int check_end(const struct order *o, struct err *err)
{
	day_t last = o->session_start + o->course.days - 1;
	char start[DATE_TEXT], limit[DATE_TEXT];

	day_format(o->session_start, start);
	if (o->session_end < o->session_start)
		return err_set(err, ERR_FIELD_INVALID, "session_end",
			       "The session would end before it starts on %s.", start);
	if (o->session_end > last)
		return err_set(
			err, ERR_FIELD_INVALID, "session_end",
			"A session of course %s lasts at most %d days: a session that starts on %s ends by %s.",
			o->course.code, o->course.days, start, day_format(last, limit));
	return 0;
}

int order_session(struct tx *tx, struct order *o, day_t first, day_t last, struct err *err)
{
	char start[DATE_TEXT], limit[DATE_TEXT];

	o->session_start = first;
	o->session_end = last != DAY_NONE ? last : first + o->course.days - 1;
	day_format(first, start);
	if (first < tx->today)
		return err_set(err, ERR_FIELD_INVALID, "session_start",
			       "The session began on %s: it is too late to order.", start);
	if (check_end(o, err) != 0)
		return -1;
	if (first < o->course.open_from || (o->course.open_to != DAY_NONE && first > o->course.open_to))
		return err_set(err, ERR_NOT_ELIGIBLE, "session_start",
			       "No session of course %s starts on %s.", o->course.code, start);
	if (o->rule->start_within_days > 0 && first > tx->today + o->rule->start_within_days)
		return err_set(err, ERR_SESSION_TOO_FAR, "session_start", "The session must start by %s.",
			       day_format(tx->today + o->rule->start_within_days, limit));
	return close_down_check_session(tx, o->learner.programme, first, err);
}

/* Is the row of ordered_sql under way, and its session of the same course on some of the same days? */
static int overlaps(struct stmt *q, const struct order *o)
{
	enum voucher_state state = (enum voucher_state)col_int(q, 2);

	return col_int(q, 1) == o->course.id &&
	       (state == VOUCHER_ACCEPTED || state == VOUCHER_ENTERED || state == VOUCHER_COFUND_WAIT) &&
	       col_day(q, 3) <= o->session_end && col_day(q, 4) >= o->session_start;
}

int order_check_overlap(struct tx *tx, const struct order *o, int confirmed, struct err *err)
{
	char start[DATE_TEXT], uuid[UUID_TEXT];
	struct voucher other;
	struct stmt *q;
	int64_t id;
	int rc;

	if (confirmed)
		return 0;
	q = db_query(tx->db, ordered_sql, VALS(v_int(o->learner.id)), err);
	while ((rc = db_step(q, err)) == 1 && !overlaps(q, o))
		;
	if (rc != 1)
		return rc;
	id = col_int(q, 0);
	db_done(q);
	if (voucher_get(tx->db, id, &other, err) != 0)
		return -1;
	return err_set(
		err, ERR_SESSION_OVERLAPS, "overlap_confirmed",
		"The learner has ordered course %s already, for a session that starts on %s: voucher %s.",
		o->course.code, day_format(other.session_start, start), uuid_format(&other.uuid, uuid));
}

/* Lots with what is asked of their funds. */
static int with_funds(struct tx *tx, const struct lot *lots, size_t n, struct drawdown_lot *out,
		      struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct fund f;

		if (fund_get(tx->db, lots[i].fund, &f, err) != 0)
			return -1;
		out[i].lot = lots[i];
		memcpy(out[i].class_, f.class_, sizeof out[i].class_);
		memcpy(out[i].fund_code, f.code, sizeof out[i].fund_code);
	}
	return 0;
}

/* The plan from the learner's lots, and from the grant that is offered. */
static int plan_once(struct tx *tx, struct order *o, const struct drawdown_request *request, struct err *err)
{
	struct lot lots[LOTS_MAX + 1];
	struct drawdown_lot ranked[LOTS_MAX + 1];
	size_t n;

	if (lot_list(tx->db, o->learner.id, lots, &n, err) != 0)
		return -1;
	if (o->grant.amount > 0) {
		lots[n] = o->grant.lot;
		lots[n].id = GRANT_LOT;
		lots[n++].balance = o->grant.amount;
	}
	if (with_funds(tx, lots, n, ranked, err) != 0)
		return -1;
	return drawdown_plan(o->rule, request, ranked, n, &o->plan, err);
}

/* The part that neither lots nor the learner pay. */
static int64_t lacking(const struct order *o, const struct drawdown_request *r)
{
	int64_t own = r->learner_pays - o->plan.copay;

	for (size_t i = 0; i < r->notes; i++)
		own += r->note[i].balance;

	return o->plan.missing - (own > 0 ? own : 0);
}

/* The plan was refused: drawn again with a grant, and once more where its class waives the co-payment. */
static int plan_with_grant(struct tx *tx, struct order *o, const struct drawdown_request *request,
			   struct err *err)
{
	int rc = -1;

	for (int i = 0; rc != 0 && i < 2; i++) {
		int64_t lacks = lacking(o, request), had = o->grant.amount;
		struct err why = *err;

		if (lacks <= 0 ||
		    (err->code != ERR_INSUFFICIENT_ENTITLEMENT && err->code != ERR_COPAY_REQUIRED))
			return -1;
		memset(err, 0, sizeof *err);
		rc = grant_find(tx, &o->learner, &o->course, had + lacks, &o->grant, err);
		if (rc < 0)
			return -1;
		if (rc == 0 || o->grant.amount == had) {
			*err = why;
			return -1;
		}
		rc = plan_once(tx, o, request, err);
	}
	return rc;
}

/* A card or bank movement pays one order, once: also when that order came to nothing. */
static int check_card(struct tx *tx, const struct own_payment *paid, struct err *err)
{
	int64_t voucher;
	int rc;

	if (paid->captured == 0 || paid->reference == NULL)
		return 0;
	if (paid->reference[0] == '\0')
		return err_set(err, ERR_FIELD_MISSING, "learner_payment.reference",
			       "Give the reference of the card or bank movement by which the learner paid.");
	rc = db_int(tx->db, card_sql, VALS(v_text(paid->reference)), &voucher, err);
	if (rc == 1)
		return err_set(err, ERR_REFERENCE_USED, "learner_payment.reference",
			       "Movement %s paid another order before. Capture the payment of this one, and "
			       "name its own movement.",
			       paid->reference);
	return rc;
}

/* Own money that came back before, the oldest first, where the learner agrees. */
static int find_notes(struct tx *tx, struct order *o, const struct own_payment *paid,
		      struct drawdown_request *r, struct err *err)
{
	struct credit_note notes[CREDIT_NOTES_MAX];
	size_t n;

	r->notes = 0;
	if (!paid->from_notes || o->copay_fund.id == 0)
		return 0;
	if (credit_note_list(tx->db, o->learner.id, notes, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && r->notes < OWN_NOTES_MAX; i++)
		if (notes[i].fund == o->copay_fund.id)
			r->note[r->notes++] = (struct drawdown_note){notes[i].voucher, notes[i].balance};
	return 0;
}

static struct drawdown_request request_of(const struct tx *tx, const struct order *o, int64_t price)
{
	return (struct drawdown_request){
		.price = price,
		.exponent = tx->env->exponent,
		.on = tx->today,
		.start = o->session_start,
		.certification = o->course.certification,
		.action_name = action_type_name(o->course.action_type),
		.provider_siret = o->provider.siret,
		.region = o->course.region,
		.learner_status = o->learner.status,
		.copay_fund = o->copay_fund.id,
		.cofund = o->cofund.id,
	};
}

int order_exempts_status(const struct order *o)
{
	for (size_t i = 0; i < o->rule->copay_exempt_statuses; i++)
		if (strcmp(o->rule->copay_exempt_status[i], o->learner.status) == 0)
			return 1;
	return 0;
}

int order_rights(struct tx *tx, const struct order *o, struct drawdown_lot *out, int *usable, size_t *n,
		 struct err *err)
{
	const struct drawdown_request request = request_of(tx, o, o->course.price);
	struct lot lots[LOTS_MAX];

	if (lot_list(tx->db, o->learner.id, lots, n, err) != 0 || with_funds(tx, lots, *n, out, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		usable[i] = drawdown_in_scope(&request, &lots[i]);
	return 0;
}

/* A shortfall says when there is more. */
static int refuse_short(struct tx *tx, const struct order *o, struct err *err)
{
	struct err failed = {0};
	day_t more;

	if (err->code != ERR_INSUFFICIENT_ENTITLEMENT)
		return -1;
	if (accrual_next(tx, o->rule, o->learner.id, &more, &failed) != 0) {
		*err = failed;
		return -1;
	}
	err->has_next_due = more != DAY_NONE;
	err->next_due = more;
	return -1;
}

int order_plan(struct tx *tx, struct order *o, int64_t price, const struct own_payment *paid, struct err *err)
{
	struct drawdown_request request = request_of(tx, o, price);

	request.learner_pays = paid->captured;
	o->grant.amount = 0;
	if (check_card(tx, paid, err) != 0 || find_notes(tx, o, paid, &request, err) != 0)
		return -1;
	/* A fund that is asked by name takes the place of all grants by rule. */
	if (plan_once(tx, o, &request, err) != 0 &&
	    (o->cofund.id != 0 || plan_with_grant(tx, o, &request, err) != 0))
		return refuse_short(tx, o, err);
	return order_check_third_party(tx, o, err);
}

/* Number and name follow the last voucher's, so that both indexes grow at their right edge. */
static int number(struct tx *tx, struct voucher *v, struct err *err)
{
	struct uuid last;

	if (voucher_last(tx->db, &v->id, &last, err) != 0)
		return -1;
	v->id++;
	if (v->id > VOUCHER_NUMBER_MAX)
		return err_set(err, ERR_LIMIT, NULL,
			       "The ledger has reached its largest number of vouchers.");
	if (uuid7(tx->env, tx->now, &last, &v->uuid) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The system's random number generator failed.");
	return 0;
}

int order_begin(struct tx *tx, const struct order *o, struct voucher *v, struct err *err)
{
	memset(v, 0, sizeof *v);
	v->learner = o->learner.id;
	v->provider = o->course.provider;
	v->course = o->course.id;
	memcpy(v->certification, o->course.certification, sizeof v->certification);
	v->action_type = o->course.action_type;
	v->rule = o->rule->id;
	v->price = o->course.price;
	v->hours = o->course.hours;
	v->session_start = o->session_start;
	v->session_end = o->session_end;
	v->requested_on = tx->today;
	v->accepted_on = v->due_on = v->started_on = v->exited_on = v->billed_on = v->closed_on = DAY_NONE;
	v->completion = v->missed_hours = -1;
	v->payable = -1;
	return number(tx, v, err);
}

/* Is there authority for what the voucher takes from a fund (all its shares)? */
static int check_fund_authority(struct tx *tx, const struct voucher *v, const struct fund *f, struct err *err)
{
	int year = day_year(tx->today);
	int64_t available, wanted = 0;
	char has[MONEY_TEXT];

	for (size_t i = 0; i < v->shares; i++)
		wanted += v->share[i].fund == f->id ? v->share[i].amount : 0;
	if (balance_of(tx->db, f->id, K_AE_AVAILABLE, year, &available, err) != 0)
		return -1;
	if (available >= wanted)
		return 0;
	err_set(err, ERR_BUDGET_EXHAUSTED, NULL,
		"Fund %s may still commit %s in %d, less than this order takes.", f->code,
		money_format(available, tx->env->exponent, has), year);
	err->missing = wanted - available;
	return -1;
}

int order_check_authority(struct tx *tx, const struct voucher *v, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		struct fund f;

		if (fund_get(tx->db, v->share[i].fund, &f, err) != 0 ||
		    (budget_stops(&f) && check_fund_authority(tx, v, &f, err) != 0))
			return -1;
	}
	return 0;
}

/* A co-funder's money moves when the co-funder has agreed. */
static int waits(enum transition_id id, const struct order *o, const struct share *s)
{
	return id == T7 && s->lot == 0 && s->fund != o->copay_fund.id;
}

int order_take(struct tx *tx, enum transition_id id, const struct order *o, struct voucher *v,
	       struct entry *e, struct err *err)
{
	struct amounts a = {0};

	v->copay = o->plan.copay;
	for (size_t i = 0; i < o->plan.count; i++) {
		const struct drawdown_share *p = &o->plan.share[i];
		struct share *s = &v->share[v->shares++];
		int granted = p->lot == GRANT_LOT;

		*s = (struct share){.place = (int)i,
				    .fund = p->fund,
				    .lot = granted ? o->grant.lot.id : p->lot,
				    .credit_note = p->credit_note,
				    .amount = p->amount};
		a.of[i][PART_SHARE] = waits(id, o, s) ? 0 : s->amount;
		a.of[i][PART_GRANT] = granted ? o->grant.amount : 0;
	}
	if (id != T7 && order_check_authority(tx, v, err) != 0)
		return -1;
	return voucher_move(tx, id, v, &a, e, err);
}
