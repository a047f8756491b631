#include "api/routes/voucher_json.h"

#include "api/routes/args.h"
#include "ledger/voucher/consent.h"
#include "ledger/registers/org.h"
#include "ledger/voucher/payment.h"
#include "ledger/voucher/awaited.h"

static int write_plan(struct db *db, const struct voucher *v, int private, struct buf *out, struct err *err)
{
	out_name(out, "plan");
	buf_char(out, '[');
	for (size_t i = 0; i < v->shares; i++) {
		struct fund f;

		if (fund_get(db, v->share[i].fund, &f, err) != 0)
			return -1;
		buf_text_add(out, i ? ",{" : "{");
		out_text(out, "fund", f.code);
		if (private && v->share[i].lot != 0)
			out_int(out, "lot", v->share[i].lot);
		out_int(out, "amount", v->share[i].amount);
		buf_char(out, '}');
	}
	buf_char(out, ']');
	return 0;
}

static void write_amounts(const struct voucher *v, struct buf *out)
{
	static const struct {
		const char *name;
		enum stage stage;
	} members[] = {
		{"reserved", STAGE_RESERVED},
		{"committed", STAGE_COMMITTED},
		{"in_training", STAGE_IN_TRAINING},
		{"payable", STAGE_PAYABLE},
		{"frozen", STAGE_FROZEN},
		{"ordered", STAGE_ORDERED},
		{"paid", STAGE_PAID},
		{"advance", STAGE_ADVANCE},
		{"card", STAGE_CARD},
	};

	out_name(out, "amounts");
	buf_char(out, '{');
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		out_int(out, members[i].name, voucher_at(v, members[i].stage));
	buf_char(out, '}');
}

/* The payment it is part of: what the accountant confirms. */
static int write_payment(struct db *db, const struct voucher *v, struct buf *out, struct err *err)
{
	int64_t id = v->advance_payment ? v->advance_payment : v->payment;
	struct payment p;
	char uuid[UUID_TEXT];

	if (id == 0) {
		out_optional(out, "payment", "");
		return 0;
	}
	if (payment_get(db, id, &p, err) != 0)
		return -1;
	out_name(out, "payment");
	buf_char(out, '{');
	out_text(out, "id", uuid_format(&p.uuid, uuid));
	out_text(out, "state", payment_state_name(p.state));
	out_int(out, "amount", p.amount);
	buf_char(out, '}');
	return 0;
}

static void write_roles(unsigned roles, struct buf *out)
{
	int n = 0;

	out_name(out, "by");
	buf_char(out, '[');
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++)
		if ((roles & ROLE_BIT(r)) != 0) {
			buf_text_add(out, n++ ? "," : "");
			buf_json(out, role_name((enum role)r));
		}
	buf_char(out, ']');
}

/* What is awaited, from whom, by when: null where nothing is, or where it has no last day. */
static void write_due(const struct rule *rule, int zone, const struct voucher *v, struct buf *out)
{
	struct awaited a = voucher_awaited(rule, zone, v);

	out_name(out, "due");
	if (a.step == NULL || a.by == DAY_NONE) {
		buf_text_add(out, "null");
		return;
	}
	buf_char(out, '{');
	out_text(out, "what", a.step->name);
	out_day(out, "on", a.by);
	write_roles(a.step->roles | a.step->second, out);
	buf_char(out, '}');
}

/* Is there a step of this state that two persons take? */
static int two_persons(const struct voucher *v)
{
	const struct transition *t;

	for (size_t i = 0; (t = transition_at(i)) != NULL; i++)
		if (t->second != 0 && (t->from & STATE_BIT(v->state)) != 0 &&
		    (t->billing_from & 1u << v->billing) != 0)
			return 1;
	return 0;
}

/* Steps that wait for a second person, if they may still be taken. */
static int write_consents(struct db *db, const struct voucher *v, struct buf *out, struct err *err)
{
	struct consent waiting[T__MAX];
	size_t n = 0;
	int any = 0;

	if (two_persons(v) && consent_list(db, v->id, T__MAX, waiting, &n, err) != 0)
		return -1;
	out_name(out, "awaiting");
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		const struct transition *t = transition_find(waiting[i].step, (enum role)waiting[i].role);

		if (t == NULL || (t->from & STATE_BIT(v->state)) == 0)
			continue;
		buf_text_add(out, any++ ? ",{" : "{");
		out_text(out, "step", waiting[i].step);
		out_text(out, "by", waiting[i].principal);
		out_text(out, "reason", waiting[i].reason);
		out_int(out, "amount", waiting[i].amount);
		out_day(out, "until", waiting[i].until);
		out_bool(out, "restores_learner", waiting[i].restores);
		buf_char(out, '}');
	}
	buf_char(out, ']');
	return 0;
}

static void write_progress(const struct voucher *v, struct buf *out)
{
	out_day(out, "session_start", v->session_start);
	out_day(out, "session_end", v->session_end);
	out_day(out, "requested_on", v->requested_on);
	out_day(out, "accepted_on", v->accepted_on);
	out_day(out, "started_on", v->started_on);
	out_day(out, "exited_on", v->exited_on);
	out_known(out, "completion", v->completion);
	out_optional(out, "cause", v->cause);
	out_known(out, "payable", v->payable);
	out_day(out, "closed_on", v->closed_on);
}

int voucher_json(struct db *db, const struct voucher *v, const struct actor *actor,
		 const struct ledger_settings *settings, int with_code, struct buf *out, struct err *err)
{
	int private = actor->role != ROLE_PROVIDER;
	const struct rule *rule;
	struct learner learner;
	struct course course;
	struct org provider;
	char id[UUID_TEXT];

	if (rule_get(db, v->rule, &rule, err) != 0 || course_get(db, v->course, &course, err) != 0 ||
	    org_get(db, v->provider, &provider, err) != 0 ||
	    (private && learner_get(db, v->learner, &learner, err) != 0))
		return -1;
	buf_char(out, '{');
	out_text(out, "id", uuid_format(&v->uuid, id));
	if (with_code)
		out_text(out, "code", VOUCHER_CODE_BLANK);
	out_text(out, "state", voucher_state_name(v->state));
	out_text(out, "billing", billing_state_name(v->billing));
	out_text(out, "control", control_state_name(v->control));
	if (private)
		out_text(out, "learner", learner.code);
	out_text(out, "course", course.code);
	out_text(out, "provider", provider.code);
	out_text(out, "certification", v->certification);
	out_text(out, "currency", settings->currency);
	out_int(out, "price", v->price);
	out_int(out, "copay", v->copay);
	write_progress(v, out);
	out_name(out, "rule");
	buf_char(out, '{');
	out_text(out, "programme", rule->programme);
	out_text(out, "version", rule->version);
	buf_char(out, '}');
	if (write_plan(db, v, private, out, err) != 0)
		return -1;
	write_amounts(v, out);
	if (write_payment(db, v, out, err) != 0)
		return -1;
	write_due(rule, settings->zone, v, out);
	if (write_consents(db, v, out, err) != 0)
		return -1;
	out_bool(out, "livemode", !settings->sandbox);
	return 0;
}
