/*
 * T15, T16, T17: the learner enters, leaves, and the provider declares the
 * service done, or takes that back.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/voucher/gates.h"
#include "ledger/voucher/hold.h"
#include "ledger/voucher/sample.h"
#include "ledger/voucher/payment.h"
#include "ledger/registers/agenda.h"
#include "ledger/registers/standing.h"
#include "ledger/voucher/voucher.h"

/* One wording for unknown, spent and foreign codes: nothing can be learnt from it (ledger/field.md#codes). */
static int refuse_code(struct err *err)
{
	return err_set(
		err, ERR_VOUCHER_REFUSED, NULL,
		"This code opens no voucher for this provider and course. Ask the learner for the code of "
		"the order.");
}

/*
 * Find the voucher a code opens.  The same work is done whatever the outcome:
 * one look-up, one keyed hash, one comparison.
 */
static int open_code(struct tx *tx, const struct enter *in, struct voucher *v, struct err *err)
{
	unsigned char secret[VOUCHER_SECRET_BYTES], hash[SHA256_BYTES];
	char code[VOUCHER_CODE_TEXT];
	struct course course;
	int64_t number = 0;
	int good, found;

	good = voucher_code_parse(in->code, &number, secret) == 0;
	if (!good)
		memset(secret, 0, sizeof secret);
	found = voucher_find_number(tx->db, number, v, err);
	if (found < 0)
		return -1;
	if (found == 0)
		memset(v, 0, sizeof *v);
	voucher_code_format(number, secret, code);
	voucher_hash(in->master, v, code, hash);
	good &= found & crypto_equal(hash, v->code_hash, sizeof hash);
	found = course_find(tx->db, in->course, &course, err);
	if (found < 0)
		return -1;
	good &= found && course.id == v->course;
	good &= v->provider == tx->actor.org && v->state == VOUCHER_ACCEPTED;
	return good ? 0 : refuse_code(err);
}

int64_t voucher_opened_by(struct tx *tx, const struct enter *in)
{
	struct err ignored = {0};
	struct voucher v;

	return open_code(tx, in, &v, &ignored) == 0 ? v.id : 0;
}

static int check_started(const struct tx *tx, const struct voucher *v, day_t started_on, struct err *err)
{
	char a[DATE_TEXT], b[DATE_TEXT];

	if (started_on < v->session_start)
		return err_set(err, ERR_TOO_EARLY, "started_on", "The session starts on %s, after %s.",
			       day_format(v->session_start, a), day_format(started_on, b));
	if (started_on > tx->today)
		return err_set(err, ERR_FIELD_INVALID, "started_on", "%s is in the future.",
			       day_format(started_on, a));
	return 0;
}

static day_t declare_by(const struct rule *rule, day_t started_on)
{
	return calendar_add(&rule->calendar, started_on, rule->entry_declare_working_days);
}

static int check_start(const struct tx *tx, const struct rule *rule, const struct voucher *v,
		       day_t started_on, struct err *err)
{
	char a[DATE_TEXT], b[DATE_TEXT];

	if (check_started(tx, v, started_on, err) != 0)
		return -1;
	if (tx->today > declare_by(rule, started_on))
		return err_set(
			err, ERR_DEADLINE, "started_on",
			"A start on %s had to be declared by %s (%d working days). Still possible, by the "
			"voucher's id: %sreport an absence (no_show), or cancel.",
			day_format(started_on, a), day_format(declare_by(rule, started_on), b),
			rule->entry_declare_working_days,
			rule->late_entry_working_days > 0 ? "enter_late, with a controller; " : "");
	return 0;
}

void voucher_enter_ahead(struct db *db, const char *code, const struct actor *actor, int round)
{
	unsigned char secret[VOUCHER_SECRET_BYTES];
	int64_t number;

	if (round != 0 || voucher_code_parse(code, &number, secret) != 0)
		return;
	voucher_ahead_number(db, number);
	standing_ahead(db, actor->org);
}

static int begin_training(struct tx *tx, enum transition_id id, const struct rule *rule, day_t started_on,
			  const char *reason, struct voucher *v, struct err *err)
{
	struct amounts a = {0};
	struct entry e;

	voucher_begin(tx, id, v, reason, &e);
	if (payment_advance(tx, v, rule, &e, &a, err) != 0 || voucher_move(tx, id, v, &a, &e, err) != 0)
		return -1;
	v->started_on = started_on;
	if (voucher_finish(tx, id, v, &e, err) != 0)
		return -1;
	return voucher_entry_over(tx, rule, v, transition_get(id)->name, err);
}

int voucher_enter(struct tx *tx, const struct enter *in, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (tx->actor.role != ROLE_PROVIDER)
		return err_set(err, ERR_FORBIDDEN, NULL, "Only a provider can redeem vouchers.");
	if (open_code(tx, in, v, err) != 0 || gates_check_voucher(tx, transition_get(T15), v, err) != 0 ||
	    rule_get(tx->db, v->rule, &rule, err) != 0 || check_start(tx, rule, v, in->started_on, err) != 0)
		return -1;
	return begin_training(tx, T15, rule, in->started_on, "", v, err);
}

int voucher_check_enter_late(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	char day[DATE_TEXT];
	day_t last;

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	if (rule->late_entry_working_days == 0)
		return err_set(err, ERR_NO_RULE, NULL, "Programme %s version %s takes no late entries.",
			       rule->programme, rule->version);
	if (check_started(tx, v, step->on, err) != 0)
		return -1;
	if (tx->today <= declare_by(rule, step->on))
		return err_set(err, ERR_TOO_EARLY, "started_on",
			       "Until %s the learner's code is redeemed: nobody else's word is needed.",
			       day_format(declare_by(rule, step->on), day));
	last = calendar_add(&rule->calendar, step->on, rule->late_entry_working_days);
	if (tx->today > last)
		return err_set(err, ERR_DEADLINE, "started_on", "A late entry could be agreed on until %s.",
			       day_format(last, day));
	return 0;
}

int voucher_enter_late(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (voucher_check_enter_late(tx, step, v, err) != 0 || rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	return begin_training(tx, T15_LATE, rule, step->on, step->cause, v, err);
}

static int check_exit(const struct tx *tx, const struct step *step, const struct voucher *v, struct err *err)
{
	char a[DATE_TEXT], b[DATE_TEXT];

	if (step->on < v->started_on || step->on > tx->today)
		return err_set(err, ERR_FIELD_INVALID, "exited_on",
			       "The exit must lie between the start on %s and today, %s.",
			       day_format(v->started_on, a), day_format(tx->today, b));
	return 0;
}

/* 1: the session goes on, and somebody else must confirm that the learner has left; 0, -1. */
static int is_early(struct tx *tx, const struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	return rule->exit_agreed && tx->today < v->session_end;
}

static int leave(struct tx *tx, enum transition_id id, const struct step *step, struct voucher *v,
		 struct err *err)
{
	struct entry e;

	voucher_begin(tx, id, v, step->cause, &e);
	v->exited_on = step->on;
	return voucher_finish(tx, id, v, &e, err);
}

int voucher_exit(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	char end[DATE_TEXT];
	int early;

	if (check_exit(tx, step, v, err) != 0)
		return -1;
	early = is_early(tx, v, err);
	if (early > 0)
		return err_set(
			err, ERR_TOO_EARLY, "exited_on",
			"The session lasts until %s. An exit before that day needs the word of the learner or "
			"of a controller: exit_early.",
			day_format(v->session_end, end));
	return early == 0 ? leave(tx, T16, step, v, err) : -1;
}

int voucher_check_exit_early(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	int early;

	if (check_exit(tx, step, v, err) != 0)
		return -1;
	early = is_early(tx, v, err);
	if (early == 0)
		return err_set(
			err, ERR_NO_RULE, NULL,
			"Nobody else's word is needed, by the rule or because the session is over. Use "
			"exit.");
	return early < 0 ? -1 : 0;
}

int voucher_warn_exit_early(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return alert_watch_voucher(tx, ALERT_EXIT_BEFORE_END, v->provider, &v->uuid,
				   v->session_end - step->on, err);
}

int voucher_exit_early(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return voucher_check_exit_early(tx, step, v, err) == 0 ? leave(tx, T16_EARLY, step, v, err) : -1;
}

static int check_declaration(const struct step *step, const struct voucher *v, struct err *err)
{
	static const char *const causes[] = {"full", "abandon", "absence", "force_majeure", "provider_stop"};
	size_t i = 0;

	while (i < sizeof causes / sizeof causes[0] && strcmp(causes[i], step->cause) != 0)
		i++;
	if (i == sizeof causes / sizeof causes[0])
		return err_set(
			err, ERR_FIELD_INVALID, "cause",
			"The cause must be one of full, abandon, absence, force_majeure, provider_stop.");
	if (step->completion < 0 || step->completion > 100)
		return err_set(err, ERR_FIELD_INVALID, "completion",
			       "Completion must be a whole percentage from 0 to 100.");
	if (i == 0 && step->completion != 100)
		return err_set(err, ERR_FIELD_INVALID, "completion",
			       "With the cause full, completion must be 100.");
	if (step->missed_hours > v->hours)
		return err_set(err, ERR_FIELD_INVALID, "missed_hours", "The course has %d hours.", v->hours);
	return 0;
}

/* T19 as the ledger's own doing, not the provider's. */
static int take_control(struct tx *tx, const char *ground, int days, struct voucher *v, struct err *err)
{
	struct step step = {.voucher = v->uuid, .until = tx->today + days};
	struct actor provider = tx->actor;
	int rc;

	snprintf(step.cause, sizeof step.cause, "%s", ground);
	tx->actor = (struct actor){0};
	rc = voucher_control(tx, &step, v, err);
	tx->actor = provider;
	return rc;
}

/* Hours a day, rounded up, that the declaration claims on the days from entry to exit. */
static int hours_a_day(const struct voucher *v)
{
	int done = v->hours * v->completion / 100, attended = v->hours - v->missed_hours;
	int days = v->exited_on - v->started_on + 1;

	if (v->missed_hours >= 0 && attended > done)
		done = attended;
	return (done + days - 1) / days;
}

/* Too many hours a day, an order of somebody of whom nothing is known: the ground for it; NULL none. */
static int find_ground(struct tx *tx, const struct rule *rule, const struct voucher *v, const char **ground,
		       struct err *err)
{
	int hours = hours_a_day(v), unreferenced = hold_unreferenced(tx, rule, v, err);

	*ground = NULL;
	if (unreferenced < 0)
		return -1;
	if (unreferenced) {
		*ground = "unreferenced";
		if (alert_watch_voucher(tx, ALERT_UNREFERENCED, v->provider, &v->uuid, v->price, err) != 0)
			return -1;
	}
	if (rule->hours_a_day_max == 0 || hours <= rule->hours_a_day_max)
		return 0;
	*ground = "hours_a_day";
	return alert_watch_voucher(tx, ALERT_HOURS_A_DAY, v->provider, &v->uuid, hours, err);
}

/* What was just declared is in control: it was before, something about it is strange, or by chance. */
static int hold_declaration(struct tx *tx, const struct rule *rule, struct voucher *v, struct err *err)
{
	const char *ground;
	int rc;

	if (!rule->controls)
		return 0;
	rc = hold_ended_as(tx->db, v, HOLD_CONTROL, HOLD_WITHDRAWN, err);
	if (rc < 0 || find_ground(tx, rule, v, &ground, err) != 0)
		return -1;
	if (ground != NULL)
		return take_control(tx, ground, rule->control_max_days, v, err);
	if (rc == 1)
		return take_control(tx, "declared_again", rule->control_max_days, v, err);
	rc = sample_take(tx, rule, v, err);
	return rc == 1 ? take_control(tx, "sample", rule->sample_days, v, err) : rc;
}

int voucher_declare(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct entry e;

	if (check_declaration(step, v, err) != 0 || rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	voucher_begin(tx, T17, v, step->cause, &e);
	v->completion = step->completion;
	memcpy(v->cause, step->cause, sizeof v->cause);
	v->missed_hours = step->missed_hours;
	v->declared_at = tx->now;
	if (voucher_finish(tx, T17, v, &e, err) != 0 ||
	    agenda_set_day(tx, TIMER_VALIDATE, v->id, voucher_validate_by(rule, tx->env->zone, v), v->rule,
			   err) != 0)
		return -1;
	return hold_declaration(tx, rule, v, err);
}

int voucher_withdraw_declaration(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct entry e;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    agenda_clear_day(tx, TIMER_VALIDATE, v->id, voucher_validate_by(rule, tx->env->zone, v), err) !=
		    0 ||
	    (v->control == CONTROL_IN && hold_close(tx, v, HOLD_CONTROL, HOLD_WITHDRAWN, err) != 0))
		return -1;
	voucher_begin(tx, T17_WITHDRAW, v, step->cause, &e);
	v->completion = v->missed_hours = -1;
	v->cause[0] = '\0';
	v->declared_at = 0;
	return voucher_finish(tx, T17_WITHDRAW, v, &e, err);
}
