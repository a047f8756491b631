/*
 * Vouchers: ordered, asked for, redeemed, looked at; every other step of the
 * transition table.
 */
#include <pthread.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/actions/order_asked.h"
#include "api/views/ticket_view.h"
#include "api/actions/voucher_step.h"
#include "api/views/voucher_view.h"
#include "ledger/voucher/consent.h"
#include "ledger/voucher/order.h"

static const struct member paid_members[] = {
	{"amount", M_AMOUNT, IN(struct paid_by_learner, amount), .flags = M_NEEDED,
	 .help = "what the learner paid by card or bank", .example = "103.20"},
	{"reference", M_CODE, IN(struct paid_by_learner, reference), .flags = M_NEEDED,
	 .help = "of that movement", .example = "CARD-1"},
	CURRENCY,
	MEMBERS_END,
};

static const struct member voucher_gives[] = {
	{"", M_INLINE, .offset = 0, .size = sizeof(struct voucher_view), .of = voucher_members},
	MEMBERS_END,
};

static void print_voucher(FILE *out, const struct action_call *c, const void *answer)
{
	voucher_print(out, c, answer);
}

#define FROM_NOTES "the learner agrees that own money that came back pays first"

/* --- order ---------------------------------------------------------------------- */

/* A voucher, or where the rule draws lots a ticket for one. */
struct placed {
	struct voucher_view voucher;
	struct ticket_view ticket;
};

#define OVERLAP_HELP "the learner wants it beside an order of the same course whose days overlap"

#define PLACE_TAKES                                                                                          \
	{"learner",                                                                                          \
	 M_CODE,                                                                                             \
	 IN(struct place, learner),                                                                          \
	 .flags = M_NEEDED | M_POSITION,                                                                     \
	 .help = "the pseudonym",                                                                            \
	 .example = "L-0001"},                                                                               \
		{"course", M_CODE, IN(struct place, course), .flags = M_NEEDED | M_POSITION,                 \
		 .example = "BETA-TAB"},                                                                     \
		{"session_start",                                                                            \
		 M_DAY,                                                                                      \
		 IN(struct place, session_start),                                                            \
		 .flags = M_NEEDED,                                                                          \
		 .help = "first day of the session",                                                         \
		 .example = "2026-01-19"},                                                                   \
	{                                                                                                    \
		"session_end", M_DAY, IN(struct place, session_end),                                         \
			.help = "its last day (by the course's length)", .example = "2026-01-23"             \
	}

const struct member order_takes[] = {
	PLACE_TAKES,
	{"learner_payment", M_OBJECT, IN(struct place, paid), .flags = M_SHOWN, .of = paid_members},
	{"use_credit_notes", M_FLAG, IN(struct place, from_notes), .help = FROM_NOTES},
	{"overlap_confirmed", M_FLAG, IN(struct place, overlap_confirmed), .help = OVERLAP_HELP},
	METADATA_TAKES(struct place, noted),
	MEMBERS_END,
};

static const struct member request_takes[] = {PLACE_TAKES, METADATA_TAKES(struct place, noted), MEMBERS_END};

static const struct member order_gives[] = {
	{"", M_INLINE, IN(struct placed, voucher), .of = voucher_members},
	{"", M_INLINE, IN(struct placed, ticket), .of = ticket_members},
	MEMBERS_END,
};

void order_accept(const struct action_call *c, struct accept *a)
{
	const struct place *in = c->args;

	memset(a, 0, sizeof *a);
	a->master = ledger_master(c->ledger);
	memcpy(a->learner, in->learner, sizeof a->learner);
	memcpy(a->course, in->course, sizeof a->course);
	a->session_start = in->session_start;
	a->session_end = in->session_end;
	a->learner_pays = in->paid.amount;
	memcpy(a->copay_reference, in->paid.reference, sizeof a->copay_reference);
	a->from_notes = in->from_notes;
	a->overlap_confirmed = in->overlap_confirmed;
}

static int check_place(struct action_call *c, struct err *err)
{
	const struct place *in = c->args;

	return metadata_well(&in->noted, err);
}

/* The voucher as it has just come about, with what its maker notes on it. */
static int show_fresh(struct tx *tx, struct action_call *c, const struct voucher *v,
		      const struct metadata *noted, int flags, struct voucher_view *out, struct err *err)
{
	if (metadata_put(tx, METADATA_VOUCHER, v->id, noted, err) != 0)
		return -1;
	flags |= VIEW_FRESH | (metadata_said(noted) ? VIEW_NOTED : 0);
	return voucher_view(tx->db, v, c, flags, out, err);
}

static void course_ahead(struct db *db, const struct action_call *c, int round)
{
	struct accept a;

	order_accept(c, &a);
	voucher_accept_ahead(db, &a, round);
}

static int order_course(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct place *in = c->args;
	struct placed *out = c->answer;
	struct accept a;
	struct voucher v;
	struct ticket t;
	struct order o;
	int taken;

	order_accept(c, &a);
	c->status = 201;
	if (voucher_prepare(tx, &a, &o, err) != 0)
		return -1;
	if (o.rule->intake != INTAKE_LOTTERY)
		return voucher_commit(tx, &a, &o, &v, err) == 0
			       ? show_fresh(tx, c, &v, &in->noted, VIEW_CODE, &out->voucher, err)
			       : -1;
	if (ticket_take(tx, &a, &o, &t, &taken, err) != 0 ||
	    metadata_put(tx, METADATA_TICKET, t.id, &in->noted, err) != 0)
		return -1;
	c->status = taken ? 202 : 200;
	return ticket_view(tx->db, &t, c, &out->ticket, err);
}

static void print_placed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct placed *p = answer;

	if (p->voucher.known)
		voucher_print(out, c, &p->voucher);
	else
		ticket_print(out, &p->ticket);
}

static int request_course(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct place *in = c->args;
	struct accept a;
	struct voucher v;

	order_accept(c, &a);
	c->status = 201;
	return voucher_request(tx, &a, &v, err) == 0 ? show_fresh(tx, c, &v, &in->noted, 0, c->answer, err)
						     : -1;
}

/* --- enter ------------------------------------------------------------------------ */

struct redeem {
	char code[257]; /* whatever is handed over: what cannot be a code is answered as any other wrong one
			 */
	char course[CODE_MAX + 1];
	day_t started_on;
	struct metadata noted;
};

static const struct member enter_takes[] = {
	{"code", M_TEXT, IN(struct redeem, code), .flags = M_NEEDED | M_POSITION,
	 .help = "the learner's code", .example = "8F3KD-00000-00000-00000-00000"},
	{"course", M_CODE, IN(struct redeem, course), .flags = M_NEEDED | M_POSITION, .example = "BETA-TAB"},
	{"started_on", M_DAY, IN(struct redeem, started_on), .flags = M_NEEDED,
	 .help = "the day the learner started", .example = "2026-01-19"},
	{"provider_reference", M_CODE, IN(struct redeem, noted.reference),
	 .help = "a reference of your own, to find it by", .example = "SESSION-7-SEAT-3"},
	MEMBERS_END,
};

static int check_redeem(struct action_call *c, struct err *err)
{
	const struct redeem *in = c->args;

	return metadata_check(&in->noted, "provider_reference", err);
}

static void enter_ahead(struct db *db, const struct action_call *c, int round)
{
	const struct redeem *in = c->args;

	voucher_enter_ahead(db, in->code, &c->actor, round);
}

static struct enter enter_of(const struct action_call *c)
{
	const struct redeem *in = c->args;
	struct enter e = {.master = ledger_master(c->ledger), .started_on = in->started_on};

	if (strlen(in->code) < sizeof e.code)
		memcpy(e.code, in->code, strlen(in->code));
	memcpy(e.course, in->course, sizeof e.course);
	return e;
}

static int64_t enter_opens(struct tx *tx, const struct action_call *c)
{
	const struct enter e = enter_of(c);

	return voucher_opened_by(tx, &e);
}

static int enter_voucher(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct redeem *in = c->args;
	const struct enter e = enter_of(c);
	struct voucher v;

	c->status = 201;
	return voucher_enter(tx, &e, &v, err) == 0 ? show_fresh(tx, c, &v, &in->noted, 0, c->answer, err)
						   : -1;
}

/* --- show ------------------------------------------------------------------------- */

struct named {
	struct uuid id;
};

#define ID_TAKES(t)                                                                                          \
	{                                                                                                    \
		"id", M_UUID, IN(t, id), .flags = M_NEEDED | M_PATH | M_POSITION,                            \
					 .noun = "a voucher's id (a UUID)", .option = "VOUCHER",             \
					 .example = "0198c0de-0000-7000-8000-000000000001"                   \
	}

static const struct member show_takes[] = {ID_TAKES(struct named), MEMBERS_END};

static int show(struct db *db, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct voucher_view *out = c->answer;
	struct voucher v;
	int rc = voucher_find(db, &in->id, &v, err);

	if (rc == 1)
		rc = voucher_may_read(db, &v, &c->actor, err);
	/* Unknown and not for this reader look alike. */
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	if (rc < 0 || voucher_view(db, &v, c, 0, out, err) != 0 ||
	    voucher_view_history(db, &v, c, out, err) != 0)
		return -1;
	c->version = v.head;
	return 0;
}

/* --- steps ------------------------------------------------------------------------- */

struct take {
	int name; /* place in the list of words */
	struct step step;
	char reason[REASON_MAX + 1];
	day_t started_on;
	int64_t amount;
	struct paid_by_learner paid;
};

/* The names that steps are reached by, each once; collected once, for they are asked for at every step. */
static const char *step_name[T__MAX];
static int step_names;
static pthread_once_t collected = PTHREAD_ONCE_INIT;

static void collect(void)
{
	const struct transition *t;

	for (size_t i = 0; (t = transition_at(i)) != NULL; i++) {
		int k = 0;

		while (k < step_names && strcmp(step_name[k], t->name) != 0)
			k++;
		if (k == step_names && transition_known(t->name))
			step_name[step_names++] = t->name;
	}
}

static const char *step_word(int value)
{
	pthread_once(&collected, collect);
	return value >= 0 && value < step_names ? step_name[value] : NULL;
}

static const struct member step_members[] = {
	{"step", M_ONE_OF, IN(struct take, name), .flags = M_NEEDED | M_PATH | M_POSITION, .absent = -1,
	 .word = step_word, .option = "STEP", .noun = "step of a voucher", .example = "exit"},
	{"id", M_UUID, IN(struct take, step.voucher), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "a voucher's id (a UUID)", .option = "VOUCHER",
	 .example = "0198c0de-0000-7000-8000-000000000001"},
	{"started_on", M_DAY, IN(struct take, started_on), .help = "enter_late: the day",
	 .example = "2026-01-19"},
	{"exited_on", M_DAY, IN(struct take, step.on), .help = "exit, exit_early: the day",
	 .example = "2026-01-23"},
	{"completion", M_NUMBER, IN(struct take, step.completion), .max = 1000000, .absent = -1,
	 .help = "declare: percent of the course", .example = "100"},
	{"cause", M_WORD, IN(struct take, step.cause),
	 .help = "declare: why the training ended: full, abandon, ...", .example = "full"},
	{"missed_hours", M_NUMBER, IN(struct take, step.missed_hours), .max = 1000000, .absent = -1,
	 .help = "declare: hours not attended", .example = "3"},
	{"invoice", M_CODE, IN(struct take, step.invoice), .help = "bill: its number", .example = "I-1"},
	{"amount", M_AMOUNT, IN(struct take, step.amount), .min = 0, .max = AMOUNT_MAX, .absent = -1,
	 .help = "bill, pay, propose, reduce, recover...", .example = "300.00"},
	{"bank_reference", M_CODE, IN(struct take, step.bank_reference),
	 .help = "pay, reject: of the movement", .example = "BANK-1"},
	{"bank_date", M_DAY, IN(struct take, step.bank_date),
	 .help = "pay, reject, collect: the bank's day of the movement (today)", .example = "2026-01-30"},
	{"reason", M_WORD, IN(struct take, reason), .help = "why, or the legal ground, in a word",
	 .example = "fraud_alert"},
	{"until", M_DAY, IN(struct take, step.until), .help = "control, freeze: the last day",
	 .example = "2026-02-20"},
	{"session_start", M_DAY, IN(struct take, step.session_start),
	 .help = "propose: first day of the session", .example = "2026-01-19"},
	{"session_end", M_DAY, IN(struct take, step.session_end), .help = "propose: its last day",
	 .example = "2026-01-23"},
	{"fund", M_CODE, IN(struct take, step.fund), .help = "request_cofunding: the fund that is asked",
	 .example = "acme-2026"},
	{"learner_payment", M_OBJECT, IN(struct take, paid), .of = paid_members},
	{"use_credit_notes", M_FLAG, IN(struct take, step.from_notes), .help = FROM_NOTES},
	{"overlap_confirmed", M_FLAG, IN(struct take, step.overlap_confirmed), .help = OVERLAP_HELP},
	{"voucher", M_UUID, IN(struct take, step.other), .help = "offset: whose payable is kept back"},
	{"restores_learner", M_FLAG, IN(struct take, step.restores),
	 .help = "recover: what comes back is the learner's again"},
	MEMBERS_END,
};

static void step_ahead(struct db *db, const struct action_call *c, int round)
{
	const struct take *in = c->args;

	voucher_ahead(db, &in->step.voucher, round);
}

/* Names all that the step needs and did not get; of what it does not take, the first. */
static int check_members(const struct action_call *c, const struct transition *t, struct err *err)
{
	const char *missing[3];
	size_t n = 0;

	for (const struct member *m = step_members; m->name != NULL; m++) {
		enum step_takes takes = step_takes(t, m->name);
		int is_there = member_is_there(m, c->args);

		if ((m->flags & M_PATH) != 0)
			continue;
		if (takes == STEP_LEAVES_OUT && is_there)
			return err_set(err, ERR_FIELD_UNKNOWN, m->name, "The step %s takes no %s.", t->name,
				       m->name);
		if (takes == STEP_NEEDS && !is_there && n < 3)
			missing[n++] = m->name;
	}
	if (n == 0)
		return 0;
	return err_set(err, ERR_FIELD_MISSING, missing[0], "This step needs %s%s%s%s%s.", missing[0],
		       n == 2   ? " and "
		       : n == 3 ? ", "
				: "",
		       n > 1 ? missing[1] : "", n == 3 ? " and " : "", n == 3 ? missing[2] : "");
}

static int check_step(struct action_call *c, struct err *err)
{
	const struct take *in = c->args;
	const struct transition *t = transition_find(step_word(in->name), (enum role)c->actor.role);

	if (t == NULL)
		return err_set(err, ERR_FORBIDDEN, NULL, "A key of role %s may not %s a voucher.",
			       role_name((enum role)c->actor.role), step_word(in->name));
	return check_members(c, t, err);
}

static int take_step(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct take *in = c->args;
	const struct transition *t = transition_find(step_word(in->name), (enum role)tx->actor.role);
	struct step step = in->step;
	struct voucher v;

	if (t == NULL)
		return err_bug(err, "a step that was checked");
	if (step.cause[0] == '\0')
		memcpy(step.cause, in->reason, sizeof step.cause);
	if (step.amount < 0)
		step.amount = 0;
	if (t->id == T15_LATE)
		step.on = in->started_on;
	step.learner_pays = in->paid.amount;
	memcpy(step.copay_reference, in->paid.reference, sizeof step.copay_reference);
	step.master = ledger_master(c->ledger);
	if (voucher_step(tx, t, &step, &v, err) != 0)
		return -1;
	return voucher_view(tx->db, &v, c, tx->secret_for != 0 ? VIEW_CODE : 0, c->answer, err);
}

/* --- withdraw ------------------------------------------------------------------------ */

struct withdraw {
	struct uuid id;
	char step[REASON_MAX + 1];
};

static const struct member withdraw_takes[] = {
	ID_TAKES(struct withdraw),
	{"step", M_WORD, IN(struct withdraw, step), .flags = M_NEEDED | M_POSITION, .example = "freeze"},
	MEMBERS_END,
};

static int withdraw_word(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct withdraw *in = c->args;
	struct voucher v;

	return consent_withdraw(tx, &in->id, in->step, &v, err) == 0
		       ? voucher_view(tx->db, &v, c, 0, c->answer, err)
		       : -1;
}

/* --- the actions ---------------------------------------------------------------------- */

#define GIVES_VOUCHER                                                                                        \
	.gives = voucher_gives, .gives_size = sizeof(struct voucher_view), .print = print_voucher

static const struct action ordered = {
	.name = "voucher order",
	.method = "POST",
	.path = "/v1/vouchers",
	.roles = BY(PORTAL),
	.takes = order_takes,
	.takes_size = sizeof(struct place),
	.gives = order_gives,
	.gives_size = sizeof(struct placed),
	.check = check_place,
	.run = order_course,
	.ahead = course_ahead,
	.print = print_placed,
	.summary = "order a course: draws the plan, commits the money, shows the code once; where the rule "
		   "draws lots: a ticket",
	.over_http = "a ticket is answered with 202",
};

static const struct action requested = {
	.name = "voucher request",
	.method = "POST",
	.path = "/v1/requests",
	.roles = BY(PORTAL),
	.takes = request_takes,
	.takes_size = sizeof(struct place),
	GIVES_VOUCHER,
	.check = check_place,
	.run = request_course,
	.ahead = course_ahead,
	.summary = "ask a provider for a course: nothing is committed yet",
};

const struct action action_enter = {
	.name = "voucher enter",
	.method = "POST",
	.path = "/v1/redemptions",
	.roles = BY(PROVIDER),
	.flags = ACTION_BY_CODE,
	.takes = enter_takes,
	.takes_size = sizeof(struct redeem),
	GIVES_VOUCHER,
	.check = check_redeem,
	.run = enter_voucher,
	.ahead = enter_ahead,
	.opens = enter_opens,
	.summary = "the learner has started",
};

static const struct action shown = {
	.name = "voucher show",
	.method = "GET",
	.path = "/v1/vouchers/{id}",
	.roles = BY(PORTAL) | BY(PROVIDER) | BY(FUNDER) | BY(OPERATOR) | BY(CONTROLLER) | BY(AUTHORISER) |
		 BY(ACCOUNTANT) | BY(QUALITY) | BY(AUDITOR),
	.takes = show_takes,
	.takes_size = sizeof(struct named),
	GIVES_VOUCHER,
	.read = show,
	.summary = "state, plan, amounts by stage, history with deadlines",
};

static const struct action withdrawn = {
	.name = "voucher withdraw",
	.method = "POST",
	.path = "/v1/vouchers/{id}/withdraw",
	.roles = BY(PORTAL) | BY(PROVIDER) | BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT),
	.takes = withdraw_takes,
	.takes_size = sizeof(struct withdraw),
	GIVES_VOUCHER,
	.run = withdraw_word,
	.summary = "withdraw the first person's decision on a step of a voucher",
};

const struct action action_step = {
	.name = "voucher step",
	.method = "POST",
	.path = "/v1/vouchers/{id}/{step}",
	.roles = BY(FUNDER) | BY(PORTAL) | BY(PROVIDER) | BY(CONTROLLER) | BY(AUTHORISER) | BY(ACCOUNTANT),
	.flags = ACTION_BY_ROLE,
	.takes = step_members,
	.takes_size = sizeof(struct take),
	GIVES_VOUCHER,
	.check = check_step,
	.run = take_step,
	.ahead = step_ahead,
	.summary = "every other step of the transition table",
	.help = "'ila transitions' tells who may take which step, when, and what it does.\n",
};

const struct action *const actions_of_vouchers[] = {&ordered,   &requested,   &action_enter, &shown,
						    &withdrawn, &action_step, NULL};
