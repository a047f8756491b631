/*
 * T15, T16, T17: the learner enters, leaves, and the provider declares the
 * service done.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/voucher/gates.h"
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

static int check_start(struct tx *tx, const struct rule *rule, const struct voucher *v, day_t started_on,
		       struct err *err)
{
	char a[DATE_TEXT], b[DATE_TEXT];
	day_t last = calendar_add(&rule->calendar, started_on, rule->entry_declare_working_days);

	if (started_on < v->session_start)
		return err_set(err, ERR_TOO_EARLY, "started_on", "The session starts on %s, after %s.",
			       day_format(v->session_start, a), day_format(started_on, b));
	if (started_on > tx->today)
		return err_set(err, ERR_FIELD_INVALID, "started_on", "%s is in the future.",
			       day_format(started_on, a));
	if (tx->today > last)
		return err_set(
			err, ERR_DEADLINE, "started_on",
			"A start on %s had to be declared by %s (%d working days). Still possible, by the "
			"voucher's id: report an absence (no_show), or cancel.",
			day_format(started_on, a), day_format(last, b), rule->entry_declare_working_days);
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

int voucher_enter(struct tx *tx, const struct enter *in, struct voucher *v, struct err *err)
{
	struct amounts a = {0};
	const struct rule *rule;
	struct entry e;

	if (tx->actor.role != ROLE_PROVIDER)
		return err_set(err, ERR_FORBIDDEN, NULL, "Only a provider can redeem vouchers.");
	if (open_code(tx, in, v, err) != 0 || gates_check_voucher(tx, transition_get(T15), v, err) != 0 ||
	    rule_get(tx->db, v->rule, &rule, err) != 0 || check_start(tx, rule, v, in->started_on, err) != 0)
		return -1;
	voucher_begin(tx, T15, v, "", &e);
	if (payment_advance(tx, v, rule, &e, &a, err) != 0 || voucher_move(tx, T15, v, &a, &e, err) != 0)
		return -1;
	v->started_on = in->started_on;
	return voucher_finish(tx, T15, v, &e, err);
}

int voucher_exit(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	char a[DATE_TEXT], b[DATE_TEXT];
	struct entry e;

	if (step->on < v->started_on || step->on > tx->today)
		return err_set(err, ERR_FIELD_INVALID, "exited_on",
			       "The exit must lie between the start on %s and today, %s.",
			       day_format(v->started_on, a), day_format(tx->today, b));
	voucher_begin(tx, T16, v, "", &e);
	v->exited_on = step->on;
	return voucher_finish(tx, T16, v, &e, err);
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

/* T19 by chance: the ledger's own doing, not the provider's. */
static int sample(struct tx *tx, const struct rule *rule, struct voucher *v, struct err *err)
{
	struct step step = {.voucher = v->uuid, .cause = "sample", .until = tx->today + rule->sample_days};
	struct actor provider = tx->actor;
	int rc = sample_take(tx, rule, v, err);

	if (rc != 1)
		return rc;
	tx->actor = (struct actor){0};
	rc = voucher_control(tx, &step, v, err);
	tx->actor = provider;
	return rc;
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
	return sample(tx, rule, v, err);
}
