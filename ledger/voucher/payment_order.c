/*
 * T23, and the advance that T15 proposes by rule: money is ordered from the bank.
 */
#include "ledger/voucher/payment.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/oversight/conflict.h"
#include "ledger/registers/budget.h"
#include "ledger/registers/standing.h"
#include "ledger/voucher/gates.h"
#include "ledger/voucher/hold.h"

/* Is there payment credit for parts of v's shares? Refuses BUDGET_EXHAUSTED. */
static int check_credit(struct tx *tx, const struct voucher *v, const int64_t *parts, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		int64_t wanted = 0, available;
		struct fund f;

		if (fund_get(tx->db, v->share[i].fund, &f, err) != 0)
			return -1;
		if (!budget_stops(&f))
			continue;
		for (size_t k = 0; k < v->shares; k++)
			wanted += v->share[k].fund == f.id ? parts[k] : 0;
		if (balance_of(tx->db, f.id, K_CP_AVAILABLE, day_year(tx->today), &available, err) != 0)
			return -1;
		if (available < wanted) {
			err_set(err, ERR_BUDGET_EXHAUSTED, NULL,
				"Fund %s lacks payment credit for %d. The payment must wait for credit.",
				f.code, day_year(tx->today));
			err->missing = wanted - available;
			return -1;
		}
	}
	return 0;
}

/* Is the provider's IBAN known, and unchanged long enough (T23)? */
static int check_iban(const struct tx *tx, const struct rule *rule, const struct org *provider,
		      struct err *err)
{
	char since[DATE_TEXT];

	if (provider->iban[0] == '\0')
		return err_set(err, ERR_NO_BANK_ACCOUNT, NULL,
			       "No bank account of provider %s counts. The first one comes with an import of "
			       "organisations, which two operators confirm, and counts some days later: "
			       "GET /v1/organisations/%s/bank-details shows the day.",
			       provider->code, provider->code);
	if (tx->today < provider->iban_since + rule->iban_quiet_days)
		return err_set(
			err, ERR_BANK_ACCOUNT_NEW, NULL,
			"The bank account of provider %s was recorded on %s; payments to it begin %d days "
			"later.",
			provider->code, day_format(provider->iban_since, since), rule->iban_quiet_days);
	return 0;
}

static int grants_advance(const struct rule *rule, const struct voucher *v)
{
	return rule->advance_pct > 0 && !v->provider_new &&
	       v->session_end - v->session_start + 1 >= rule->advance_min_days;
}

static int order_advance(struct tx *tx, struct voucher *v, const struct org *provider, int64_t amount,
			 const int64_t *parts, struct entry *e, struct amounts *a, struct err *err)
{
	struct payment p;

	if (payment_open(tx, provider, PAYMENT_ADVANCE, &p, err) != 0)
		return -1;
	p.amount = amount;
	p.voucher[0] = v->id;
	p.line_amount[0] = amount;
	p.lines = 1;
	for (size_t i = 0; i < v->shares; i++)
		a->of[i][PART_ADVANCE] = parts[i];
	e->payment = p.id;
	v->advance_payment = p.id;
	return payment_insert(tx, &p, err);
}

int payment_advance(struct tx *tx, struct voucher *v, const struct rule *rule, struct entry *e,
		    struct amounts *a, struct err *err)
{
	int64_t parts[SHARES_MAX], amount;
	struct org provider;
	struct err why = {0};
	int held;

	amount = grants_advance(rule, v) ? money_share_near(v->price, rule->advance_pct, 100) : 0;
	held = amount > 0 ? hold_unreferenced(tx, rule, v, err) : 0;
	if (amount == 0 || held != 0)
		return held < 0 ? -1 : 0;
	if (org_get(tx->db, v->provider, &provider, err) != 0 ||
	    payment_advance_parts(v, amount, parts, err) != 0)
		return -1;
	if (standing_refuse_payment(tx->db, provider.id, &why) != 0 ||
	    check_iban(tx, rule, &provider, &why) != 0 || check_credit(tx, v, parts, &why) != 0) {
		if (err_http(why.code) < 500)
			return 0;
		*err = why;
		return -1;
	}
	return order_advance(tx, v, &provider, amount, parts, e, a, err);
}

/* T23 of one voucher, whose gates are open, into payment p, whose row does not exist yet. */
static int order_one(struct tx *tx, struct voucher *v, struct payment *p, struct err *err)
{
	int64_t parts[SHARES_MAX], sum = voucher_at(v, STAGE_PAYABLE);
	struct amounts a = {0};
	struct entry e;

	for (size_t i = 0; i < v->shares; i++)
		parts[i] = v->share[i].at[STAGE_PAYABLE];
	if (check_credit(tx, v, parts, err) != 0 || payment_amounts(tx, v, parts, &a, err) != 0)
		return -1;
	voucher_begin(tx, T23, v, "", &e);
	e.payment = p->id;
	if (voucher_move(tx, T23, v, &a, &e, err) != 0)
		return -1;
	v->payment = p->id;
	snprintf(v->ordered_by, sizeof v->ordered_by, "%s", p->ordered_by);
	assert(p->lines < PAYMENT_LINES_MAX && sum > 0);
	p->voucher[p->lines] = v->id;
	p->line_amount[p->lines++] = sum;
	p->amount += sum;
	return voucher_finish(tx, T23, v, &e, err);
}

/* An authoriser's word on an advance; it goes to the account that is known today. */
static int order_proposed(struct tx *tx, const struct voucher *v, struct payment *p, struct err *err)
{
	const struct rule *rule;
	struct org provider;

	if (payment_get(tx->db, v->advance_payment, p, err) != 0)
		return -1;
	if (!payment_is_proposed(p))
		return err_set(err, ERR_STATE, NULL, "The voucher's advance is ordered already.");
	if (rule_get(tx->db, v->rule, &rule, err) != 0 || org_get(tx->db, v->provider, &provider, err) != 0 ||
	    check_iban(tx, rule, &provider, err) != 0)
		return -1;
	memcpy(p->iban, provider.iban, sizeof p->iban);
	snprintf(p->ordered_by, sizeof p->ordered_by, "%s", tx->actor.principal);
	p->ordered_on = tx->today;
	return seal_update(tx, "payment", &payment_record, p, err);
}

int voucher_order_payment(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct org provider;
	struct payment p;

	(void)step;
	if (v->advance_payment != 0)
		return order_proposed(tx, v, &p, err);
	if (rule_get(tx->db, v->rule, &rule, err) != 0 || org_get(tx->db, v->provider, &provider, err) != 0 ||
	    check_iban(tx, rule, &provider, err) != 0 ||
	    payment_open(tx, &provider, PAYMENT_FINAL, &p, err) != 0 || order_one(tx, v, &p, err) != 0)
		return -1;
	return payment_insert(tx, &p, err);
}

/* Indexes that hold these alone are found by the words they were made with (migrations/0024_work.sql). */
#define BILLED   "billing = 2"
#define PROPOSED "settled_on IS NULL AND ordered_by = '" PAYMENT_BY_LEDGER "'"
_Static_assert(BILLING_BILLED == 2, "as it is stored");

/* Billed vouchers of a provider, oldest invoice first: a part of them, read before anything is written. */
struct billed {
	int64_t voucher[PAYMENT_LINES_MAX];
	size_t count;
	day_t last_on; /* the last one's, to go on from */
	int64_t last;
};

static int list_billed(struct tx *tx, int64_t provider, struct billed *b, struct err *err)
{
	struct stmt *q = db_query(
		tx->db,
		"SELECT billed_on, id FROM voucher WHERE " BILLED " AND provider + 0 = $1 "
		"AND (billed_on, id) > ($2, $3) ORDER BY billed_on, id LIMIT $4",
		VALS(v_int(provider), v_int(b->last_on), v_int(b->last), v_int(PAYMENT_LINES_MAX)), err);
	int rc;

	b->count = 0;
	while ((rc = db_step(q, err)) == 1) {
		assert(b->count < PAYMENT_LINES_MAX);
		b->last_on = col_day(q, 0);
		b->last = b->voucher[b->count++] = col_int(q, 1);
	}
	return rc;
}

/* A refusal that concerns one voucher or provider now; anything else ends the run. */
static int is_passing(const struct err *why)
{
	return why->code != ERR_FORBIDDEN && err_http(why->code) < 500;
}

static void pass_over(struct payment_passed *passed, const struct err *why)
{
	if (passed->vouchers++ == 0)
		passed->why = *why;
}

/*
 * A person with an interest in one voucher of a provider must leave the whole payment to another person.
 * Their conflicts, which are few, lead to vouchers: not the vouchers, of which there may be millions, to
 * conflicts.
 */
static int check_conflicts(struct tx *tx, int64_t provider, struct err *err)
{
	int64_t learner;
	int rc = db_int(tx->db,
			"SELECT min(c.learner) FROM conflict c WHERE c.ended_at IS NULL "
			"AND (c.principal = $3 OR c.org = $4) AND EXISTS (SELECT v.id FROM voucher v "
			"WHERE v.learner = c.learner AND v.provider + 0 = $1 AND v.billing + 0 = $2)",
			VALS(v_int(provider), v_int(BILLING_BILLED), v_optional(tx->actor.principal),
			     v_id(tx->actor.org)),
			&learner, err);

	return rc == 1 ? conflict_refuse(tx, learner, err) : rc;
}

/* Makes one line, or says why not; nothing is written before everything is checked. */
static int take_line(struct tx *tx, const struct org *provider, int64_t voucher, struct payment *p,
		     struct err *err)
{
	const struct rule *rule;
	struct voucher v;

	if (voucher_get(tx->db, voucher, &v, err) != 0 ||
	    gates_check_voucher(tx, transition_get(T23), &v, err) != 0 ||
	    rule_get(tx->db, v.rule, &rule, err) != 0 || check_iban(tx, rule, provider, err) != 0)
		return -1;
	return order_one(tx, &v, p, err);
}

/* Up to max lines of a provider; those that cannot be ordered now are passed over. */
static int take_lines(struct tx *tx, const struct org *provider, size_t max, struct payment *p,
		      struct payment_passed *passed, struct err *err)
{
	struct billed b = {.last_on = DAY_MIN};

	do {
		if (list_billed(tx, provider->id, &b, err) != 0)
			return -1;
		for (size_t i = 0; i < b.count && p->lines < max; i++) {
			struct err why = {0};

			if (take_line(tx, provider, b.voucher[i], p, &why) == 0)
				continue;
			if (!is_passing(&why)) {
				*err = why;
				return -1;
			}
			pass_over(passed, &why);
		}
	} while (b.count == PAYMENT_LINES_MAX && p->lines < max);
	return 0;
}

/* The next advance of the provider that is proposed and can be ordered now; 1 ordered, 0 none, -1. */
static int order_advances(struct tx *tx, int64_t provider, struct payment *p, struct payment_passed *passed,
			  struct err *err)
{
	int64_t id = 0;
	int rc;

	while ((rc = db_int(tx->db,
			    "SELECT id FROM payment WHERE " PROPOSED " AND kind = $1 AND provider + 0 = $2 "
			    "AND id > $3 ORDER BY id LIMIT 1",
			    VALS(v_int(PAYMENT_ADVANCE), v_int(provider), v_int(id)), &id, err)) == 1) {
		struct err why = {0};
		struct voucher v;

		if (payment_get(tx->db, id, p, err) != 0 || voucher_get(tx->db, p->voucher[0], &v, err) != 0)
			return -1;
		if (gates_check_voucher(tx, transition_get(T23), &v, &why) == 0 &&
		    order_proposed(tx, &v, p, &why) == 0)
			return 1;
		if (!is_passing(&why)) {
			*err = why;
			return -1;
		}
		pass_over(passed, &why);
	}
	return rc;
}

/* Collects what may be ordered for one provider; when nothing, p->lines is 0 and passed says why. */
static int order_provider(struct tx *tx, int64_t id, size_t max, struct payment *p,
			  struct payment_passed *passed, struct err *err)
{
	struct org provider;
	struct err why = {0};
	int rc;

	memset(passed, 0, sizeof *passed);
	passed->provider = id;
	rc = order_advances(tx, id, p, passed, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (org_get(tx->db, id, &provider, err) != 0 ||
	    payment_open(tx, &provider, PAYMENT_FINAL, p, err) != 0)
		return -1;
	if (standing_refuse_payment(tx->db, id, &why) != 0 || check_conflicts(tx, id, &why) != 0) {
		if (is_passing(&why)) {
			pass_over(passed, &why);
			return 0;
		}
		*err = why;
		return -1;
	}
	if (take_lines(tx, &provider, max, p, passed, err) != 0)
		return -1;
	return p->lines > 0 ? payment_insert(tx, p, err) : 0;
}

static int need_authoriser(const struct tx *tx, struct err *err)
{
	if (tx->actor.role == ROLE_AUTHORISER)
		return 0;
	return err_set(err, ERR_FORBIDDEN, NULL, "Only an authoriser can order payments.");
}

int payment_order(struct tx *tx, int64_t provider, size_t max, struct payment *p, struct err *err)
{
	struct payment_passed passed;

	if (need_authoriser(tx, err) != 0 ||
	    order_provider(tx, provider, max < PAYMENT_LINES_MAX ? max : PAYMENT_LINES_MAX, p, &passed,
			   err) != 0)
		return -1;
	if (p->lines == 0 && passed.vouchers > 0) {
		*err = passed.why;
		return -1;
	}
	return p->lines > 0;
}

/* The next provider that has anything billed. */
static int next_provider(struct tx *tx, const struct payment_run *run, int64_t *id, struct err *err)
{
	if (run->provider != 0) {
		*id = run->provider;
		return run->after < run->provider;
	}
	return db_int(tx->db,
		      "SELECT min(w.provider) FROM (SELECT min(provider + 0) AS provider FROM voucher "
		      "WHERE " BILLED
		      " AND provider + 0 > $1 UNION ALL SELECT min(provider + 0) FROM payment "
		      "WHERE " PROPOSED " AND kind = $2 AND provider + 0 > $1) w",
		      VALS(v_int(run->after), v_int(PAYMENT_ADVANCE)), id, err);
}

int payment_order_next(struct tx *tx, struct payment_run *run, struct err *err)
{
	int named = run->provider != 0 && run->after == 0;
	int64_t id;
	int rc;

	run->made.lines = 0;
	run->passed_count = 0;
	run->finished = 0;
	if (need_authoriser(tx, err) != 0)
		return -1;
	while ((rc = next_provider(tx, run, &id, err)) == 1) {
		struct payment_passed *passed = &run->passed[run->passed_count];

		assert(run->passed_count < PAYMENT_PASSED_MAX && id > run->after);
		if (order_provider(tx, id, PAYMENT_LINES_MAX, &run->made, passed, err) != 0)
			return -1;
		run->passed_count += passed->vouchers > 0;
		/* A full payment, or an advance, may leave more of the same provider. */
		run->after = run->made.lines == PAYMENT_LINES_MAX ||
					     (run->made.lines > 0 && run->made.kind == PAYMENT_ADVANCE)
				     ? id - 1
				     : id;
		if (run->made.lines > 0 || run->passed_count == PAYMENT_PASSED_MAX)
			break;
	}
	/* A provider that was asked for by name is not passed over in silence. */
	if (named && run->made.lines == 0 && run->passed_count > 0) {
		*err = run->passed[0].why;
		return -1;
	}
	if (rc == 1)
		rc = next_provider(tx, run, &id, err);
	run->finished = rc == 0;
	return rc < 0 ? -1 : 0;
}
