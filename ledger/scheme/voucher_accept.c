/*
 * T6: an order is accepted, its plan is drawn and the money is committed.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/scheme/voucher.h"

static int find_learner(struct tx *tx, const char *code, struct learner *l, struct err *err)
{
	int rc = learner_find(tx->db, code, l, err);

	/* Another portal's learner does not exist for this one. */
	if (rc == 1 && tx->actor.role == ROLE_PORTAL && l->portal != 0 && l->portal != tx->actor.org)
		rc = 0;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "learner",
			       "There is no such learner. Nothing was changed.");
	if (rc < 0)
		return -1;
	if (tx->today < l->active_from || (l->closed_on != DAY_NONE && tx->today >= l->closed_on))
		return err_set(err, ERR_GUARD, "learner",
			       "The learner's account is not active today. Nothing was changed.");
	return 0;
}

static int find_course(struct tx *tx, const char *code, struct course *c, struct org *provider,
		       struct err *err)
{
	int rc = course_find(tx->db, code, c, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "course", "There is no course %s. Nothing was changed.",
			       code);
	if (rc < 0 || course_eligible(tx->db, c, tx->today, err) != 0)
		return -1;
	return org_get(tx->db, c->provider, provider, err);
}

/* The rule the order is judged by; one that comes directly must come inside its window. */
static int find_rule(struct tx *tx, const struct accept *a, const struct learner *l, const struct rule **out,
		     struct err *err)
{
	char from[DATE_TEXT], to[DATE_TEXT], now[DATE_TEXT];
	const struct rule *r;
	day_t today;

	if (a->draw != 0)
		return rule_get(tx->db, a->draw, out, err);
	if (rule_on(tx->db, l->programme, tx->today, out, err) != 0)
		return -1;
	r = *out;
	today = zone_day(r->zone, tx->now);
	if (r->intake == INTAKE_ALWAYS || (today >= r->intake_from && today <= r->intake_to))
		return 0;
	return err_set(
		err, ERR_INTAKE_CLOSED, NULL,
		"Programme %s, version %s, takes orders from %s to %s; today is %s. Nothing was changed.",
		r->programme, r->version, day_format(r->intake_from, from), day_format(r->intake_to, to),
		day_format(today, now));
}

static int check_session(struct tx *tx, const struct accept *a, const struct prepared *o, day_t end,
			 struct err *err)
{
	char start[DATE_TEXT], limit[DATE_TEXT];

	day_format(a->session_start, start);
	if (a->session_start < tx->today)
		return err_set(err, ERR_FIELD_INVALID, "session_start",
			       "The session began on %s: it is too late to order.", start);
	if (end < a->session_start)
		return err_set(err, ERR_FIELD_INVALID, "session_end",
			       "The session would end before it starts on %s.", start);
	if (a->session_start < o->course.open_from ||
	    (o->course.open_to != DAY_NONE && a->session_start > o->course.open_to))
		return err_set(err, ERR_NOT_ELIGIBLE, "session_start",
			       "No session of course %s starts on %s.", o->course.code, start);
	if (o->rule->start_within_days > 0 && a->session_start > tx->today + o->rule->start_within_days)
		return err_set(err, ERR_GUARD, "session_start", "The session must start by %s.",
			       day_format(tx->today + o->rule->start_within_days, limit));
	if (a->learner_pays > 0 && a->copay_reference[0] == '\0')
		return err_set(err, ERR_FIELD_MISSING, "learner_payment.reference",
			       "Name the card or bank movement by which the learner paid.");
	return 0;
}

static int find_copay_fund(struct tx *tx, struct prepared *o, struct err *err)
{
	int rc;

	memset(&o->copay_fund, 0, sizeof o->copay_fund);
	if (o->rule->copay_fund[0] == '\0')
		return 0;
	rc = fund_find(tx->db, o->rule->copay_fund, &o->copay_fund, err);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a rule's co-payment fund is missing");
}

static int make_plan(struct tx *tx, const struct accept *a, struct prepared *o, struct err *err)
{
	struct lot lots[LOTS_MAX];
	struct drawdown_lot ranked[LOTS_MAX];
	struct drawdown_request request = {
		.price = o->course.price,
		.on = tx->today,
		.start = a->session_start,
		.certification = o->course.certification,
		.action_type = o->course.action_type,
		.action_name = action_type_name(o->course.action_type),
		.provider_siret = o->provider.siret,
		.region = o->course.region,
		.learner_status = o->learner.status,
		.copay_fund = o->copay_fund.id,
		.learner_pays = a->learner_pays,
	};
	size_t n;

	if (lot_list(tx->db, o->learner.id, lots, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct fund f;

		if (fund_get(tx->db, lots[i].fund, &f, err) != 0)
			return -1;
		ranked[i].lot = lots[i];
		memcpy(ranked[i].class_, f.class_, sizeof ranked[i].class_);
		memcpy(ranked[i].fund_code, f.code, sizeof ranked[i].fund_code);
	}
	return drawdown_plan(o->rule, &request, ranked, n, &o->plan, err);
}

/* Is there authority for what this order takes from a fund (all its shares)? */
static int check_authority(struct tx *tx, const struct drawdown_plan *plan, const struct fund *f,
			   struct err *err)
{
	int year = day_year(tx->today);
	int64_t available, wanted = 0;
	char has[MONEY_TEXT];

	for (size_t i = 0; i < plan->count; i++)
		wanted += plan->share[i].fund == f->id ? plan->share[i].amount : 0;
	if (balance_of(tx->db, f->id, K_AE_AVAILABLE, year, &available, err) != 0)
		return -1;
	if (available >= wanted)
		return 0;
	err_set(err, ERR_BUDGET_EXHAUSTED, NULL,
		"Fund %s may still commit %s in %d, less than this order takes. Nothing was changed.",
		f->code, money_format(available, 2, has), year);
	err->missing = wanted - available;
	return -1;
}

/* Per share Dr 220 Cr 240, co-payment Dr 140 Cr 240, budget Dr 811 Cr 812. */
static int commit_shares(struct tx *tx, struct prepared *o, struct voucher *v, struct entry *e,
			 struct err *err)
{
	int year = day_year(tx->today);

	for (size_t i = 0; i < o->plan.count; i++) {
		const struct drawdown_share *p = &o->plan.share[i];
		struct share *s = &v->share[v->shares++];
		struct fund f;

		*s = (struct share){.place = (int)i,
				    .fund = p->fund,
				    .lot = p->lot,
				    .amount = p->amount,
				    .committed = p->amount,
				    .card = p->lot ? 0 : p->amount};
		if (fund_get(tx->db, p->fund, &f, err) != 0)
			return -1;
		if (p->lot != 0)
			entry_transfer(e, p->fund, K_AVAILABLE, p->lot, K_COMMITTED, 0, p->lot, p->amount);
		else
			entry_transfer(e, p->fund, K_CARD, 0, K_COMMITTED, 0, 0, p->amount);
		if (!f.budgeted)
			continue;
		if (check_authority(tx, &o->plan, &f, err) != 0)
			return -1;
		entry_transfer(e, p->fund, K_AE_AVAILABLE, year, K_AE_COMMITTED, year, p->lot, p->amount);
	}
	return 0;
}

/* Number and name follow the last voucher's, so that both indexes grow at their right edge. */
static int number(struct tx *tx, struct voucher *v, struct err *err)
{
	struct stmt *q =
		db_query(tx->db, "SELECT id, uuid FROM voucher ORDER BY id DESC LIMIT 1", NO_VALS, err);
	struct uuid last = {{0}};
	int rc = db_step(q, err);

	v->id = 1;
	if (rc == 1) {
		size_t n = 0;
		const void *p = col_blob(q, 1, &n);

		v->id = col_int(q, 0) + 1;
		if (n == sizeof last.bytes)
			memcpy(last.bytes, p, n);
		db_done(q);
	}
	if (rc < 0)
		return -1;
	if (v->id > VOUCHER_NUMBER_MAX)
		return err_set(err, ERR_LIMIT, NULL,
			       "The ledger holds the largest number of vouchers there can be.");
	if (uuid7(tx->env, tx->now, &last, &v->uuid) != 0)
		return err_set(err, ERR_STORAGE, NULL,
			       "The system gives no random bytes. Nothing was changed.");
	return 0;
}

static void snapshot(struct tx *tx, const struct accept *a, const struct prepared *o, day_t end,
		     struct voucher *v)
{
	v->learner = o->learner.id;
	v->provider = o->course.provider;
	v->course = o->course.id;
	memcpy(v->certification, o->course.certification, sizeof v->certification);
	v->action_type = o->course.action_type;
	v->rule = o->rule->id;
	v->state = VOUCHER_ACCEPTED;
	v->price = o->course.price;
	v->copay = o->plan.copay;
	snprintf(v->copay_reference, sizeof v->copay_reference, "%s", a->copay_reference);
	v->hours = o->course.hours;
	v->session_start = a->session_start;
	v->session_end = end;
	v->accepted_on = tx->today;
	v->started_on = v->exited_on = v->billed_on = v->closed_on = DAY_NONE;
	v->completion = v->missed_hours = -1;
	v->payable = -1;
}

int voucher_prepare(struct tx *tx, const struct accept *a, struct prepared *o, struct err *err)
{
	if (find_learner(tx, a->learner, &o->learner, err) != 0 ||
	    find_course(tx, a->course, &o->course, &o->provider, err) != 0 ||
	    find_rule(tx, a, &o->learner, &o->rule, err) != 0)
		return -1;
	o->session_end = a->session_end != DAY_NONE ? a->session_end : a->session_start + o->course.days - 1;
	if (check_session(tx, a, o, o->session_end, err) != 0 || find_copay_fund(tx, o, err) != 0)
		return -1;
	return make_plan(tx, a, o, err);
}

int voucher_commit(struct tx *tx, const struct accept *a, struct prepared *o, struct voucher *v,
		   struct err *err)
{
	struct entry e;

	memset(v, 0, sizeof *v);
	if (number(tx, v, err) != 0)
		return -1;
	snapshot(tx, a, o, o->session_end, v);
	voucher_begin(tx, v, "accept", &e);
	if (commit_shares(tx, o, v, &e, err) != 0 || voucher_check(v, err) != 0 ||
	    journal_post(tx, &e, err) != 0)
		return -1;
	v->head = e.seq;
	if (a->master != NULL)
		voucher_issue_code(tx, a->master, v);
	return voucher_insert(tx, v, err);
}

int voucher_accept(struct tx *tx, const struct accept *a, struct voucher *v, struct err *err)
{
	struct prepared o;

	if (voucher_prepare(tx, a, &o, err) != 0)
		return -1;
	if (o.rule->intake == INTAKE_LOTTERY && a->draw == 0)
		return err_bug(err, "an order that passes by its draw");
	return voucher_commit(tx, a, &o, v, err);
}
