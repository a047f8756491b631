/*
 * The numbers of a programme document.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/forms/json.h"
#include "tests/lib/fixture.h"
#include "tests/model/model.h"

static int number(const struct json_node *n, const char *name, int otherwise)
{
	struct err err = {0};
	int64_t out;

	if (n == NULL || !json_has(n, name))
		return otherwise;
	return json_int(n, "", name, 0, INT32_MAX, &out, &err) == 0 ? (int)out : otherwise;
}

static void text(const struct json_node *n, const char *name, char *out)
{
	struct err err = {0};
	const char *is = "";

	if (n != NULL && json_has(n, name))
		(void)json_text(n, "", name, M_CODE - 1, &is, &err);
	m_copy(out, is);
}

static const struct json_node *object(const struct json_node *n, const char *name)
{
	const struct json_node *out = NULL;
	struct err err = {0};

	return json_has(n, name) && json_get_object(n, "", name, &out, &err) == 0 ? out : NULL;
}

static const struct json_node *list(const struct json_node *n, const char *name)
{
	const struct json_node *out = NULL;
	struct err err = {0};

	return n != NULL && json_has(n, name) && json_get_array(n, "", name, 64, &out, &err) == 0 ? out
												  : NULL;
}

static int words(const struct json_node *n, const char *name, char out[][M_CODE], int max)
{
	const struct json_node *array = list(n, name);
	int count = 0;

	for (size_t i = 0; array != NULL && i < json_count(array) && count < max; i++) {
		struct err err = {0};
		const char *is = "";

		(void)json_text_at(array, "", i, M_CODE - 1, &is, &err);
		m_copy(out[count++], is);
	}
	return count;
}

static void read_limits(const struct json_node *root, struct m_rule *r)
{
	const struct json_node *d = object(root, "deadlines"), *q = object(root, "requests"),
			       *c = object(root, "cancellation"), *o = object(root, "control"),
			       *v = object(root, "recovery"), *a = object(root, "advance"),
			       *t = object(root, "attendance"), *w = object(root, "own_money");
	char early[M_CODE];

	r->withdraw = number(d, "withdraw_days", 0);
	r->cancel_free = number(d, "cancel_free_working_days", 0);
	r->entry_declare = number(d, "entry_declare_working_days", 0);
	r->validate_auto = number(d, "validate_auto_working_days", 0);
	r->iban_quiet = number(d, "iban_quiet_days", 0);
	r->start_within = number(d, "start_within_days", 0);
	r->requests = q != NULL;
	r->reply = number(q, "provider_reply_working_days", 0);
	r->accept = number(q, "learner_accept_working_days", 0);
	r->cofund_reply = number(q, "cofund_reply_days", 0);
	r->parallel = number(q, "max_parallel", 0);
	r->charges = c != NULL;
	r->late_fee = number(c, "late_fee_pct", 0);
	r->absence_fee = number(c, "no_show_fee_pct", 0);
	r->absence_after = number(c, "no_show_after_working_days", 0);
	r->contest = number(c, "contest_days", 0);
	r->controls = o != NULL;
	r->control_max = number(o, "max_days", 0);
	r->freeze_max = number(o, "freeze_max_days", 0);
	r->recovers = v != NULL;
	r->demand = number(v, "demand_days", 0);
	r->oppose = number(v, "oppose_days", 0);
	text(v, "first_class", r->first_class);
	r->free = number(t, "free_working_days", 0);
	r->notice = number(t, "notice_working_days", 0);
	r->late_entry = number(t, "late_entry_working_days", 0);
	r->hours_a_day = number(t, "hours_a_day", 0);
	text(t, "early_exit", early);
	r->exit_agreed = m_is(early, "agreed");
	r->advance_pct = number(a, "pct", 0);
	r->advance_days = number(a, "min_days", 0);
	r->own_days = number(w, "pay_back_days", 30);
	r->own_years = number(w, "prescribed_years", 0);
}

static void read_money(const struct json_node *root, struct m_rule *r)
{
	const struct json_node *a = object(root, "accrual"), *c = object(root, "copay"),
			       *d = object(root, "drawdown"),
			       *curve = list(object(root, "completion"), "pay_curve");

	text(a, "fund", r->accrual_fund);
	r->annual = number(a, "annual", 0);
	r->cap = number(a, "cap", 0);
	r->annual_low = number(a, "annual_low_qualified", (int)r->annual);
	r->cap_low = number(a, "cap_low_qualified", (int)r->cap);
	r->threshold = number(a, "full_time_threshold_pct", 0);
	r->valid_months = number(a, "valid_months", 0);
	r->first_year = number(a, "first_year", 0);
	if (a != NULL && json_has(a, "in_advance"))
		(void)json_bool(a, "accrual", "in_advance", &r->in_advance, &(struct err){0});
	text(c, "fund", r->copay_fund);
	r->copay_flat = number(c, "flat", 0);
	r->copay_pct = number(c, "pct", 0);
	r->exempts = words(c, "exempt_class", r->exempt, 8);
	r->exempt_statuses = words(c, "exempt_status", r->exempt_status, 8);
	text(d, "preset", r->preset);
	r->classes = words(d, "classes", r->class_, 16);
	for (size_t i = 0; curve != NULL && i < json_count(curve); i++) {
		const struct json_node *step = NULL;
		struct err err = {0};

		(void)json_object_at(curve, "", i, &step, &err);
		r->curve_from[r->curve] = number(step, "from", 0);
		r->curve_pay[r->curve++] = number(step, "pay_pct", -1);
	}
}

static void read_fund(struct model *m, const struct json_node *n, const struct m_rule *r)
{
	const struct json_node *budget = list(n, "budget");
	char word[M_CODE];
	struct m_fund f;
	int i;

	memset(&f, 0, sizeof f);
	text(n, "fund", f.code);
	text(n, "class", f.class_);
	text(n, "funder", f.funder);
	text(n, "bank_account", f.bank);
	m_copy(f.programme, r->programme);
	text(n, "nature", word);
	f.nature = m_is(word, "notional") ? M_NOTIONAL : m_is(word, "cash") ? M_CASH : M_COPAY;
	text(n, "unspent", word);
	f.to_funder = m_is(word, "funder");
	text(n, "carry", word);
	f.carries = m_is(word, "carry");
	f.budgeted = budget != NULL;
	text(n, "over_budget", word);
	f.stops = f.budgeted && !m_is(word, "alert");
	i = model_fund(m, f.code);
	if (i < 0)
		i = m->funds++;
	m->fund[i] = f;
	for (size_t k = 0; budget != NULL && k < json_count(budget); k++) {
		const struct json_node *vote = NULL;
		struct err err = {0};
		int64_t ae = 0, cp = 0;
		int year;

		(void)json_object_at(budget, "", k, &vote, &err);
		year = number(vote, "year", 0);
		(void)json_int(vote, "", "ae", 0, INT64_MAX, &ae, &err);
		(void)json_int(vote, "", "cp", 0, INT64_MAX, &cp, &err);
		if (m->budget[i][year - 2020]++)
			continue;
		m->voted_ae[i][year - 2020] = ae;
		m->voted_cp[i][year - 2020] = cp;
		m_move(m, i, 810, year, 811, year, ae);
		m_move(m, i, 820, year, 821, year, cp);
	}
}

static void read_grant(struct model *m, const struct json_node *n, const struct m_rule *r)
{
	struct m_grant *g = &m->grant[m->grants++];
	char per[M_CODE];
	struct err err = {0};

	memset(g, 0, sizeof *g);
	text(n, "grant", g->code);
	text(n, "fund", g->fund);
	text(n, "per", per);
	g->rule = (int)(r - m->rule);
	g->yearly = m_is(per, "year");
	g->envelope = number(n, "envelope", 0);
	g->max = number(n, "max", 0);
	g->from = r->from;
	g->to = r->to;
	if (json_has(n, "from"))
		(void)json_day(n, "", "from", &g->from, &err);
	if (json_has(n, "to"))
		(void)json_day(n, "", "to", &g->to, &err);
	g->statuses = words(object(n, "public"), "status", g->status, 4);
	g->certifications = words(n, "certifications", g->certification, 4);
	g->courses = words(n, "courses", g->course, 4);
}

static void read_intake(struct model *m, const struct json_node *root, struct m_rule *r)
{
	const struct json_node *n = object(root, "intake");
	struct err err = {0};
	char order[M_CODE];

	r->intake_from = r->intake_to = DAY_NONE;
	if (n == NULL)
		return;
	(void)json_day(n, "", "from", &r->intake_from, &err);
	(void)json_day(n, "", "to", &r->intake_to, &err);
	text(n, "order", order);
	r->lottery = m_is(order, "lottery");
	if (r->lottery)
		m_due_add(m, m_midnight(r->intake_to), M_DRAW, (int)(r - m->rule));
}

static void read_document(struct model *m, const struct json_node *root)
{
	const struct json_node *funds = list(root, "funds"), *grants = list(root, "grants");
	struct m_rule *r = &m->rule[m->rules++];
	struct err err = {0};
	char word[M_CODE];

	memset(r, 0, sizeof *r);
	text(root, "programme", r->programme);
	text(root, "account", r->account);
	if (m_is(r->account, ""))
		m_copy(r->account, r->programme);
	(void)json_day(root, "", "valid_from", &r->from, &err);
	(void)json_day(root, "", "valid_to", &r->to, &err);
	text(root, "calendar", word);
	r->french = m_is(word, "FR");
	read_intake(m, root, r);
	read_limits(root, r);
	read_money(root, r);
	for (size_t i = 0; funds != NULL && i < json_count(funds); i++) {
		const struct json_node *f = NULL;

		(void)json_object_at(funds, "", i, &f, &err);
		read_fund(m, f, r);
	}
	for (size_t i = 0; grants != NULL && i < json_count(grants); i++) {
		const struct json_node *g = NULL;

		(void)json_object_at(grants, "", i, &g, &err);
		read_grant(m, g, r);
	}
}

void m_rules_read(struct model *m, const char *sample)
{
	char *body = fixture_rules_text(sample);
	struct err err = {0};
	struct json *json = json_parse(body, strlen(body), &err);

	if (json != NULL)
		read_document(m, json_root(json));
	json_free(json);
	free(body);
}

const struct m_rule *m_rule_on(const struct model *m, const char *programme, day_t day)
{
	for (int i = 0; i < m->rules; i++)
		if (m_is(m->rule[i].programme, programme) && m->rule[i].from <= day && day <= m->rule[i].to)
			return &m->rule[i];
	return NULL;
}

day_t m_rules_end(const struct model *m)
{
	day_t last = DAY_NONE;

	for (int i = 0; i < m->rules; i++)
		if (m_is(m->rule[i].programme, "cpf") && (last == DAY_NONE || m->rule[i].to > last))
			last = m->rule[i].to;
	return last;
}
